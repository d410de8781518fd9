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
