//! Signs our own tokens: with the operator's first secret, else with an Ed25519 key of our own under a name of our own, so
//! that no shared secret ever stands beside public keys.

use std::fmt;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::issuer::Settings;
use super::key::Key;
use super::{TOKEN_LIFE_MAX, now_seconds};
use crate::secret::Secret;

/// The `iss` of tokens under our own key; nobody else may be called so.
pub const OWN_ISSUER: &str = "hookcast";
/// What comes before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410 §7).
const PKCS8_HEAD: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/// Signs.
pub(super) struct Signer {
    key: EncodingKey,
    header: Header,
    audience: Option<String>,
    issuer: Option<String>,
    /// Checks what was signed, where no configured key does.
    own: Option<Key>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Signer").field("header", &self.header).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    hookcast: HookcastClaim<'a>,
}

#[derive(Serialize)]
struct HookcastClaim<'a> {
    subscribe: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder<'a> {
    Subject(Option<&'a str>),
    /// Whoever has the link of this id.
    Link(&'a str),
}

impl Signer {
    pub(super) fn shared(secret: &Secret, main: &Settings) -> Self {
        Self {
            key: EncodingKey::from_secret(secret.expose()),
            header: Header::new(Algorithm::HS256),
            audience: main.audience.clone(),
            issuer: main.iss.clone(),
            own: None,
        }
    }

    /// None where the seed is not 32 bytes.
    pub(super) fn own(seed: &Secret) -> Option<Self> {
        let seed: [u8; 32] = seed.expose().try_into().ok()?;
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        // The public key's own first bytes: another key has another name.
        let kid = format!("hookcast-{}", hex::encode(&public[..4]));
        let key = EncodingKey::from_ed_der(&[&PKCS8_HEAD[..], &seed].concat());
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let own = Some(Key::of_ed25519(kid, &public));
        Some(Self { key, header, audience: None, issuer: Some(OWN_ISSUER.into()), own })
    }

    /// The issuer that we are ourselves, where no configured one is.
    pub(super) fn own_issuer(&self) -> Option<Settings> {
        let keys = vec![self.own.clone()?];
        Some(Settings { iss: self.issuer.clone(), keys, ..Settings::default() })
    }

    /// Whether tokens of this issuer are those that are signed here.
    pub(super) fn is_issuer(&self, settings: &Settings) -> bool {
        settings.iss == self.issuer
    }

    pub(super) fn sign(
        &self,
        holder: Holder<'_>,
        subscribe: &[impl AsRef<str>],
        life: Duration,
    ) -> Option<String> {
        let now = now_seconds();
        let (subject, link) = match holder {
            Holder::Subject(subject) => (subject, None),
            Holder::Link(id) => (None, Some(id)),
        };
        let claims = Claims {
            exp: now + life.min(TOKEN_LIFE_MAX).as_secs(),
            iat: now,
            sub: subject,
            aud: self.audience.as_deref(),
            iss: self.issuer.as_deref(),
            hookcast: HookcastClaim { subscribe: subscribe.iter().map(AsRef::as_ref).collect(), link },
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).ok()
    }
}
