//! Boards through the interface: read, saved with their comments kept, removed; conflicts, places that cannot be written, and
//! what hostile pages send.

use std::thread;

use serde_json::{Value, json};

use super::running::Running;
use super::screens::{Answer, Screens, ask};
use super::{GATEWAY, Hookcast};

const HALL: &str = r#"# The board of the hall.
title = "Hall" # short
range = "15m"

# Counts pushes.
[[widget]]
id = "pushes"
type = "number"
at = [0, 0, 3, 3] # top left
from = "github/push"
value = { op = "count" }
"#;

fn with_hall() -> Screens {
    let hookcast = Hookcast::with_config(GATEWAY);
    std::fs::create_dir(hookcast.folder.path().join("boards")).unwrap();
    std::fs::write(hookcast.folder.path().join("boards/hall.toml"), HALL).unwrap();
    Screens::open(hookcast)
}

fn put(screens: &Screens, name: &str, revision: &str, board: &Value) -> Answer {
    let headers = [("if-match", format!("\"{revision}\""))];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/api/v1/boards/{name}");
    screens.ask_as(&screens.operator, "PUT", &path, &headers, &board.to_string())
}

fn revision(board: &Value) -> String {
    board["revision"].as_str().expect("a board has a revision").to_owned()
}

/// The next change of a board that this listener hears.
fn heard(listener: &mut Running) -> (String, Value) {
    let line: Value = serde_json::from_str(&listener.line_with("\"hookcast/board/")).unwrap();
    (line["event"]["type"].as_str().unwrap().to_owned(), line["event"]["data"].clone())
}

