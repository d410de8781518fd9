//! Rules at the socket: what is published, what is filtered, and what of it a subscriber sees.

use super::support::*;

/// A source that needs no proof, with these keys.
fn open(keys: &str) -> hookcast::ingest::source::Source {
    source(&format!("name = 's'\nprovider = 'none'\n{keys}"))
}

/// What became of each body, in turn.
async fn outcomes(gateway: &Gateway, bodies: &[&str]) -> Vec<String> {
    let mut outcomes = Vec::new();
    for body in bodies {
        let answer = gateway.post("/hooks/s", &[], body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        outcomes.push(answer.json()["outcome"].as_str().unwrap().to_owned());
    }
    outcomes
}

#[tokio::test]
async fn drop_wins_over_accept_and_what_is_filtered_is_not_in_the_log() {
    let gateway = Gateway::start(vec![open(
        r#"
        accept = [{ type = "push", ref = { prefix = "refs/heads/" } }, { type = "release" }]
        drop = [{ "sender.type" = "Bot" }, { "/draft" = true }]
        "#,
    )])
    .await;
    let told = outcomes(
        &gateway,
        &[
            r#"{"type":"push","ref":"refs/heads/main","sender":{"type":"User"}}"#,
            r#"{"type":"push","ref":"refs/tags/v1"}"#,
            r#"{"type":"push","ref":"refs/heads/main","sender":{"type":"Bot"}}"#,
            r#"{"type":"release"}"#,
            r#"{"type":"release","draft":true}"#,
            r#"{"type":"star"}"#,
            "no json",
        ],
    )
    .await;
    assert_eq!(told, ["accepted", "filtered", "filtered", "accepted", "filtered", "filtered", "filtered"]);
    assert_eq!(gateway.log("s").await.len(), 2);
}

#[tokio::test]
async fn each_event_of_a_batch_is_judged_by_itself() {
    let gateway =
        Gateway::start(vec![open("drop = [{ level = { lt = 3 } }]\ndelivery = { each = 'all[]' }")]).await;
    let body = br#"{"all":[{"level":1},{"level":3},{"level":"2"},{}]}"#;
    let told = gateway.post("/hooks/s", &[], body).await.json();
    let outcomes: Vec<_> =
        told["events"].as_array().unwrap().iter().map(|event| event["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["filtered", "accepted", "filtered", "accepted"]);
}

#[tokio::test]
async fn headers_queries_and_form_fields_are_looked_at_too() {
    let gateway = Gateway::start(vec![open(
        r#"accept = [{ "header:X-Env" = "live", "query:room" = ["a", "b"] }, { "form:kind" = "gift", amount = { gte = 5 } }]"#,
    )])
    .await;
    let outcome = async |path: &str, headers: &[(&str, &str)], body: &str| {
        let told = gateway.post(path, headers, body.as_bytes()).await.json();
        told["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome("/hooks/s?room=b", &[("x-env", "live")], "{}").await, "accepted");
    assert_eq!(outcome("/hooks/s?room=c", &[("x-env", "live")], "{}").await, "filtered");
    assert_eq!(outcome("/hooks/s?room=b", &[("x-env", "test")], "{}").await, "filtered");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(outcome("/hooks/s", &form, "kind=gift&amount=5.00").await, "accepted");
    assert_eq!(outcome("/hooks/s", &form, "kind=gift&amount=4.99").await, "filtered");
}

/// The data of each event in the log.
async fn data(gateway: &Gateway) -> Vec<String> {
    let raw = |entry: &hookcast::broker::Entry| {
        let text = String::from_utf8(entry.body.to_vec()).unwrap();
        text.split_once(r#""data":"#).unwrap().1.strip_suffix('}').unwrap().to_owned()
    };
    gateway.log("s").await.iter().map(raw).collect()
}

#[tokio::test]
async fn expressions_decide_what_is_published() {
    let gateway = Gateway::start(vec![open(
        r#"
        accept_if = "type == 'push' and body.ref == 'refs/heads/main'"
        drop_if = "'skip' in body.labels | map(attribute='name')"
        "#,
    )])
    .await;
    let told = outcomes(
        &gateway,
        &[
            r#"{"type":"push","ref":"refs/heads/main","labels":[]}"#,
            r#"{"type":"push","ref":"refs/heads/next","labels":[]}"#,
            r#"{"type":"push","ref":"refs/heads/main","labels":[{"name":"skip"}]}"#,
            r#"{"type":"star","labels":[]}"#,
        ],
    )
    .await;
    assert_eq!(told, ["accepted", "filtered", "filtered", "filtered"]);
}

#[tokio::test]
async fn fields_make_the_data_and_numbers_stay_as_spelt() {
    let gateway = Gateway::start(vec![open(
        r#"
        topic = "s/{kind}"
        [fields]
        title = "'PR #' ~ body.number"
        amount = "body.amount"
        double = "body.number * 2"
        whole = "body['a/b']"
        kinds = "[type, body.kind | upper, none, true]"
        user = "{'name': body.user.name, 'ok': body.user.id > 5}"
        "#,
    )])
    .await;
    let body = r#"{"type":"t","kind":"x","number":7,"amount":25.00,"a/b":{"n":1e400,"l":[ 1.0 ]},"user":{"name":"Ada \"L\"","id":9}}"#;
    assert_eq!(outcomes(&gateway, &[body]).await, ["accepted"]);
    assert_eq!(
        data(&gateway).await,
        [
            r#"{"amount":25.00,"double":14,"kinds":["t","X",null,true],"title":"PR #7","user":{"name":"Ada \"L\"","ok":true},"whole":{"n":1e400,"l":[1.0]}}"#
        ]
    );
    assert_eq!(gateway.log("s").await[0].topic.as_str(), "s/x");
}

#[tokio::test]
async fn a_failing_rule_is_counted_and_follows_on_error() {
    let rules = "accept_if = \"body.ok == true\"\n[fields]\na = \"body.a\"\nb = \"body.b ~ ''\"";
    for (on_error, outcome, log) in [
        ("", "accepted", vec![r#"{"a":1,"b":null}"#]),
        ("on_error = 'pass'\n", "accepted", vec![r#"{"a":1,"b":null}"#]),
    ] {
        let gateway = Gateway::start(vec![open(&format!("{on_error}{rules}"))]).await;
        assert_eq!(outcomes(&gateway, &[r#"{"a":1}"#]).await, [outcome]);
        assert_eq!(data(&gateway).await, log);
    }
    let gateway = Gateway::start(vec![open(&format!("on_error = 'drop'\n{rules}"))]).await;
    let told =
        outcomes(&gateway, &[r#"{"a":1}"#, r#"{"ok":true,"a":1}"#, r#"{"ok":true,"a":1,"b":2}"#]).await;
    assert_eq!(told, ["filtered", "filtered", "accepted"]);
    assert_eq!(data(&gateway).await, [r#"{"a":1,"b":"2"}"#]);
}

/// What failed is told with the values that it looked at, escaped and cut, and no header or query among them.
#[test]
fn a_failure_names_the_rule_and_the_value_it_saw() {
    let source = source(
        "name = 's'\nprovider = 'token'\nheader = 'x-token'\nsecrets = ['hunter2']\n[fields]\nt = \"headers['x-token'].x.y ~ body.text ~ body.gone\"",
    );
    let body = format!(r#"{{"text":"line\n{}"}}"#, "x".repeat(400));
    let batch = published(&source, &[("x-token", "hunter2")], body, at(0));
    let failure = &batch.events[0].failures[0];
    assert_eq!(failure.rule, "fields.t");
    assert!(failure.expression.contains("body.gone"));
    let saw = &failure.failed.saw;
    assert!(saw.starts_with(r#"body.gone is undefined, body.text = "line\nxx"#), "{saw}");
    assert!(
        saw.len() < 210 && !saw.contains('\n') && !format!("{failure:?}").contains("hunter2"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn fields_end_at_64_kib_and_the_others_stay() {
    let gateway = Gateway::start(vec![open(
        "[fields]\nlong = 'body.text'\nmade = \"body.text[:40000] ~ body.text[:40000]\"\nshort = 'body.n'\nzero = 'type'",
    )])
    .await;
    let body = format!(r#"{{"type":"t","n":1,"text":"{}"}}"#, "x".repeat(70_000));
    assert_eq!(outcomes(&gateway, &[&body]).await, ["accepted"]);
    assert_eq!(data(&gateway).await, [r#"{"long":null,"made":null,"short":1,"zero":"t"}"#]);
}

#[test]
fn mistakes_in_expressions_are_told_at_their_place() {
    for (keys, expected) in [
        ("accept_if = \"type = 'push'\"", "accept_if: this is no expression, at character 6"),
        ("drop_if = 'bdy.x'", "drop_if: unknown name `bdy` (did you mean `body`?)"),
        ("on_error = 'drp'", "on_error: unknown word `drp` (did you mean `drop`?)"),
        ("fields = { a = 1 }", "fields.a: expected an expression in quotes"),
        ("fields = { a = 'body | nope' }", "fields.a: unknown filter `nope`"),
        ("fields = {}", "fields: an event has 1 to 64 fields"),
        ("keep = ['/a']\nfields = { a = 'body.a' }", "fields: `fields` and `keep` both say"),
        ("accept = []", "accept: an empty list lets nothing through"),
    ] {
        let told = parse(&format!("name = 's'\nprovider = 'none'\n{keys}")).unwrap_err();
        assert_eq!(told.len(), 1, "{keys}: {told:?}");
        assert!(told[0].to_string().starts_with(expected), "{keys}: {}", told[0]);
    }
}

/// Ko-fi's shape: a private message is not for a screen, and neither is the secret that stands in the body.
#[tokio::test]
async fn what_its_sender_calls_private_is_hidden_dropped_or_published() {
    let keys = r#"
        name = "s"
        provider = "token"
        secrets = ["hunter2"]
        topic = "s/{message}"
        verify = { signature = { json = "/verification_token" } }
        [delivery]
        body = "form-json data"
        hide = ["/email"]
        private = { unless = { json = "is_public", equals = true }, hide = ["/message", "/gone"] }
        "#;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = |public: &str| {
        let json = format!(
            r#"{{"verification_token":"hunter2","is_public":{public},"message":"psst","amount":3.00,"email":"ada@example.com","message":"psst"}}"#
        );
        format!("data={}", json.replace('"', "%22").replace('{', "%7B").replace('}', "%7D"))
    };
    for (private, outcome, topic, message) in [
        ("", "accepted", "s/-", "null"),
        ("private = 'hide'", "accepted", "s/-", "null"),
        ("private = 'drop'", "filtered", "", ""),
        ("private = 'publish'", "accepted", "s/psst", "\"psst\""),
    ] {
        let gateway = Gateway::start(vec![source(&format!("{private}\n{keys}"))]).await;
        let answer = gateway.post("/hooks/s", &form, body("false").as_bytes()).await;
        assert_eq!((answer.status, answer.json()["outcome"].as_str()), (202, Some(outcome)), "{private}");
        if outcome == "accepted" {
            assert_eq!(
                data(&gateway).await,
                [format!(
                    r#"{{"verification_token":null,"is_public":false,"message":{message},"amount":3.00,"email":null,"message":{message}}}"#
                )]
            );
            assert_eq!(gateway.log("s").await[0].topic.as_str(), topic);
        }
        let public = gateway.post("/hooks/s", &form, body("true").as_bytes()).await;
        assert_eq!(public.json()["outcome"], "accepted");
        let last = data(&gateway).await.pop().unwrap();
        assert!(last.contains("psst") && !last.contains("hunter2") && !last.contains("ada@"), "{last}");
    }
}

#[tokio::test]
async fn what_is_hidden_is_hidden_in_each_element_and_from_every_rule() {
    let gateway = Gateway::start(vec![open(
        r#"
        delivery = { each = "value[]", hide = ["/value/0/state", "/note"], private = { unless = { without = "json:level" }, hide = ["/n"] } }
        private = "drop"
        drop = [{ note = { exists = true } }]
        [fields]
        all = "body"
        "#,
    )])
    .await;
    let body = br#"{"value":[{"state":"secret","n":1},{"note":"x","n":2},{"level":9}]}"#;
    let told = gateway.post("/hooks/s", &[], body).await.json();
    let outcomes: Vec<_> =
        told["events"].as_array().unwrap().iter().map(|event| event["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["accepted", "accepted", "filtered"]);
    assert_eq!(data(&gateway).await, [r#"{"all":{"state":null,"n":1}}"#, r#"{"all":{"note":null,"n":2}}"#]);
}

#[test]
fn a_provider_that_knows_nothing_private_is_told_so() {
    let told = parse("name = 's'\nprovider = 'none'\nprivate = 'drop'").unwrap_err();
    assert!(told[0].to_string().contains("calls no event private"), "{told:?}");
    let told =
        parse("name = 's'\nprovider = 'none'\ndelivery = { private = { hide = ['/a'] } }").unwrap_err();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].to_string().starts_with("delivery.private.unless: nothing says when these are public"),
        "{told:?}"
    );
}
