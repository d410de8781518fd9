//! Forgeries by question: what anybody can have signed by asking for it is never taken as a delivery.

use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::sign::{Sample, sign};
use hookcast::ingest::source::Source;

use super::support::*;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Challenges that are a whole body, or what some vendor signs of one.
const ASKED: [&str; 9] = [
    "42",
    "true",
    "type-evil",
    "type=direct_message",
    "hmacsha256=type=evil",
    "hmacsha256=42",
    "9b4507b3-9040-4669-9ca3-6b94edb50553",
    "20f9f8ed05f77439fe955c977e4c8a53",
    "PG5vdGlmaWNhdGlvbj4=",
];

/// The rows whose answer to an unsigned question is signed, and the query field that is asked by.
fn signed_answers() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ingest/providers/catalogue");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let read = |path| std::fs::read_to_string(path).unwrap().parse::<toml::Table>().unwrap();
    let mut all = Vec::new();
    for (slug, row) in files.flat_map(read) {
        for question in row.get("handshake").and_then(toml::Value::as_array).into_iter().flatten() {
            let text = |key: &str| question.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            if question.get("sign").is_some() && text("signed") == "no" {
                let field = text("value").strip_prefix("query:").unwrap_or_else(|| panic!("{slug}"));
                all.push((slug.clone(), field.to_owned()));
            }
        }
    }
    all.sort();
    all
}

/// Headers and a body.
type Forgery = (Vec<(String, String)>, Vec<u8>);

/// What a forger posts once a challenge was answered: bodies, each with the headers that the answer proves.
fn forged(source: &Source, asked: &str, answer: &str) -> Vec<Forgery> {
    if source.provider() == "braintree" {
        let pair = answer.replace('|', "%7C");
        let body = format!("bt_signature={pair}&bt_payload={}", asked.replace('=', "%3D"));
        return vec![(Vec::new(), body.into())];
    }
    let mut all = Vec::new();
    for start in 0..asked.len() {
        let sample = Sample { event_type: String::new(), body: asked[start..].to_owned().into() };
        let request = sign(source, &sample, std::time::SystemTime::now(), "1").unwrap();
        let fits = |value: &str| value.len() > 20 && answer.contains(value.trim_start_matches("sha256="));
        if request.headers.iter().any(|(_, value)| fits(value)) {
            all.push((request.headers, request.body.to_vec()));
        }
    }
    all
}

#[tokio::test]
async fn what_a_question_has_signed_is_no_delivery_of_any_row() {
    let catalogue = Catalogue::built_in();
    let (rows, mut forgeries) = (signed_answers(), 0);
    assert!(rows.len() >= 3, "{rows:?}");
    for (slug, field) in rows {
        let source = of_row(catalogue.get(&slug).unwrap());
        let gateway = Gateway::start(vec![source.clone()]).await;
        for asked in ASKED {
            let question = format!("/hooks/s?{field}={}", asked.replace('=', "%3D"));
            let answer = gateway.request("GET", &question, &[], b"").await;
            if answer.status != 200 {
                continue;
            }
            for (headers, body) in forged(&source, asked, &answer.body) {
                forgeries += 1;
                let as_sent = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let as_form = as_sent.clone().filter(|(name, _)| *name != "content-type").chain([FORM]);
                for headers in [as_sent.collect::<Vec<_>>(), as_form.collect()] {
                    let taken = gateway.post("/hooks/s", &headers, &body).await;
                    assert_eq!(taken.status, 401, "{slug}: {asked}: {taken:?}");
                }
            }
        }
        assert!(gateway.log("s").await.is_empty(), "{slug}");
        let genuine = gateway.send(&source, &signed_sample(&source, "1")).await;
        assert_eq!(genuine.status, 200, "{slug}");
    }
    assert!(forgeries > 3, "{forgeries} were tried: the answers are not read right");
}

/// A time before the body makes it no other: the whole of what is signed may be asked for.
#[tokio::test]
async fn what_is_signed_besides_the_body_does_not_hide_a_question() {
    let row = r#"
        [p.verify]
        signature = { header = "X-S" }
        message = "{header:X-Time}.{body}"
        [[p.handshake]]
        when = { method = "GET", query = "c" }
        signed = "no"
        value = "query:c"
        sign = "hex"
    "#;
    let row = |allow: &str| {
        row.replace("sign = \"hex\"", &format!("sign = \"hex\"\n{allow}\nanswer = {{ body = '{{signed}}' }}"))
    };
    for allow in ["", "allow = 'token'"] {
        let gateway =
            Gateway::start(vec![of_rows(&row(allow), "name = 's'\nprovider = 'p'\nsecrets = ['k']")]).await;
        let asked = gateway.request("GET", "/hooks/s?c=1700000000.type%3Devil", &[], b"").await;
        assert_eq!(asked.status, 200);
        let headers = [("x-s", asked.body.as_str()), ("x-time", "1700000000"), FORM];
        assert_eq!(gateway.post("/hooks/s", &headers, b"type=evil").await.status, 401);
        // `hmac.new(b"k", b"1700000000.{}", sha256)` of Python.
        let genuine = [
            ("x-s", "c6ef4734033cee2367414a0939385eca0397754aa7a59716da7463a9298b5146"),
            ("x-time", "1700000000"),
        ];
        assert_eq!(gateway.post("/hooks/s", &genuine, b"{}").await.status, 202);
    }
}

/// Braintree signs the text of a base64 field, in which XML stands; a challenge decodes to no such thing.
#[tokio::test]
async fn braintrees_payload_is_xml_or_refused() {
    let source = plain("braintree", "public:private");
    let gateway = Gateway::start(vec![plain("braintree", "public:private")]).await;
    for (body, status) in [
        ("<notification/>", 200),
        ("\n  <notification/>", 200),
        ("", 401),
        ("{}", 401),
        ("notification", 401),
    ] {
        let sample = Sample { event_type: String::new(), body: body.into() };
        let signed = sign(&source, &sample, std::time::SystemTime::now(), "1").unwrap();
        assert_eq!(gateway.send(&source, &signed).await.status, status, "{body}");
    }
}

/// A token's first two pieces are letters and dots, so a challenge could be one.
#[test]
fn a_row_does_not_sign_for_anybody_what_its_tokens_are_made_of() {
    let row = |signed: &str| {
        let text = format!(
            "[p]\nverify = [{{ signature = {{ header = 'X-S' }} }}, {{ scheme = 'jws', algorithm = 'HS256', signature = {{ header = 'X-T' }} }}]\n[[p.handshake]]\nwhen = {{ method = 'GET', query = 'c' }}\nsigned = '{signed}'\nvalue = 'query:c'\nsign = 'hex'"
        );
        Catalogue::built_in().with_user_rows(&text.parse().unwrap())
    };
    let told = row("no").unwrap_err().iter().map(ToString::to_string).collect::<String>();
    assert!(told.contains("p.handshake: whoever asks could have a token signed"), "{told}");
    assert!(row("before").is_ok());
}
