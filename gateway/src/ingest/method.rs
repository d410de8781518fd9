//! One way in which a provider proves a delivery, as its row says it: what is signed, how, and where the signature stands.
//! A row may list several; a delivery is genuine when one of them says so.

use std::time::Duration;

use toml::{Table, Value};

use crate::mistake::Mistake;

use super::fetched::rule::{self, VENDORS};
use super::fields::{Fields, as_table, wrong_type};
use super::key::{KeyForm, KeyRule};
use super::mac::Hash;
use super::pointer::Pointer;
use super::signature::{Encoding, Place, SignatureRule};
use super::template::{Grammar, Part, Template, parse_header_name};
use super::time::{TimeForm, TimeRule};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Hmac(Hash),
    Ed25519,
    /// The secret itself is sent. Proves the sender, not the body.
    Token,
    /// Proven with a key that must be fetched; `fetched` says whose.
    Fetched,
    /// Nothing is proven.
    None,
}

/// How far a timestamp may be from now where a row does not say.
const TOLERANCE: Duration = Duration::from_secs(300);

pub const HASHES: &[(&str, Hash)] =
    &[("sha1", Hash::Sha1), ("sha256", Hash::Sha256), ("sha384", Hash::Sha384), ("sha512", Hash::Sha512)];

pub const ENCODINGS: &[(&str, Encoding)] = &[
    ("hex", Encoding::Hex),
    ("base64", Encoding::Base64),
    ("base64url", Encoding::Base64Url),
    ("plain", Encoding::Plain),
];

const KEY_FORMS: &[(&str, KeyForm)] = &[
    ("utf8", KeyForm::Utf8),
    ("hex", KeyForm::Hex),
    ("raw-hex", KeyForm::Hex),
    ("base64", KeyForm::Base64),
    ("raw-base64", KeyForm::Base64),
];

const TIME_FORMS: &[(&str, TimeForm)] =
    &[("s", TimeForm::Seconds), ("ms", TimeForm::Milliseconds), ("rfc3339", TimeForm::Rfc3339)];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodRule {
    pub scheme: Scheme,
    /// Any of these.
    pub signatures: Vec<SignatureRule>,
    pub message: Template,
    pub key: KeyRule,
    pub time: Option<TimeRule>,
    /// Of a vendor whose key must be fetched.
    pub fetched: Option<rule::Rule>,
}

impl MethodRule {
    /// Reads a `[verify]` table.
    pub fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let table = as_table(value)?;
        let mut fields = Fields::new(table);
        let scheme = read_scheme(&mut fields);
        if scheme == Scheme::Fetched {
            return Self::fetched(fields);
        }
        let plain =
            if matches!(scheme, Scheme::Token | Scheme::None) { Encoding::Plain } else { Encoding::Hex };
        let encoding = fields.choice("encoding", ENCODINGS).unwrap_or(plain);
        let signatures = fields.each("signature", |value| read_signature(as_table(value)?, encoding));
        if !table.contains_key("signature") && scheme != Scheme::None {
            fields.mistake(
                "signature",
                Mistake::new(
                    "nothing says where the signature stands",
                    "write such as signature = { header = \"X-Signature\" }",
                ),
            );
        }
        let message = fields.parsed("message", |text| Template::parse(text, Grammar::Row));
        let key = read_key(&mut fields);
        let time = fields.each("time", |value| read_time(as_table(value)?)).into_iter().next();
        let mistakes = fields.finish();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let body = || Template::parse("{body}", Grammar::Row).expect("the default message is a template");
        Ok(Self { scheme, signatures, message: message.unwrap_or_else(body), key, time, fetched: None })
    }

    /// One whose vendor's own file knows where everything stands.
    fn fetched(mut fields: Fields<'_>) -> Result<Self, Vec<Mistake>> {
        let vendor = fields.choice("code", VENDORS);
        let fetched = vendor.map(|vendor| rule::Rule::read(vendor, &mut fields));
        if fields.get("code").is_none() {
            fields.mistake("code", Mistake::new("nothing says which code", "write such as code = \"sns\""));
        }
        let mistakes = fields.finish();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let message = Template::parse("{body}", Grammar::Row).expect("the default message is a template");
        let (signatures, key) = (Vec::new(), KeyRule::plain(KeyForm::Utf8));
        Ok(Self { scheme: Scheme::Fetched, signatures, message, key, time: None, fetched })
    }

    /// Whether what this method proves includes a part: only then may an id be believed by itself.
    pub fn covers(&self, part: &Part) -> bool {
        let is_signed = |part: &Part| self.message.parts().any(|signed| signed == part);
        match self.scheme {
            Scheme::Token | Scheme::None => false,
            Scheme::Fetched => self.fetched.as_ref().is_some_and(|rule| rule.covers(part)),
            Scheme::Hmac(_) | Scheme::Ed25519 => {
                is_signed(part) || (matches!(part, Part::Json(_) | Part::Form(_)) && is_signed(&Part::Body))
            }
        }
    }
}

