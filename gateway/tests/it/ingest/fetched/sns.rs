//! AWS SNS: both signature versions, the pinned host, the topic, and the envelope that is opened.

use std::time::{Duration, SystemTime};

use hookcast::ingest::verify::Reason;
use serde_json::{Value, json};

use super::vendor::{OTHER_RSA, Pair, RSA, Vendor};
use super::{Case, eager};

const CERTIFICATE: &str = "/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem";
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";

pub fn toml(vendor: &Vendor) -> String {
    format!(
        "name = 's'\nprovider = 'aws-sns'\nsecrets = ['{TOPIC}']\nverify = {{ hosts = ['http://{}'] }}",
        vendor.address
    )
}

pub async fn vendor() -> Vendor {
    let vendor = Vendor::start().await;
    vendor.gives(CERTIFICATE, RSA.certificate());
    vendor
}

pub fn rfc3339(at: SystemTime) -> String {
    let form = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
    );
    time::OffsetDateTime::from(at).format(form).unwrap()
}

/// As SNS writes it, unsigned.
pub fn notification(vendor: &Vendor, now: SystemTime) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Länge zu groß",
        "Message": "{\"state\":\"ALARM\",\"n\":1.50}",
        "Timestamp": rfc3339(now),
        "SignatureVersion": "2",
        "SigningCertURL": vendor.url(CERTIFICATE),
        "UnsubscribeURL": vendor.url("/?Action=Unsubscribe"),
    })
}

pub fn confirmation(vendor: &Vendor, now: SystemTime) -> Value {
    let url = vendor.url(&format!("/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37fb"));
    json!({
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "2336412f37fb",
        "TopicArn": TOPIC,
        "Message": "You have chosen to subscribe to the topic.",
        "SubscribeURL": url,
        "Timestamp": rfc3339(now),
        "SignatureVersion": "1",
        "SigningCertURL": vendor.url(CERTIFICATE),
    })
}

pub fn signed(mut body: Value, pair: &Pair) -> String {
    let names: &[&str] = if body["Type"] == "Notification" {
        &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let present = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", body[*name].as_str()?)));
    let message: String = present.collect();
    let hash = if body["SignatureVersion"] == "1" { "-sha1" } else { "-sha256" };
    body["Signature"] = pair.sign_base64(hash, message.as_bytes()).into();
    body.to_string()
}

const HEADERS: &[(&str, &str)] =
    &[("content-type", "text/plain; charset=UTF-8"), ("x-amz-sns-message-type", "Notification")];

#[tokio::test]
async fn both_versions_are_verified_and_the_message_is_the_data() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), eager());
    let now = SystemTime::now();
    for (version, subject) in [("1", true), ("2", true), ("2", false)] {
        let mut body = notification(&vendor, now);
        body["SignatureVersion"] = version.into();
        if !subject {
            body.as_object_mut().unwrap().remove("Subject");
        }
        let record = case.fate(HEADERS, &signed(body, &RSA), now).await.record();
        assert_eq!(record["id"], "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
        assert_eq!(record["type"], "Notification");
        assert_eq!(record["data"], json!({ "state": "ALARM", "n": 1.5 }));
    }
    assert_eq!(vendor.count(), 1, "the certificate is kept");
}

#[tokio::test]
async fn a_topic_rule_reads_into_the_message_and_a_plain_one_stays_text() {
    let vendor = vendor().await;
    let toml = format!("{}\ntopic = 'aws/{{json:Message.state}}/{{json:Subject}}'", toml(&vendor));
    let case = Case::new(&toml, eager());
    let now = SystemTime::now();
    let body = notification(&vendor, now);
    let super::Fate::Published(batch) = case.fate(HEADERS, &signed(body.clone(), &RSA), now).await else {
        panic!()
    };
    assert!(super::super::support::topic(&batch).starts_with("aws/ALARM/L"), "{batch:?}");
    let mut plain = body;
    plain["Message"] = "just words".into();
    let record = case.fate(HEADERS, &signed(plain, &RSA), now).await.record();
    assert_eq!(record["data"], "just words");
}

#[tokio::test]
async fn what_is_not_signed_by_the_certificate_is_refused() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), eager());
    let now = SystemTime::now();
    let good = notification(&vendor, now);
    case.fate(HEADERS, &signed(good.clone(), &OTHER_RSA), now)
        .await
        .is_refused(Reason::Mismatch, "did not sign");
    for name in ["Message", "MessageId", "Subject"] {
        let mut changed: Value = serde_json::from_str(&signed(good.clone(), &RSA)).unwrap();
        changed[name] = "other".into();
        case.fate(HEADERS, &changed.to_string(), now).await.is_refused(Reason::Mismatch, "did not sign");
    }
    for (name, value, reason) in [
        ("Signature", json!(null), Reason::Missing),
        ("Signature", json!("***"), Reason::Malformed),
        ("SignatureVersion", json!("3"), Reason::Malformed),
        ("SigningCertURL", json!(null), Reason::Missing),
        ("Type", json!("Other"), Reason::WrongContent),
        ("Timestamp", json!("yesterday"), Reason::WrongContent),
        ("Message", json!(7), Reason::WrongContent),
    ] {
        let mut changed: Value = serde_json::from_str(&signed(good.clone(), &RSA)).unwrap();
        changed[name] = value;
        case.fate(HEADERS, &changed.to_string(), now).await.is_refused(reason, "");
    }
    case.fate(HEADERS, "no json", now).await.is_refused(Reason::WrongContent, "no JSON");
    let raw = [("x-amz-sns-rawdelivery", "true")];
    case.fate(&raw, "{}", now).await.is_refused(Reason::Missing, "raw message delivery");
}

