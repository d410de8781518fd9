//! Who may hear what: tokens, the grants in them, and what needs no token. Knows no transport and no subscription.

pub mod claims;
pub mod issuer;
pub mod jwks;
pub mod key;
pub mod keyring;

mod grants;
pub mod signer;

pub mod rulebook;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use self::grants::Grants;
use self::issuer::Settings;
use self::keyring::Keyring;
use self::rulebook::{Rulebook, Rules};
use self::signer::Holder;
use crate::current::Current;
use crate::secret::Secret;
use crate::topic::Grant;

/// Furthest a token's end may lie ahead: a leaked one is worth a day at most.
pub const TOKEN_LIFE_MAX: Duration = Duration::from_hours(24);
/// The operator's own grants: everything, the gateway's own stream included.
pub const OPERATOR_GRANTS: [&str; 2] = ["**", "hookcast/**"];
/// How far clocks may differ.
const LEEWAY_SECONDS: u64 = 30;

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
                write!(formatter, "the token holds no grant at {cause}")
            }
        }
    }
}

impl std::error::Error for AuthError {}

/// Someone who was let in.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Apart, for every connection carries this, and most of them need no more than a pointer.
    pub bearer: Option<Box<Bearer>>,
    pub grants: Grants,
    /// Seconds since 1970; none for whoever came without a token.
    pub expires: Option<u64>,
}

/// What a token calls whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub subject: Option<Box<str>>,
    /// The id of the viewer's link that the token came of.
    pub link: Option<Box<str>>,
}

impl Identity {
    pub fn subject(&self) -> Option<&str> {
        self.bearer.as_ref()?.subject.as_deref()
    }

    pub fn link(&self) -> Option<&str> {
        self.bearer.as_ref()?.link.as_deref()
    }
}

/// Checks and signs tokens. What decides is a [`Rulebook`], which a reload replaces; who was let in before stays in.
#[derive(Debug)]
pub struct Auth {
    book: Current<Rulebook>,
}

impl Auth {
    /// A gateway that knows secrets alone. The first secret signs, all verify.
    pub fn new(
        secrets: &[Secret],
        audience: Option<String>,
        issuer: Option<String>,
        anonymous: Vec<Grant>,
        token_bytes: usize,
    ) -> Self {
        let main = Settings { iss: issuer, audience, ..Settings::default() };
        let rules = Rules { secrets: secrets.to_vec(), main, anonymous, token_bytes, ..Rules::default() };
        Self::of_rules(rules, |_| None)
    }

    /// `keyring` makes the keeper of an issuer's key set; [`Auth::tend`] runs them.
    pub fn of_rules(rules: Rules, keyring: impl Fn(&Settings) -> Option<Keyring>) -> Self {
        Self { book: Current::new(Rulebook::new(rules, |settings| keyring(settings).map(Arc::new))) }
    }

    /// Takes other rules from now on. A key set that both know is not asked for again.
    pub fn replace(&self, rules: Rules, keyring: impl Fn(&Settings) -> Option<Keyring>) {
        let before = self.book.get();
        let known = |settings: &Settings| {
            let place = settings.jwks.as_ref()?;
            before.keyrings().find(|known| known.place() == place).cloned()
        };
        let keeper = |settings: &Settings| known(settings).or_else(|| keyring(settings).map(Arc::new));
        self.book.replace(Rulebook::new(rules, keeper));
    }

    /// # Errors
    /// See [`AuthError`]. Keys and their algorithms are ours, never the token's choice. Never waits: [`Auth::learn`] does.
    pub fn verify(&self, token: &str) -> Result<Identity, AuthError> {
        self.book.get().verify(token)
    }

    /// Waits, but not for long, for the key of this token where its issuer's set does not have it and may be fetched now.
    pub async fn learn(&self, token: &str) {
        let found = self.book.get().keyring_of(token);
        if let Some((keyring, header)) = found {
            keyring.learn(header.kid.as_deref()).await;
        }
    }

    /// Whether [`Auth::learn`] may have something to wait for.
    pub fn must_learn(&self, token: &str) -> bool {
        self.book
            .get()
            .keyring_of(token)
            .is_some_and(|(keyring, header)| keyring.lacks(header.kid.as_deref()))
    }

