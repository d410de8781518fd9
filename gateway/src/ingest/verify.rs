//! The verdict: a [`Delivery`] that nobody has checked goes in, a [`Verified`] one or a [`Refusal`] comes out. Nothing but
//! this file can make a [`Verified`], and only that can be published, so an unchecked delivery does not compile:
//!
//! ```compile_fail,E0451
//! use hookcast::ingest::verify::{Proof, Verified};
//! fn forge(delivery: hookcast::ingest::delivery::Delivery, proof: Proof) -> Verified {
//!     Verified { delivery, proof } // the fields are private
//! }
//! ```
//! ```compile_fail,E0308
//! use hookcast::ingest::{delivery::Delivery, publish, source::Source};
//! fn publish_unchecked(source: &Source, delivery: Delivery) {
//!     let _ = publish::events(source, &delivery, 1_000); // a `Delivery` is no `Verified`
//! }
//! ```

use std::fmt;
use std::time::SystemTime;

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::mistake::{Mistake, Step};
use crate::secret::Secret;

use super::checks::Check;
use super::delivery::Delivery;
use super::fetched::claim::Evidence;
use super::mac::Hmacs;
use super::method::{MethodRule, Scheme};
use super::signature::Candidates;
use super::template::{Absent, Part, Reading};
use super::time::Age;

/// Most secrets of a source: each is tried against each candidate.
pub const SECRETS_MAX: usize = 4;

/// A delivery that was proven genuine, or that the operator said needs no proof.
#[derive(Debug)]
pub struct Verified {
    delivery: Delivery,
    proof: Proof,
}

impl Verified {
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    pub fn proof(&self) -> &Proof {
        &self.proof
    }
}

/// What the proof covers, and the signature that fitted (empty where there is none).
#[derive(Debug, Clone)]
pub struct Proof {
    pub signature: Vec<u8>,
    pub covers_body: bool,
    /// The place of the method that proved it, among the verifier's.
    pub(super) method: usize,
}

/// Why a delivery is refused. Outside it is one 401; inside each has its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No signature, timestamp or signed header.
    Missing,
    /// Something stands where the signature or timestamp does, but is none.
    Malformed,
    /// The body lacks what the signature is made of.
    WrongContent,
    /// No signature fits any secret.
    Mismatch,
    /// Genuine, but sent too long ago.
    Stale,
    /// Genuine, but sent ahead of our clock.
    Future,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::WrongContent => "wrong_content",
            Self::Mismatch => "mismatch",
            Self::Stale => "stale",
            Self::Future => "future",
        }
    }
}

/// What operators are told of a refused delivery; holds nothing of its payload or of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    /// The check that it failed.
    pub check: Check,
    /// How far the timestamp was from now, where there was one.
    pub age: Option<Age>,
    /// The template of the signed bytes, as the row spells it.
    pub signed: String,
    pub signed_bytes: usize,
    /// In a sentence, where the rest does not say it.
    pub why: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (signed, bytes) = (&self.signed, self.signed_bytes);
        write!(formatter, "{}, signed: {signed} ({bytes} bytes)", self.reason.as_str())?;
        match self.age {
            Some(Age::Stale { seconds }) => write!(formatter, ", sent {seconds} s ago"),
            Some(Age::Future { seconds }) => write!(formatter, ", sent {seconds} s ahead of this clock"),
            Some(Age::Near) | None => Ok(()),
        }?;
        if self.why.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.why) }
    }
}

/// The methods of a source with their keys ready.
#[derive(Debug, Clone)]
pub struct Verifier {
    methods: Vec<Method>,
}

#[derive(Debug, Clone)]
pub struct Method {
    pub rule: MethodRule,
    pub keys: Keys,
}

#[derive(Clone)]
pub enum Keys {
    Hmac(Vec<Hmacs>),
    Ed25519(Vec<(VerifyingKey, Option<SigningKey>)>),
    /// The tokens, and their SHA-256: digests are compared, so that length tells nothing.
    Token(Vec<(Secret, [u8; 32])>),
    /// What a vendor whose key is fetched is verified with.
    Fetched(Vec<Secret>),
    None,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(…)")
    }
}

