//! `scheme = "code"`: what no row can say, one small file for each vendor behind one trait. A row names it by `code = "…"`;
//! where the id and the type stand is still the row's.

mod adyen;
mod braintree;
mod contentful;
mod mercado_pago;
mod plivo;
mod twilio;

use std::time::{Duration, SystemTime};

use subtle::ConstantTimeEq as _;

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::delivery::Delivery;
use super::fetched::claim::No;
use super::mac::Hmacs;
use super::sign::SignError;
use super::template::Part;

/// The vendors, by the word in their row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    Adyen,
    Braintree,
    Contentful,
    MercadoPago,
    Plivo,
    Twilio,
}

pub const VENDORS: &[(&str, Vendor)] = &[
    ("adyen", Vendor::Adyen),
    ("braintree", Vendor::Braintree),
    ("contentful", Vendor::Contentful),
    ("mercado-pago", Vendor::MercadoPago),
    ("plivo", Vendor::Plivo),
    ("twilio", Vendor::Twilio),
];

/// A delivery, and what it is held against.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub delivery: &'a Delivery,
    pub public_url: Option<&'a str>,
    pub now: SystemTime,
    pub tolerance: Duration,
}

/// One configured secret as its vendor uses it.
#[derive(Debug, Clone)]
pub struct CodeKey {
    /// The public half, where a secret has two.
    pub name: String,
    pub mac: Hmacs,
}

/// What a vendor's file knows.
///
/// `prove` must try every key against every candidate in constant time, must refuse what it cannot read, and may only return
/// a signature that covers what `covers` says, or what else a second sending of the same cannot change. What it takes must be
/// no text that a challenge can be, where its row has challenges signed. `sign` writes what `prove` takes.
pub trait Code: Sync {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake>;

    /// The signature that proves the delivery.
    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No>;

    fn covers(&self, part: &Part) -> bool;

    /// The same delivery, signed.
    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError>;
}

impl Vendor {
    pub fn code(self) -> &'static dyn Code {
        match self {
            Self::Adyen => &adyen::Adyen,
            Self::Braintree => &braintree::Braintree,
            Self::Contentful => &contentful::Contentful,
            Self::MercadoPago => &mercado_pago::MercadoPago,
            Self::Plivo => &plivo::Plivo,
            Self::Twilio => &twilio::Twilio,
        }
    }

    /// How old a delivery may be where the row does not say; vendors without a time do not ask.
    pub fn tolerance(self) -> Duration {
        match self {
            // Whether its retries are signed anew is not documented: for as long as its keys are remembered.
            Self::MercadoPago => Duration::from_hours(72),
            // Contentful's own toolkit allows 30 s, which its retries and a clock that is off do not fit into.
            _ => Duration::from_mins(5),
        }
    }

    /// Whether it signs the URL that it was given.
    pub fn signs_url(self) -> bool {
        matches!(self, Self::Twilio | Self::Plivo)
    }

    /// Whether it is the form's fields that are signed, in whatever order, spelling and borders they come.
    pub fn signs_fields(self) -> bool {
        matches!(self, Self::Twilio | Self::Plivo)
    }
}

fn utf8_key(hash: super::mac::Hash, secret: &Secret) -> Result<CodeKey, Mistake> {
    if secret.is_empty() {
        let mend = "set the secret that the provider shows; check the variable or file that it comes from";
        return Err(Mistake::new("the secret is empty", mend));
    }
    Ok(CodeKey { name: String::new(), mac: Hmacs::new(hash, secret.expose()) })
}

/// The digest of these runs under a key.
fn digest(key: &CodeKey, runs: &[&[u8]]) -> super::mac::Digest {
    let mut mac = key.mac.clone();
    for run in runs {
        mac.update(run);
    }
    mac.finish()
}

/// Whether a digest of these runs is the given one, under any key; which one, and how far it fits, takes no time to tell.
fn fits(keys: &[CodeKey], runs: &[&[u8]], given: &[u8]) -> bool {
    keys.iter().fold(false, |fits, key| fits | bool::from(digest(key, runs).as_bytes().ct_eq(given)))
}

/// The URL that the sender was given, and whether nothing says it.
fn url(request: Request<'_>) -> Result<String, No> {
    let base =
        request.public_url.ok_or(No::missing("this vendor signs the URL, but no public_url is set"))?;
    Ok(request.delivery.url(base))
}

/// Only fields are signed: a body of another kind would be anybody's.
fn is_form_or_empty(delivery: &Delivery) -> bool {
    delivery.body.is_empty() || !delivery.form().is_empty()
}

/// A copy with other headers; the body is shared.
fn with_header(delivery: &Delivery, headers: &[(&'static str, &str)]) -> Result<Delivery, SignError> {
    let mut all = (*delivery.headers).clone();
    for (name, value) in headers {
        all.insert(*name, value.parse().map_err(|_| SignError::Unsupported)?);
    }
    Ok(Delivery::new(
        delivery.method.clone(),
        delivery.uri.clone(),
        all,
        delivery.body.clone(),
        delivery.received,
        delivery.body_form().clone(),
    ))
}
