//! The configuration read again by a gateway that runs: on a signal, on a change, whole or not at all.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::Hookcast;
use super::running::Running;

const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
[broker]
url = "memory:"
[metrics]
listen = "127.0.0.1:0"
[auth]
secrets = ["0123456789abcdef0123456789abcdef"]
[[source]]
name = "github"
provider = "github"
secrets = ["secret of github"]
"#;

/// Feeds the stream of the first, and one of its own.
const MORE: &str = r#"
[[source]]
name = "mirror"
provider = "github"
secrets = ["secret of the mirror"]
topic = "github/mirror/{type}"
[[source]]
name = "shop"
provider = "github"
secrets = [{ file = "secrets/shop" }]
"#;

/// A gateway that can be given other configurations while it runs.
struct Gateway {
    hookcast: Hookcast,
    running: Running,
    url: String,
}

impl Gateway {
    fn start(config: &str) -> Self {
        let config = config.replace("[metrics]\nlisten = \"127.0.0.1:0\"\n", "");
        let hookcast = Hookcast::with_config(&config);
        let mut running = Running::start(hookcast.command(&["serve"]));
        let url = running.url();
        Self { hookcast, running, url }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.hookcast.folder.path().join(name)
    }

    /// As a careful editor does: the new file takes the old one's place in one step.
    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path.with_extension("new"), text).unwrap();
        std::fs::rename(path.with_extension("new"), path).unwrap();
    }

    /// Listens to this pattern until it is asked to stop; it is connected.
    fn listen(&self, pattern: &str) -> Running {
        let listen = ["listen", pattern, "--url", &self.url, "--since", "last:10"];
        let mut listener = Running::start(self.hookcast.command(&listen));
        listener.line_with("connected");
        listener
    }

    #[track_caller]
    fn send(&self, source: &str, secret: &str) -> i64 {
        let sent =
            ["send", "github", "--to", &format!("{}/hooks/{source}", self.url), "--secret", secret, "--json"];
        let sent = self.hookcast.run(&sent);
        let answer: Value = serde_json::from_str(&sent.stdout).unwrap_or_else(|_| panic!("{sent:?}"));
        answer["status"].as_i64().unwrap()
    }

    /// As an operator whose token was made before.
    fn get(&self, path: &str, token: &str) -> Value {
        let authorization = format!("authorization: Bearer {}", token.trim());
        let url = format!("{}{path}", self.url);
        let ran = Command::new("curl").args(["-s", &url, "-H", &authorization]).output().unwrap();
        serde_json::from_slice(&ran.stdout).unwrap()
    }
}

