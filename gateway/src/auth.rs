//! Who may hear what: tokens, the grants in them, and what needs no token. Knows no transport and no subscription.
//! Public-key algorithms and key sets get their place beside [`Auth::verify`].

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::topic::{Grant, Pattern};

/// Furthest a token's end may lie ahead: a leaked one is worth a day at most.
pub const TOKEN_LIFE_MAX: Duration = Duration::from_hours(24);
/// The operator's own grants: everything, the gateway's own stream included.
pub const OPERATOR_GRANTS: [&str; 2] = ["**", "hookcast/**"];
/// How far clocks may differ.
const LEEWAY_SECONDS: u64 = 30;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    pub exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    pub hookcast: HookcastClaim,
}

/// Our own claim.
#[derive(Debug, Serialize, Deserialize)]
pub struct HookcastClaim {
    pub subscribe: Vec<String>,
}

/// Why a token was not taken; the peer hears only that it was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthError {
    Missing,
    TooLong,
    /// Not a token of ours: form, algorithm, signature, audience or issuer.
    Invalid(String),
    Expired,
    /// `exp` lies more than 24 h ahead.
    LivesTooLong,
    /// A grant that is none.
    BadGrant(String),
}

impl fmt::Display for AuthError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("a token is needed and none came"),
            Self::TooLong => formatter.write_str("the token is longer than 8 KiB"),
            Self::Invalid(cause) => write!(formatter, "the token is not valid here: {cause}"),
            Self::Expired => formatter.write_str("the token has expired"),
            Self::LivesTooLong => formatter.write_str("the token's `exp` is more than 24 h ahead"),
            Self::BadGrant(cause) => {
                write!(formatter, "the token's `hookcast.subscribe` holds no grant: {cause}")
            }
        }
    }
}

impl std::error::Error for AuthError {}

/// What someone may subscribe to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(Vec<Grant>);

impl Grants {
    pub fn new(grants: Vec<Grant>) -> Self {
        Self(grants)
    }

    /// Whether one grant covers the pattern. Any grant brings the boards' revisions too.
    pub fn covers(&self, asked: &Pattern) -> bool {
        let is_board = || matches!(asked.as_str().strip_prefix("hookcast/board/"), Some(rest) if !rest.contains(['/', '*']) || rest == "*");
        self.0.iter().any(|grant| grant.covers(asked)) || (!self.0.is_empty() && is_board())
    }

    /// Whether the operator's screens and changes are allowed: the grant `hookcast/**`.
    pub fn is_operator(&self) -> bool {
        Pattern::parse("hookcast/**").is_ok_and(|operators| self.covers(&operators))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Someone who was let in.
#[derive(Debug, Clone)]
pub struct Identity {
    pub subject: Option<String>,
    pub grants: Grants,
    /// Seconds since 1970; none for whoever came without a token.
    pub expires: Option<u64>,
}

/// Checks and signs tokens.
pub struct Auth {
    verifying: Vec<DecodingKey>,
    signing: Option<EncodingKey>,
    validation: Validation,
    audience: Option<String>,
    issuer: Option<String>,
    anonymous: Vec<Grant>,
    token_bytes: usize,
}

impl fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Auth").field("keys", &self.verifying.len()).finish_non_exhaustive()
    }
}

impl Auth {
    /// The first secret signs, all verify.
    pub fn new(
        secrets: &[Secret],
        audience: Option<String>,
        issuer: Option<String>,
        anonymous: Vec<Grant>,
        token_bytes: usize,
    ) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.set_required_spec_claims(&["exp"]);
        validation.validate_nbf = true;
        match &audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.required_spec_claims.insert("aud".into());
            }
            None => validation.validate_aud = false,
        }
        if let Some(issuer) = &issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".into());
        }
        Self {
            verifying: secrets.iter().map(|secret| DecodingKey::from_secret(secret.expose())).collect(),
            signing: secrets.first().map(|secret| EncodingKey::from_secret(secret.expose())),
            validation,
            audience,
            issuer,
            anonymous,
            token_bytes,
        }
    }

    /// # Errors
    /// See [`AuthError`]. The algorithm is ours, never the token's: `none` and all but HS256 are refused.
    pub fn verify(&self, token: &str) -> Result<Identity, AuthError> {
        if token.len() > self.token_bytes {
            return Err(AuthError::TooLong);
        }
        let claims = self.claims(token)?;
        if claims.exp > now_seconds() + TOKEN_LIFE_MAX.as_secs() + LEEWAY_SECONDS {
            return Err(AuthError::LivesTooLong);
        }
        let parsed = claims.hookcast.subscribe.iter().map(|grant| Grant::parse(grant));
        let mut grants =
            parsed.collect::<Result<Vec<_>, _>>().map_err(|error| AuthError::BadGrant(error.to_string()))?;
        grants.extend(self.anonymous.iter().cloned());
        Ok(Identity { subject: claims.sub, grants: Grants(grants), expires: Some(claims.exp) })
    }

    fn claims(&self, token: &str) -> Result<Claims, AuthError> {
        let mut refusal = AuthError::Invalid("this node has no key to check it with".into());
        for key in &self.verifying {
            match jsonwebtoken::decode::<Claims>(token, key, &self.validation) {
                Ok(data) => return Ok(data.claims),
                Err(error) => match error.kind() {
                    ErrorKind::ExpiredSignature => return Err(AuthError::Expired),
                    _ => refusal = AuthError::Invalid(error.to_string()),
                },
            }
        }
        Err(refusal)
    }

    /// Whoever comes without a token; none where nothing is open to all.
    pub fn anonymous(&self) -> Option<Identity> {
        let grants = Grants(self.anonymous.clone());
        (!grants.is_empty()).then_some(Identity { subject: None, grants, expires: None })
    }

    /// Whom an HTTP request comes from: its `Authorization: Bearer`, else anyone.
    ///
    /// # Errors
    /// A token that came must be valid, also where none is needed.
    pub fn authorize(&self, headers: &HeaderMap) -> Result<Identity, AuthError> {
        match bearer(headers) {
            Some(token) => self.verify(token),
            None => self.anonymous().ok_or(AuthError::Missing),
        }
    }

    /// A token for these patterns; none where there is no key to sign with.
    pub fn sign(
        &self,
        subject: Option<&str>,
        subscribe: &[impl AsRef<str>],
        life: Duration,
    ) -> Option<String> {
        let now = now_seconds();
        let claims = Claims {
            exp: now + life.min(TOKEN_LIFE_MAX).as_secs(),
            iat: Some(now),
            sub: subject.map(str::to_owned),
            aud: self.audience.clone().map(serde_json::Value::String),
            iss: self.issuer.clone(),
            hookcast: HookcastClaim {
                subscribe: subscribe.iter().map(|it| it.as_ref().to_owned()).collect(),
            },
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, self.signing.as_ref()?).ok()
    }
}

