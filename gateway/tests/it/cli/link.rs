//! `link` against a running gateway: made, used, listed, revoked.

use serde_json::{Value, json};

use super::Hookcast;
use super::running::Running;
use super::screens::ask;

const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "https://live.example.com/"
[auth]
secrets = ["0123456789abcdef0123456789abcdef"]
audience = "hookcast"
[[source]]
name = "github"
provider = "github"
secrets = ["secret of github"]
"#;

/// Changes a key for a token; answers the status too.
fn exchange(url: &str, key: &str) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = hookcast::outbound::client().unwrap();
        let request = client.post(format!("{url}/api/v1/links/token"));
        let body = json!({ "key": key }).to_string();
        let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    })
}

#[test]
fn a_link_lets_its_viewer_hear_what_it_grants_until_it_is_revoked() {
    let hookcast = Hookcast::with_config(CONFIG);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let link = |args: &[&str]| hookcast.run(&[&["link", "--url", &url], args].concat());
    let made =
        link(&["--grant", "github/**", "--ttl", "2d", "--label", "the hall", "--board", "ops", "--json"]);
    assert_eq!(made.exit, 0, "{}", made.stderr);
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    let (address, key) = made["url"].as_str().unwrap().split_once("#key=").unwrap();
    assert_eq!(address, "https://live.example.com/board/ops");

    let (status, answer) = exchange(&url, key);
    assert_eq!(status, 200, "{answer}");
    let mut listen = hookcast.command(&["listen", "github/*", "--url", &url, "--token"]);
    listen.arg(answer["token"].as_str().unwrap());
    let mut listener = Running::start(listen);
    listener.line_with("connected");
    let operator = hookcast.run(&["token", "--subscribe", "hookcast/**"]).stdout;
    let sessions = ask(&url, operator.trim(), "GET", "/api/v1/sessions", &[], "").json();
    assert_eq!(sessions["sessions"][0]["link"], made["id"], "operators see which link it came in by");
    assert_eq!(sessions["sessions"][0]["subject"], Value::Null);
    hookcast.run(&["send", "github", "--to", &url]);
    listener.line_with("github/push");
    let token = answer["token"].as_str().unwrap();
    let refused = hookcast.run(&["link", "--url", &url, "--token", token, "--list"]);
    assert!(
        refused.exit == 1 && refused.stderr.contains("hookcast/**"),
        "a viewer is no operator: {}",
        refused.stderr
    );

    let listed = link(&["--list"]);
    let id = made["id"].as_str().unwrap();
    assert!(listed.stdout.contains(id) && listed.stdout.contains("the hall"), "{}", listed.stdout);
    assert!(!listed.stdout.contains(key), "the key is shown once");
    assert_eq!(link(&["--revoke", id]).exit, 0);
    assert_eq!(link(&["--list"]).stdout, "");
    let (status, answer) = exchange(&url, key);
    assert_eq!((status, &answer["code"]), (401, &json!("unknown_link")));
    let again = link(&["--revoke", id]);
    assert!(again.exit == 1 && again.stderr.contains("--list"), "{}", again.stderr);
    assert_eq!(exchange(&url, "").0, 401);
}

#[test]
fn a_link_outlives_the_gateway_and_is_kept_as_a_hash() {
    let hookcast = Hookcast::with_config(CONFIG);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let made = hookcast.run(&["link", "--url", &url, "--grant", "github/push"]);
    let key = made.stdout.trim().split_once("#key=").unwrap().1.to_owned();
    assert!(gateway.interrupt().success());
    let kept = std::fs::read_to_string(hookcast.folder.path().join("data/records.json")).unwrap();
    assert!(kept.contains("github/push") && !kept.contains(&key), "{kept}");
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let (status, answer) = exchange(&gateway.url(), &key);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn a_link_that_makes_no_sense_is_told_what_is_wrong() {
    let hookcast = Hookcast::with_config(CONFIG);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    for (args, part) in [
        (&["--grant", "hookcast/**"][..], "for viewers"),
        (&["--grant", "github/**", "--ttl", "400d"], "366d at most"),
        (&["--grant", "github/**", "--ttl", "soon"], "ttl:"),
        (&["--grant", "github/**", "--board", "../x"], "board:"),
    ] {
        let ran = hookcast.run(&[&["link", "--url", &url], args].concat());
        assert!(ran.exit == 1 && ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
    }
    let ran = hookcast.run(&["link", "--url", &url, "--grant", "*/x"]);
    assert_eq!(ran.exit, 64, "{}", ran.stderr);
}
