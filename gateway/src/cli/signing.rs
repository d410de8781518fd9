//! Tokens that we sign ourselves, with the first configured secret.

use std::time::Duration;

use super::failure::Failure;
use crate::auth::{Auth, TOKEN_LIFE_MAX};
use crate::config::AuthConfig;
use crate::limits::Limits;

/// What a token says.
pub(super) struct Claims<'a, G> {
    /// Grants: patterns, or `**`.
    pub(super) subscribe: &'a [G],
    pub(super) subject: Option<&'a str>,
    pub(super) ttl: Duration,
}

/// # Errors
/// When no secret is configured, or the token would live too long.
pub(super) fn sign(auth: &AuthConfig, claims: &Claims<'_, impl AsRef<str>>) -> Result<String, Failure> {
    if auth.secrets.is_empty() {
        return Err(Failure::usage(
            "no secret is configured to sign with",
            "write [auth] secrets = [{ env = \"HOOKCAST_AUTH_SECRET\" }] into the configuration, or name it with --config",
        ));
    }
    if claims.ttl > TOKEN_LIFE_MAX {
        return Err(Failure::usage("a token lives 24 hours at most", "ask for less, such as --ttl 8h"));
    }
    let (audience, issuer) = (auth.main.audience.clone(), auth.main.iss.clone());
    Auth::new(&auth.secrets, audience, issuer, Vec::new(), Limits::default().token_bytes)
        .sign(claims.subject, claims.subscribe, claims.ttl)
        .ok_or_else(|| Failure::failed("cannot sign a token", "check the first of auth.secrets"))
}
