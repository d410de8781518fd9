//! What a delivery says of itself, as far as its vendor's file understands it, before any of it is believed. Pure.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Url;

use crate::ingest::checks::Check;
use crate::ingest::delivery::Delivery;
use crate::ingest::public_key::PublicAlgorithm;
use crate::ingest::time::{Age, unix_ms};
use crate::ingest::verify::{Reason, Refusal};
use crate::secret::Secret;

use super::vendor_key::VendorKey;

/// How far ahead of our clock a sender's may be.
const AHEAD: Duration = Duration::from_secs(300);

/// What there is to go by.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub delivery: &'a Delivery,
    /// The source's `secrets`: what each vendor's are, its file says.
    pub configured: &'a [Secret],
    pub public_url: Option<&'a str>,
    pub now: SystemTime,
}

/// A delivery that is in order but for its signature.
pub struct Claim {
    pub need: Need,
    pub algorithm: PublicAlgorithm,
    /// What was signed; several where it depends on which configured value is meant.
    pub messages: Vec<Vec<u8>>,
    /// ECDSA's in DER.
    pub signature: Vec<u8>,
}

/// The key that a delivery needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub ask: Ask,
    /// Which of a set.
    pub kid: Option<String>,
}

/// Where a key lies, and how it is asked for. Its host is one of the row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A certificate as PEM.
    Certificate(Url),
    /// A key set.
    Set(Url),
    /// One key for client id and secret in a POST.
    Plaid { url: Url, kid: String, credentials: Vec<Secret> },
    /// One key for a token that client id and secret are exchanged for.
    Ebay { url: Url, kid: String, credentials: Vec<Secret> },
}

/// The key of a delivery, and what it was fetched for.
#[derive(Debug, Clone)]
pub struct Found {
    pub need: Need,
    pub key: Arc<VendorKey>,
}

/// Why it is refused without a look at its signature, or because of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct No {
    pub reason: Reason,
    pub check: Check,
    pub age: Option<Age>,
    pub why: &'static str,
}

impl No {
    pub fn missing(why: &'static str) -> Self {
        Self { reason: Reason::Missing, check: Check::Header, age: None, why }
    }

    pub fn malformed(why: &'static str) -> Self {
        Self { reason: Reason::Malformed, check: Check::Header, age: None, why }
    }

    pub fn content(why: &'static str) -> Self {
        Self { reason: Reason::WrongContent, check: Check::Signature, age: None, why }
    }

    pub fn mismatch(why: &'static str) -> Self {
        Self { reason: Reason::Mismatch, check: Check::Signature, age: None, why }
    }
}

impl From<No> for Refusal {
    fn from(no: No) -> Self {
        let signed = "as the vendor's code says".to_owned();
        Self { reason: no.reason, check: no.check, age: no.age, signed, signed_bytes: 0, why: no.why }
    }
}

impl Ask {
    /// What it is remembered by; holds no secret.
    pub fn name(&self) -> String {
        match self {
            Self::Certificate(url) | Self::Set(url) => url.to_string(),
            Self::Plaid { url, kid, .. } | Self::Ebay { url, kid, .. } => format!("{url} {kid}"),
        }
    }
}

/// Whether it was sent near enough to now: `oldest` may be days where a vendor's retries keep the first time, while nobody's
/// clock is far ahead.
pub fn fresh(sent_ms: i64, now: SystemTime, oldest: Duration) -> Result<(), No> {
    let ahead = sent_ms.saturating_sub(unix_ms(now));
    let within = |limit: Duration| u128::from(ahead.unsigned_abs()) <= limit.as_millis();
    let seconds = ahead.unsigned_abs() / 1_000;
    let no = |reason, age| Err(No { reason, check: Check::Time, age: Some(age), why: "" });
    match ahead {
        1.. if !within(AHEAD) => no(Reason::Future, Age::Future { seconds }),
        ..=0 if !within(oldest) => no(Reason::Stale, Age::Stale { seconds }),
        _ => Ok(()),
    }
}