impl Verifier {
    /// Prepares every key; what cannot be one is a mistake at its index. Methods that no secret is meant for are left out.
    pub fn new(rules: &[MethodRule], secrets: &[Secret]) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut methods = Vec::new();
        for rule in rules {
            match method(rule, secrets) {
                Ok(Some(method)) => methods.push(method),
                Ok(None) => {}
                Err(found) => mistakes.extend(found),
            }
        }
        for (index, secret) in secrets.iter().enumerate() {
            if !rules.iter().any(|rule| rule.key.takes(secret)) {
                let mistake = Mistake::new(
                    "this provider has no use for a secret that begins like this one",
                    "copy the secret again from the provider's page",
                );
                mistakes.push(mistake.at_index(index));
            }
        }
        // Two methods may stumble over the same secret; once is enough.
        mistakes.dedup_by(|one, other| matches!((one.at.first(), other.at.first()), (Some(Step::Index(one)), Some(Step::Index(other))) if one == other));
        if mistakes.is_empty() { Ok(Self { methods }) } else { Err(mistakes) }
    }

    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// Whether the signature that proved this delivery covers a part of it.
    pub fn covers(&self, proof: &Proof, part: &Part) -> bool {
        self.methods.get(proof.method).is_some_and(|method| method.rule.covers(part))
    }

    /// Tries every method; of several refusals the one that came furthest is told.
    pub fn verify(
        &self,
        mut delivery: Delivery,
        public_url: Option<&str>,
        now: SystemTime,
    ) -> Result<Verified, Refusal> {
        let mut worst: Option<Refusal> = None;
        for (index, method) in self.methods.iter().enumerate() {
            match method.attempt(&delivery, public_url, now) {
                Ok(signature) => {
                    let proof =
                        Proof { signature, covers_body: method.rule.covers(&Part::Body), method: index };
                    delivery.open();
                    return Ok(Verified { delivery, proof });
                }
                Err(refusal) if worst.as_ref().is_none_or(|worst| refusal.reason > worst.reason) => {
                    worst = Some(refusal);
                }
                Err(_) => {}
            }
        }
        let nothing = || Refusal {
            reason: Reason::Missing,
            check: Check::Header,
            age: None,
            signed: String::new(),
            signed_bytes: 0,
            why: "",
        };
        Err(worst.unwrap_or_else(nothing))
    }
}

fn method(rule: &MethodRule, secrets: &[Secret]) -> Result<Option<Method>, Vec<Mistake>> {
    if rule.scheme == Scheme::None {
        return Ok(Some(Method { rule: rule.clone(), keys: Keys::None }));
    }
    let mut mistakes = Vec::new();
    let mut keys = Vec::new();
    for (index, secret) in secrets.iter().enumerate().filter(|(_, secret)| rule.key.takes(secret)) {
        match rule.key.key(secret) {
            Ok(key) => keys.push((index, key)),
            Err(mistake) => mistakes.push(mistake.at_index(index)),
        }
    }
    let prepared = match rule.scheme {
        Scheme::Hmac(hash) => Keys::Hmac(keys.iter().map(|(_, key)| Hmacs::new(hash, key)).collect()),
        Scheme::Token => {
            let token = |(_, key): &(usize, Vec<u8>)| (Secret::new(key.clone()), Sha256::digest(key).into());
            Keys::Token(keys.iter().map(token).collect())
        }
        Scheme::Ed25519 => {
            let mut pairs = Vec::new();
            for (index, key) in &keys {
                match ed25519_key(key) {
                    Ok(pair) => pairs.push(pair),
                    Err(mistake) => mistakes.push(mistake.at_index(*index)),
                }
            }
            Keys::Ed25519(pairs)
        }
        Scheme::Fetched => {
            for (index, key) in &keys {
                let checked = rule.fetched.as_ref().map(|rule| rule.check_secret(&Secret::new(key.clone())));
                if let Some(Err(mistake)) = checked {
                    mistakes.push(mistake.at_index(*index));
                }
            }
            Keys::Fetched(keys.iter().map(|(_, key)| Secret::new(key.clone())).collect())
        }
        Scheme::None => Keys::None,
    };
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok((!keys.is_empty()).then(|| Method { rule: rule.clone(), keys: prepared }))
}

/// 32 bytes are a public key. 64 are a private key and its public one: these sign too, which `send` and the demo need.
fn ed25519_key(key: &[u8]) -> Result<(VerifyingKey, Option<SigningKey>), Mistake> {
    let wrong = |what: &str| Mistake::new(what, "copy the public key again from the provider's page");
    if let Ok(pair) = <&[u8; 64]>::try_from(key) {
        let signing = SigningKey::from_keypair_bytes(pair)
            .map_err(|_| wrong("the two halves of this Ed25519 key pair do not belong together"))?;
        return Ok((signing.verifying_key(), Some(signing)));
    }
    let public = <&[u8; 32]>::try_from(key).map_err(|_| wrong("an Ed25519 public key has 32 bytes"))?;
    let verifying =
        VerifyingKey::from_bytes(public).map_err(|_| wrong("these bytes are no Ed25519 public key"))?;
    Ok((verifying, None))
}

