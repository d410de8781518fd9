//! `scheme = "jws"`: a compact JWS that binds the delivery by a hash of its body, of its URL, or by nothing but its sender.
//! The row says which algorithms there are; what a token says of itself only has to be among them, so `none`, or a public
//! key taken for a shared secret, cannot be.
//!
//! ```toml
//! [netlify.verify]
//! scheme = "jws"
//! algorithm = "HS256"
//! signature = { header = "X-Webhook-Signature" }
//! claims = { iss = "netlify", body-hash = "sha256", hash-encoding = "hex" }
//! ```

use std::time::{Duration, SystemTime};

use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use toml::Table;

use crate::mistake::Mistake;

use super::checks::Check;
use super::compact::Compact;
use super::delivery::Delivery;
use super::fetched::claim::No;
use super::fields::{Fields, as_table};
use super::mac::{Hash, Hasher, Hmacs};
use super::method::{ENCODINGS, HASHES};
use super::public_key::{KeyShape, PublicAlgorithm, PublicKey};
use super::qsh;
use super::signature::Encoding;
use super::time::{Age, unix_ms};
use super::verify::Reason;

/// How far two clocks may be apart.
const LEEWAY: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Hmac(Hash),
    Public(PublicAlgorithm),
}

const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("HS256", Algorithm::Hmac(Hash::Sha256)),
    ("HS384", Algorithm::Hmac(Hash::Sha384)),
    ("HS512", Algorithm::Hmac(Hash::Sha512)),
    ("RS256", Algorithm::Public(PublicAlgorithm::Rsa(Hash::Sha256))),
    ("RS384", Algorithm::Public(PublicAlgorithm::Rsa(Hash::Sha384))),
    ("RS512", Algorithm::Public(PublicAlgorithm::Rsa(Hash::Sha512))),
    ("ES256", Algorithm::Public(PublicAlgorithm::EcdsaP256(Hash::Sha256))),
    ("EdDSA", Algorithm::Public(PublicAlgorithm::Ed25519)),
];

/// What a row says of its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwsRule {
    /// Never shared and public ones together: a public key would then be a secret that everybody knows.
    pub algorithms: Vec<Algorithm>,
    iss: Option<String>,
    body_hash: Option<HashClaim>,
    url_hash: Option<HashClaim>,
    /// `iat` must be there, and no older.
    max_age: Option<Duration>,
    /// `aud` must be the URL that the sender was given.
    is_for_url: bool,
    /// Atlassian Connect's hash of method, path and query.
    has_qsh: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct HashClaim {
    name: String,
    hash: Hash,
    encoding: Encoding,
}

/// A key and the algorithm that it is for.
#[derive(Clone)]
pub enum JwsKey {
    Hmac(Box<Hmacs>),
    Public(PublicKey),
}

/// What a token is held against.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub delivery: &'a Delivery,
    pub public_url: Option<&'a str>,
    pub now: SystemTime,
}

impl JwsRule {
    /// Whether a token is for the URL that the sender was given.
    pub fn names_url(&self) -> bool {
        self.url_hash.is_some() || self.is_for_url
    }

