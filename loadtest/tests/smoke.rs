//! Every scenario of `--list` runs for a second and finds nothing wrong. What it measured is not asserted: this
//! machine is busy with the other tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn loadtest(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_loadtest")).args(words).output().expect("loadtest was built")
}

fn small(scenario: &str, more: &[&str]) -> serde_json::Value {
    let small =
        [scenario, "--json", "--no-pin", "--seconds", "1", "--rounds", "1", "-n", "20", "--rate", "50"];
    let output = loadtest(&[&small, more].concat());
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{scenario}: {}\n{text}\n{errors}", output.status);
    serde_json::from_str(&text).expect("--json prints JSON")
}

/// A floor in the gateway's place: what fails here is the harness.
fn floor_beside_floor(scenario: &str) {
    let report = small(scenario, &["--instead", "floor"]);
    assert_eq!(report["scenario"], scenario);
    let checks = report["checks"].as_array().expect("a report has checks");
    assert!(checks.len() >= 2, "{report}");
    for check in checks {
        let count = |key: &str| check[key].as_u64().expect("a count");
        assert_eq!(count("events_out"), count("events_in") * count("subscribers"), "{report}");
    }
}

/// The gateway of this workspace, built like this crate and beside it.
fn gateway() -> PathBuf {
    let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--workspace", "--bins"]).status();
    assert!(built.expect("cargo runs").success(), "the gateway does not build");
    Path::new(env!("CARGO_BIN_EXE_loadtest")).with_file_name("hookcast")
}

#[test]
fn every_scenario_of_the_list_passes_on_the_gateway() {
    let gateway = gateway();
    let gateway = gateway.to_str().expect("the target folder has a readable name");
    let list = String::from_utf8(loadtest(&["--list"]).stdout).expect("names are text");
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    // It has options and tests of its own: tests/chaos.rs.
    let names: Vec<_> = names.filter(|name| *name != "chaos").collect();
    assert!(names.contains(&"resume"), "{list}");
    for name in names {
        let report = small(name, &["--bin", gateway, "--kills", "2", "--patterns", "3", "--stuck", "1"]);
        for check in report["checks"].as_array().expect("a report has checks") {
            assert_eq!(check["untold"], 0, "{report}");
            assert!(name == "idle" || check["events_in"].as_u64() > Some(0), "nothing was sent: {report}");
        }
    }
}

#[test]
fn fanout_of_the_floor() {
    floor_beside_floor("fanout");
}

#[test]
fn ingest_of_the_floor() {
    floor_beside_floor("ingest");
}

#[test]
fn idle_of_the_floor() {
    floor_beside_floor("idle");
}

#[test]
fn what_is_asked_wrongly_ends_with_64_and_help_with_0() {
    for words in [&["nonsense"][..], &["fanout", "--rounds", "0"], &["fanout", "--running", "1.2.3.4:5"], &[]]
    {
        assert_eq!(loadtest(words).status.code(), Some(64), "{words:?}");
    }
    for words in [&["--help"][..], &["--list"], &["fanout", "--help"]] {
        assert_eq!(loadtest(words).status.code(), Some(0), "{words:?}");
    }
}
