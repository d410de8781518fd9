//! Sources through the interface: added, tried, given another secret, taken away, in the file and in the running node.

use std::thread;

use serde_json::{Value, json};

use super::running::Running;
use super::screens::{Answer, Screens, ask};
use super::{GATEWAY, Hookcast};
use crate::broker::redis_server::RedisServer;

const SOURCES: &str = "/api/v1/sources";

fn commented() -> String {
    format!("# Ours.\n{GATEWAY}# kept where it is\n\n[limits] # tight\nstreams = 9\n# the end\n")
}

fn add(screens: &Screens, body: &Value) -> Answer {
    screens.ask("POST", SOURCES, &body.to_string())
}

fn file(screens: &Screens) -> String {
    std::fs::read_to_string(screens.path("hookcast.toml")).unwrap()
}

/// The status of a sample that is signed with this secret.
fn send(screens: &Screens, provider: &str, source: &str, secret: &str) -> i64 {
    let to = format!("{}/hooks/{source}", screens.url);
    let sent = screens.hookcast.run(&["send", provider, "--to", &to, "--secret", secret, "--json"]);
    let answer: Value = serde_json::from_str(&sent.stdout).unwrap_or_else(|_| panic!("{sent:?}"));
    answer["status"].as_i64().unwrap()
}