    /// Reads `algorithm` and `claims` of a `[verify]` table.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let algorithms = fields.texts("algorithm", |text| {
            let found = ALGORITHMS.iter().find(|(word, _)| *word == text).map(|(_, algorithm)| *algorithm);
            let words: Vec<&str> = ALGORITHMS.iter().map(|(word, _)| *word).collect();
            found.ok_or_else(|| super::fields::unknown_word(text, &words))
        });
        let shared = algorithms.iter().filter(|it| matches!(it, Algorithm::Hmac(_))).count();
        if fields.get("algorithm").is_none() {
            let mend = "write such as algorithm = \"HS256\"; a token may not choose by itself";
            fields.mistake("algorithm", Mistake::new("nothing says how the tokens are signed", mend));
        } else if shared != 0 && shared != algorithms.len() {
            let mend = "write HS algorithms alone, or public ones alone";
            let what = "a key cannot be a shared secret and a public key at once";
            fields.mistake("algorithm", Mistake::new(what, mend));
        }
        let plain = Self {
            algorithms,
            iss: None,
            body_hash: None,
            url_hash: None,
            max_age: None,
            is_for_url: false,
            has_qsh: false,
        };
        let claims = fields.each("claims", |value| read_claims(as_table(value)?, &plain));
        claims.into_iter().next().unwrap_or(plain)
    }

    pub fn covers_body(&self) -> bool {
        self.body_hash.is_some()
    }

    pub fn keys(&self, shape: KeyShape, key: &[u8]) -> Result<Vec<JwsKey>, Mistake> {
        let read = |algorithm: &Algorithm| match algorithm {
            Algorithm::Hmac(hash) => Ok(JwsKey::Hmac(Box::new(Hmacs::new(*hash, key)))),
            Algorithm::Public(algorithm) => PublicKey::read(*algorithm, shape, key).map(JwsKey::Public),
        };
        let all: Vec<_> = self.algorithms.iter().map(read).collect();
        // A row with several kinds takes any one of them: a key is of one.
        let (good, bad): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
        match bad.into_iter().find_map(Result::err) {
            Some(mistake) if good.is_empty() => Err(mistake),
            _ => Ok(good.into_iter().flatten().collect()),
        }
    }

    /// What was signed in a token that holds: not its signature, which can be written in two ways where it is ECDSA's. Of
    /// several that do not hold, why the last does not.
    pub fn prove(&self, keys: &[JwsKey], tokens: &[Vec<u8>], request: Request<'_>) -> Result<Vec<u8>, No> {
        let mut held = Err(No::malformed("this is no compact JWS"));
        for token in tokens {
            let token = std::str::from_utf8(token).ok().and_then(Compact::parse_any);
            if let Some(token) = token {
                let verdict = self.signed(keys, &token).and_then(|()| self.claims(&token, request));
                held = held.or(verdict.map(|()| token.signed.to_vec()));
            }
        }
        held
    }

    fn signed(&self, keys: &[JwsKey], token: &Compact<'_>) -> Result<(), No> {
        let named = token.header("alg").unwrap_or_default();
        let algorithm = ALGORITHMS.iter().find(|(word, _)| *word == named).map(|(_, algorithm)| *algorithm);
        let algorithm = algorithm
            .filter(|algorithm| self.algorithms.contains(algorithm))
            .ok_or(No::malformed("the token's algorithm is none of the row's"))?;
        if token.is_critical() {
            return Err(No::malformed("the token asks for what we do not know (`crit`)"));
        }
        let mut fits = false;
        for key in keys.iter().filter(|key| key.algorithm() == algorithm) {
            fits |= key.verifies(token.signed, &token.signature);
        }
        if fits { Ok(()) } else { Err(No::mismatch("the token's signature fits no secret")) }
    }

    fn claims(&self, token: &Compact<'_>, request: Request<'_>) -> Result<(), No> {
        let now = unix_ms(request.now);
        let leeway = i64::try_from(LEEWAY.as_millis()).unwrap_or(i64::MAX);
        let age = |ms: i64| ms.unsigned_abs() / 1_000;
        let late = |why, by: i64| No {
            reason: Reason::Stale,
            check: Check::Time,
            age: Some(Age::Stale { seconds: age(by) }),
            why,
        };
        let early = |why, by: i64| No {
            reason: Reason::Future,
            check: Check::Time,
            age: Some(Age::Future { seconds: age(by) }),
            why,
        };
        if self.iss.is_some() && token.text("iss") != self.iss {
            return Err(No::mismatch("another issuer signed it"));
        }
        self.hashes(token, request)?;
        if let Some(expires) = token.moment("exp")?
            && now > expires.saturating_add(leeway)
        {
            return Err(late("the token has expired", now.saturating_sub(expires)));
        }
        if let Some(begins) = token.moment("nbf")?
            && now < begins.saturating_sub(leeway)
        {
            return Err(early("the token is not good yet", begins.saturating_sub(now)));
        }
        let issued = token.moment("iat")?;
        if let Some(issued) = issued.filter(|issued| *issued > now.saturating_add(leeway)) {
            return Err(early("the token comes from the future", issued.saturating_sub(now)));
        }
        let Some(max_age) = self.max_age else { return Ok(()) };
        let oldest = now.saturating_sub(i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX));
        match issued {
            None => Err(No { check: Check::Time, ..No::missing("the token does not say when it was made") }),
            Some(issued) if issued < oldest => Err(late("", now.saturating_sub(issued))),
            Some(_) => Ok(()),
        }
    }

    fn hashes(&self, token: &Compact<'_>, request: Request<'_>) -> Result<(), No> {
        let delivery = request.delivery;
        if let Some(claim) = &self.body_hash {
            let given = token.text(&claim.name);
            // MessageBird leaves the hash of nothing out.
            let is_left_out = given.is_none() && delivery.body.is_empty();
            if !is_left_out && !claim.fits(given, &delivery.body) {
                return Err(No::mismatch("the token was made for another body"));
            }
        }
        if let Some(claim) = &self.url_hash {
            let url = request.public_url.map(|base| delivery.url(base)).unwrap_or_default();
            if !claim.fits(token.text(&claim.name), url.as_bytes()) {
                return Err(No::mismatch("the token was made for another URL than public_url and this path"));
            }
        }
        if self.is_for_url {
            let here = request.public_url.map(|base| delivery.url(base)).unwrap_or_default();
            let plain =
                |text: &str| text.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
            // Neither is a secret. A query in it is not the same everywhere.
            if !token.text("aud").is_some_and(|aud| !here.is_empty() && plain(&aud) == plain(&here)) {
                return Err(No::mismatch("the token was made for another URL than public_url and this path"));
            }
        }
        if self.has_qsh && !token.text("qsh").is_some_and(|given| qsh::fits(&given, delivery)) {
            return Err(No::mismatch("the token was made for another request"));
        }
        Ok(())
    }

    /// A token that this rule takes, if one of the keys can sign.
    pub fn sign(&self, keys: &[JwsKey], payload: Option<&[u8]>, request: Request<'_>) -> Option<String> {
        let key = keys.iter().find(|key| key.can_sign())?;
        let (name, _) = ALGORITHMS.iter().find(|(_, algorithm)| *algorithm == key.algorithm())?;
        let mut claims = serde_json::Map::new();
        if let Some(iss) = &self.iss {
            claims.insert("iss".into(), json!(iss));
        }
        if self.max_age.is_some() {
            claims.insert("iat".into(), json!(unix_ms(request.now) / 1_000));
        }
        if let Some(claim) = &self.body_hash {
            claims.insert(claim.name.clone(), json!(claim.write(&request.delivery.body)));
        }
        if let Some(claim) = &self.url_hash {
            claims.insert(
                claim.name.clone(),
                json!(claim.write(request.delivery.url(request.public_url?).as_bytes())),
            );
        }
        if self.is_for_url {
            claims.insert("aud".into(), json!(request.delivery.url(request.public_url?)));
        }
        if self.has_qsh {
            claims.insert("qsh".into(), json!(qsh::of(request.delivery)));
        }
        let claims = serde_json::Value::Object(claims).to_string();
        let head = json!({ "alg": name, "typ": "JWT" }).to_string();
        let encode = |bytes: &[u8]| Encoding::Base64Url.encode(bytes);
        let signed = format!("{}.{}", encode(head.as_bytes()), encode(payload.unwrap_or(claims.as_bytes())));
        let signature = key.sign(signed.as_bytes())?;
        Some(format!("{signed}.{}", encode(&signature)))
    }
}

