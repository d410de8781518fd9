//! Tokens that we sign ourselves, with the first configured secret.

use std::time::{Duration, SystemTime};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::failure::Failure;
use crate::config::AuthConfig;

/// The gateway refuses tokens that live longer (and so would any that we made).
pub(super) const TTL_MAX: Duration = Duration::from_hours(24);

/// What a token says.
pub(super) struct Claims<'a> {
    /// Grants: patterns, or `**`.
    pub(super) subscribe: &'a [String],
    pub(super) subject: Option<&'a str>,
    pub(super) ttl: Duration,
}

/// Everything, the gateway's own stream included.
pub(super) fn operator_grants() -> Vec<String> {
    vec!["**".into(), "hookcast/**".into()]
}

/// # Errors
/// When no secret is configured, or the token would live too long.
pub(super) fn sign(auth: &AuthConfig, claims: &Claims<'_>) -> Result<String, Failure> {
    let Some(secret) = auth.secrets.first() else {
        return Err(Failure::usage(
            "no secret is configured to sign with",
            "write [auth] secrets = [{ env = \"HOOKCAST_AUTH_SECRET\" }] into the configuration, or name it with --config",
        ));
    };
    if claims.ttl > TTL_MAX {
        return Err(Failure::usage("a token lives 24 hours at most", "ask for less, such as --ttl 8h"));
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut body = json!({
        "iat": now,
        "exp": now + claims.ttl.as_secs(),
        "hookcast": { "subscribe": claims.subscribe },
    });
    for (claim, value) in
        [("sub", claims.subject), ("aud", auth.audience.as_deref()), ("iss", auth.issuer.as_deref())]
    {
        if let Some(value) = value {
            body[claim] = value.into();
        }
    }
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &body, &EncodingKey::from_secret(secret.expose()))
        .map_err(|error| {
            Failure::failed(format!("cannot sign a token: {error}"), "check the first of auth.secrets")
        })
}