#[test]
fn a_source_is_added_heard_rotated_and_taken_away_and_the_file_is_as_before() {
    let mut screens = Screens::open(Hookcast::with_config(&commented()));
    let added =
        add(&screens, &json!({ "name": "shop", "provider": "standard-webhooks", "topic": "shop/{type}" }));
    assert_eq!(added.status, 201, "{added:?}");
    let added = added.json();
    let first = added["secret"].as_str().unwrap().to_owned();
    assert!(first.starts_with("whsec_") && added["written"] == true, "{added}");
    let told = screens.running.line_with("a source was added");
    assert!(told.contains("shop") && !told.contains(&first), "{told}");
    assert!(added["source"]["hook"].as_str().unwrap().ends_with("/hooks/shop"), "{added}");
    let text = file(&screens);
    let block = added["toml"].as_str().unwrap();
    assert!(text.contains(block) && block.contains(&first), "{text}");
    assert_eq!(text.replace(&format!("\n{block}"), ""), commented(), "comments and order are as before");

    // It is live when the answer comes: no waiting in between.
    let mut listener = screens.listen(&screens.operator, "shop/**");
    assert_eq!(send(&screens, "standard-webhooks", "shop", &first), 202);
    listener.line_with("shop/invoice.paid");
    let test = |body: &str| screens.ask("POST", "/api/v1/sources/shop/test", body);
    assert_eq!(test("").status, 202);
    assert_eq!(test(r#"{"wrong":"signature"}"#).status, 401);
    assert_eq!(test(r#"{"wrong":"time"}"#).status, 401);
    assert_eq!(test(r#"{"wrong":"repeat"}"#).json()["outcome"], "duplicate");
    assert_eq!(test(r#"{"wrong":"spelling"}"#).status, 400);
    let of = |name: &str| {
        let list = screens.get(SOURCES);
        let sources = list["sources"].as_array().unwrap();
        sources.iter().find(|source| source["name"] == name).cloned().unwrap_or_default()
    };
    let shop = of("shop");
    assert_eq!(
        (&shop["accepted"], &shop["refused"], &shop["duplicate"]),
        (&json!(3), &json!(2), &json!(1)),
        "{shop}"
    );
    let beats: Vec<[u32; 2]> = serde_json::from_value(shop["beats"].clone()).unwrap();
    let sum = beats.iter().fold([0, 0], |sum, beat| [sum[0] + beat[0], sum[1] + beat[1]]);
    assert_eq!((beats.len(), sum), (60, [3, 2]));

    let rotated = screens.ask("POST", "/api/v1/sources/shop/rotate", "").json();
    let second = rotated["secret"].as_str().unwrap();
    assert!(rotated["written"] == true && second != first, "{rotated}");
    for secret in [first.as_str(), second] {
        assert_eq!(
            send(&screens, "standard-webhooks", "shop", secret),
            202,
            "the old one is good until it is taken out"
        );
    }
    let shop = of("shop");
    assert_eq!(
        (shop["secrets"].as_array().unwrap().len(), &shop["accepted"]),
        (2, &json!(5)),
        "a reload forgets nothing"
    );
    assert_eq!(shop["secrets"][0]["label"], rotated["label"]);
    assert!(!screens.get(SOURCES).to_string().contains("whsec_"), "a secret is shown once");

    let removed = screens.ask("DELETE", "/api/v1/sources/shop", "").json();
    assert_eq!((removed, file(&screens)), (json!({ "written": true }), commented()));
    assert_eq!(send(&screens, "standard-webhooks", "shop", second), 404);
    assert_eq!(send(&screens, "github", "github", "secret of github"), 202, "nobody else was disturbed");
}

#[test]
fn a_source_that_makes_no_sense_is_told_at_its_field_and_nothing_is_written() {
    let screens = Screens::open(Hookcast::with_config(GATEWAY));
    let given = |key: &str, value: &str| {
        let mut body = json!({ "name": "new", "provider": "github", "secret": "s" });
        body[key] = json!(value);
        body
    };
    for (body, status, code, field) in [
        (given("name", "github"), 409, "name_taken", json!("name")),
        (given("name", "../x"), 422, "bad_source", json!("name")),
        (given("name", ".."), 422, "bad_source", json!("name")),
        (given("name", ""), 422, "bad_source", json!("name")),
        (given("name", "hookcast"), 422, "bad_source", json!("name")),
        (given("name", &"x".repeat(65)), 422, "bad_source", json!("name")),
        (given("provider", "nobody"), 422, "bad_source", json!("provider")),
        (given("topic", "{type}/x"), 422, "bad_source", json!("topic")),
        (given("type", "{"), 422, "bad_source", json!("type")),
        (given("secret", &"x".repeat(20_000)), 422, "bad_source", json!("secret")),
        (given("unknown", "x"), 422, "bad_source", Value::Null),
        (json!({ "name": "new", "provider": "stripe" }), 422, "bad_source", json!("secret")),
        (
            json!({ "name": "new", "provider": "standard-webhooks", "secret": "no base64!" }),
            422,
            "bad_source",
            json!("secret"),
        ),
        (given("secret", &"x".repeat(1_000_000)), 413, "too_large", Value::Null),
        (json!([]), 422, "bad_source", Value::Null),
    ] {
        let answer = add(&screens, &body);
        assert_eq!(
            (answer.refusal(), &answer.json()["field"]),
            ((status, code.into()), &field),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("no base64!"), "{}", answer.text);
    }
    assert_eq!(file(&screens), GATEWAY);
    for (method, path) in [("POST", "/nowhere/rotate"), ("DELETE", "/nowhere"), ("POST", "/..%2Fx/rotate")] {
        assert_eq!(
            screens.ask(method, &format!("{SOURCES}{path}"), "").refusal(),
            (404, "unknown_source".into())
        );
    }
    let good = given("name", "new").to_string();
    for (method, path) in
        [("POST", ""), ("POST", "/github/rotate"), ("DELETE", "/github"), ("POST", "/github/test")]
    {
        let path = format!("{SOURCES}{path}");
        assert_eq!(screens.ask_as(&screens.viewer, method, &path, &[], &good).status, 403, "{method} {path}");
        assert_eq!(screens.ask_as("", method, &path, &[], &good).status, 401, "{method} {path}");
    }
    // What is in the file and was refused, or not yet seen, is not written over.
    let broken = format!("{GATEWAY}[limits]\nstreems = 1\n");
    std::fs::write(screens.path("hookcast.toml"), &broken).unwrap();
    let answer = add(&screens, &given("name", "new"));
    assert_eq!(answer.refusal(), (409, "bad_config".into()), "{}", answer.text);
    assert!(answer.text.contains("streems") && file(&screens) == broken, "{}", answer.text);
    assert_eq!(send(&screens, "github", "new", "s"), 404);
}

#[test]
fn sources_that_are_added_at_once_are_all_there() {
    let screens = Screens::open(Hookcast::with_config(GATEWAY));
    let (url, operator) = (&screens.url, &screens.operator);
    let answers = thread::scope(|scope| {
        let add = |number: usize| {
            // Two of each name: one of them comes first.
            let body = json!({ "name": format!("s{}", number / 2), "provider": "token" }).to_string();
            move || ask(url, operator, "POST", SOURCES, &[], &body)
        };
        let adding: Vec<_> = (0..8).map(|number| scope.spawn(add(number))).collect();
        adding.into_iter().map(|adding| adding.join().unwrap()).collect::<Vec<_>>()
    });
    let added = answers.iter().filter(|answer| answer.status == 201).count();
    let taken =
        answers.iter().filter(|answer| answer.status == 409 && answer.refusal().1 == "name_taken").count();
    assert_eq!((added, taken), (4, 4), "{answers:?}");
    assert_eq!(file(&screens).matches("[[source]]").count(), 5);
    assert_eq!(screens.get(SOURCES)["sources"].as_array().unwrap().len(), 5);
}

#[test]
fn where_nothing_can_be_written_the_text_is_there_to_be_copied() {
    let body = json!({ "name": "shop", "provider": "github" }).to_string();
    let hookcast = Hookcast::new();
    let mut serve = hookcast.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("HOOKCAST_BROKER__URL", "memory:");
    let mut gateway = Running::start(serve);
    let answer = ask(&gateway.url(), "", "POST", SOURCES, &[], &body);
    assert_eq!((answer.status, &answer.json()["written"]), (200, &json!(false)), "{answer:?}");
    assert!(answer.json()["why"].as_str().unwrap().contains("configuration's file"), "{answer:?}");
    let secret = answer.json()["secret"].as_str().unwrap().to_owned();
    let toml = answer.json()["toml"].as_str().unwrap().to_owned();
    assert!(toml.starts_with("[[source]]\nname = \"shop\"\n") && toml.contains(&secret), "{toml}");

    let server = RedisServer::start(&[]);
    let config = GATEWAY.replace("memory:", &server.url());
    let screens = Screens::open(Hookcast::with_config(&config));
    let answer = screens.ask("POST", SOURCES, &body);
    assert_eq!((answer.status, &answer.json()["written"]), (200, &json!(false)), "{answer:?}");
    assert!(answer.json()["why"].as_str().unwrap().contains("share a Redis"), "{answer:?}");
    let rotated = screens.ask("POST", "/api/v1/sources/github/rotate", "").json();
    assert!(
        rotated["written"] == false
            && rotated["toml"].as_str().unwrap().contains(rotated["secret"].as_str().unwrap())
    );
    assert_eq!(screens.ask("DELETE", "/api/v1/sources/github", "").json()["written"], false);
    assert_eq!((file(&screens), send(&screens, "github", "github", "secret of github")), (config, 202));
    // A board that has no file is in Redis, and another node sees it.
    let saved = screens.ask("PUT", "/api/v1/boards/hall", r#"{"title":"Hall","widget":[]}"#).json();
    assert_eq!(saved["from"], "store");
    let another = Screens::open(Hookcast::with_config(&GATEWAY.replace("memory:", &server.url())));
    assert_eq!(another.get("/api/v1/boards/hall")["revision"], saved["revision"]);
    // What was copied is a configuration that loads.
    let pasted = Hookcast::with_config(&format!("{GATEWAY}\n{toml}"));
    assert_eq!(pasted.run(&["check"]).exit, 0);
}

#[test]
fn a_source_that_is_added_to_the_demo_is_there_after_its_next_start() {
    let hookcast = Hookcast::new();
    let start = || {
        let mut demo =
            Running::start(hookcast.command(&["demo", "--listen", "127.0.0.1:0", "--rate", "0.01"]));
        let url = demo.url();
        let token = demo.line_with("board").split("token=").nth(1).unwrap().to_owned();
        (demo, url, token)
    };
    let (demo, url, token) = start();
    let added = ask(&url, &token, "POST", SOURCES, &[], r#"{"name":"mine","provider":"github"}"#);
    assert_eq!(added.status, 201, "{added:?}");
    assert!(demo.interrupt().success());
    let (_demo, url, token) = start();
    let tested = ask(&url, &token, "POST", "/api/v1/sources/mine/test", &[], "");
    assert_eq!(tested.json()["outcome"], "accepted", "{tested:?}");
}

#[test]
fn the_catalogue_tells_what_to_do_at_a_vendor() {
    let screens = Screens::open(Hookcast::with_config(GATEWAY));
    let list = screens.get("/api/v1/providers");
    let providers = list["providers"].as_array().unwrap();
    assert!(providers.len() > 250, "{}", providers.len());
    let of = |name: &str| providers.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!((&of("github")["family"], &of("github")["secret_by"]), (&json!("code"), &json!("operator")));
    assert_eq!((&of("stripe")["needs_secret"], &of("stripe")["secret_by"]), (&json!(true), &json!("vendor")));
    assert_eq!((&of("none")["needs_secret"], &of("none")["secret_by"]), (&json!(false), &json!("nobody")));
    let github = screens.get("/api/v1/providers/github");
    let told: Value =
        serde_json::from_str(&screens.hookcast.run(&["providers", "github", "--json"]).stdout).unwrap();
    for (key, value) in told.as_object().unwrap() {
        assert_eq!(&github[key], value, "{key}: the command line says the same");
    }
    let steps: Vec<_> = github["steps"].as_array().unwrap().iter().map(|step| &step["what"]).collect();
    assert_eq!(steps, ["url", "secret", "events"]);
    assert!(github["sample"]["body"].as_str().unwrap().contains("refs/heads/main"));
    assert_eq!(
        screens.ask("GET", "/api/v1/providers/nobody", "").refusal(),
        (404, "unknown_provider".into())
    );
    assert_eq!(screens.ask_as(&screens.viewer, "GET", "/api/v1/providers", &[], "").status, 403);
}

#[test]
fn a_short_secret_is_taken_with_a_warning_of_its_length() {
    let screens = Screens::open(Hookcast::with_config(GATEWAY));
    let rotate = |secret: &str| {
        let body = json!({ "secret": secret }).to_string();
        screens.ask("POST", "/api/v1/sources/github/rotate", &body).json()
    };
    let rotated = rotate("abc");
    let warning = rotated["warning"].as_str().unwrap();
    assert!(warning.contains("3 characters") && warning.contains("openssl rand -hex 32"), "{rotated}");
    assert_eq!(
        (&rotated["written"], send(&screens, "github", "github", "abc")),
        (&json!(true), 202),
        "{rotated}"
    );
    assert_eq!(rotate("0123456789abcdef")["warning"], Value::Null);
    let added = add(&screens, &json!({ "name": "pay", "provider": "stripe", "secret": "whsec_abc" }));
    let warning = added.json()["warning"].as_str().unwrap().to_owned();
    assert!(added.status == 201 && warning.contains("Stripe makes it: copy it again"), "{added:?}");
}
