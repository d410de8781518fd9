//! Every mistake at once, each under its line with its mend, and no secret in any of it.

use super::{assert_golden, load, report};

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let found = report(
        r#"[server]
listn = "127.0.0.1:9000"
public_url = "live.example.com"
drain = "30"
proxies = ["10.0.0.0/8", "everyone"]
listen = "0.0.0.0:8080"

[stream.hookcast]
events = 0
[stream.github]
bytes = "64MB"

[limits]
subscriptions = "many"

[metrics]
port = 9090
"#,
        &[],
    );
    assert_golden("keys_and_values", &found);
}

#[test]
fn all_mistakes_of_syntax_are_told_at_once() {
    let found = report("[server\nlisten = \"x\nsecrets = [\"hunter2]\n", &[]);
    assert!(!found.contains("hunter2"), "{found}");
    assert_golden("syntax", &found);
}

#[test]
fn secrets_are_told_of_but_never_shown() {
    let found = report(
        r#"[auth]
secrets = ["hunter2", { env = "NOT_SET" }, { file = "not-there" }, { env = "A", file = "b" }, 7]
secret = "hunter2"
anonymous = ["status/**", "*/x"]
"#,
        &[("HOOKCAST_AUTH__SECRET", "hunter2")],
    );
    assert!(!found.contains("hunter2"), "{found}");
    assert_golden("secrets", &found);
}

#[test]
fn entries_count_lines_and_columns_from_one() {
    let report = load("[server]\n  drain = \"ü\"\n", &[]).unwrap_err();
    let entries: Vec<_> = report.entries().map(|entry| serde_json::to_value(entry).unwrap()).collect();
    assert_eq!(
        entries,
        [serde_json::json!({
            "file": "hookcast.toml", "line": 2, "column": 11, "key": "server.drain", "message": "`ü` is no duration",
            "mend": "write a number and `ms`, `s`, `m`, `h` or `d`, such as `\"30s\"`",
        })]
    );
}

#[test]
fn an_auth_section_that_lets_nobody_in_is_a_mistake() {
    assert!(report("[auth]\n", &[]).contains("nobody could read"));
    assert!(load("[auth]\nanonymous = [\"a/**\"]\n[server]\nlisten = \"0.0.0.0:1\"\n", &[]).is_ok());
}
