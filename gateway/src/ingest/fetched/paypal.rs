//! PayPal. Five headers; the signature covers their id and time, the webhook's id (the source's `secrets`) and a CRC-32 of
//! the body. That sum keeps nobody from writing another body with the same one, so the id of the transmission is what tells
//! deliveries apart: a body that was made up later comes under an id that is known.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::ingest::mac::Hash;
use crate::ingest::public_key::PublicAlgorithm;
use crate::ingest::template::Part;
use crate::ingest::time::TimeForm;

use super::claim::{Ask, Claim, Evidence, Need, No, fresh};
use super::rule::Rule;

const ID: &str = "paypal-transmission-id";
const TIME: &str = "paypal-transmission-time";

pub fn covers(part: &Part) -> bool {
    matches!(part, Part::Header(name) if name == ID || name == TIME)
}

pub fn claim(rule: &Rule, evidence: &Evidence<'_>) -> Result<Claim, No> {
    let delivery = evidence.delivery;
    let header = |name| delivery.header(name).filter(|text| !text.is_empty());
    let missing = || No::missing("a header of PayPal's signature is missing");
    let (id, time) = (header(ID).ok_or_else(missing)?, header(TIME).ok_or_else(missing)?);
    let signature = header("paypal-transmission-sig").ok_or_else(missing)?;
    if !header("paypal-auth-algo").ok_or_else(missing)?.eq_ignore_ascii_case("SHA256withRSA") {
        return Err(No::malformed("PAYPAL-AUTH-ALGO is not SHA256withRSA"));
    }
    // The separator would let one part run into the next.
    if id.contains('|') || time.contains('|') {
        return Err(No::malformed("PAYPAL-TRANSMISSION-ID or -TIME is none"));
    }
    let sent = TimeForm::Rfc3339.parse(time).ok_or(No::malformed("PAYPAL-TRANSMISSION-TIME is no time"))?;
    fresh(sent, evidence.now, rule.tolerance)?;
    let url = rule.hosts.url(header("paypal-cert-url").ok_or_else(missing)?);
    let url = url.filter(|url| url.path().starts_with("/v1/notifications/certs/") && url.query().is_none());
    let url = url.ok_or(No::malformed("its certificate lies where none of PayPal may be"))?;
    let signature =
        BASE64_STANDARD.decode(signature).map_err(|_| No::malformed("its signature is no base64"))?;
    let sum = crc32fast::hash(&delivery.body);
    let webhooks = evidence.configured.iter().map(|webhook| String::from_utf8_lossy(webhook.expose()));
    let messages = webhooks.map(|webhook| format!("{id}|{time}|{webhook}|{sum}").into_bytes()).collect();
    let need = Need { ask: Ask::Certificate(url), kid: None };
    Ok(Claim { need, algorithm: PublicAlgorithm::Rsa(Hash::Sha256), messages, signature })
}
