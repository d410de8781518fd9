//! Two processes on one Redis, and an operator who asks one of them while the other is killed.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Hookcast;
use super::running::Running;
use crate::broker::redis_server::RedisServer;

const CONFIG: &str = "[auth]\nsecrets = [\"0123456789abcdef0123456789abcdef\"]\n[[source]]\nname = \"github\"\nprovider = \"github\"\nsecrets = [\"s3cret\"]\n";

fn ask(url: &str, path: &str, token: &str) -> Value {
    let authorization = format!("authorization: Bearer {token}");
    let ran =
        Command::new("curl").args(["-s", &format!("{url}{path}"), "-H", &authorization]).output().unwrap();
    serde_json::from_slice(&ran.stdout).unwrap_or_default()
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
    }
}

#[test]
fn a_node_that_is_killed_is_shown_as_silent_and_the_others_go_on() {
    let server = RedisServer::start(&[]);
    let hookcast = Hookcast::with_config(CONFIG);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--redis", &server.url()];
    let mut one = Running::start(hookcast.command(&serve));
    let mut other = Running::start(hookcast.command(&serve));
    let (url, other_url) = (one.url(), other.url());
    let token = hookcast.run(&["token", "--subscribe", "**", "--subscribe", "hookcast/**"]).stdout;
    let token = token.trim();
    let listen = ["listen", "github/**", "--url", &other_url, "--token", token];
    let mut listening = Running::start(hookcast.command(&listen));
    listening.line_with("connected");

    let sessions = || ask(&url, "/api/v1/sessions", token);
    until("both are there", || sessions()["nodes"] == serde_json::json!({"asked": 2, "answered": 2}));
    let subscription = &sessions()["sessions"][0]["subscriptions"][0];
    assert_eq!(subscription["pattern"], "github/**", "{subscription}");
    let sent =
        hookcast.run(&["send", "github", "--to", &format!("{url}/hooks/github"), "--secret", "s3cret"]);
    assert_eq!(sent.exit, 0, "{sent:?}");
    let health = ask(&url, "/api/v1/health", token);
    for hop in health["hops"].as_array().unwrap().iter().take(3) {
        assert!(hop["count"].as_u64().unwrap() > 0, "{hop}");
    }

    drop(other);
    let sessions = sessions();
    assert_eq!(sessions["nodes"], serde_json::json!({"asked": 2, "answered": 1}), "{sessions}");
    let mut health = Value::Null;
    // One look serves whoever asks within a second.
    until("it is missed", || {
        health = ask(&url, "/api/v1/health", token);
        health["nodes"].to_string().contains("\"answered\":false")
    });
    let nodes = health["nodes"].as_array().unwrap();
    let silent: Vec<&Value> = nodes.iter().filter(|node| node["answered"] == false).collect();
    assert_eq!((nodes.len(), silent.len()), (2, 1), "{health}");
    assert_eq!(format!("http://{}", silent[0]["listen"].as_str().unwrap()), other_url);
    assert_eq!(health["receive"]["ok"], true, "{health}");
    assert!(one.interrupt().success());
}
