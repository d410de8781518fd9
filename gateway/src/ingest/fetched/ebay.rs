//! eBay's event notifications. A header holds base64 of JSON with the name of the key and a signature of the body; the key
//! is given to customers alone, so the source's `secrets` are "CLIENT_ID:SECRET" of the application.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::ingest::compact::is_plain;
use crate::ingest::json::Document;
use crate::ingest::mac::Hash;
use crate::ingest::public_key::PublicAlgorithm;

use super::claim::{Ask, Claim, Evidence, Need, No};
use super::rule::Rule;

pub fn claim(rule: &Rule, evidence: &Evidence<'_>) -> Result<Claim, No> {
    let delivery = evidence.delivery;
    let header = delivery.header("x-ebay-signature").ok_or(No::missing("there is no X-EBAY-SIGNATURE"))?;
    let malformed = || No::malformed("X-EBAY-SIGNATURE is none of eBay's");
    let document = BASE64_STANDARD.decode(header).ok().and_then(|bytes| Document::scan(&bytes).ok());
    let document = document.ok_or_else(malformed)?;
    let text = |name: &str| document.root().member(name)?.text();
    // Pinned: eBay signs with nothing else, and a delivery must not choose.
    let is = |name: &str, value: &str| text(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
    if !is("alg", "ecdsa") || !is("digest", "sha1") {
        return Err(No::malformed("X-EBAY-SIGNATURE is not by ECDSA and SHA-1"));
    }
    let kid = text("kid").filter(|kid| is_plain(kid)).ok_or_else(malformed)?.into_owned();
    let signature = text("signature").and_then(|text| BASE64_STANDARD.decode(&*text).ok());
    let signature = signature.ok_or_else(malformed)?;
    let mut url = rule.keys.clone().ok_or(No::missing("the row does not say where keys lie"))?;
    let path = format!("{}/{kid}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let ask = Ask::Ebay { url, kid: kid.clone(), credentials: evidence.configured.to_vec() };
    Ok(Claim {
        need: Need { ask, kid: Some(kid) },
        algorithm: PublicAlgorithm::EcdsaP256(Hash::Sha1),
        messages: vec![delivery.body.to_vec()],
        signature,
    })
}
