//! Questions that a provider asks before it sends events: challenges to echo or to sign, pings to answer. A table, not code.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use toml::{Table, Value};

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::challenge::{ALPHABETS, Alphabet, Askable};
use super::fields::{Fields, as_table, wrong_type};
use super::mac::{Hash, Hmacs};
use super::method::{ENCODINGS, HASHES};
use super::signature::{Encoding, Place};
use super::template::{Grammar, Part, Reading, Template, parse_header_name};
use super::when::When;

/// How one question is known and answered.
#[derive(Debug, Clone)]
pub struct Handshake {
    pub when: When,
    /// Asked only of what is verified, where the sender signs it.
    pub is_signed: bool,
    /// Must equal the source's `verify_token`, else 403.
    token: Option<Part>,
    value: Option<Part>,
    allow: Alphabet,
    /// What `{signed}` becomes.
    proof: Option<ProofRule>,
    /// Where the value stands, if it is the key that later deliveries are signed with.
    pub secret: Option<Place>,
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: String,
}

/// How we prove to the provider that the endpoint is ours.
#[derive(Debug, Clone)]
enum ProofRule {
    /// The source's HMAC key over `message`, in which `{value}` stands for the challenge.
    Sign { encoding: Encoding, hash: Option<Hash>, prefix: String, message: String },
    /// Hexadecimal SHA-256 over a template in which `{secret}` is the source's `verify_token`.
    Hash(Template),
}

/// What a question's answer is signed with.
#[derive(Debug, Clone, Copy)]
pub struct SigningKey<'a> {
    /// The public half, where a secret has two; `{key}` in the answer.
    pub name: &'a str,
    pub mac: &'a Hmacs,
}

/// The answer to a question, ready to send.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: String,
    /// The key that came with the question, where it holds one.
    pub captured: Option<Secret>,
}

/// The question was recognised, but must not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The verify token is another one.
    Token,
    /// The challenge is no plain token. Echoing or signing arbitrary text would make an oracle of us: the same key signs
    /// bodies, so a "challenge" that is a body would come back with its signature.
    Challenge,
    /// There is nothing to sign the challenge with.
    Key,
    /// The source was not told to take a secret from whoever sends one first.
    Capture,
    /// Another secret came first.
    Captured,
}

impl Reply {
    /// A plain 200.
    pub const EMPTY: Self =
        Self { status: StatusCode::OK, headers: Vec::new(), body: String::new(), captured: None };
}

impl Denied {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "verify_token",
            Self::Challenge => "challenge",
            Self::Key => "no_key",
            Self::Capture => "not_armed",
            Self::Captured => "captured_another",
        }
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::Token => "the verify token is another than this source's",
            Self::Challenge => {
                "the challenge is no plain token of at most 256 characters, so it is not sent back"
            }
            Self::Key => "the source has no key that this question is answered with",
            Self::Capture => {
                "a secret was offered, but this source takes none; to register it, write capture = true and reload"
            }
            Self::Captured => {
                "a secret was offered, but another came first and is kept; if that one is not your provider's, take capture away and reload, then write capture = true, reload, and register the webhook again"
            }
        }
    }
}

impl Handshake {
    pub fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(as_table(value)?);
        let part = |text: &str| Part::parse(text, Grammar::Row);
        let when = fields.each("when", When::parse).into_iter().next().unwrap_or_default();
        let is_signed = fields.choice("signed", &[("before", true), ("no", false)]).unwrap_or(true);
        let token = fields.parsed("token", part);
        let value = fields.parsed("value", part);
        let echo = fields.parsed("echo", parse_echo);
        let allow = fields.choice("allow", ALPHABETS);
        let sign = fields.each("sign", read_sign).into_iter().next();
        let hash = fields.parsed("hash", |text| Template::parse(text, Grammar::Row)).map(ProofRule::Hash);
        let captures = fields.choice("capture", &[("secret", ())]).is_some();
        let answer = fields.each("answer", read_answer).into_iter().next();
        let mistakes = fields.finish();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let (value, echoed) = match echo {
            Some(name) => (value.or(Some(Part::Header(name.clone()))), Some((name, "{value}".to_owned()))),
            None => (value, None),
        };
        let (status, mut headers, body) = answer.unwrap_or((
            StatusCode::OK,
            Vec::new(),
            if value.is_some() && echoed.is_none() { "{value}".into() } else { String::new() },
        ));
        headers.extend(echoed);
        let secret = value.as_ref().filter(|_| captures).and_then(Place::of);
        if captures && secret.is_none() {
            let mend =
                "write such as value = \"json:verification_token\", or echo = \"header:X-Hook-Secret\"";
            return Err(vec![Mistake::new("nothing says where the secret stands", mend).under("capture")]);
        }
        let allow = allow.unwrap_or(Alphabet::Token);
        let proof = sign.or(hash);
        if allow == Alphabet::Text && proof.is_some() {
            let mend = "write allow = \"token\", or leave sign and hash out";
            return Err(vec![Mistake::new("text of anybody's would be signed", mend).under("allow")]);
        }
        Ok(Self { when, is_signed, token, value, allow, proof, secret, status, headers, body })
    }

    /// Whether the vendor sends its secret in this question.
    pub fn captures(&self) -> bool {
        self.secret.is_some()
    }

    pub fn needs_verify_token(&self) -> bool {
        self.token.is_some() || matches!(self.proof, Some(ProofRule::Hash(_)))
    }

    /// The hash that an HMAC key must have to sign this question's answer; any, where the row names none.
    pub fn signs_with(&self, hash: Hash) -> bool {
        match &self.proof {
            Some(ProofRule::Sign { hash: Some(wanted), .. }) => *wanted == hash,
            Some(ProofRule::Sign { hash: None, .. }) => true,
            _ => false,
        }
    }

    /// What it has signed for whoever asks, if it does.
    pub fn askable(&self) -> Option<Askable> {
        match &self.proof {
            Some(ProofRule::Sign { message, .. }) if !self.is_signed => Some(Askable {
                alphabet: self.value.is_some().then_some(self.allow),
                message: message.clone(),
            }),
            _ => None,
        }
    }

    /// Answers a question that `when` has recognised.
    pub fn answer(
        &self,
        reading: &Reading<'_>,
        verify_token: Option<&Secret>,
        key: Option<SigningKey<'_>>,
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
            Some(part) => {
                let given = reading.text(part).filter(|text| self.allow.allows(text));
                given.ok_or(Denied::Challenge)?
            }
            None => Cow::Borrowed(""),
        };
        let signed = match &self.proof {
            Some(ProofRule::Sign { encoding, prefix, message, .. }) => {
                let mut mac = key.ok_or(Denied::Key)?.mac.clone();
                mac.update(message.replace("{value}", &challenge).as_bytes());
                format!("{prefix}{}", encoding.encode(mac.finish().as_bytes()))
            }
            Some(ProofRule::Hash(template)) => {
                let reading = Reading { secret: verify_token.map(Secret::expose), ..*reading };
                let mut hasher = Sha256::new();
                template.feed(&reading, |run| hasher.update(run)).map_err(|_| Denied::Key)?;
                hex::encode(hasher.finalize())
            }
            None => String::new(),
        };
        let key_name = key.map(|key| key.name).unwrap_or_default();
        let fill = |text: &str| {
            text.replace("{value}", &challenge).replace("{signed}", &signed).replace("{key}", key_name)
        };
        let header = |(name, value): &(HeaderName, String)| {
            Some((name.clone(), HeaderValue::from_str(&fill(value)).ok()?))
        };
        Ok(Reply {
            status: self.status,
            headers: self.headers.iter().filter_map(header).collect(),
            body: fill(&self.body),
            captured: self.secret.is_some().then(|| Secret::new(challenge.as_bytes())),
        })
    }
}

