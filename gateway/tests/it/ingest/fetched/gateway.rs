//! Fetched keys as a sender meets them: statuses, a subscription that is confirmed, and `send` that says why it cannot.

use std::time::{Duration, SystemTime};

use hookcast::ingest::checks::{Proving, Verdict, of_proof};
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::sign::{Sample, SignError, sign};

use super::super::support::{Gateway, delivery, source};
use super::sns::{confirmation, notification, signed, toml, vendor};
use super::vendor::{Answer, OTHER_RSA, RSA};

const HEADERS: &[(&str, &str)] = &[("content-type", "text/plain; charset=UTF-8")];

#[tokio::test]
async fn a_subscription_is_confirmed_and_its_messages_are_published() {
    let vendor = vendor().await;
    vendor.gives("/", "<ConfirmSubscriptionResponse/>");
    let gateway = Gateway::start(vec![source(&toml(&vendor))]).await;
    let now = SystemTime::now();
    let answer = gateway.post("/hooks/s", HEADERS, signed(confirmation(&vendor, now), &RSA).as_bytes()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let asked = vendor.asked();
    assert!(asked[1].0.starts_with("/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:"), "{asked:?}");
    let answer = gateway.post("/hooks/s", HEADERS, signed(notification(&vendor, now), &RSA).as_bytes()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let again = gateway.post("/hooks/s", HEADERS, signed(notification(&vendor, now), &RSA).as_bytes()).await;
    assert_eq!(again.json()["outcome"], "duplicate");
    assert_eq!(gateway.log("s").await.len(), 1, "the confirmation is no event");
}

#[tokio::test]
async fn a_forged_confirmation_visits_nobody_and_a_failed_one_is_asked_for_again() {
    let vendor = vendor().await;
    let gateway = Gateway::start(vec![source(&toml(&vendor))]).await;
    let now = SystemTime::now();
    let forged = signed(confirmation(&vendor, now), &OTHER_RSA);
    assert_eq!(gateway.post("/hooks/s", HEADERS, forged.as_bytes()).await.status, 401);
    assert_eq!(vendor.count(), 1, "the certificate alone");
    vendor.says("/", Answer::Text(500, String::new()));
    let genuine = signed(confirmation(&vendor, now), &RSA);
    let answer = gateway.post("/hooks/s", HEADERS, genuine.as_bytes()).await;
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (503, Some("30")), "{answer:?}");
}

#[tokio::test]
async fn a_key_that_is_not_to_be_had_is_503_and_one_of_another_host_401() {
    let vendor = vendor().await;
    let gateway = Gateway::start(vec![source(&toml(&vendor))]).await;
    let mut body = notification(&vendor, SystemTime::now());
    body["SigningCertURL"] = vendor.url("/none.pem").into();
    let answer = gateway.post("/hooks/s", HEADERS, signed(body.clone(), &RSA).as_bytes()).await;
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (503, Some("30")), "{answer:?}");
    body["SigningCertURL"] = "https://evil.example.com/a.pem".into();
    let answer = gateway.post("/hooks/s", HEADERS, signed(body, &RSA).as_bytes()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("unverified")), "{answer:?}");
    assert_eq!(gateway.log("s").await.len(), 0);
}

#[tokio::test]
async fn an_operator_is_told_the_check_that_failed_and_nothing_of_what_was_sent() {
    let vendor = vendor().await;
    let source = source(&toml(&vendor));
    let now = SystemTime::now();
    let told = |body: String| {
        let refusal = source.need(&delivery(&source, HEADERS, body, now), None).unwrap_err();
        of_proof(&source, Proving::Refused(&refusal))
    };
    let mut body = notification(&vendor, now);
    body["TopicArn"] = "arn:aws:sns:eu-central-1:666666666666:marker".into();
    let [header, time, signature] = told(body.to_string());
    assert_eq!((header.result, time.result), (Verdict::NotReached, Verdict::NotReached));
    assert_eq!(signature.says, "it is of a topic that is not among the source's secrets");
    let stale = told(notification(&vendor, now - Duration::from_secs(3 * 3_600)).to_string());
    assert_eq!(stale[1].says, "sent 3 h ago, and 2 h are allowed");
}

#[test]
fn the_page_about_them_says_what_is_read() {
    let page = include_str!("../../../../../docs/fetched-keys.md");
    let mut blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let config: toml::Table = blocks.next().unwrap().parse().unwrap();
    source(&toml::to_string(&config["source"][0]).unwrap());
    let rows: toml::Table = blocks.next().unwrap().parse().unwrap();
    let read = Catalogue::built_in().with_user_rows(rows["provider"].as_table().unwrap());
    assert!(read.unwrap().get("my-sns").is_some());
    for field in page.split('`').filter_map(|text| text.strip_prefix("verify = ")) {
        let provider = match field {
            _ if field.contains("plaid") => "provider = 'plaid'\nsecrets = ['a:b']",
            _ if field.contains("ebay") => "provider = 'ebay'\nsecrets = ['a:b']\nverify_token = 't'",
            _ => "provider = 'google-pubsub'\nsecrets = ['push@example.com']",
        };
        source(&format!("name = 's'\n{provider}\nverify = {field}"));
    }
}

#[test]
fn what_only_the_vendor_can_sign_is_said() {
    for (provider, secret) in [
        ("aws-sns", "arn:aws:sns:eu-central-1:123456789012:alarms"),
        ("paypal", "9XL90610J3647323C"),
        ("plaid", "client:secret"),
        ("google-pubsub", "push@acme.iam.gserviceaccount.com"),
        ("ebay", "app:cert"),
    ] {
        let source = source(&format!(
            "name = 's'\nprovider = '{provider}'\nsecrets = ['{secret}']\nverify_token = 't'"
        ));
        let sample = Sample { event_type: String::new(), body: source.row().sample.body.clone().into() };
        let error = sign(&source, &sample, SystemTime::now(), "id-1").unwrap_err();
        assert_eq!(error, SignError::VendorsKey, "{provider}");
        assert!(error.to_string().contains("private key that nobody else has"), "{error}");
    }
}