impl Method {
    /// The signature that fitted, or why none did.
    fn attempt(
        &self,
        delivery: &Delivery,
        public_url: Option<&str>,
        now: SystemTime,
    ) -> Result<Vec<u8>, Refusal> {
        if matches!(self.keys, Keys::None) {
            return Ok(Vec::new());
        }
        if let (Some(rule), Keys::Fetched(configured)) = (&self.rule.fetched, &self.keys) {
            let evidence = Evidence { delivery, configured, public_url, now };
            return rule.prove(&evidence, delivery.found()).map_err(Refusal::from);
        }
        let mut candidates = Candidates::default();
        for rule in &self.rule.signatures {
            rule.collect(delivery, &mut candidates);
        }
        if candidates.decoded.is_empty() {
            let reason = if candidates.is_present { Reason::Malformed } else { Reason::Missing };
            return Err(self.refusal(reason, Check::Header, None, 0));
        }
        let reading = Reading { labels: Some(&candidates.labels), public_url, ..Reading::of(delivery) };
        let (timestamp, age) = self.timestamp(&reading, now)?;
        let reading = Reading { timestamp: timestamp.as_deref(), ..reading };
        let (fitted, signed_bytes) = self.compare(&reading, &candidates).map_err(|absent| {
            let reason = if absent.is_of_body { Reason::WrongContent } else { Reason::Missing };
            self.refusal(reason, Check::Signature, age, 0)
        })?;
        match (fitted, age) {
            (None, _) => Err(self.refusal(Reason::Mismatch, Check::Signature, age, signed_bytes)),
            (_, Some(Age::Stale { .. })) => Err(self.refusal(Reason::Stale, Check::Time, age, signed_bytes)),
            (_, Some(Age::Future { .. })) => {
                Err(self.refusal(Reason::Future, Check::Time, age, signed_bytes))
            }
            (Some(index), _) => Ok(candidates.decoded.swap_remove(index)),
        }
    }

    fn refusal(&self, reason: Reason, check: Check, age: Option<Age>, signed_bytes: usize) -> Refusal {
        Refusal { reason, check, age, signed: self.rule.message.as_str().to_owned(), signed_bytes, why: "" }
    }

    fn timestamp(
        &self,
        reading: &Reading<'_>,
        now: SystemTime,
    ) -> Result<(Option<String>, Option<Age>), Refusal> {
        let Some(rule) = &self.rule.time else { return Ok((None, None)) };
        let text =
            reading.text(&rule.from).ok_or_else(|| self.refusal(Reason::Missing, Check::Time, None, 0))?;
        let sent =
            rule.form.parse(&text).ok_or_else(|| self.refusal(Reason::Malformed, Check::Time, None, 0))?;
        Ok((Some(text), Some(rule.age(sent, now))))
    }

    /// Tries every candidate against every key, whether or not one fitted before. Gives the index of one that fits and how
    /// many bytes were signed.
    fn compare(
        &self,
        reading: &Reading<'_>,
        candidates: &Candidates,
    ) -> Result<(Option<usize>, usize), Absent> {
        let mut signed_bytes = 0;
        let mut fitted = None;
        let mut note = |fits: bool, index: usize| {
            if fits {
                fitted = Some(index);
            }
        };
        let decoded = candidates.decoded.iter().enumerate();
        match &self.keys {
            Keys::Hmac(keys) => {
                let mut macs = keys.clone();
                self.rule.message.feed(reading, |run| {
                    signed_bytes += run.len();
                    for mac in &mut macs {
                        mac.update(run);
                    }
                })?;
                let digests: Vec<_> = macs.into_iter().map(Hmacs::finish).collect();
                for (index, candidate) in decoded {
                    for digest in &digests {
                        note(digest.as_bytes().ct_eq(candidate).into(), index);
                    }
                }
            }
            Keys::Ed25519(keys) => {
                let mut message = Vec::new();
                self.rule.message.feed(reading, |run| message.extend_from_slice(run))?;
                signed_bytes = message.len();
                for (index, candidate) in decoded {
                    let Ok(signature) = Signature::from_slice(candidate) else { continue };
                    for (key, _) in keys {
                        note(key.verify_strict(&message, &signature).is_ok(), index);
                    }
                }
            }
            Keys::Token(tokens) => {
                for (index, candidate) in decoded {
                    let digest: [u8; 32] = Sha256::digest(candidate).into();
                    for (_, token) in tokens {
                        note(digest.ct_eq(token).into(), index);
                    }
                }
            }
            Keys::Fetched(_) | Keys::None => {}
        }
        Ok((fitted, signed_bytes))
    }
}
