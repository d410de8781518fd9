//! Adyen's standard webhooks: each item of a batch has its own HMAC-SHA256, over eight of its fields. All must hold; what is
//! not among the eight is not proven.

use std::borrow::Cow;

use crate::ingest::delivery::Delivery;
use crate::ingest::fetched::claim::No;
use crate::ingest::json::{Kind, Value};
use crate::ingest::key::{KeyForm, KeyRule};
use crate::ingest::mac::{Hash, Hmacs};
use crate::ingest::pointer::Pointer;
use crate::ingest::sign::SignError;
use crate::ingest::signature::Encoding;
use crate::ingest::template::Part;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::{Code, CodeKey, Request, digest, fits};

/// Under `NotificationRequestItem`, in the order of the signed text.
const FIELDS: [&[&str]; 8] = [
    &["pspReference"],
    &["originalReference"],
    &["merchantAccountCode"],
    &["merchantReference"],
    &["amount", "value"],
    &["amount", "currency"],
    &["eventCode"],
    &["success"],
];

/// The shop's own words, which may hold a colon. No other value has one.
const REFERENCE: &[&str] = &["merchantReference"];

const ITEM: &str = "NotificationRequestItem";

pub struct Adyen;

impl Code for Adyen {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake> {
        let key = KeyRule::plain(KeyForm::Hex).key(secret)?;
        Ok(CodeKey { name: String::new(), mac: Hmacs::new(Hash::Sha256, &key) })
    }

    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No> {
        let document = request.delivery.document().ok_or(No::content("the body is no JSON"))?;
        let items = document.root().member("notificationItems").filter(|items| items.kind() == Kind::Array);
        let items = items.ok_or(No::content("the body has no notificationItems"))?;
        let mut first = None;
        for item in items.elements() {
            let item = item.member(ITEM).ok_or(No::content("an item has no NotificationRequestItem"))?;
            let given = item.member("additionalData").and_then(|data| data.member("hmacSignature")?.text());
            let given = given.ok_or(No::missing("an item has no additionalData.hmacSignature"))?;
            let given =
                Encoding::Base64.decode(&given).ok_or(No::malformed("an item's signature is no base64"))?;
            let signed = signed(item)?;
            if !fits(keys, &[signed.as_bytes()], &given) {
                return Err(No::mismatch("the signature of an item fits no secret"));
            }
            first.get_or_insert(given);
        }
        first.ok_or(No::content("the batch is empty, and nothing in it is signed"))
    }

    fn covers(&self, part: &Part) -> bool {
        let signed = |pointer: &Pointer| {
            FIELDS.iter().any(|field| {
                let path = [&[ITEM], *field].concat().join("/");
                Pointer::parse(&format!("/{path}")).is_ok_and(|signed| signed == *pointer)
            })
        };
        matches!(part, Part::Json(pointer) if signed(pointer))
    }

    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError> {
        let delivery = request.delivery;
        let mut body: serde_json::Value =
            serde_json::from_slice(&delivery.body).map_err(|_| SignError::Unsupported)?;
        let document = delivery.document().ok_or(SignError::Unsupported)?;
        let items = document.root().member("notificationItems").ok_or(SignError::Unsupported)?;
        for (place, item) in items.elements().enumerate() {
            let item = item.member(ITEM).ok_or(SignError::Unsupported)?;
            let signed = signed(item).map_err(|_| SignError::Unsupported)?;
            let digest = digest(key, &[signed.as_bytes()]);
            let data = &mut body["notificationItems"][place][ITEM]["additionalData"];
            data["hmacSignature"] = Encoding::Base64.encode(digest.as_bytes()).into();
        }
        let (method, uri, headers) =
            (delivery.method.clone(), delivery.uri.clone(), delivery.headers.clone());
        let body = body.to_string().into();
        Ok(Delivery::new(method, uri, headers, body, delivery.received, delivery.body_form().clone()))
    }
}

/// An absent field is an empty one.
///
/// Adyen joins the values with colons and escapes none, so that `order:7` could be shifted until a part of it stands in
/// `pspReference` under the same signature. With one value that may hold colons there is one way to cut the text.
fn signed(item: Value<'_>) -> Result<String, No> {
    let text = |path: &&[&str]| {
        let found = path.iter().try_fold(item, |value, step| value.member(step));
        let text = found.and_then(Value::text).unwrap_or(Cow::Borrowed("")).into_owned();
        if text.contains(':') && *path != REFERENCE {
            return Err(No::content(
                "a colon stands in a value that has none, so its borders are not signed",
            ));
        }
        Ok(text)
    };
    Ok(FIELDS.iter().map(text).collect::<Result<Vec<_>, _>>()?.join(":"))
}