#[test]
fn a_save_keeps_comments_and_whoever_watches_hears_of_it() {
    let screens = with_hall();
    let mut wall = screens.listen(&screens.viewer, "hookcast/board/*");
    let mut board = screens.get("/api/v1/boards/hall");
    assert_eq!(
        (&board["from"], &board["hides"], &board["name"]),
        (&json!("file"), &json!([]), &json!("hall"))
    );
    let before = revision(&board);

    board["title"] = json!("Lobby");
    board["widget"][0]["at"] = json!([0, 0, 6, 3]);
    board["widget"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": "feed", "type": "feed", "from": "github/**" }));
    let dry = screens.ask("PUT", "/api/v1/boards/hall?dry", &board.to_string()).json();
    assert_eq!(std::fs::read_to_string(screens.path("boards/hall.toml")).unwrap(), HALL, "nothing was saved");
    let saved = put(&screens, "hall", &before, &board);
    assert_eq!(saved.status, 200, "{saved:?}");
    let saved = saved.json();
    let text = HALL.replace("\"Hall\"", "\"Lobby\"").replace("[0, 0, 3, 3]", "[0, 0, 6, 3]")
        + "\n[[widget]]\nid = \"feed\"\ntype = \"feed\"\nfrom = \"github/**\"\n";
    assert_eq!((saved["toml"].as_str(), &saved["from"]), (Some(text.as_str()), &json!("file")));
    assert_eq!(dry, json!({ "toml": text }));
    assert_eq!(std::fs::read_to_string(screens.path("boards/hall.toml")).unwrap(), text);
    let after = revision(&saved);
    assert_ne!(before, after);
    let told = json!({ "name": "hall", "revision": after });
    assert_eq!(heard(&mut wall), ("board.saved".into(), told), "a viewer's grant brings it");
    assert_eq!(revision(&screens.get("/api/v1/boards/hall")), after);
    assert_eq!(screens.ask("GET", "/api/v1/boards/hall/toml", "").text, text);

    // A new one needs no more than a name, and has its place in the list.
    let new = screens.ask("PUT", "/api/v1/boards/launch-2026", r#"{"title":"Launch","widget":[]}"#);
    assert_eq!(new.status, 200, "{new:?}");
    assert_eq!(
        std::fs::read_to_string(screens.path("boards/launch-2026.toml")).unwrap(),
        "title = \"Launch\"\n"
    );
    assert_eq!(heard(&mut wall).1["name"], "launch-2026");
    let list = screens.ask_as(&screens.viewer, "GET", "/api/v1/boards", &[], "").json();
    let listed = |name: &str| {
        let boards = list["boards"].as_array().unwrap();
        boards.iter().find(|board| board["name"] == name).unwrap_or_else(|| panic!("{name}: {list}")).clone()
    };
    assert_eq!(list["saves_to"], "file");
    assert_eq!(
        listed("hall"),
        json!({ "name": "hall", "title": "Lobby", "from": "file", "revision": after })
    );
    assert_eq!((&listed("demo")["from"], &listed("home")["from"]), (&json!("built-in"), &json!("generated")));

    assert_eq!(screens.ask("DELETE", "/api/v1/boards/launch-2026", "").status, 204);
    assert_eq!(
        heard(&mut wall),
        ("board.removed".into(), json!({ "name": "launch-2026", "revision": null }))
    );
    assert!(!screens.path("boards/launch-2026.toml").exists());
    assert_eq!(screens.ask("GET", "/api/v1/boards/launch-2026", "").refusal(), (404, "unknown_board".into()));
    assert_eq!(screens.ask("DELETE", "/api/v1/boards/demo", "").refusal(), (409, "built_in".into()));
}

#[test]
fn nobody_writes_over_what_they_have_not_seen() {
    let screens = with_hall();
    let board = screens.get("/api/v1/boards/hall");
    let before = revision(&board);
    let all_at_once = |bodies: Vec<Value>, headers: &[(&str, &str)]| {
        let (url, operator) = (&screens.url, &screens.operator);
        thread::scope(|scope| {
            let save = |body: Value| {
                move || ask(url, operator, "PUT", "/api/v1/boards/hall", headers, &body.to_string())
            };
            let saves: Vec<_> = bodies.into_iter().map(|body| scope.spawn(save(body))).collect();
            saves.into_iter().map(|save| save.join().unwrap()).collect::<Vec<_>>()
        })
    };
    let titled = |number: usize| json!({ "title": format!("Hall {number}"), "widget": board["widget"] });
    let statuses = all_at_once((0..8).map(titled).collect(), &[("if-match", &format!("\"{before}\""))]);
    let (saved, refused): (Vec<_>, Vec<_>) = statuses.iter().partition(|answer| answer.status == 200);
    assert_eq!((saved.len(), refused.len()), (1, 7), "{statuses:?}");
    let now = revision(&screens.get("/api/v1/boards/hall"));
    assert_eq!(revision(&saved[0].json()), now);
    for answer in refused {
        assert_eq!(answer.refusal(), (409, "changed".into()));
    }
    let late = put(&screens, "hall", &before, &board);
    assert_eq!((late.refusal(), revision(&late.json())), ((409, "changed".into()), now));
    let gone = put(&screens, "nowhere", &before, &board);
    assert_eq!((gone.refusal(), &gone.json()["revision"]), ((409, "changed".into()), &Value::Null));
    let only_new = [("if-none-match", "*")];
    let taken =
        screens.ask_as(&screens.operator, "PUT", "/api/v1/boards/hall", &only_new, &board.to_string());
    assert_eq!(taken.refusal(), (409, "changed".into()));
    // Who names no revision takes the newest: all are saved, one after the other.
    let all = all_at_once((0..4).map(titled).collect(), &[]);
    assert!(all.iter().all(|answer| answer.status == 200), "{all:?}");
    assert!(std::fs::read_to_string(screens.path("boards/hall.toml")).unwrap().contains("# Counts pushes."));
}

#[test]
fn a_file_that_is_edited_by_hand_is_told_and_a_broken_one_says_so() {
    let screens = with_hall();
    let mut wall = screens.listen(&screens.viewer, "hookcast/board/*");
    // Known since the folder was first looked at, whichever comes first.
    let path = screens.path("boards/hall.toml");
    let mut board = screens.get("/api/v1/boards/hall");
    board["title"] = json!("Saved");
    assert_eq!(put(&screens, "hall", &revision(&board), &board).status, 200);
    assert_eq!(heard(&mut wall).0, "board.saved");
    std::fs::write(&path, HALL.replace("Hall", "By hand")).unwrap();
    let (event, data) = heard(&mut wall);
    assert_eq!((event.as_str(), &data["name"]), ("board.saved", &json!("hall")));
    assert_eq!(data["revision"], screens.get("/api/v1/boards/hall")["revision"]);

    std::fs::write(&path, "title = ").unwrap();
    assert_eq!(heard(&mut wall).0, "board.saved");
    let broken = screens.ask("GET", "/api/v1/boards/hall", "");
    assert_eq!(broken.refusal(), (422, "bad_board".into()));
    assert_eq!(screens.ask("GET", "/api/v1/boards/hall/toml", "").text, "title = ");
    let refused = screens.ask("PUT", "/api/v1/boards/hall", r#"{"widget":[]}"#);
    assert_eq!(refused.refusal(), (422, "bad_board".into()), "it is not written over");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(heard(&mut wall), ("board.removed".into(), json!({ "name": "hall", "revision": null })));
}

#[test]
fn where_the_folder_cannot_be_written_the_text_is_there_to_be_copied() {
    // Nobody makes files there, not even root.
    let config = format!("{GATEWAY}\n[dashboard]\nboards = \"/proc\"\n");
    let screens = Screens::open(Hookcast::with_config(&config));
    let answer = screens.ask("PUT", "/api/v1/boards/hall", r#"{"title":"Hall","widget":[]}"#);
    assert_eq!(
        (answer.refusal(), answer.json()["toml"].as_str()),
        ((409, "read_only".into()), Some("title = \"Hall\"\n"))
    );
    assert!(answer.json()["detail"].as_str().unwrap().contains("/proc/hall.toml cannot be written"));
    assert_eq!(screens.ask("GET", "/api/v1/boards/hall", "").status, 404);
}

#[test]
fn without_a_folder_boards_are_in_the_store_outlive_the_gateway_and_a_file_wins_and_says_so() {
    let hookcast = Hookcast::new();
    let start = || {
        let mut serve = hookcast.command(&["serve", "--listen", "127.0.0.1:0"]);
        serve.env("HOOKCAST_BROKER__URL", "file:./data");
        Running::start(serve)
    };
    let mut gateway = start();
    let url = gateway.url();
    let put = |url: &str, body: &str| ask(url, "", "PUT", "/api/v1/boards/hall", &[], body);
    assert_eq!(ask(&url, "", "GET", "/api/v1/boards", &[], "").json()["saves_to"], "store");
    assert_eq!(put(&url, r#"{"title":"One","widget":[]}"#).json()["from"], "store");
    let two = put(&url, r#"{"title":"Two","widget":[{"id":"a","type":"clock"}]}"#).json();
    assert!(gateway.interrupt().success());

    let mut gateway = start();
    let url = gateway.url();
    let read = || ask(&url, "", "GET", "/api/v1/boards/hall", &[], "").json();
    assert_eq!(
        (&read()["title"], &read()["from"], &read()["revision"]),
        (&json!("Two"), &json!("store"), &two["revision"])
    );
    std::fs::create_dir(hookcast.folder.path().join("boards")).unwrap();
    std::fs::write(hookcast.folder.path().join("boards/hall.toml"), HALL).unwrap();
    assert_eq!(
        (&read()["title"], &read()["from"], &read()["hides"]),
        (&json!("Hall"), &json!("file"), &json!(["store"]))
    );
    let remove = || ask(&url, "", "DELETE", "/api/v1/boards/hall", &[], "").status;
    assert_eq!((remove(), &read()["title"]), (204, &json!("Two")), "what the file hid comes back");
    assert_eq!((remove(), remove()), (204, 404));
    assert!(gateway.interrupt().success());
}

#[test]
fn what_hostile_pages_send_is_refused_or_stays_text() {
    let screens = with_hall();
    let board = r#"{"title":"x","widget":[]}"#;
    for name in ["..%2Fx", "%2e%2e%2fhookcast", "x.toml", "a%00b", "%20", "h%C3%A4ll", &"x".repeat(65)] {
        let answer = screens.ask("PUT", &format!("/api/v1/boards/{name}"), board);
        assert_eq!(answer.refusal(), (422, "bad_board".into()), "{name}");
        for (method, path) in [("GET", ""), ("GET", "/toml"), ("DELETE", "")] {
            let answer = screens.ask(method, &format!("/api/v1/boards/{name}{path}"), "");
            assert_eq!(answer.refusal(), (404, "unknown_board".into()), "{method} {name}");
        }
    }
    let long = |bytes: usize| {
        json!({ "widget": [{ "id": "a", "type": "text", "text": "x".repeat(bytes) }] }).to_string()
    };
    let refusal = |body: &str| screens.ask("PUT", "/api/v1/boards/hall", body).refusal();
    assert_eq!(refusal(&long(1_000_000)), (413, "too_large".into()));
    assert_eq!(refusal(&long(3_000_000)), (413, "too_large".into()));
    assert_eq!(refusal(&long(200_000)), (422, "bad_board".into()));
    assert_eq!(refusal(&("[".repeat(100_000) + &"]".repeat(100_000))), (422, "bad_board".into()));
    assert_eq!(refusal("{\"widget\":[{\"id\":\"\\ud800\",\"type\":\"t\"}]}"), (422, "bad_board".into()));
    assert_eq!(std::fs::read_to_string(screens.path("boards/hall.toml")).unwrap(), HALL);

    for (token, status, code) in [(&screens.viewer, 403, "forbidden"), (&String::new(), 401, "unauthorized")]
    {
        for (method, path) in [
            ("PUT", "/api/v1/boards/hall"),
            ("PUT", "/api/v1/boards/hall?dry"),
            ("DELETE", "/api/v1/boards/hall"),
        ] {
            let answer = screens.ask_as(token, method, path, &[], board);
            assert_eq!(answer.refusal(), (status, code.into()), "{method} {path}");
        }
    }
    let text = "</script>\u{202e}\u{0}'''\"\"\"\n[[widget]]\nid = \"b\"";
    let hostile = json!({ "title": "<b>", "widget": [{ "id": "__proto__", "type": "text", "text": text, "__proto__": { "constructor": [1] } }] });
    assert_eq!(screens.ask("PUT", "/api/v1/boards/hall", &hostile.to_string()).status, 200);
    let read = screens.get("/api/v1/boards/hall");
    assert_eq!((&read["widget"], &read["title"]), (&hostile["widget"], &json!("<b>")));
    let elsewhere = [("origin", "https://evil.example")];
    let foreign = screens.ask_as(&screens.operator, "PUT", "/api/v1/boards/hall", &elsewhere, board);
    assert_eq!(foreign.refusal(), (403, "origin".into()));
}
