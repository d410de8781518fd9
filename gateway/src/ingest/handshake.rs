//! Questions that a provider asks before it sends events: challenges to echo or to sign, pings to answer. A table, not code.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use toml::Value;

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::fields::{Fields, as_table, wrong_type};
use super::mac::Hmacs;
use super::method::ENCODINGS;
use super::signature::Encoding;
use super::template::{Grammar, Part, Reading, parse_header_name};
use super::when::When;

/// Longest challenge that is answered.
const CHALLENGE_BYTES_MAX: usize = 256;

/// How one question is known and answered.
#[derive(Debug, Clone)]
pub struct Handshake {
    pub when: When,
    /// Asked only of what is verified, where the sender signs it.
    pub is_signed: bool,
    /// Must equal the source's `verify_token`, else 403.
    token: Option<Part>,
    value: Option<Part>,
    /// Sign the value with the source's HMAC key and write it so.
    sign: Option<Encoding>,
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: String,
}

/// The answer to a question, ready to send.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: String,
}

/// The question was recognised, but must not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The verify token is another one.
    Token,
    /// The challenge is no plain token. Echoing or signing arbitrary text would make an oracle of us: the same key signs
    /// bodies, so a "challenge" that is a body would come back with its signature.
    Challenge,
}

impl Reply {
    /// A plain 200.
    pub const EMPTY: Self = Self { status: StatusCode::OK, headers: Vec::new(), body: String::new() };
}

impl Handshake {
    pub fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(as_table(value)?);
        let part = |text: &str| Part::parse(text, Grammar::Row);
        let when = fields.each("when", When::parse).into_iter().next().unwrap_or_default();
        let is_signed = fields.choice("signed", &[("before", true), ("no", false)]).unwrap_or(true);
        let token = fields.parsed("token", part);
        let value = fields.parsed("value", part);
        let sign = fields.choice("sign", ENCODINGS);
        let answer = fields.each("answer", read_answer).into_iter().next();
        let mistakes = fields.finish();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let (status, headers, body) = answer.unwrap_or((
            StatusCode::OK,
            Vec::new(),
            if value.is_some() { "{value}".into() } else { String::new() },
        ));
        Ok(Self { when, is_signed, token, value, sign, status, headers, body })
    }

    pub fn needs_verify_token(&self) -> bool {
        self.token.is_some()
    }

    /// Answers a question that `when` has recognised.
    pub fn answer(
        &self,
        reading: &Reading<'_>,
        verify_token: Option<&Secret>,
        key: Option<&Hmacs>,
    ) -> Result<Reply, Denied> {
        if let Some(part) = &self.token {
            let given = reading.part(part).unwrap_or_default();
            let expected = verify_token.ok_or(Denied::Token)?;
            let is_equal = Sha256::digest(given).ct_eq(&Sha256::digest(expected.expose()));
            if !bool::from(is_equal) {
                return Err(Denied::Token);
            }
        }
        let challenge = match &self.value {
            Some(part) => reading.text(part).filter(|text| is_token(text)).ok_or(Denied::Challenge)?,
            None => String::new(),
        };
        let signed = match (self.sign, key) {
            (Some(encoding), Some(key)) => {
                let mut mac = key.clone();
                mac.update(challenge.as_bytes());
                encoding.encode(mac.finish().as_bytes())
            }
            _ => String::new(),
        };
        let fill = |text: &str| text.replace("{value}", &challenge).replace("{signed}", &signed);
        let header = |(name, value): &(HeaderName, String)| {
            Some((name.clone(), HeaderValue::from_str(&fill(value)).ok()?))
        };
        Ok(Reply {
            status: self.status,
            headers: self.headers.iter().filter_map(header).collect(),
            body: fill(&self.body),
        })
    }
}

/// Letters, digits and `._~+/=-`: never a body, nor `v0:time:body`.
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte);
    !text.is_empty() && text.len() <= CHALLENGE_BYTES_MAX && text.bytes().all(allowed)
}

type Answer = (StatusCode, Vec<(HeaderName, String)>, String);

fn read_answer(value: &Value) -> Result<Answer, Vec<Mistake>> {
    let mut fields = Fields::new(as_table(value)?);
    let status = fields.number("status", 200..=299).and_then(|status| u16::try_from(status).ok());
    let media_type = fields.string("type").map(str::to_owned);
    let mut headers: Vec<(HeaderName, String)> = Vec::new();
    if let Some(media_type) = media_type {
        headers.push((axum::http::header::CONTENT_TYPE, media_type));
    }
    if let Some(table) = fields.table("headers") {
        for (name, value) in table {
            let text = value.as_str().ok_or_else(|| wrong_type("a text in quotes", value));
            match parse_header_name(name).and_then(|name| Ok((name, text?.to_owned()))) {
                Ok(header) => headers.push(header),
                Err(mistake) => fields.mistake("headers", mistake.under(name)),
            }
        }
    }
    let body = fields.string("body").unwrap_or("{value}").to_owned();
    let mistakes = fields.finish();
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    Ok((status, headers, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_tokens_are_echoed_or_signed() {
        assert!(is_token("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"));
        assert!(is_token("a-b_c.d~e+f/g=="));
        for text in ["", "v0:1:{}", "{\"type\":1}", "a b", "a\n", "<script>", "ä", &"a".repeat(257)] {
            assert!(!is_token(text), "{text}");
        }
    }
}