/// The signed text is a list of lines: without this, old members fold into another id under the same signature.
#[tokio::test]
async fn a_member_cannot_be_folded_into_the_one_before_it() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), eager());
    let now = SystemTime::now();
    let mut body = notification(&vendor, now);
    body["Message"] = "two\nlines".into();
    let mut body: Value = serde_json::from_str(&signed(body, &RSA)).unwrap();
    assert_eq!(case.fate(HEADERS, &body.to_string(), now).await.record()["data"], "two\nlines");
    let folded =
        format!("{}\nSubject\n{}", body["MessageId"].as_str().unwrap(), body["Subject"].as_str().unwrap());
    body["MessageId"] = folded.into();
    body.as_object_mut().unwrap().remove("Subject");
    let fate = case.fate(HEADERS, &body.to_string(), now).await;
    assert!(matches!(fate, super::Fate::Refused(Reason::WrongContent, _)), "folded");
}

#[tokio::test]
async fn another_topic_is_refused_without_asking_anybody() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), eager());
    let now = SystemTime::now();
    for mut body in [notification(&vendor, now), confirmation(&vendor, now)] {
        body["TopicArn"] = "arn:aws:sns:eu-central-1:666666666666:mine".into();
        case.fate(HEADERS, &signed(body, &RSA), now).await.is_refused(Reason::Mismatch, "topic");
    }
    assert_eq!(vendor.count(), 0);
}

#[tokio::test]
async fn certificates_come_from_sns_alone() {
    let vendor = vendor().await;
    let now = SystemTime::now();
    let real = Case::new(&format!("name = 's'\nprovider = 'aws-sns'\nsecrets = ['{TOPIC}']"), eager());
    for url in [
        "https://evil.example.com/SimpleNotificationService-1.pem",
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.s3.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-central-1.amazonaws.com/key.txt",
        "https://sns.eu-central-1.amazonaws.com/key.pem?x=1",
        "https://sns.eu-central-1.amazonaws.com@evil.example.com/1.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example.com/1.pem",
        "http://169.254.169.254/latest/meta-data.pem",
        "https://127.0.0.1/1.pem",
        "file:///etc/ssl/cert.pem",
        &vendor.url(CERTIFICATE),
    ] {
        let mut body = notification(&vendor, now);
        body["SigningCertURL"] = url.into();
        real.fate(HEADERS, &signed(body, &RSA), now)
            .await
            .is_refused(Reason::Malformed, "certificate lies where");
    }
    assert_eq!(vendor.count(), 0);
}

#[tokio::test]
async fn old_deliveries_and_old_certificates_are_refused() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), eager());
    let now = SystemTime::now();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let stale = signed(notification(&vendor, now - hours(3)), &RSA);
    case.fate(HEADERS, &stale, now).await.is_refused(Reason::Stale, "s ago");
    let future = signed(notification(&vendor, now + hours(1)), &RSA);
    case.fate(HEADERS, &future, now).await.is_refused(Reason::Future, "ahead");
    assert_eq!(vendor.count(), 0, "and no certificate is fetched for them");
    case.fate(HEADERS, &signed(notification(&vendor, now - hours(1)), &RSA), now).await.record();
    let later = now + Duration::from_secs(400 * 86_400);
    let fate = case.fate(HEADERS, &signed(notification(&vendor, later), &RSA), later).await;
    fate.is_refused(Reason::Mismatch, "not good today");
}

#[tokio::test]
async fn a_subscription_is_confirmed_at_sns_alone() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), eager());
    let now = SystemTime::now();
    for url in [
        "https://evil.example.com/?Action=ConfirmSubscription&Token=1".to_owned(),
        vendor.url(&format!("/?Action=DeleteTopic&TopicArn={TOPIC}")),
        vendor.url("/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-central-1:6:mine"),
    ] {
        let mut body = confirmation(&vendor, now);
        body["SubscribeURL"] = url.into();
        case.fate(HEADERS, &signed(body, &RSA), now).await.is_refused(Reason::WrongContent, "SubscribeURL");
    }
    assert_eq!(vendor.count(), 0);
}

#[test]
fn a_secret_that_is_no_topic_is_a_mistake() {
    let told =
        super::super::support::parse("name = 's'\nprovider = 'aws-sns'\nsecrets = ['hunter2']").unwrap_err();
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with("secrets[0]: this is no topic's ARN"), "{told:?}");
}
