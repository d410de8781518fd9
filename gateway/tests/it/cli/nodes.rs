//! Two processes on one Redis, and an operator who asks one of them while the other is killed.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::running::Running;
use super::{Hookcast, screens};
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

#[test]
fn a_delivery_that_another_node_keeps_is_shown_and_sent_again_by_any() {
    let server = RedisServer::start(&[]);
    let hookcast = Hookcast::with_config(CONFIG);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--redis", &server.url()];
    let mut keeper = Running::start(hookcast.command(&serve));
    let mut other = Running::start(hookcast.command(&serve));
    let (url, other_url) = (keeper.url(), other.url());
    let token = hookcast.run(&["token", "--subscribe", "**", "--subscribe", "hookcast/**"]).stdout;
    let token = token.trim();
    let both = serde_json::json!({"asked": 2, "answered": 2});
    until("both are there", || ask(&other_url, "/api/v1/sessions", token)["nodes"] == both);
    for secret in ["s3cret", "nobody's"] {
        hookcast.run(&["send", "github", "--to", &format!("{url}/hooks/github"), "--secret", secret]);
    }
    let kept = ask(&url, "/api/v1/deliveries", token);
    let ids = [0, 1].map(|place| kept["deliveries"][place]["id"].as_str().unwrap());
    for id in ids {
        let path = format!("/api/v1/deliveries/{id}");
        let whole = ask(&url, &path, token);
        assert_eq!(whole["node"], id[..8], "{whole}");
        assert!(whole["request"]["body"].as_str().unwrap().len() > 100, "{whole}");
        assert_eq!(ask(&other_url, &path, token), whole, "the other shows the same");
    }
    let again = |id: &str, wanted: &str| {
        screens::ask(&other_url, token, "POST", &format!("/api/v1/deliveries/{id}/replay"), &[], wanted)
    };
    let answer = again(ids[1], "{}").json();
    assert_eq!((&answer["status"], &answer["answer"]["outcome"]), (&202.into(), &"duplicate".into()));
    let made = answer["answers"][0]["delivery"].as_str().unwrap().to_owned();
    assert_ne!(made[..8], ids[1][..8], "who sends it again keeps what that made");
    assert_eq!(ask(&url, &format!("/api/v1/deliveries/{made}"), token)["report"]["outcome"], "duplicate");
    assert_eq!(again(ids[0], r#"{"sign":true}"#).refusal(), (409, "unproven".to_owned()));

    let gone = format!("/api/v1/deliveries/{}-zzzzzzzz", &ids[0][..8]);
    let problem = ask(&other_url, &gone, token);
    assert!(problem["detail"].as_str().unwrap().contains("no longer keeps"), "{problem}");
    assert!(keeper.interrupt().success());
    until("it has left", || ask(&other_url, "/api/v1/sessions", token)["nodes"]["asked"] == 1);
    let problem = ask(&other_url, &format!("/api/v1/deliveries/{}", ids[0]), token);
    assert_eq!((&problem["status"], &problem["code"]), (&404.into(), &"unknown_delivery".into()));
    assert!(problem["detail"].as_str().unwrap().contains("is not there (any more)"), "{problem}");
}
