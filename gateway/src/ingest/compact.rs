//! Compact JWS (RFC 7515), read before it is proven: the header says which key is needed. Pure; nothing here believes it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::checks::Check;
use super::fetched::claim::No;
use super::json::{Document, Value};

/// Longest that is read; vendors' have an eighth of it.
const BYTES_MAX: usize = 8 * 1024;

/// One token, taken apart.
pub struct Compact<'a> {
    /// Header and payload as they are signed.
    pub signed: &'a [u8],
    pub signature: Vec<u8>,
    header: Document,
    payload: Document,
}

impl<'a> Compact<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.len() <= BYTES_MAX { Self::parse_any(text) } else { None }
    }

    /// One of any length, where the token is the delivery itself and the bound is the body's.
    pub fn parse_any(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let document = |part: &str| Document::scan(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            signed: signed.as_bytes(),
            signature: BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?,
            header: document(header)?,
            payload: document(payload)?,
        })
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.header.root().member(name)?.text().map(Into::into)
    }

    /// Whether the token must not be believed by who does not know all of its header (RFC 7515, 4.1.11).
    pub fn is_critical(&self) -> bool {
        self.header.root().member("crit").is_some()
    }

    /// Whether it says that it is signed so, and asks for nothing that we do not know.
    pub fn is_by(&self, algorithm: &str) -> bool {
        self.header("alg").as_deref() == Some(algorithm) && !self.is_critical()
    }

    pub fn claim(&self, name: &str) -> Option<Value<'_>> {
        self.payload.root().member(name)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.claim(name)?.text().map(Into::into)
    }

    /// A moment in milliseconds since 1970, if the claim is there; fractions of a second are cut.
    ///
    /// # Errors
    /// When something else stands there: an end that cannot be read must not be no end.
    pub fn moment(&self, name: &str) -> Result<Option<i64>, No> {
        let Some(claim) = self.claim(name) else { return Ok(None) };
        let text = claim.text().unwrap_or_default();
        let (seconds, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let is_number = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let ms = seconds.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000));
        match ms.filter(|_| is_number) {
            Some(ms) => Ok(Some(ms)),
            None => Err(No {
                check: Check::Time,
                ..No::malformed("a time in the token is not written as seconds since 1970")
            }),
        }
    }

    /// The name of the key, if it is one that can stand in a URL: a forged one must not be a path of its own.
    pub fn kid(&self) -> Option<String> {
        self.header("kid").filter(|kid| is_plain(kid))
    }
}

/// Letters, digits, `-` and `_`, 128 at most.
pub fn is_plain(kid: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !kid.is_empty() && kid.len() <= 128 && kid.bytes().all(allowed)
}
