//! `check` and `config`.

use super::Hookcast;

const THREE_MISTAKES: &str = "[server]\nlistn = \"x\"\ndrain = \"soon\"\n[limits]\nstreams = 0\n";

#[test]
fn check_tells_every_mistake_with_its_place_and_exits_64() {
    let ran = Hookcast::with_config(THREE_MISTAKES).run(&["check"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (64, ""), "{ran:?}");
    for place in ["hookcast.toml:2:1", "hookcast.toml:3:9", "hookcast.toml:5:11", "3 mistakes"] {
        assert!(ran.stderr.contains(place), "{place}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains('\u{1b}'), "no terminal, no colour: {}", ran.stderr);
}

#[test]
fn check_tells_programs_the_same() {
    let ran = Hookcast::with_config(THREE_MISTAKES).run(&["check", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let lines: Vec<_> =
        found["mistakes"].as_array().unwrap().iter().map(|entry| entry["line"].clone()).collect();
    assert_eq!((ran.exit, ran.stderr.as_str()), (64, ""));
    assert_eq!(lines, [2, 3, 5]);
}

#[test]
fn check_of_a_good_file_or_of_none_is_fine() {
    for hookcast in [Hookcast::new(), Hookcast::with_config("[server]\ndrain = \"5s\"\n")] {
        assert_eq!(hookcast.run(&["check"]).exit, 0);
    }
}

#[test]
fn a_named_file_that_is_not_there_is_told_with_its_name() {
    let ran = Hookcast::new().run(&["check", "--config", "nowhere.toml"]);
    assert_eq!(ran.exit, 64);
    assert!(ran.stderr.contains("nowhere.toml: cannot read the file"), "{}", ran.stderr);
}

#[test]
fn the_printed_default_file_checks_and_the_schema_is_json() {
    let printed = Hookcast::new().run(&["config", "--default"]);
    assert_eq!(Hookcast::with_config(&printed.stdout).run(&["check"]).exit, 0);
    let schema = Hookcast::new().run(&["config", "--schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
    assert_eq!(schema["properties"]["server"]["properties"]["listen"]["default"], "127.0.0.1:8080");
}

#[test]
fn check_warns_of_a_short_secret_and_all_is_fine() {
    let short = "[[source]]\nname = \"shop\"\nprovider = \"github\"\nsecrets = [\"abc\"]\n";
    let hookcast = Hookcast::with_config(short);
    let ran = hookcast.run(&["check"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, "no mistakes, 1 warning\n"), "{ran:?}");
    for told in
        ["warning: a secret of 3 characters may be guessed", "hookcast.toml:4:12", "openssl rand -hex 32"]
    {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("abc"), "{}", ran.stderr);
    let ran = hookcast.run(&["check", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.exit, &found["mistakes"], &found["warnings"][0]["line"]),
        (0, &serde_json::json!([]), &serde_json::json!(4))
    );
}
