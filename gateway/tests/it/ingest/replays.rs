//! Replays: whoever holds one genuine delivery changes what its signature does not bind, and sends it again. No spelling of
//! it may count as a new event.

use hookcast::broker::DedupeKey;
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, sign_for};
use hookcast::ingest::source::Source;
use hookcast::ingest::verify::Reason;
use sha2::{Digest as _, Sha256};

use super::support::*;

const FORM: &str = "application/x-www-form-urlencoded";
const URL: &str = "https://x.example";

/// A delivery as it is sent, to be changed before it is sent again.
#[derive(Clone)]
struct Sent {
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Sent {
    /// Signed as the source's provider does.
    fn signed(source: &Source, body: &str, seconds: u64) -> Self {
        let sample = Sample { event_type: String::new(), body: body.to_owned().into() };
        let signed = sign_for(source, &sample, Some(URL), at(seconds), "u1").unwrap();
        let query = signed.query.map(|query| format!("?{query}")).unwrap_or_default();
        let body = String::from_utf8(signed.body.to_vec()).unwrap();
        Self { uri: format!("/hooks/s{query}"), headers: signed.headers, body }
    }

    fn with_body(&self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self.clone() }
    }

    fn with_header(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(found, _)| found != name);
        changed.headers.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// The keys of its events, or why it is refused.
    fn keys(&self, source: &Source, seconds: u64) -> Result<Vec<DedupeKey>, Reason> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut delivery = delivery(source, &headers, self.body.clone(), at(seconds));
        delivery.uri = self.uri.parse().unwrap();
        let verified = source.verify(delivery, Some(URL)).map_err(|refusal| refusal.reason)?;
        let events = publish::events(source, &verified, 1_000).unwrap().events;
        Ok(events.into_iter().map(|event| event.new.unwrap().key).collect())
    }
}

/// Names, values and the nonce are signed one after the other, with nothing between them.
#[test]
fn a_border_that_moves_between_fields_makes_no_new_event_of_plivo() {
    let plivo = plain("plivo", "k");
    let first = Sent::signed(&plivo, "MessageUUID=u1&Status=delivered&To=1.5&Units=1", 1_000);
    let key = first.keys(&plivo, 1_000).unwrap();
    for body in [
        "MessageUUID=u1&Status=deliveredTo1.5Units1",
        "MessageUUID=u1StatusdeliveredTo1.5Units1",
        "MessageUUIDu1=Statusdelivered&To=1.5Units1",
    ] {
        assert_eq!(first.with_body(body).keys(&plivo, 1_000).unwrap(), key, "{body}");
    }
    let nonce = first.headers.iter().find(|(name, _)| name.ends_with("-nonce")).unwrap().1.clone();
    let moved = first
        .with_body("MessageUUID=u1&Status=delivered&To=1")
        .with_header("x-plivo-signature-v3-nonce", &format!("5Units1.{nonce}"));
    assert_eq!(moved.keys(&plivo, 1_000), Err(Reason::Malformed));
    // Another try of Plivo's own has another nonce, and is the same event.
    let again = Sent::signed(&plivo, "MessageUUID=u1&Status=delivered&To=1.5&Units=1", 2_000);
    assert_ne!(again.headers, first.headers);
    assert_eq!(again.keys(&plivo, 1_000).unwrap(), key);
    let other = Sent::signed(&plivo, "MessageUUID=u1&Status=read&To=1.5&Units=1", 1_000);
    assert_ne!(other.keys(&plivo, 1_000).unwrap(), key);
}

#[test]
fn a_border_that_moves_between_fields_makes_no_new_event_of_mandrill() {
    let mandrill = plain("mandrill", "k");
    let events = "%5B%7B%22_id%22%3A%22u1%22%7D%2C%7B%22_id%22%3A%22b%22%7D%5D";
    let first = Sent::signed(&mandrill, &format!("mandrill_events={events}"), 1_000);
    let keys = first.keys(&mandrill, 1_000).unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    for body in [format!("mandrill_even=ts{events}"), format!("mandrill_events{events}=")] {
        let again = first.with_body(&body).keys(&mandrill, 1_000).unwrap();
        assert!(again.iter().all(|key| keys.contains(key)), "{body}");
    }
}

