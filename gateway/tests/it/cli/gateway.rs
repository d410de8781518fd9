//! `serve`, `send`, `listen`, `ready` and `demo` together, over real sockets.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::running::Running;
use super::{GATEWAY, Hookcast};

#[test]
fn what_send_signs_listen_hears_and_a_wrong_secret_moves_nothing() {
    let hookcast = Hookcast::with_config(GATEWAY);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    assert_eq!(hookcast.run(&["ready", "--url", &url]).exit, 0);
    let mut listener =
        Running::start(hookcast.command(&["listen", "github/**", "--url", &url, "--since", "last:10"]));
    listener.line_with("connected");

    let sent = hookcast.run(&["send", "github", "--to", &url]);
    assert_eq!(sent.exit, 0, "{sent:?}");
    assert!(sent.stdout.contains("accepted"), "{sent:?}");
    assert!(listener.line_with("github/push").contains(" push "));

    let refused = hookcast.run(&["send", "github", "--to", &url, "--secret", "another", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(
        (refused.exit, &answer["status"], &answer["answer"]["code"]),
        (1, &401.into(), &"unverified".into())
    );

    let two = hookcast.run(&["send", "github", "--to", &url, "--count", "2", "--event", "star", "--json"]);
    assert_eq!(two.stdout.lines().count(), 2, "{two:?}");
    // The refused one would have come before these.
    let next = [listener.line_with("github/"), listener.line_with("github/")];
    assert!(next.iter().all(|line| line.contains("github/star ")), "{next:?}");
    assert!(listener.interrupt().success());
    assert!(gateway.interrupt().success());
}

#[test]
fn listen_prints_items_for_programs_and_goes_on_after_the_gateway_came_back() {
    let hookcast = Hookcast::with_config(&GATEWAY.replace("memory:", "file:./data"));
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let mut listener = Running::start(hookcast.command(&["listen", "github/*", "--url", &url, "--json"]));
    listener.line_with("connected");
    hookcast.run(&["send", "github", "--to", &url]);
    let item: serde_json::Value = serde_json::from_str(&listener.line_with("offset")).unwrap();
    assert_eq!((&item["offset"], &item["topic"]), (&1.into(), &"github/push".into()));

    assert!(gateway.interrupt().success());
    listener.line_with("connection lost");
    let address = url.strip_prefix("http://").unwrap();
    let mut gateway = Running::start(hookcast.command(&["serve", "--listen", address]));
    gateway.url();
    hookcast.run(&["send", "github", "--to", &url, "--event", "star"]);
    let item: serde_json::Value = serde_json::from_str(&listener.line_with("offset")).unwrap();
    assert_eq!((&item["offset"], &item["topic"]), (&2.into(), &"github/star".into()));
}

/// `hookcast listen … | head -n 1`: it ends when its reader does, not only at the next event.
#[test]
fn listen_ends_with_its_reader_and_a_quiet_one_says_events_alone() {
    let hookcast = Hookcast::with_config(GATEWAY);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    hookcast.run(&["send", "github", "--to", &url]);
    let listen = ["listen", "github/*", "--url", &url, "--since", "last:1", "--json", "-q"];
    let mut listener =
        hookcast.command(&listen).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(listener.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let item: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(item["topic"], "github/push");
    drop(stdout);
    let ended = listener.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
    assert!(gateway.interrupt().success());
}

#[test]
fn a_token_that_is_not_valid_sends_listen_away() {
    let hookcast = Hookcast::with_config(GATEWAY);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let ran = hookcast.run(&["listen", "github/**", "--url", &url, "--token", "a.b.c"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.stderr.contains("does not let us in (4501)"), "{}", ran.stderr);
}

#[test]
fn a_taken_port_is_told_with_the_mend() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for verb in ["serve", "demo"] {
        let ran = Hookcast::new().run(&[verb, "--listen", &address]);
        assert_eq!(ran.exit, 1, "{ran:?}");
        assert!(ran.stderr.contains(&format!("cannot listen on {address}")), "{}", ran.stderr);
        assert!(ran.stderr.contains("--listen 127.0.0.1:"), "{}", ran.stderr);
    }
}

#[test]
fn the_greeting_without_a_terminal_has_no_token_in_it() {
    let hookcast = Hookcast::with_config(GATEWAY);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    gateway.url();
    assert!(!gateway.line_with("board").contains("token"));
    let hooks = gateway.line_with("/hooks/");
    assert!(hooks.ends_with("/hooks/github"), "{hooks}");
}

#[test]
fn the_demo_greets_posts_is_refused_now_and_then_and_ends_well() {
    let hookcast = Hookcast::new();
    let mut demo = Running::start(hookcast.command(&["demo", "--listen", "127.0.0.1:0", "--rate", "100"]));
    let url = demo.url();
    let board = demo.line_with("board");
    assert!(board.contains(&format!("{url}/#token=")), "{board}");
    let curl = demo.line_with("try");
    demo.line_with("accepted");
    let ran =
        Command::new("sh").args(["-c", curl.trim_start().trim_start_matches("try").trim()]).output().unwrap();
    let answer = String::from_utf8(ran.stdout).unwrap();
    assert!(answer.contains("\"outcome\":\"accepted\""), "{curl}: {answer}");
    for told in ["refused 401", "filtered", "duplicate", "signed an hour ago"] {
        demo.line_with(told);
    }
    assert!(demo.interrupt().success());
    // What is kept: the second start greets with the same secrets, so that an open page goes on.
    let secret = || std::fs::read(hookcast.folder.path().join("demo-data/secrets/auth")).unwrap();
    let before = secret();
    Running::start(hookcast.command(&["demo", "--listen", "127.0.0.1:0"])).line_with("accepted");
    assert_eq!(secret(), before);
}

#[test]
fn the_demo_s_test_button_posts_a_signed_sample_for_operators_alone() {
    let hookcast = Hookcast::new();
    let mut demo = Running::start(hookcast.command(&["demo", "--listen", "127.0.0.1:0", "--rate", "0.01"]));
    let url = demo.url();
    let token = demo.line_with("board").split("token=").nth(1).unwrap().to_owned();
    let test = |source: &str, token: &str| {
        let authorization = format!("authorization: Bearer {token}");
        let url = format!("{url}/api/v1/sources/{source}/test");
        let ran =
            Command::new("curl").args(["-s", "-X", "POST", &url, "-H", &authorization]).output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&ran.stdout).unwrap()
    };
    for source in ["donations", "github", "payments", "parcels", "scores", "sensors"] {
        assert_eq!(test(source, &token)["outcome"], "accepted", "{source}");
    }
    assert_eq!(test("nowhere", &token)["code"], "unknown_source");
    assert_eq!(test("donations", "a.b.c")["code"], "unauthorized");
}

#[test]
fn the_demo_posts_to_a_gateway_that_somebody_else_runs_on_its_configuration() {
    let hookcast = Hookcast::new();
    let prepared = hookcast.run(&["demo", "--prepare", "--data", "shared"]);
    assert_eq!((prepared.exit, prepared.stdout.trim()), (0, "shared/hookcast.toml"), "{prepared:?}");
    let serve = ["serve", "--config", "shared/hookcast.toml", "--listen", "127.0.0.1:0"];
    let mut gateway = Running::start(hookcast.command(&serve));
    let url = gateway.url();
    let demo = ["demo", "--to", &url, "--data", "shared", "--rate", "100"];
    let mut sender = Running::start(hookcast.command(&demo));
    assert!(sender.line_with("board").contains(&format!("{url}/#token=")));
    for told in ["accepted", "refused 401", "duplicate"] {
        sender.line_with(told);
    }
    let token = hookcast.run(&["token", "--config", "shared/hookcast.toml", "--subscribe", "**"]).stdout;
    let authorization = format!("authorization: Bearer {}", token.trim());
    let board = format!("{url}/api/v1/boards/home");
    let ran = Command::new("curl").args(["-s", &board, "-H", &authorization]).output().unwrap();
    let board: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert!(board["widget"].as_array().is_some_and(|widgets| widgets.len() > 3), "the demo's own: {board}");
    assert!(board["try"]["curl"].as_str().unwrap().contains("/hooks/donations"), "{board}");

    assert!(gateway.interrupt().success());
    sender.line_with("no answer");
    assert!(sender.interrupt().success());
}
