//! AWS SNS over HTTP(S). The signature stands in the body and covers some of its members, put one below the other; the URL
//! of the certificate stands beside it. `secrets` are the ARNs of the topics whose messages are taken: everybody can have
//! SNS sign messages of a topic of their own.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Url;

use crate::ingest::delivery::Delivery;
use crate::ingest::json::{Document, Kind, Value};
use crate::ingest::mac::Hash;
use crate::ingest::pointer::Pointer;
use crate::ingest::public_key::PublicAlgorithm;
use crate::ingest::template::Part;
use crate::ingest::time::TimeForm;

use super::claim::{Ask, Claim, Evidence, Need, No, fresh};
use super::rule::Rule;

const CONFIRMATION: &str = "SubscriptionConfirmation";
/// The members that are signed, in their order; Subject only where it is.
const OF_MESSAGE: &[&str] = &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const OF_CONFIRMATION: &[&str] =
    &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

pub fn covers(part: &Part) -> bool {
    let is_signed =
        |pointer: &Pointer| OF_MESSAGE.iter().any(|name| Pointer::parse(name).as_ref() == Ok(pointer));
    matches!(part, Part::Json(pointer) if is_signed(pointer))
}

pub fn claim(rule: &Rule, evidence: &Evidence<'_>) -> Result<Claim, No> {
    let delivery = evidence.delivery;
    if delivery.header("x-amz-sns-rawdelivery").is_some() {
        return Err(No::missing(
            "raw message delivery has no signature: switch it off for this subscription",
        ));
    }
    let root = delivery.document().map(Document::root).ok_or(No::content("the body is no JSON"))?;
    let topic = text(root, "TopicArn").ok_or(No::content("the body names no topic"))?;
    if !evidence.configured.iter().any(|configured| configured.expose() == topic.as_bytes()) {
        return Err(No::mismatch("it is of a topic that is not among the source's secrets"));
    }
    let kind = text(root, "Type").ok_or(No::content("the body has no type"))?;
    let signed = match &*kind {
        "Notification" => OF_MESSAGE,
        CONFIRMATION | "UnsubscribeConfirmation" => OF_CONFIRMATION,
        _ => return Err(No::content("its type is none that SNS has")),
    };
    if kind == CONFIRMATION && confirmation(rule, delivery).is_none() {
        return Err(No::content("its SubscribeURL is none of SNS"));
    }
    let algorithm = match text(root, "SignatureVersion").as_deref() {
        Some("1") => PublicAlgorithm::Rsa(Hash::Sha1),
        Some("2") => PublicAlgorithm::Rsa(Hash::Sha256),
        _ => return Err(No::malformed("its signature version is neither 1 nor 2")),
    };
    let sent = text(root, "Timestamp").and_then(|text| TimeForm::Rfc3339.parse(&text));
    fresh(sent.ok_or(No::content("it does not say when it was sent"))?, evidence.now, rule.tolerance)?;
    let url = text(root, "SigningCertURL").or_else(|| text(root, "SigningCertUrl"));
    let url = url.ok_or(No::missing("it names no certificate"))?;
    let url =
        certificate_url(rule, &url).ok_or(No::malformed("its certificate lies where none of SNS may be"))?;
    let signature = text(root, "Signature").ok_or(No::missing("the body has no signature"))?;
    let signature =
        BASE64_STANDARD.decode(&*signature).map_err(|_| No::malformed("its signature is no base64"))?;
    let need = Need { ask: Ask::Certificate(url), kid: None };
    Ok(Claim { need, algorithm, messages: vec![canonical(root, signed)?], signature })
}

/// `Name\nValue\n` of each. Only Subject may be absent. A line break in another value than the message's would let a member
/// be moved into the one before it under the same signature: SNS writes none.
fn canonical(root: Value<'_>, signed: &[&str]) -> Result<Vec<u8>, No> {
    let mut message = String::new();
    for name in signed {
        match text(root, name) {
            Some(value) if *name != "Message" && value.contains('\n') => {
                return Err(No::content("a signed value has more than one line"));
            }
            Some(value) => message.extend([*name, "\n", &*value, "\n"]),
            None if *name == "Subject" => {}
            None => return Err(No::content("the body lacks what is signed")),
        }
    }
    Ok(message.into_bytes())
}

/// A member that is a string; SNS sends nothing else.
fn text<'a>(root: Value<'a>, name: &str) -> Option<Cow<'a, str>> {
    root.member(name).filter(|value| value.kind() == Kind::String)?.text()
}

fn certificate_url(rule: &Rule, text: &str) -> Option<Url> {
    let url = rule.hosts.url(text)?;
    (url.path().strip_suffix(".pem").is_some() && url.query().is_none() && !is_bucket(&url)).then_some(url)
}

/// `sns.s3.amazonaws.com` and `sns.s3-us-west-2.amazonaws.com` look like SNS and are somebody's files.
fn is_bucket(url: &Url) -> bool {
    url.host_str().and_then(|host| host.split('.').nth(1)).is_some_and(|label| label.starts_with("s3"))
}

/// Where a subscription is confirmed, if this delivery asks for it and the URL is one of SNS. It is signed too.
pub fn confirmation(rule: &Rule, delivery: &Delivery) -> Option<Url> {
    let root = delivery.document()?.root();
    if text(root, "Type")? != CONFIRMATION {
        return None;
    }
    let url = rule.hosts.url(&text(root, "SubscribeURL")?).filter(|url| !is_bucket(url))?;
    let has = |name: &str, value: &str| url.query_pairs().any(|(found, held)| found == name && held == value);
    (has("Action", "ConfirmSubscription") && has("TopicArn", &text(root, "TopicArn")?)).then_some(url)
}
