//! Tokens that we sign ourselves, with the first configured secret.

use std::time::Duration;

use super::Context;
use super::failure::Failure;
use crate::auth::{Auth, TOKEN_LIFE_MAX};
use crate::config::AuthConfig;
use crate::limits::Limits;
use crate::topic::Grant;

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

/// A token where there is a secret to sign with; none where there is not, as for a gateway that asks for none.
///
/// # Errors
/// When the token would live too long.
pub(super) fn sign_if_configured(
    auth: &AuthConfig,
    claims: &Claims<'_, impl AsRef<str>>,
) -> Result<Option<String>, Failure> {
    if auth.secrets.is_empty() { Ok(None) } else { sign(auth, claims).map(Some) }
}

/// The token that a person gave: as a flag, else as a variable.
pub(super) fn given(flag: Option<&str>, context: &Context) -> Option<String> {
    flag.or(context.environment.get("HOOKCAST_TOKEN")).map(str::to_owned)
}

/// A grant as clap takes it.
pub(super) fn parse_grant(text: &str) -> Result<String, String> {
    Grant::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}