/// `sign = "hex"`, or a table with what else there is to say.
fn read_sign(value: &Value) -> Result<ProofRule, Vec<Mistake>> {
    let short;
    let table = match value {
        Value::String(_) => {
            short = Table::from_iter([("encoding".to_owned(), value.clone())]);
            &short
        }
        other => as_table(other)?,
    };
    let mut fields = Fields::new(table);
    let rule = ProofRule::Sign {
        encoding: fields.choice("encoding", ENCODINGS).unwrap_or(Encoding::Hex),
        hash: fields.choice("algorithm", HASHES),
        prefix: fields.string("prefix").unwrap_or_default().to_owned(),
        message: fields.string("message").unwrap_or("{value}").to_owned(),
    };
    let mistakes = fields.finish();
    if mistakes.is_empty() { Ok(rule) } else { Err(mistakes) }
}

pub(super) fn parse_echo(text: &str) -> Result<HeaderName, Mistake> {
    match text.strip_prefix("header:") {
        Some(name) => parse_header_name(name),
        None => {
            Err(Mistake::new("only a header is echoed as a header", "write such as \"header:X-Hook-Secret\""))
        }
    }
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
    use axum::http::Method;

    #[test]
    fn a_sentence_is_given_back_and_never_signed() {
        let parse = |text: &str| Handshake::parse(&Value::Table(text.parse().unwrap()));
        assert!(parse("value = 'query:t'\nallow = 'text'").is_ok());
        let signed = parse("value = 'query:t'\nallow = 'text'\nsign = 'hex'").unwrap_err();
        assert!(signed[0].to_string().contains("allow: text of anybody's would be signed"), "{signed:?}");
    }

    /// eBay's own example of the order: code, token, endpoint.
    #[test]
    fn an_endpoint_is_proven_by_a_hash_over_code_token_and_url() {
        let text = r#"
            when = { method = "GET", query = "challenge_code" }
            signed = "no"
            value = "query:challenge_code"
            hash = "{query:challenge_code}{secret}{endpoint}"
            answer = { type = "application/json", body = '{"challengeResponse":"{signed}"}' }
        "#;
        let handshake = Handshake::parse(&Value::Table(text.parse().unwrap())).unwrap();
        assert!(handshake.needs_verify_token());
        let now = std::time::SystemTime::UNIX_EPOCH;
        let ask = |uri: &str, url, token: Option<&Secret>| {
            let headers = axum::http::HeaderMap::new();
            let uri = uri.parse().unwrap();
            let delivery = super::super::delivery::Delivery::new(
                Method::GET,
                uri,
                headers,
                "".into(),
                now,
                <_>::default(),
            );
            handshake.answer(&Reading { public_url: url, ..Reading::of(&delivery) }, token, None)
        };
        let token = Secret::new("token");
        let url = Some("https://x.example");
        let reply = ask("/hooks/ebay?challenge_code=abc", url, Some(&token)).unwrap();
        let expected = hex::encode(Sha256::digest("abctokenhttps://x.example/hooks/ebay"));
        assert_eq!(reply.body, format!(r#"{{"challengeResponse":"{expected}"}}"#));
        assert_eq!(ask("/hooks/ebay?challenge_code=a:b", url, Some(&token)), Err(Denied::Challenge));
        assert_eq!(ask("/hooks/ebay?challenge_code=abc", None, Some(&token)), Err(Denied::Key));
        assert_eq!(ask("/hooks/ebay?challenge_code=abc", url, None), Err(Denied::Key));
    }
}
