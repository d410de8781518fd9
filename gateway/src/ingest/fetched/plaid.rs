//! Plaid. A JWS in a header holds the SHA-256 of the body; its key is given by name to customers alone, so the source's
//! `secrets` are "CLIENT_ID:SECRET". Sandbox and production have a host each.

use sha2::{Digest as _, Sha256};

use crate::ingest::compact::Compact;
use crate::ingest::mac::Hash;
use crate::ingest::public_key::{PublicAlgorithm, der_of_fixed};

use super::claim::{Ask, Claim, Evidence, Need, No, fresh};
use super::rule::Rule;

pub fn claim(rule: &Rule, evidence: &Evidence<'_>) -> Result<Claim, No> {
    let delivery = evidence.delivery;
    let token = delivery.header("plaid-verification").ok_or(No::missing("there is no Plaid-Verification"))?;
    let token = Compact::parse(token).ok_or(No::malformed("Plaid-Verification is no JWS"))?;
    if !token.is_by("ES256") {
        return Err(No::malformed("Plaid-Verification is not signed with ES256"));
    }
    let kid = token.kid().ok_or(No::malformed("Plaid-Verification names no key"))?;
    let sent =
        token.moment("iat")?.ok_or(No::malformed("Plaid-Verification does not say when it was sent"))?;
    fresh(sent, evidence.now, rule.tolerance)?;
    let hash = token
        .text("request_body_sha256")
        .ok_or(No::malformed("Plaid-Verification has no hash of the body"))?;
    if !hash.eq_ignore_ascii_case(&hex::encode(Sha256::digest(&delivery.body))) {
        return Err(No::mismatch("the body is not the one that was signed"));
    }
    let url = rule.keys.clone().ok_or(No::missing("the row does not say where keys lie"))?;
    let ask = Ask::Plaid { url, kid: kid.clone(), credentials: evidence.configured.to_vec() };
    Ok(Claim {
        need: Need { ask, kid: Some(kid) },
        algorithm: PublicAlgorithm::EcdsaP256(Hash::Sha256),
        messages: vec![token.signed.to_vec()],
        // Of another length it is none: then it fits nothing.
        signature: der_of_fixed(&token.signature).unwrap_or_default(),
    })
}