/// Eight values joined by colons, and the shopper's own reference may hold one.
#[test]
fn a_colon_that_moves_between_values_makes_no_new_event_of_adyen() {
    let adyen = plain("adyen", "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056");
    let body = |psp: &str, original: &str, account: &str, reference: &str| {
        format!(
            r#"{{"notificationItems":[{{"NotificationRequestItem":{{"additionalData":{{"hmacSignature":""}},"amount":{{"currency":"EUR","value":5}},"eventCode":"AUTHORISATION","merchantAccountCode":"{account}","merchantReference":"{reference}","originalReference":"{original}","pspReference":"{psp}","success":"true"}}}}]}}"#
        )
    };
    let first = Sent::signed(&adyen, &body("u1", "", "Shop", "order:7"), 1_000);
    assert_eq!(first.keys(&adyen, 1_000).unwrap().len(), 1, "a reference may hold a colon");
    for [psp, original, account, reference] in [["u1:", "Shop", "order", "7"], ["u1", "", "Shop:order", "7"]]
    {
        let shifted = body(psp, original, account, reference);
        let signature = first.body.split("hmacSignature\":\"").nth(1).unwrap().split('"').next().unwrap();
        let shifted = shifted.replace(r#""hmacSignature":"""#, &format!(r#""hmacSignature":"{signature}""#));
        assert_eq!(first.with_body(&shifted).keys(&adyen, 1_000), Err(Reason::WrongContent), "{shifted}");
    }
}

/// What is signed is a time and a nonce, or an id; the event and its id are anybody's.
#[test]
fn an_unsigned_id_makes_no_new_event_of_what_was_signed_once() {
    let now = 1_899_000_000;
    for (provider, from, to) in [
        ("mailgun", "CPgfbmQMTCKtHW6uIWtuVe", "forged"),
        ("mailgun", "delivered", "opened"),
        ("mercado-pago", "\"id\":\"u1\"", "\"id\":7"),
        ("mercado-pago", "payment.updated", "payment.created"),
    ] {
        let source = plain(provider, "k");
        let first = Sent::signed(&source, &source.row().sample.body, now);
        let key = first.keys(&source, now).unwrap();
        let changed = first.body.replace(from, to);
        assert_ne!(changed, first.body, "{provider}: {from}");
        assert_eq!(first.with_body(&changed).keys(&source, now).unwrap(), key, "{provider}: {from} as {to}");
    }
    // Mailgun's older form says the same in fields.
    let mailgun = plain("mailgun", "k");
    let signature = hmac_sha256("k", "1899000000nonce");
    let form = |rest: &str| Sent {
        uri: "/hooks/s".to_owned(),
        headers: vec![("content-type".to_owned(), FORM.to_owned())],
        body: format!("timestamp=1899000000&token=nonce&signature={signature}&{rest}"),
    };
    let [first, changed] = ["event=opened", "event=clicked&x=1"].map(form);
    assert_eq!(first.keys(&mailgun, now).unwrap(), changed.keys(&mailgun, now).unwrap());
}

#[test]
fn another_idempotency_token_makes_no_new_event_of_twilio() {
    let twilio = plain("twilio", "k");
    let first = Sent::signed(&twilio, "MessageSid=u1&SmsStatus=received", 1_000);
    let key = first.keys(&twilio, 1_000).unwrap();
    let again = first.with_header("i-twilio-idempotency-token", "another");
    assert_eq!(again.keys(&twilio, 1_000).unwrap(), key);
    let moved = first.with_body("MessageSid=u1SmsStatusreceived");
    assert_eq!(moved.keys(&twilio, 1_000).unwrap(), key);
}

/// One order has one signature for all that happens to it while its code and amount are the same: it cannot tell events apart.
#[test]
fn midtranss_capture_and_its_settlement_are_two_events() {
    let midtrans = plain("midtrans", "k");
    let body = midtrans.row().sample.body.clone();
    let settled = Sent::signed(&midtrans, &body, 1_000);
    let captured = Sent::signed(&midtrans, &body.replace("settlement", "capture"), 1_000);
    assert_ne!(settled.keys(&midtrans, 1_000).unwrap(), captured.keys(&midtrans, 1_000).unwrap());
}

/// A key is remembered for 72 h: what is older than that must be refused by its time.
#[test]
fn mercado_pagos_time_is_checked_in_seconds_and_in_milliseconds() {
    let mercado = plain("mercado-pago", "k");
    let now = 1_900_000_000;
    let sent = Sent::signed(&mercado, "{}", now);
    let hours = 3_600;
    // Whether a retry is signed anew is not documented: it must get through for as long as its key is remembered.
    assert!(sent.keys(&mercado, now + 71 * hours).is_ok());
    assert_eq!(sent.keys(&mercado, now + 73 * hours), Err(Reason::Stale));
    assert_eq!(sent.keys(&mercado, now - 73 * hours), Err(Reason::Future));
    // The id is signed in lower case, so its case is anybody's.
    let [upper, lower] = ["ABC", "abc"].map(|id| {
        let signed = hmac_sha256("k", &format!("id:abc;ts:{now}000;"));
        let mut sent = sent.with_header("x-signature", &format!("ts={now}000,v1={signed}"));
        sent.uri = format!("/hooks/s?data.id={id}");
        sent
    });
    assert_eq!(upper.keys(&mercado, now).unwrap(), lower.keys(&mercado, now).unwrap());
    assert_eq!(upper.keys(&mercado, now + 73 * hours), Err(Reason::Stale));
}

fn hmac_sha256(key: &str, message: &str) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Goes on from a SHA-256 without knowing what was hashed but for its length: gives the padding that was hashed, and the hash
/// with `more` behind it.
fn extended(digest: &[u8], bytes: usize, more: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let padding = |bytes: usize| {
        let mut padding = vec![0x80];
        padding.resize(1 + (119 - bytes % 64) % 64, 0);
        padding.extend((bytes as u64 * 8).to_be_bytes());
        padding
    };
    let first = padding(bytes);
    let whole = bytes + first.len() + more.len();
    let mut state = [0_u32; 8];
    for (word, bytes) in state.iter_mut().zip(digest.chunks(4)) {
        *word = u32::from_be_bytes(bytes.try_into().unwrap());
    }
    let rest = [more, &padding(whole)].concat();
    let blocks: Vec<[u8; 64]> = rest.chunks(64).map(|block| block.try_into().unwrap()).collect();
    sha2::block_api::compress256(&mut state, &blocks);
    (first, state.iter().flat_map(|word| word.to_be_bytes()).collect())
}

/// A plain hash that begins with the secret says how it goes on behind the body.
#[test]
fn a_plain_hash_is_not_extended_behind_the_body() {
    let secret = "a client secret";
    for (provider, before) in [("hubspot-v1", ""), ("hubspot-v2", "POSThttps://x.example/hooks/s")] {
        let source = plain(provider, secret);
        let body = source.row().sample.body.clone();
        let genuine = Sha256::digest(format!("{secret}{before}{body}"));
        let (padding, forged) = extended(&genuine, secret.len() + before.len() + body.len(), b"&type=forged");
        let long = [body.as_bytes(), &padding, b"&type=forged"].concat();
        let whole = [secret.as_bytes(), before.as_bytes(), &long].concat();
        assert_eq!(forged, Sha256::digest(&whole).to_vec(), "the attack itself works");

        let verify = |digest: &[u8], body: Vec<u8>| {
            let digest = hex::encode(digest);
            let sent = delivery(&source, &[("x-hubspot-signature", &digest)], body, at(0));
            source.verify(sent, Some(URL)).map(|_| ()).map_err(|refusal| refusal.reason)
        };
        assert_eq!(verify(&genuine, body.clone().into_bytes()), Ok(()), "{provider}");
        assert_eq!(verify(&forged, long), Err(Reason::WrongContent), "{provider}");
    }
    // Where the secret stands last there is nothing to extend, and bytes may be anything.
    let row = "[p.verify]\nscheme = 'digest'\nsignature = { header = 'X-S' }\nmessage = '{body}{secret}'";
    let last = of_rows(row, "name = 's'\nprovider = 'p'\nsecrets = ['k']");
    let digest = hex::encode(Sha256::digest(b"\x80\x00k"));
    published(&last, &[("x-s", &digest)], &b"\x80\x00"[..], at(0));
}
