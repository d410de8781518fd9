//! Google Cloud Pub/Sub, push with authentication. An OpenID token by Google in `Authorization` says who sends and for
//! whom: the source's `secrets` are the e-mails of the service accounts that may, and `audience` is what the subscription
//! says, by default its push endpoint. The token proves the request, not the body: only TLS keeps that together.

use crate::ingest::compact::Compact;
use crate::ingest::json::Value;
use crate::ingest::mac::Hash;
use crate::ingest::pointer::Pointer;
use crate::ingest::public_key::PublicAlgorithm;
use crate::ingest::template::Part;
use crate::ingest::time::unix_ms;

use super::claim::{Ask, Claim, Evidence, Need, No, fresh};
use super::rule::Rule;

/// Google's two spellings of itself.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// A message sent again has the same id and another body (`deliveryAttempt`). Who has a token can send what they like, and
/// it is never a stranger's: so the id is believed.
pub fn covers(part: &Part) -> bool {
    let id = Pointer::parse("message.messageId");
    matches!(part, Part::Json(pointer) if id.as_ref() == Ok(pointer))
}

pub fn claim(rule: &Rule, evidence: &Evidence<'_>) -> Result<Claim, No> {
    let delivery = evidence.delivery;
    let bearer = delivery.header("authorization").and_then(|text| text.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, token) = bearer.ok_or(No::missing("there is no bearer token: switch authentication on"))?;
    let token = Compact::parse(token.trim()).ok_or(No::malformed("the bearer token is no JWT"))?;
    if !token.is_by("RS256") {
        return Err(No::malformed("the token is not signed with RS256"));
    }
    let kid = token.kid().ok_or(No::malformed("the token names no key"))?;
    if !token.text("iss").is_some_and(|issuer| ISSUERS.contains(&issuer.as_str())) {
        return Err(No::mismatch("the token is not Google's"));
    }
    let own = evidence.public_url.map(|url| format!("{}{}", url.trim_end_matches('/'), delivery.uri.path()));
    let audience = rule.audience.clone().or(own);
    let audience = audience
        .ok_or(No::mismatch("nothing says what the token must be for: set public_url or audience"))?;
    if token.text("aud").as_deref() != Some(audience.as_str()) {
        return Err(No::mismatch("the token is for another audience"));
    }
    let email = token.text("email").unwrap_or_default();
    let is_verified = token.claim("email_verified").map(Value::raw) == Some("true");
    if !is_verified || !evidence.configured.iter().any(|known| known.expose() == email.as_bytes()) {
        return Err(No::mismatch("the token is of an account that is not among the source's secrets"));
    }
    let ends = token.moment("exp")?.ok_or(No::malformed("the token does not say when it ends"))?;
    if ends <= unix_ms(evidence.now) {
        fresh(ends, evidence.now, LEEWAY)?;
    }
    fresh(token.moment("iat")?.unwrap_or(ends), evidence.now, LIFE)?;
    let url = rule.keys.clone().ok_or(No::missing("the row does not say where keys lie"))?;
    Ok(Claim {
        need: Need { ask: Ask::Set(url), kid: Some(kid) },
        algorithm: PublicAlgorithm::Rsa(Hash::Sha256),
        messages: vec![token.signed.to_vec()],
        signature: token.signature,
    })
}

/// How long ago a token may have ended: clocks differ.
const LEEWAY: std::time::Duration = std::time::Duration::from_secs(60);
/// Google's tokens live for an hour; one that claims more is none of its.
const LIFE: std::time::Duration = std::time::Duration::from_hours(24);
