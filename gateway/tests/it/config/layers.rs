//! File, environment and command line: which wins, and where a mistake is shown.

use hookcast::config::Overrides;

use super::{assert_golden, load, load_with, report};

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\n";
    let variables = [("HOOKCAST_SERVER__LISTEN", "127.0.0.1:2")];
    let overrides = Overrides { listen: Some("127.0.0.1:3".into()), redis: None };
    assert_eq!(load(file, &[]).unwrap().listen.port(), 1);
    assert_eq!(load(file, &variables).unwrap().listen.port(), 2);
    assert_eq!(load_with(file, &overrides, &variables).unwrap().listen.port(), 3);
}

#[test]
fn variables_are_text_or_toml_as_their_key_wants() {
    let variables = [
        ("HOOKCAST_SERVER__DRAIN", "5s"),
        ("HOOKCAST_SERVER__PROXIES", "[\"10.0.0.0/8\"]"),
        ("HOOKCAST_LIMITS__STREAMS", "7"),
        ("HOOKCAST_LIMITS__BODY_BYTES", "2MiB"),
        ("HOOKCAST_AUTH__SECRETS", "[\"0123456789abcdef0123456789abcdef\"]"),
        ("HOOKCAST_TOKEN", "no key: one underscore"),
        ("PATH", "/bin"),
    ];
    let config = load("", &variables).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(config.drain.as_secs(), 5);
    assert_eq!(config.proxies.len(), 1);
    assert_eq!((config.limits.streams, config.limits.body_bytes), (7, 2 * 1024 * 1024));
    assert_eq!(config.auth.secrets.len(), 1);
}

#[test]
fn a_mistake_is_shown_where_its_value_came_from() {
    let found = report(
        "[server]\nlisten = \"127.0.0.1:1\"\n",
        &[("HOOKCAST_SERVER__LISTEN", "here"), ("HOOKCAST_SERVR__DRAIN", "1s")],
    );
    assert_golden("layers", &found);
}

#[test]
fn paths_are_relative_to_the_file() {
    let config = load("[dashboard]\nboards = \"walls\"\n", &[]).unwrap();
    assert_eq!(config.boards.unwrap().to_str(), Some("/folder/walls"));
}
