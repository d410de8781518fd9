//! One who signs tokens: whose keys, for whom, where its grants stand, and how far they may reach.

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde_json::Value;

use super::claims::ClaimReader;
use super::grants::cut;
use super::jwks::Place;
use super::key::Key;
use super::keyring::Keyring;
use super::{AuthError, LEEWAY_SECONDS};
use crate::topic::Grant;

/// Keys that one token is tried with, at most: a signature that fits none of many must not cost a node its time.
const TRIES_MAX: usize = 16;

/// An issuer as it is configured.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What its tokens' `iss` is; none: whatever no other issuer is called.
    pub iss: Option<String>,
    pub audience: Option<String>,
    pub keys: Vec<Key>,
    pub jwks: Option<Place>,
    /// What its tokens may grant at most; none: anything.
    pub ceiling: Option<Vec<Grant>>,
    pub claim: ClaimReader,
}

/// An issuer at work.
pub(super) struct Issuer {
    pub(super) settings: Settings,
    pub(super) keyring: Option<Arc<Keyring>>,
    validation: Validation,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Issuer").field(&self.settings).finish()
    }
}

impl Issuer {
    pub(super) fn new(settings: Settings, keyring: Option<Arc<Keyring>>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.set_required_spec_claims(&["exp"]);
        validation.validate_nbf = true;
        match &settings.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.required_spec_claims.insert("aud".into());
            }
            None => validation.validate_aud = false,
        }
        if let Some(iss) = &settings.iss {
            validation.set_issuer(&[iss]);
            validation.required_spec_claims.insert("iss".into());
        }
        Self { settings, keyring, validation }
    }

    /// The claims of a token that one of our keys signed with an algorithm of that key's own list.
    pub(super) fn claims(&self, token: &str, header: &Header) -> Result<Value, AuthError> {
        if header.crit.is_some() {
            return Err(AuthError::Invalid("it has critical extensions that nobody here knows".into()));
        }
        let fetched = self.keyring.as_ref().map(|keyring| keyring.keys());
        let fits = |key: &&Key| match (key.kid(), &header.kid) {
            (Some(key), Some(token)) => key == token,
            _ => true,
        };
        let keys = self.settings.keys.iter().chain(fetched.iter().flat_map(|keys| keys.iter())).filter(fits);
        let mut refusal = AuthError::Invalid("this node has no key to check it with".into());
        for key in keys.take(TRIES_MAX) {
            if !key.algorithms.contains(&header.alg) {
                refusal = AuthError::Invalid(format!("{:?} is not an algorithm of its key", header.alg));
                continue;
            }
            let validation = Validation { algorithms: key.algorithms.clone(), ..self.validation.clone() };
            match jsonwebtoken::decode::<Value>(token, &key.decoding, &validation) {
                Ok(data) => return Ok(data.claims),
                Err(error) => match error.kind() {
                    ErrorKind::ExpiredSignature => return Err(AuthError::Expired),
                    _ => refusal = AuthError::Invalid(error.to_string()),
                },
            }
        }
        Err(refusal)
    }

    /// The grants of its token, within the ceiling.
    pub(super) fn grants(&self, claims: &Value) -> Result<Vec<Grant>, AuthError> {
        let granted = self.settings.claim.read(claims)?;
        let Some(ceiling) = &self.settings.ceiling else { return Ok(granted) };
        let (kept, gone) = cut(granted, ceiling);
        if !gone.is_empty() {
            let issuer = self.settings.iss.as_deref().unwrap_or("-");
            tracing::info!(issuer, ?gone, "grants of a token are beyond its issuer's ceiling");
        }
        Ok(kept)
    }
}