/// The token of `Authorization: Bearer`, if there is one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Seconds since 1970.
pub fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &[u8] = b"a secret that is long enough for it";

    fn auth() -> Auth {
        Auth::new(&[Secret::new(SECRET)], Some("hookcast".into()), None, Vec::new(), 8 * 1024)
    }

    fn token(header: &Header, claims: &serde_json::Value, secret: &[u8]) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn claims(exp: u64) -> serde_json::Value {
        json!({"exp": exp, "aud": "hookcast", "sub": "ann", "hookcast": {"subscribe": ["github/acme/**"]}})
    }

    #[test]
    fn a_token_that_we_signed_opens_what_it_names_and_no_more() {
        let auth = auth();
        let token = auth.sign(Some("ann"), &["github/acme/**"], Duration::from_mins(1)).unwrap();
        let identity = auth.verify(&token).unwrap();
        assert_eq!(identity.subject.as_deref(), Some("ann"));
        assert!(identity.grants.covers(&Pattern::parse("github/acme/*/push").unwrap()));
        assert!(!identity.grants.covers(&Pattern::parse("github/**").unwrap()));
        assert!(identity.grants.covers(&Pattern::parse("hookcast/board/*").unwrap()));
        assert!(!identity.grants.is_operator());
    }

    #[test]
    fn every_other_token_is_refused() {
        let auth = auth();
        let hs256 = Header::new(Algorithm::HS256);
        let now = now_seconds();
        let invalid = |token: &str| matches!(auth.verify(token), Err(AuthError::Invalid(_)));
        assert!(invalid(&token(&hs256, &claims(now + 60), b"another secret, as long as the other")));
        assert!(
            invalid(&token(&Header::new(Algorithm::HS384), &claims(now + 60), SECRET)),
            "another algorithm"
        );
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJleHAiOjk5OTk5OTk5OTl9.";
        assert!(invalid(none), "alg none");
        let mut other = claims(now + 60);
        other["aud"] = json!("someone else");
        assert!(invalid(&token(&hs256, &other, SECRET)));
        other.as_object_mut().unwrap().remove("aud");
        assert!(invalid(&token(&hs256, &other, SECRET)), "no audience at all");
        let mut endless = claims(0);
        endless.as_object_mut().unwrap().remove("exp");
        assert!(invalid(&token(&hs256, &endless, SECRET)), "no exp");
        assert_eq!(auth.verify(&token(&hs256, &claims(now - 60), SECRET)).unwrap_err(), AuthError::Expired);
        let long = auth.verify(&token(&hs256, &claims(now + 90_000), SECRET));
        assert_eq!(long.unwrap_err(), AuthError::LivesTooLong);
        assert_eq!(auth.verify(&"x".repeat(9_000)).unwrap_err(), AuthError::TooLong);
        assert!(invalid(""));
    }

    #[test]
    fn without_a_token_only_what_is_open_to_all() {
        assert!(auth().anonymous().is_none());
        let open = Auth::new(&[], None, None, vec![Grant::parse("status/**").unwrap()], 8 * 1024);
        let identity = open.authorize(&HeaderMap::new()).unwrap();
        assert!(identity.grants.covers(&Pattern::parse("status/api").unwrap()));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, "Bearer nonsense".parse().unwrap())]);
        assert!(open.authorize(&headers).is_err(), "a token that came must be valid");
    }
}