#[test]
fn a_signal_adds_sources_and_a_subscriber_stays_connected_and_hears_them() {
    let mut gateway = Gateway::start(CONFIG);
    let mut listener = gateway.listen("github/**");
    assert_eq!(gateway.send("github", "secret of github"), 202);
    assert_eq!(gateway.send("mirror", "secret of the mirror"), 404);
    listener.line_with("github/push");

    gateway.write("secrets/shop", "secret of the shop\n");
    gateway.write("hookcast.toml", &format!("{CONFIG}{MORE}"));
    gateway.running.hang_up();
    let told = gateway.running.line_with("the configuration was read again");
    assert!(
        told.contains("cause=\"signal\" sources=3") && told.contains(r#"added=["mirror", "shop"]"#),
        "{told}"
    );
    gateway.running.line_with("metrics.listen");
    assert_eq!(gateway.send("mirror", "secret of the mirror"), 202);
    listener.line_with("github/mirror/push");
    let mut shop = gateway.listen("shop/**");
    assert_eq!(gateway.send("shop", "secret of the shop"), 202);
    shop.line_with("shop/push");

    // Taken away again: nothing more comes in, and what came can still be read.
    gateway.write("hookcast.toml", CONFIG);
    gateway.running.hang_up();
    gateway.running.line_with(r#"removed=["mirror", "shop"]"#);
    assert_eq!(gateway.send("shop", "secret of the shop"), 404);
    gateway.listen("shop/**").line_with("shop/push");
    assert_eq!(gateway.send("github", "secret of github"), 202);
    let rest = listener.line_with("github/push");
    assert!(!rest.contains("connection lost"));
    assert!(listener.interrupt().success() && gateway.running.interrupt().success());
}

#[test]
fn a_broken_file_changes_nothing_and_is_told_as_check_tells_it() {
    let mut gateway = Gateway::start(CONFIG);
    let token = gateway.hookcast.run(&["token", "--subscribe", "hookcast/**"]).stdout;
    let broken = format!("{CONFIG}{MORE}").replace(
        "provider = \"github\"\nsecrets = [\"secret of the",
        "provider = \"gihub\"\nsecrets = [\"secret of the",
    );
    gateway.write("hookcast.toml", &broken);
    gateway.running.hang_up();
    gateway.running.line_with("the configuration was refused and the one before stays");
    // Line, column and mend; the secret is in neither.
    gateway.running.line_with("unknown provider `gihub`");
    gateway.running.line_with("hookcast.toml:17:12");
    assert!(gateway.running.line_with("^").contains("did you mean `github`?"));
    gateway.running.line_with("secrets/shop");
    assert_eq!(gateway.send("github", "secret of github"), 202);
    assert_eq!(gateway.send("mirror", "secret of the mirror"), 404);

    let node = "/api/v1/events?pattern=hookcast/node/*&limit=100";
    let reports = gateway.get(node, &token);
    let refused =
        reports["events"].as_array().unwrap().iter().find(|it| it["event"]["type"] == "config.refused");
    let data = &refused.expect("it is reported")["event"]["data"];
    assert_eq!((&data["count"], &data["mistakes"][0]["line"]), (&2.into(), &17.into()), "{data}");
    assert!(!data.to_string().contains("secret of"), "{data}");

    // What was missing mends it, without a signal and without another word in the file.
    gateway.write("hookcast.toml", &format!("{CONFIG}{MORE}"));
    gateway.running.line_with("secrets/shop");
    gateway.write("secrets/shop", "secret of the shop");
    gateway.running.line_with("cause=\"change\" sources=3");
    assert_eq!(gateway.send("shop", "secret of the shop"), 202);
    assert!(gateway.running.interrupt().success());
}

#[test]
fn a_changed_secret_of_tokens_lets_in_who_has_the_new_one_and_nobody_with_the_old() {
    let file = CONFIG.replace(r#""0123456789abcdef0123456789abcdef""#, r#"{ file = "secrets/auth" }"#);
    let hookcast = Hookcast::with_config(&file.replace("[metrics]\nlisten = \"127.0.0.1:0\"\n", ""));
    std::fs::create_dir(hookcast.folder.path().join("secrets")).unwrap();
    std::fs::write(hookcast.folder.path().join("secrets/auth"), "the first secret, 32 bytes at least")
        .unwrap();
    let mut running = Running::start(hookcast.command(&["serve"]));
    let url = running.url();
    let mut gateway = Gateway { hookcast, running, url };
    let old = gateway.hookcast.run(&["token", "--subscribe", "github/**"]).stdout;
    let mut listener = gateway.listen("github/**");

    gateway.write("secrets/auth", "the second secret, 32 bytes at least");
    gateway.running.line_with("the configuration was read again");
    let listen = ["listen", "github/**", "--url", &gateway.url, "--token", old.trim()];
    let turned_away = gateway.hookcast.run(&listen);
    assert!(turned_away.stderr.contains("4501"), "{turned_away:?}");
    let mut new = gateway.listen("github/**");
    assert_eq!(gateway.send("github", "secret of github"), 202);
    new.line_with("github/push");
    // Whoever was let in stays until their token ends.
    listener.line_with("github/push");
    assert!(gateway.running.interrupt().success());
}

#[test]
fn operators_see_which_secret_fitted_last_before_they_take_the_old_one_out() {
    let config = CONFIG.replace(
        r#"["secret of github"]"#,
        r#"[{ file = "secrets/new", label = "2026-11" }, "secret of github"]"#,
    );
    let hookcast = Hookcast::with_config(&config.replace("[metrics]\nlisten = \"127.0.0.1:0\"\n", ""));
    std::fs::create_dir(hookcast.folder.path().join("secrets")).unwrap();
    std::fs::write(hookcast.folder.path().join("secrets/new"), "another").unwrap();
    let mut running = Running::start(hookcast.command(&["serve"]));
    let url = running.url();
    let gateway = Gateway { hookcast, running, url };
    let token = gateway.hookcast.run(&["token", "--subscribe", "hookcast/**"]).stdout;
    assert_eq!(gateway.send("github", "secret of github"), 202);
    let told = gateway.get("/api/v1/sources", &token);
    let source = &told["sources"][0];
    assert_eq!((&source["name"], &source["hook"]), (&"github".into(), &"/hooks/github".into()), "{told}");
    assert_eq!(
        (&source["unproven"], &source["last_delivery"]["outcome"]),
        (&false.into(), &"accepted".into())
    );
    let secrets = source["secrets"].as_array().unwrap();
    assert_eq!((&secrets[0]["label"], &secrets[0]["last_used"]), (&"2026-11".into(), &Value::Null));
    assert_eq!(secrets[1]["label"], "2");
    assert!(secrets[1]["last_used"].is_string() && !told.to_string().contains("secret of"), "{told}");
    let viewer = gateway.hookcast.run(&["token", "--subscribe", "**"]).stdout;
    assert_eq!(gateway.get("/api/v1/sources", &viewer)["code"], "forbidden");
    assert!(gateway.running.interrupt().success());
}

#[test]
fn a_gateway_that_asks_for_tokens_is_not_opened_by_a_reload() {
    let mut gateway = Gateway::start(CONFIG);
    let open = CONFIG.replace("[auth]\nsecrets = [\"0123456789abcdef0123456789abcdef\"]\n", "");
    gateway.write("hookcast.toml", &open);
    gateway.running.line_with("cause=\"change\"");
    assert!(gateway.running.line_with("when this node is started again").contains("auth"));
    let ran = Command::new("curl")
        .args(["-s", &format!("{}/api/v1/events?pattern=github/**", gateway.url)])
        .output();
    let answer: Value = serde_json::from_slice(&ran.unwrap().stdout).unwrap();
    assert_eq!(answer["code"], "unauthorized");
    assert!(gateway.running.interrupt().success());
}
