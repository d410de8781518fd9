//! What the Events screen asks over HTTP: a search of what is kept, page by page, and a delivery sent once more, edited or often.

use reqwest::Method;
use serde_json::{Value, json};

use super::running::Running;
use super::{GATEWAY, Hookcast};

/// An operator who asks one gateway.
struct Operator {
    url: String,
    token: String,
    runtime: tokio::runtime::Runtime,
}

impl Operator {
    fn of(hookcast: &Hookcast, url: &str) -> Self {
        let token = hookcast.run(&["token", "--subscribe", "hookcast/**"]).stdout.trim().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { url: url.to_owned(), token, runtime }
    }

    fn ask(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> (u16, Value) {
        let mut url = reqwest::Url::parse(&format!("{}/api/v1/deliveries{path}", self.url)).unwrap();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.runtime.block_on(async {
            let client = hookcast::outbound::client().unwrap();
            let mut request = client.request(method, url).bearer_auth(&self.token);
            if let Some(body) = body {
                request = request.body(body.to_string());
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
        })
    }

    fn list(&self, query: &[(&str, &str)]) -> Value {
        let (status, answer) = self.ask(Method::GET, "", query, None);
        assert_eq!(status, 200, "{query:?}: {answer}");
        answer
    }

    /// Why a search is refused.
    fn mistake(&self, query: &[(&str, &str)]) -> (u16, Value) {
        let (status, mut answer) = self.ask(Method::GET, "", query, None);
        (status, answer["code"].take())
    }

    fn ids(&self, query: &[(&str, &str)]) -> Vec<String> {
        let answer = self.list(query);
        let ids = answer["deliveries"].as_array().unwrap().iter();
        ids.map(|report| report["id"].as_str().unwrap().to_owned()).collect()
    }

    fn replay(&self, id: &str, wanted: Value) -> (u16, Value) {
        self.ask(Method::POST, &format!("/{id}/replay"), &[], Some(wanted))
    }
}

fn send(hookcast: &Hookcast, url: &str, body: &str, rest: &[&str]) {
    std::fs::write(hookcast.folder.path().join("body.json"), body).unwrap();
    let sent =
        hookcast.run(&[&["send", "github", "--to", url, "--data", "body.json", "--json"], rest].concat());
    assert!(sent.stdout.contains("status"), "{sent:?}");
}

#[test]
fn what_is_kept_is_searched_by_type_topic_and_text_and_read_page_by_page() {
    let topic = "topic = 'github/{repository.name}/{type}'\n";
    let hookcast = Hookcast::with_config(&[GATEWAY, topic].concat());
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let wrong = ["--secret", "wrong-key-of-somebody"];
    send(&hookcast, &url, r#"{"repository":{"name":"api"},"sender":"M\u00fcller"}"#, &["--event", "push"]);
    send(&hookcast, &url, r#"{"repository":{"name":"web"},"sender":"Zoë"}"#, &["--event", "star"]);
    send(&hookcast, &url, r#"{"repository":{"name":"api"},"sender":"a Forger"}"#, &wrong);
    let operator = Operator::of(&hookcast, &url);
    let all = operator.ids(&[]);
    let [forged, star, push] = [0, 1, 2].map(|place| vec![all[place].clone()]);

    assert_eq!(operator.ids(&[("type", "push")]), push);
    assert_eq!(operator.ids(&[("type", "st*")]), star);
    assert_eq!(operator.ids(&[("topic", "github/api/*")]), push);
    assert_eq!(operator.ids(&[("topic", "github/**"), ("type", "*")]), [star.clone(), push.clone()].concat());
    // In the body of whatever came, proven or not, and in what was said about it.
    assert_eq!(operator.ids(&[("text", "FORGER")]), forged);
    assert_eq!(operator.ids(&[("text", "müller")]), push);
    assert_eq!(operator.ids(&[("text", "zoë")]), star);
    assert_eq!(operator.ids(&[("text", "no secret of this source fits")]), forged);
    assert_eq!(operator.ids(&[("text", "\"name\":\"api\"")]), [forged.clone(), push.clone()].concat());
    assert_eq!(operator.ids(&[("text", "nowhere in it")]), Vec::<String>::new());

    let first = operator.list(&[("limit", "2")]);
    assert_eq!((&first["more"], first["deliveries"].as_array().unwrap().len()), (&true.into(), 2));
    let rest = operator.list(&[("limit", "2"), ("before", &star[0])]);
    assert_eq!((&rest["more"], &rest["deliveries"][0]["id"]), (&false.into(), &push[0].as_str().into()));
    assert_eq!(operator.list(&[("limit", "1"), ("text", "api")])["more"], true);
    assert_eq!(operator.list(&[("limit", "1"), ("type", "push")])["more"], false);

    assert_eq!(operator.mistake(&[("before", "zzzzzzzz-zzzzzzzz")]), (404, "unknown_delivery".into()));
    for bad in
        [("topic", "github"), ("topic", "*/a"), ("text", &*"x".repeat(257)), ("limit", "0"), ("nope", "")]
    {
        assert_eq!(operator.mistake(&[bad]), (400, "bad_query".into()), "{bad:?}");
    }
}

#[test]
fn a_delivery_is_sent_edited_and_often_and_each_answer_is_told() {
    let hookcast = Hookcast::with_config(GATEWAY);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    send(&hookcast, &url, r#"{"marker":"first"}"#, &["--event", "star"]);
    let operator = Operator::of(&hookcast, &url);
    let first = operator.ids(&[]).remove(0);

    let edited = json!({ "sign": true, "body": r#"{"marker":"edited"}"#, "count": 3 });
    let (status, answer) = operator.replay(&first, edited);
    assert_eq!((status, &answer["as"], &answer["says"]), (200, &"signed".into(), &"3 accepted".into()));
    let answers = answer["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|one| one["status"] == 202 && one["answer"]["outcome"] == "accepted"));
    let found = operator.list(&[("text", "EDITED"), ("type", "star")]);
    assert_eq!(found["deliveries"].as_array().unwrap().len(), 3, "the type stays: {found}");
    let made: Vec<&Value> = answers.iter().rev().map(|one| &one["delivery"]).collect();
    let kept: Vec<&Value> = found["deliveries"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(made, kept, "each answer names the delivery that it made");

    let (_, answer) = operator.replay(&first, json!({ "count": 2 }));
    assert_eq!((&answer["as"], &answer["says"]), (&"received".into(), &"2 duplicate".into()));
    // One alone is told as before.
    let (_, answer) = operator.replay(&first, json!({}));
    assert_eq!((&answer["status"], &answer["answer"]["outcome"]), (&202.into(), &"duplicate".into()));
    let made = &operator.list(&[])["deliveries"][0]["id"];
    assert_eq!(answer["answers"], json!([{ "status": 202, "delivery": made, "answer": answer["answer"] }]));

    for bad in [
        json!({ "body": "{}" }),
        json!({ "sign": true, "count": 0 }),
        json!({ "count": 101 }),
        json!({ "sign": true, "body": 5 }),
    ] {
        let (status, answer) = operator.replay(&first, bad.clone());
        assert_eq!((status, &answer["code"]), (400, &"bad_request".into()), "{bad}: {answer}");
    }
}

/// Edited or not, our own signature would make it genuine.
#[test]
fn an_edited_body_of_what_was_never_proven_needs_a_word_more() {
    let hookcast = Hookcast::with_config(GATEWAY);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    send(&hookcast, &url, r#"{"marker":"forged"}"#, &["--secret", "wrong-key-of-somebody"]);
    let operator = Operator::of(&hookcast, &url);
    let forged = operator.ids(&[]).remove(0);
    let (_, whole) = operator.ask(Method::GET, &format!("/{forged}"), &[], None);
    assert_eq!(whole["unproven"], true, "{whole}");

    let edited = |unproven: bool| json!({ "sign": true, "unproven": unproven, "body": "{}" });
    let (status, answer) = operator.replay(&forged, edited(false));
    assert_eq!((status, &answer["code"]), (409, &"unproven".into()));
    assert_eq!(operator.ids(&[]).len(), 1, "nothing was sent");
    let (status, answer) = operator.replay(&forged, edited(true));
    assert_eq!((status, &answer["says"]), (200, &"it is in the log, as a new event".into()));
    let (_, whole) = operator.ask(Method::GET, &format!("/{}", operator.ids(&[]).remove(0)), &[], None);
    assert_eq!((&whole["unproven"], &whole["request"]["body"]), (&false.into(), &"{}".into()));
}
