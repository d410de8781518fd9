//! The verdict: a [`Delivery`] that nobody has checked goes in, a [`Verified`] one or a [`Refusal`] comes out. Nothing but
//! this file can make a [`Verified`], and only that can be published, so an unchecked delivery does not compile:
//!
//! ```compile_fail,E0451
//! use hookcast::ingest::verify::{Proof, Verified};
//! fn forge(delivery: Box<hookcast::ingest::delivery::Delivery>, proof: Proof) -> Verified {
//!     Verified { delivery, proof } // the fields are private
//! }
//! ```
//! ```compile_fail,E0308
//! use hookcast::ingest::{delivery::Delivery, publish, source::Source};
//! fn publish_unchecked(source: &Source, delivery: Delivery) {
//!     let _ = publish::events(source, &delivery, 1_000); // a `Delivery` is no `Verified`
//! }
//! ```

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::mistake::{Mistake, Step};
use crate::secret::Secret;

use super::challenge::Askable;
use super::checks::Check;
use super::code;
use super::delivery::Delivery;
use super::fetched::claim::Evidence;
use super::jws::Request;
use super::keys::{Compared, Keys};
use super::method::{MethodRule, Scheme};
use super::seam;
use super::signature::Candidates;
use super::template::{Part, Reading};
use super::time::Age;

/// Most secrets of a source: each is tried against each candidate.
pub const SECRETS_MAX: usize = 4;

const ASKABLE: &str = "the signature fits, but anybody can have this text signed by sending it as a challenge, and the provider never sends such a body";

/// A delivery that was proven genuine, or that the operator said needs no proof.
#[derive(Debug)]
pub struct Verified {
    /// In a box: it is large, and handed on from step to step.
    delivery: Box<Delivery>,
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
    /// How many bytes were signed, where the row says which.
    pub(super) signed_bytes: Option<usize>,
}

/// A signature that fits, and how many bytes it is over.
struct Fitted {
    signature: Vec<u8>,
    signed_bytes: Option<usize>,
}

impl From<Vec<u8>> for Fitted {
    fn from(signature: Vec<u8>) -> Self {
        Self { signature, signed_bytes: None }
    }
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
    /// What anybody can have signed by asking; believed from nobody.
    askable: Arc<[Askable]>,
}