fn read_claims(table: &Table, plain: &JwsRule) -> Result<JwsRule, Vec<Mistake>> {
    let mut fields = Fields::new(table);
    let hash = fields.choice("hash-algorithm", HASHES).unwrap_or(Hash::Sha256);
    let encoding = fields.choice("hash-encoding", ENCODINGS).unwrap_or(Encoding::Hex);
    let claim = |name: &str| HashClaim { name: name.to_owned(), hash, encoding };
    let rule = JwsRule {
        iss: fields.string("iss").map(str::to_owned),
        body_hash: fields.string("body-hash").map(claim),
        url_hash: fields.string("url-hash").map(claim),
        max_age: fields.duration("max-age"),
        is_for_url: fields.choice("aud", &[("url", ())]).is_some(),
        has_qsh: fields.boolean("qsh").unwrap_or(false),
        ..plain.clone()
    };
    let mistakes = fields.finish();
    if mistakes.is_empty() { Ok(rule) } else { Err(mistakes) }
}

impl HashClaim {
    fn fits(&self, given: Option<String>, bytes: &[u8]) -> bool {
        let Some(given) = given.and_then(|given| self.encoding.decode(&given)) else { return false };
        // Both sides are hashed again, so that a comparison tells nothing of their length.
        let expected = Hasher::of(self.hash, bytes);
        Sha256::digest(given).ct_eq(&Sha256::digest(expected.as_bytes())).into()
    }

    fn write(&self, bytes: &[u8]) -> String {
        self.encoding.encode(Hasher::of(self.hash, bytes).as_bytes())
    }
}

impl JwsKey {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Hmac(mac) => Algorithm::Hmac(mac.hash()),
            Self::Public(key) => Algorithm::Public(key.algorithm()),
        }
    }

    fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(mac) => {
                let mut mac = mac.clone();
                mac.update(signed);
                mac.finish().as_bytes().ct_eq(signature).into()
            }
            Self::Public(key) => {
                let mut message = key.message();
                message.update(signed);
                key.verifies_fixed(&message.finish(), signature)
            }
        }
    }

    fn can_sign(&self) -> bool {
        match self {
            Self::Hmac(_) => true,
            Self::Public(key) => key.can_sign(),
        }
    }

    fn sign(&self, signed: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hmac(mac) => {
                let mut mac = mac.clone();
                mac.update(signed);
                Some(mac.finish().as_bytes().to_vec())
            }
            Self::Public(key) => {
                let mut message = key.message();
                message.update(signed);
                key.sign_fixed(&message.finish())
            }
        }
    }
}
