//! All that decides who is let in, as one configuration says it: whoever holds a [`Rulebook`] judges by it alone.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, Header};
use serde_json::Value;

use super::grants::Grants;
use super::issuer::{Issuer, Settings};
use super::key::Key;
use super::keyring::Keyring;
use super::signer::{Holder, Signer};
use super::{AuthError, Bearer, Identity, LEEWAY_SECONDS, TOKEN_LIFE_MAX, now_seconds};
use crate::secret::Secret;
use crate::topic::Grant;

/// Of a link's id, which has 16.
const LINK_BYTES_MAX: usize = 64;

/// What a configuration says of it.
#[derive(Debug, Default)]
pub struct Rules {
    /// Keys of HS256; the first also signs.
    pub secrets: Vec<Secret>,
    /// Signs where there is no secret: the seed of an Ed25519 key.
    pub own_key: Option<Secret>,
    /// Whose tokens need no name of an issuer; `secrets` are added to its keys.
    pub main: Settings,
    pub issuers: Vec<Settings>,
    /// What a client without a token may subscribe to.
    pub anonymous: Vec<Grant>,
    pub token_bytes: usize,
}

/// Rules with their keys ready.
#[derive(Debug)]
pub(super) struct Rulebook {
    /// The one without a name, or with the main one, comes last.
    issuers: Vec<Issuer>,
    signer: Option<Signer>,
    signs_with_secret: bool,
    anonymous: Vec<Grant>,
    token_bytes: usize,
}

impl Rulebook {
    /// `keyring` gives the keeper of an issuer's key set.
    pub(super) fn new(rules: Rules, keyring: impl Fn(&Settings) -> Option<Arc<Keyring>>) -> Self {
        let mut main = rules.main;
        let signer = match (rules.secrets.first(), &rules.own_key) {
            (Some(secret), _) => Some(Signer::shared(secret, &main)),
            (None, Some(seed)) => Signer::own(seed),
            (None, None) => None,
        };
        let secrets = rules.secrets.iter();
        main.keys.extend(secrets.map(|it| Key::shared(None, vec![Algorithm::HS256], it.expose())));
        let own = signer.as_ref().and_then(Signer::own_issuer);
        let all = own.into_iter().chain(rules.issuers).chain([main]);
        let issuers = all.map(|settings| {
            let keyring = keyring(&settings);
            Issuer::new(settings, keyring)
        });
        Self {
            issuers: issuers.collect(),
            signer,
            signs_with_secret: !rules.secrets.is_empty(),
            anonymous: rules.anonymous,
            token_bytes: rules.token_bytes,
        }
    }

    pub(super) fn keyrings(&self) -> impl Iterator<Item = &Arc<Keyring>> {
        self.issuers.iter().filter_map(|issuer| issuer.keyring.as_ref())
    }

    pub(super) fn verify(&self, token: &str) -> Result<Identity, AuthError> {
        let (issuer, header) = self.issuer_of(token)?;
        let claims = issuer.claims(token, &header)?;
        let expires = seconds(&claims["exp"]).ok_or_else(|| AuthError::Invalid("no exp".into()))?;
        if expires > now_seconds() + TOKEN_LIFE_MAX.as_secs() + LEEWAY_SECONDS {
            return Err(AuthError::LivesTooLong);
        }
        let mut grants = issuer.grants(&claims)?;
        grants.extend(self.anonymous.iter().cloned());
        let subject = claims["sub"].as_str().map(Box::from);
        // Another issuer would show operators a connection as a link's that is none.
        let is_ours = self.signer.as_ref().is_some_and(|signer| signer.is_issuer(&issuer.settings));
        let link = claims["hookcast"]["link"].as_str();
        let link = link.filter(|id| is_ours && id.len() <= LINK_BYTES_MAX).map(Box::from);
        let bearer = (subject.is_some() || link.is_some()).then(|| Box::new(Bearer { subject, link }));
        Ok(Identity { bearer, grants: Grants::new(grants), expires: Some(expires) })
    }

    /// Who says to have signed this token; nothing of it is proved yet.
    fn issuer_of(&self, token: &str) -> Result<(&Issuer, Header), AuthError> {
        if token.len() > self.token_bytes {
            return Err(AuthError::TooLong);
        }
        let invalid = |error: jsonwebtoken::errors::Error| AuthError::Invalid(error.to_string());
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        let claims: Value = insecure_decode_claims(token).map_err(invalid)?;
        let named = claims["iss"].as_str();
        let found =
            self.issuers.iter().find(|it| it.settings.iss.is_some() && it.settings.iss.as_deref() == named);
        let issuer = found.or_else(|| self.issuers.last());
        issuer.map(|issuer| (issuer, header)).ok_or(AuthError::Missing)
    }

    /// Who keeps the key set that may hold this token's key.
    pub(super) fn keyring_of(&self, token: &str) -> Option<(Arc<Keyring>, Header)> {
        let (issuer, header) = self.issuer_of(token).ok()?;
        Some((issuer.keyring.clone()?, header))
    }

    pub(super) fn anonymous(&self) -> Option<Identity> {
        let grants = Grants::new(self.anonymous.clone());
        (!grants.is_empty()).then_some(Identity { bearer: None, grants, expires: None })
    }

    pub(super) fn sign(
        &self,
        holder: Holder<'_>,
        subscribe: &[impl AsRef<str>],
        life: Duration,
    ) -> Option<String> {
        self.signer.as_ref()?.sign(holder, subscribe, life)
    }

    pub(super) fn signs_with_secret(&self) -> bool {
        self.signs_with_secret
    }
}

/// A `NumericDate`, which may have a fraction.
fn seconds(value: &Value) -> Option<u64> {
    Duration::try_from_secs_f64(value.as_f64()?).ok().map(|since| since.as_secs())
}