    /// Keeps all key sets fresh until told to stop, those of later rules too.
    pub async fn tend(self: Arc<Self>, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let mut book = self.book.follow();
        let mut tended: Vec<(Arc<Keyring>, DropGuard)> = Vec::new();
        loop {
            let wanted: Vec<_> = book.borrow_and_update().keyrings().cloned().collect();
            // Whose guard is dropped ends.
            tended.retain(|(keyring, _)| wanted.iter().any(|it| Arc::ptr_eq(it, keyring)));
            for keyring in wanted {
                if !tended.iter().any(|(it, _)| Arc::ptr_eq(it, &keyring)) {
                    let gone = stop.child_token();
                    tended.push((keyring.clone(), gone.clone().drop_guard()));
                    tasks.spawn(async move { keyring.tend(gone).await });
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                changed = book.changed() => if changed.is_err() { break },
            }
        }
        drop(tended);
        tasks.close();
        tasks.wait().await;
    }

    /// Whoever comes without a token; none where nothing is open to all.
    pub fn anonymous(&self) -> Option<Identity> {
        self.book.get().anonymous()
    }

    /// Whom an HTTP request comes from: its `Authorization: Bearer`, else anyone.
    ///
    /// # Errors
    /// A token that came must be valid, also where none is needed.
    pub async fn authorize(&self, headers: &HeaderMap) -> Result<Identity, AuthError> {
        self.admit(bearer(headers)).await
    }

    /// Whom this token is of; whoever has none is anyone.
    ///
    /// # Errors
    /// As [`Auth::authorize`].
    pub async fn admit(&self, token: Option<&str>) -> Result<Identity, AuthError> {
        match token {
            Some(token) => {
                self.learn(token).await;
                self.verify(token)
            }
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
        self.book.get().sign(Holder::Subject(subject), subscribe, life)
    }

    /// A token for whoever has this link; none where there is no key to sign with.
    pub fn sign_link(&self, id: &str, subscribe: &[impl AsRef<str>], life: Duration) -> Option<String> {
        self.book.get().sign(Holder::Link(id), subscribe, life)
    }

    /// Whether the key that signs is one that the operator gave to all nodes.
    pub fn signs_with_secret(&self) -> bool {
        self.book.get().signs_with_secret()
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
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    use crate::topic::Pattern;

    const SECRET: &[u8] = b"a secret that is long enough for it";

    fn auth() -> Auth {
        Auth::new(&[Secret::new(SECRET)], Some("hookcast".into()), None, Vec::new(), 8 * 1024)
    }

    fn token(header: &Header, claims: &Value, secret: &[u8]) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn claims(exp: u64) -> Value {
        json!({"exp": exp, "aud": "hookcast", "sub": "ann", "hookcast": {"subscribe": ["github/acme/**"]}})
    }

    #[test]
    fn a_token_that_we_signed_opens_what_it_names_and_no_more() {
        let auth = auth();
        let token = auth.sign(Some("ann"), &["github/acme/**"], Duration::from_mins(1)).unwrap();
        let identity = auth.verify(&token).unwrap();
        assert_eq!(identity.subject(), Some("ann"));
        assert!(identity.grants.covers(&Pattern::parse("github/acme/*/push").unwrap()));
        assert!(!identity.grants.covers(&Pattern::parse("github/**").unwrap()));
        assert!(identity.grants.covers(&Pattern::parse("hookcast/board/*").unwrap()));
        assert!(!identity.grants.is_operator());
    }

    #[test]
    fn a_link_is_told_of_by_tokens_that_we_signed_alone() {
        let ours = auth();
        let token_of = |auth: &Auth| auth.sign_link("0123456789abcdef", &["a/**"], Duration::from_mins(1));
        let identity = ours.verify(&token_of(&ours).unwrap()).unwrap();
        assert_eq!((identity.link(), identity.subject()), (Some("0123456789abcdef"), None));
        let theirs = b"the secret of another issuer of ours";
        let keys = vec![key::Key::shared(None, vec![Algorithm::HS256], theirs)];
        let them = Settings { iss: Some("them".into()), keys, ..Settings::default() };
        let rules = Rules {
            secrets: vec![Secret::new(SECRET)],
            issuers: vec![them],
            token_bytes: 8 * 1024,
            ..Rules::default()
        };
        let mut told = json!({"exp": now_seconds() + 60, "iss": "them", "hookcast": {"subscribe": ["a/**"], "link": "0123456789abcdef"}});
        let both = Auth::of_rules(rules, |_| None);
        let link_of = |told: &Value, secret: &[u8]| {
            let identity = both.verify(&token(&Header::new(Algorithm::HS256), told, secret)).unwrap();
            identity.link().map(str::to_owned)
        };
        assert_eq!(link_of(&told, theirs), None, "another issuer's word");
        told.as_object_mut().unwrap().remove("iss");
        assert!(link_of(&told, SECRET).is_some());
        let long = ours.sign_link(&"x".repeat(65), &["a/**"], Duration::from_mins(1)).unwrap();
        assert_eq!(ours.verify(&long).unwrap().link(), None);
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

    #[tokio::test]
    async fn without_a_token_only_what_is_open_to_all() {
        assert!(auth().anonymous().is_none());
        let open = Auth::new(&[], None, None, vec![Grant::parse("status/**").unwrap()], 8 * 1024);
        let identity = open.authorize(&HeaderMap::new()).await.unwrap();
        assert!(identity.grants.covers(&Pattern::parse("status/api").unwrap()));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, "Bearer nonsense".parse().unwrap())]);
        assert!(open.authorize(&headers).await.is_err(), "a token that came must be valid");
    }
}
