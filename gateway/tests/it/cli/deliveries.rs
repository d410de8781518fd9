//! `deliveries` against a running gateway: the table, one whole, followed, and sent again.

use serde_json::Value;

use super::running::Running;
use super::{GATEWAY, Hookcast, Ran};

/// Beside the first.
const SENSORS: &str = r#"
[[source]]
name = "sensors"
provider = "token"
header = "x-door"
secrets = ["token of sensors"]
"#;

fn listed(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.exit, 0, "{ran:?}");
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn id(report: &Value) -> String {
    report["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_refused_delivery_is_shown_with_its_reason_followed_and_whole() {
    let hookcast = Hookcast::with_config(&[GATEWAY, SENSORS].concat());
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let deliveries = |args: &[&str]| hookcast.run(&[&["deliveries", "--url", &url], args].concat());
    let none = deliveries(&[]);
    assert!(none.exit == 0 && none.stderr.contains("keeps no delivery that fits"), "{none:?}");

    let mut following = Running::start(hookcast.command(&["deliveries", "--url", &url, "--follow"]));
    following.line_with("connected");
    hookcast.run(&["send", "github", "--to", &url]);
    assert!(following.line_with("accepted").contains("push"));
    hookcast.run(&["send", "github", "--to", &url, "--secret", "wrong-key-of-somebody"]);
    assert!(following.line_with("refused").contains("mismatch: no secret of this source fits"));
    assert!(following.interrupt().success());

    let all = listed(&deliveries(&["--json"]));
    assert_eq!(
        (all.len(), &all[0]["outcome"], &all[1]["outcome"]),
        (2, &"accepted".into(), &"refused".into())
    );
    let refused = listed(&deliveries(&["--json", "--refused", "--source", "github"]));
    assert_eq!((refused.len(), id(&refused[0])), (1, id(&all[1])));
    assert_eq!(listed(&deliveries(&["--json", "--source", "sensors"])).len(), 0);
    let found = listed(&deliveries(&["--json", "--find", "OCTOCAT type:push"]));
    assert_eq!((found.len(), id(&found[0])), (1, id(&all[0])));
    let one = deliveries(&["--limit", "1"]);
    assert!(one.exit == 0 && one.stderr.contains("older ones fit"), "{one:?}");

    let whole = deliveries(&[&id(&all[1])]);
    assert_eq!(whole.exit, 0, "{whole:?}");
    for part in [
        "refused github from github",
        "ok          header     found in the header x-hub-signature-256",
        "failed      signature  no secret of this source fits, signed: {body}",
        "not reached append",
        "x-github-event: push",
        "\"full_name\"",
    ] {
        assert!(whole.stdout.contains(part), "{part}\n{}", whole.stdout);
    }
    assert!(!whole.stdout.contains("secret of github") && !whole.stdout.contains("wrong-key-of-somebody"));
    let whole: Value = serde_json::from_str(&deliveries(&[&id(&all[0]), "--json"]).stdout).unwrap();
    assert_eq!(
        (&whole["request"]["cut"], &whole["report"]["events"][0]["type"]),
        (&false.into(), &"push".into())
    );
}

#[test]
fn a_kept_delivery_is_sent_again_as_it_was_or_signed_anew() {
    let hookcast = Hookcast::with_config(&[GATEWAY, SENSORS].concat());
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let deliveries = |args: &[&str]| hookcast.run(&[&["deliveries", "--url", &url], args].concat());
    let body = r#"{"marker":"of this body"}"#;
    std::fs::write(hookcast.folder.path().join("body.json"), body).unwrap();
    hookcast.run(&["send", "github", "--to", &url, "--data", "body.json", "--event", "star"]);
    hookcast.run(&["send", "github", "--to", &url, "--secret", "wrong-key-of-somebody"]);
    hookcast.run(&["send", "sensors", "--to", &url]);
    let all = listed(&deliveries(&["--json"]));
    let [accepted, refused, token] = [0, 1, 2].map(|place| id(&all[place]));

    let again = deliveries(&["--replay", &accepted]);
    assert!(again.exit == 0 && again.stdout.contains("the log has it already"), "{again:?}");
    let anew = deliveries(&["--replay", &accepted, "--sign"]);
    assert!(anew.exit == 0 && anew.stdout.contains("as a new event"), "{anew:?}");
    let still = deliveries(&["--replay", &refused, "--json"]);
    let answer: Value = serde_json::from_str(&still.stdout).unwrap();
    assert_eq!((still.exit, &answer["status"]), (1, &401.into()));
    // Our own signature would make a forgery genuine: nobody does that by the way.
    let forged = deliveries(&["--replay", &refused, "--sign"]);
    assert!(forged.exit == 1 && forged.stderr.contains("never proven"), "{forged:?}");
    assert_eq!(listed(&deliveries(&["--json", "--limit", "1"]))[0]["outcome"], "refused");
    // Once the secret is right, what was refused can be had after all.
    let mended = deliveries(&["--replay", &refused, "--sign", "--unproven"]);
    assert!(mended.exit == 0, "{mended:?}");
    let masked = deliveries(&["--replay", &token]);
    assert!(masked.exit == 1 && masked.stderr.contains("tokens are not kept"), "{masked:?}");
    assert_eq!(deliveries(&["--replay", &token, "--sign"]).exit, 0);

    let forged = hookcast.run(&["send", "github", "--to", &url, "--replay", &refused]);
    assert!(forged.exit == 1 && forged.stderr.contains("--unproven"), "{forged:?}");
    let meant = hookcast.run(&["send", "github", "--to", &url, "--replay", &refused, "--unproven"]);
    assert_eq!(meant.exit, 0, "{meant:?}");
    let sent = hookcast.run(&["send", "github", "--to", &url, "--replay", &accepted]);
    assert!(sent.exit == 0 && sent.stdout.contains("accepted"), "{sent:?}");
    let newest = listed(&deliveries(&["--json", "--limit", "1"])).remove(0);
    assert_eq!(newest["events"][0]["type"], "star");
    let whole: Value = serde_json::from_str(&deliveries(&[&id(&newest), "--json"]).stdout).unwrap();
    assert_eq!(whole["request"]["body"], body);
}

#[test]
fn what_is_not_kept_not_reached_or_not_allowed_is_told_with_the_mend() {
    let hookcast = Hookcast::with_config(&[GATEWAY, SENSORS].concat());
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    for (args, exit, part) in [
        (&["zzzzzzzz-zzzzzzzz"][..], 1, "the node zzzzzzzz is not there"),
        (&["../sources"], 1, "a delivery's id is"),
        (&["--replay", "zzzzzzzz-zzzzzzzz"], 1, "`hookcast deliveries` prints"),
        (&["--source", "a/b"], 64, "letters, digits"),
        (&["--sign"], 64, "--replay"),
        (&["--replay", "zzzzzzzz-zzzzzzzz", "--unproven"], 64, "--sign"),
        (&["--limit", "0"], 64, "1..=1000"),
    ] {
        let ran = hookcast.run(&[&["deliveries", "--url", &url], args].concat());
        assert!(ran.exit == exit && ran.stderr.contains(part), "{args:?}: {ran:?}");
    }
    let token = hookcast.run(&["token", "--subscribe", "**"]).stdout;
    let viewer = hookcast.run(&["deliveries", "--url", &url, "--token", token.trim()]);
    assert!(viewer.exit == 1 && viewer.stderr.contains("hookcast/**"), "{viewer:?}");
    assert!(gateway.interrupt().success());
    let away = hookcast.run(&["deliveries", "--url", &url]);
    assert_eq!(away.exit, 69, "{away:?}");
}