fn read_scheme(fields: &mut Fields<'_>) -> Scheme {
    const SCHEMES: &[(&str, u8)] = &[("hmac", 0), ("public-key", 1), ("token", 2), ("none", 3), ("code", 4)];
    match fields.choice("scheme", SCHEMES).unwrap_or(0) {
        0 => Scheme::Hmac(fields.choice("algorithm", HASHES).unwrap_or(Hash::Sha256)),
        1 => {
            fields.choice("algorithm", &[("ed25519", ())]);
            Scheme::Ed25519
        }
        2 => Scheme::Token,
        4 => Scheme::Fetched,
        _ => Scheme::None,
    }
}

const PLACES: [&str; 5] = ["header", "headers", "json", "form", "query"];

fn read_signature(table: &Table, encoding: Encoding) -> Result<SignatureRule, Vec<Mistake>> {
    let mut fields = Fields::new(table);
    let places = [
        fields.parsed("header", parse_header_name).map(Place::Header),
        fields.parsed("headers", parse_header_prefix).map(Place::Headers),
        fields.parsed("json", Pointer::parse).map(Place::Json),
        fields.string("form").map(|name| Place::Form(name.to_owned())),
        fields.string("query").map(|name| Place::Query(name.to_owned())),
    ];
    let place = places.into_iter().flatten().next();
    // Counted by what is written, so that one wrong place is not two mistakes.
    let written = PLACES.iter().filter(|place| table.contains_key(**place)).count();
    let encoding = fields.choice("encoding", ENCODINGS).unwrap_or(encoding);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let rule = SignatureRule {
        group: owned(fields.string("group")),
        split: owned(fields.string("split")),
        key: owned(fields.string("key")),
        kv: fields.string("kv").unwrap_or("=").to_owned(),
        position: fields.number("position", 1..=40).and_then(|position| usize::try_from(position).ok()),
        strip: owned(fields.string("strip")),
        ..SignatureRule::new(Place::Query(String::new()), encoding)
    };
    let mut mistakes = fields.finish();
    if written != 1 {
        mistakes.push(Mistake::new(
            "a signature stands in one place",
            "write one of header, headers, json, form or query; several places are a list of tables",
        ));
    }
    match place {
        Some(place) if mistakes.is_empty() => Ok(SignatureRule { place, ..rule }),
        _ => Err(mistakes),
    }
}

fn parse_header_prefix(text: &str) -> Result<String, Mistake> {
    match text.strip_suffix('*') {
        Some(prefix) if !prefix.is_empty() => Ok(prefix.to_ascii_lowercase()),
        _ => Err(Mistake::new(
            "numbered headers are written with a last `*`",
            "write such as \"X-Signature-*\"",
        )),
    }
}

/// `key = "utf8"`, or a table with what else there is to say.
fn read_key(fields: &mut Fields<'_>) -> KeyRule {
    let read = |value: &Value| match value {
        Value::String(_) => {
            let table = Table::from_iter([("as".to_owned(), value.clone())]);
            read_key_table(&table)
        }
        Value::Table(table) => read_key_table(table),
        other => Err(vec![wrong_type("utf8, hex, base64 or a table", other)]),
    };
    fields.each("key", read).into_iter().next().unwrap_or_else(|| KeyRule::plain(KeyForm::Utf8))
}

fn read_key_table(table: &Table) -> Result<KeyRule, Vec<Mistake>> {
    let mut fields = Fields::new(table);
    let text = |text: &str| Ok(text.to_owned());
    let rule = KeyRule {
        form: fields.choice("as", KEY_FORMS).unwrap_or(KeyForm::Utf8),
        strip: fields.texts("strip", text),
        only: fields.texts("only", text),
        unless: fields.texts("unless", text),
    };
    let mistakes = fields.finish();
    if mistakes.is_empty() { Ok(rule) } else { Err(mistakes) }
}

fn read_time(table: &Table) -> Result<TimeRule, Vec<Mistake>> {
    let mut fields = Fields::new(table);
    let places = [
        fields.parsed("header", parse_header_name).map(Part::Header),
        fields.string("sig").map(|label| Part::Signature(label.to_owned())),
        fields.parsed("json", Pointer::parse).map(Part::Json),
    ];
    let form = fields.choice("format", TIME_FORMS).unwrap_or(TimeForm::Seconds);
    let tolerance = fields.duration("tolerance").unwrap_or(TOLERANCE);
    let mut mistakes = fields.finish();
    let from = places.into_iter().flatten().next();
    match from {
        Some(from) if mistakes.is_empty() => return Ok(TimeRule { from, form, tolerance }),
        Some(_) => {}
        None => mistakes.push(Mistake::new(
            "nothing says where the timestamp stands",
            "write one of header, sig or json",
        )),
    }
    Err(mistakes)
}
