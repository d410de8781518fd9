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

/// Each of these would refuse or believe every delivery without a word.
#[test]
fn what_a_provider_cannot_mean_is_a_mistake() {
    for (keys, said) in [
        (
            "verify = { scheme = 'token', signature = { query = 'user' }, message = '{query:user}:{query:key}' }",
            "no message",
        ),
        (
            "verify = { signature = { header = 'S' }, message = '{ts}.{body}' }",
            "nothing says where the time stands",
        ),
        ("verify = { signature = { header = 'S' }, time = { header = 'T' } }", "this time is not signed"),
        ("verify = { signature = { header = 'S' } }\ndelivery = { type = 'json:kind' }", "write {json:kind}"),
    ] {
        let report = report(&format!("[provider.acme]\n{keys}\n"), &[]);
        let told = report.replace("nothing is made of a message", "no message");
        assert!(told.contains(said), "{keys}\n{report}");
    }
}

#[test]
fn a_providers_mistake_is_not_told_again_by_its_sources_and_no_others_suffer() {
    let report = report(
        "[provider.good]\nverify.signature = { header = 'S' }\n[provider.bad]\nverify.signature = { query = ['a', 'b'] }\n\
         [[source]]\nname = 'one'\nprovider = 'good'\nsecrets = ['a secret that is long']\n\
         [[source]]\nname = 'two'\nprovider = 'bad'\nsecrets = ['a secret that is long']\n",
        &[],
    );
    assert!(!report.contains("unknown provider"), "{report}");
    assert!(report.contains("query"), "{report}");
}

#[test]
fn who_signs_the_url_needs_to_know_it() {
    let source = "[[source]]\nname = 'sms'\nprovider = 'twilio'\nsecrets = ['a token that is long']\n";
    let told = report(source, &[]);
    assert!(told.contains("signs the URL") && told.contains("public_url = \"https://…\""), "{told}");
    load(&format!("[server]\npublic_url = 'https://hooks.example.com'\n{source}"), &[]).unwrap();
}