impl Verifier {
    /// Prepares every key; what cannot be one is a mistake at its index. Methods that no secret is meant for are left out.
    pub fn new(rules: &[MethodRule], secrets: &[Secret]) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut methods = Vec::new();
        for rule in rules {
            match Keys::prepare(rule, secrets) {
                Ok(Some(keys)) => {
                    methods.push(Method { rule: rule.clone(), keys, askable: Arc::default() });
                }
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

    /// The same, which takes nothing that anybody can have signed by asking for it.
    #[must_use]
    pub fn distrusting(mut self, askable: impl Iterator<Item = Askable>) -> Self {
        let askable: Arc<[Askable]> = askable.collect();
        self.methods.iter_mut().for_each(|method| method.askable = askable.clone());
        self
    }

    /// Whether what was signed says where each of its fields ends. Where it does not, one signature fits many spellings of a
    /// delivery, with other ids and other contents in each.
    pub fn binds_fields(&self, verified: &Verified) -> bool {
        self.methods.get(verified.proof.method).is_none_or(|method| !method.rule.signs_fields())
    }

    /// Whether more of this delivery is proven than who sent it.
    pub fn signs(&self, verified: &Verified) -> bool {
        self.methods.get(verified.proof.method).is_some_and(|method| method.rule.is_signed())
    }

    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// Whether the signature that proved this delivery covers a part of it.
    pub fn covers(&self, verified: &Verified, part: &Part) -> bool {
        let method = self.methods.get(verified.proof.method);
        method.is_some_and(|method| method.rule.covers(part, verified.delivery.body_form()))
    }

    /// Whether any method proves this delivery.
    pub(super) fn proves(&self, delivery: &Delivery, public_url: Option<&str>, now: SystemTime) -> bool {
        self.methods.iter().any(|method| method.attempt(delivery, public_url, now).is_ok())
    }

    /// Tries every method; of several refusals the one that came furthest is told.
    pub fn verify(
        &self,
        mut delivery: Box<Delivery>,
        public_url: Option<&str>,
        now: SystemTime,
    ) -> Result<Verified, Refusal> {
        let mut worst: Option<Refusal> = None;
        for (index, method) in self.methods.iter().enumerate() {
            match method.attempt(&delivery, public_url, now) {
                Ok(Fitted { signature, signed_bytes }) => {
                    let covers_body = method.rule.covers(&Part::Body, delivery.body_form());
                    let proof = Proof { signature, covers_body, method: index, signed_bytes };
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

impl Method {
    /// The signature that fitted, or why none did.
    fn attempt(
        &self,
        delivery: &Delivery,
        public_url: Option<&str>,
        now: SystemTime,
    ) -> Result<Fitted, Refusal> {
        if matches!(self.keys, Keys::None) {
            return Ok(Vec::new().into());
        }
        if let (Some(rule), Keys::Fetched(configured)) = (&self.rule.fetched, &self.keys) {
            let evidence = Evidence { delivery, configured, public_url, now };
            return rule.prove(&evidence, delivery.found()).map(Fitted::from).map_err(Refusal::from);
        }
        if let (Scheme::Code(vendor, tolerance), Keys::Code(keys)) = (&self.rule.scheme, &self.keys) {
            let request = code::Request { delivery, public_url, now, tolerance: *tolerance };
            return vendor.code().prove(request, keys).map(Fitted::from).map_err(Refusal::from);
        }
        let mut candidates = Candidates::default();
        for rule in &self.rule.signatures {
            rule.collect(delivery, &mut candidates);
        }
        if candidates.decoded.is_empty() {
            let reason = if candidates.is_present { Reason::Malformed } else { Reason::Missing };
            return Err(self.refusal(reason, Check::Header, None, 0));
        }
        if let (Scheme::Jws(rule), Keys::Jws(keys)) = (&self.rule.scheme, &self.keys) {
            let proven = rule.prove(keys, &candidates.decoded, Request { delivery, public_url, now });
            return proven.map(Fitted::from).map_err(Refusal::from);
        }
        // What a plain hash is extended by begins with the byte 0x80 and zeros, which no text holds.
        let is_text = || std::str::from_utf8(&delivery.body).is_ok_and(|text| !text.contains('\0'));
        if self.rule.is_extendable() && !is_text() {
            let refusal = self.refusal(Reason::WrongContent, Check::Signature, None, 0);
            return Err(Refusal { why: "a plain hash proves text alone, and this body is none", ..refusal });
        }
        let reading = Reading { labels: Some(&candidates.labels), public_url, ..Reading::of(delivery) };
        let (timestamp, age) = self.timestamp(&reading, now)?;
        let reading = Reading { timestamp: timestamp.as_deref(), ..reading };
        if let Some(why) = seam::ambiguous(&self.rule.message, &reading) {
            return Err(Refusal { why, ..self.refusal(Reason::Malformed, Check::Signature, age, 0) });
        }
        let compared = self.keys.compare(&self.rule.message, &reading, &candidates);
        let Compared { fitted, signed_bytes } = compared.map_err(|absent| {
            let reason = if absent.is_of_body { Reason::WrongContent } else { Reason::Missing };
            self.refusal(reason, Check::Signature, age, 0)
        })?;
        match (fitted, age) {
            (None, _) => Err(self.refusal(Reason::Mismatch, Check::Signature, age, signed_bytes)),
            (_, Some(Age::Stale { .. })) => Err(self.refusal(Reason::Stale, Check::Time, age, signed_bytes)),
            (_, Some(Age::Future { .. })) => {
                Err(self.refusal(Reason::Future, Check::Time, age, signed_bytes))
            }
            (Some(_), _) if self.is_askable(&reading, signed_bytes) => Err(Refusal {
                why: ASKABLE,
                ..self.refusal(Reason::WrongContent, Check::Signature, age, signed_bytes)
            }),
            (Some(index), _) => {
                let signature = self.keys.canonical(candidates.decoded.swap_remove(index));
                Ok(Fitted { signature, signed_bytes: Some(signed_bytes) })
            }
        }
    }

    /// Whether what is signed is what an unsigned question has signed for anybody.
    fn is_askable(&self, reading: &Reading<'_>, signed_bytes: usize) -> bool {
        if self.askable.iter().all(|askable| signed_bytes > askable.bytes_max()) {
            return false;
        }
        let mut signed = Vec::with_capacity(signed_bytes);
        let is_whole = self.rule.message.feed(reading, |run| signed.extend_from_slice(run)).is_ok();
        !is_whole || self.askable.iter().any(|askable| askable.covers(&signed))
    }

    fn refusal(&self, reason: Reason, check: Check, age: Option<Age>, signed_bytes: usize) -> Refusal {
        Refusal { reason, check, age, signed: self.rule.message.as_str().to_owned(), signed_bytes, why: "" }
    }

    fn timestamp<'r>(
        &self,
        reading: &Reading<'r>,
        now: SystemTime,
    ) -> Result<(Option<Cow<'r, str>>, Option<Age>), Refusal> {
        let Some(rule) = &self.rule.time else { return Ok((None, None)) };
        let text = match reading.text(&rule.from) {
            Some(text) => text,
            None if rule.is_optional => return Ok((None, None)),
            None => return Err(self.refusal(Reason::Missing, Check::Time, None, 0)),
        };
        let sent =
            rule.form.parse(&text).ok_or_else(|| self.refusal(Reason::Malformed, Check::Time, None, 0))?;
        Ok((Some(text), Some(rule.age(sent, now))))
    }
}
