//! What holds when nothing is written, and what `config --default` and `--schema` say of it.

use hookcast::config::default_file::default_file;
use hookcast::config::schema::schema;

use super::{load, report};

#[test]
fn the_default_file_parses_back_to_the_defaults() {
    let written = load(&default_file(), &[]).unwrap_or_else(|report| panic!("{report}"));
    let absent = load("", &[]).unwrap();
    assert_eq!(format!("{written:#?}"), format!("{absent:#?}"));
    assert_eq!(written.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(written.limits.body_bytes, 1024 * 1024);
}

#[test]
fn every_example_of_the_default_file_is_right() {
    let text = default_file();
    let is_example = |line: &&str| {
        line.starts_with("# [") || line.contains(" = ") && line.starts_with("# ") && !line.ends_with('.')
    };
    let uncommented: Vec<_> =
        text.lines().map(|line| if is_example(&line) { &line[2..] } else { line }).collect();
    let variables = [
        ("HOOKCAST_AUTH_SECRET", &"s".repeat(32)[..]),
        ("GITHUB_WEBHOOK_SECRET", "s"),
        ("META_VERIFY_TOKEN", "v"),
    ];
    let text = uncommented.join("\n").replace("[provider.mine]", "");
    load(&text, &variables).unwrap_or_else(|report| panic!("{report}\n{text}"));
}

#[test]
fn every_key_of_the_default_file_is_in_the_schema() {
    let values: toml::Table = default_file().parse().unwrap();
    let schema = schema();
    let mut count = 0;
    for (section, keys) in &values {
        for (key, value) in keys.as_table().unwrap() {
            let entry = &schema["properties"][section]["properties"][key];
            assert!(entry["description"].is_string(), "{section}.{key}");
            assert_eq!(entry["default"], serde_json::to_value(value).unwrap(), "{section}.{key}");
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn a_key_that_no_row_knows_is_a_mistake_wherever_it_stands() {
    for text in ["x = 1", "[server]\nx = 1", "[limits]\nx = 1", "[[source]]\nx = 1", "[stream.a]\nx = 1"] {
        assert!(report(text, &[]).contains("unknown key `x`"), "{text}");
    }
}
