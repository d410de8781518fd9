//! The configuration at its boundary: a text in, a `Config` or a rendered report out.

mod defaults;
mod layers;
mod mistakes;
mod sources;

use std::path::Path;

use hookcast::config::environment::Environment;
use hookcast::config::report::Report;
use hookcast::config::{Config, Overrides};

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, Report> {
    load_with(text, &Overrides::default(), variables)
}

fn load_with(text: &str, overrides: &Overrides, variables: &[(&str, &str)]) -> Result<Config, Report> {
    Config::of_text("hookcast.toml", text, Path::new("/folder"), overrides, Environment::from(variables))
}

/// The report of a text that must have mistakes.
#[track_caller]
fn report(text: &str, variables: &[(&str, &str)]) -> String {
    match load(text, variables) {
        Ok(config) => panic!("read as {config:?}"),
        Err(report) => report.to_string(),
    }
}

/// Compares with `golden/NAME.txt` in full and prints both.
#[track_caller]
fn assert_golden(name: &str, found: &str) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/config/golden").join(name).with_extension("txt");
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} says:\n{expected}\ngot:\n{found}", path.display());
}
