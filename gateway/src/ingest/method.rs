//! One way in which a provider proves a delivery, as its row says it: what is signed, how, and where the signature stands.
//! A row may list several; a delivery is genuine when one of them says so.

use std::time::Duration;

use toml::{Table, Value};

use crate::mistake::Mistake;

use super::code;
use super::delivery::BodyForm;
use super::fetched::rule::{self, VENDORS};
use super::fields::{Fields, as_table, wrong_type};
use super::jws::JwsRule;
use super::key::{KeyForm, KeyRule};
use super::mac::Hash;
use super::meant;
use super::pointer::Pointer;
use super::public_key::{KeyShape, PublicAlgorithm, PublicKey};
use super::signature::{Encoding, Place, SignatureRule};
use super::template::{Grammar, Part, Template, parse_header_name};
use super::time::{TimeForm, TimeRule};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    Hmac(Hash),
    PublicKey(PublicAlgorithm),
    /// A plain hash over a message that holds the secret.
    Digest(Hash),
    /// The secret itself is sent. Proves the sender, not the body.
    Token,
    /// A signed token, which may hold hashes of the delivery.
    Jws(JwsRule),
    /// What no row can say, and how old a delivery may be.
    Code(code::Vendor, Duration),
    /// Proven with a key that must be fetched; `fetched` says whose.
    Fetched,
    /// Nothing is proven.
    None,
}

/// Whose code `scheme = "code"` names.
#[derive(Debug, Clone, Copy)]
enum Vendor {
    Fetched(rule::Vendor),
    Code(code::Vendor),
}

/// How far a timestamp may be from now where a row does not say.
const TOLERANCE: Duration = Duration::from_secs(300);

pub const HASHES: &[(&str, Hash)] = &[
    ("md5", Hash::Md5),
    ("sha1", Hash::Sha1),
    ("sha256", Hash::Sha256),
    ("sha384", Hash::Sha384),
    ("sha512", Hash::Sha512),
];

pub const ENCODINGS: &[(&str, Encoding)] = &[
    ("hex", Encoding::Hex),
    ("base64", Encoding::Base64),
    ("base64url", Encoding::Base64Url),
    ("plain", Encoding::Plain),
];

const PUBLIC_ALGORITHMS: &[(&str, PublicAlgorithm)] = &[
    ("ed25519", PublicAlgorithm::Ed25519),
    ("ecdsa-p256-sha256", PublicAlgorithm::EcdsaP256(Hash::Sha256)),
    ("ecdsa-p256-sha1", PublicAlgorithm::EcdsaP256(Hash::Sha1)),
    ("rsa-sha256", PublicAlgorithm::Rsa(Hash::Sha256)),
    ("rsa-sha1", PublicAlgorithm::Rsa(Hash::Sha1)),
];

const KEY_FORMS: &[(&str, (KeyForm, KeyShape))] = &[
    ("utf8", (KeyForm::Utf8, KeyShape::Raw)),
    ("hex", (KeyForm::Hex, KeyShape::Raw)),
    ("raw-hex", (KeyForm::Hex, KeyShape::Raw)),
    ("base64", (KeyForm::Base64, KeyShape::Raw)),
    ("raw-base64", (KeyForm::Base64, KeyShape::Raw)),
    ("sha1", (KeyForm::Sha1, KeyShape::Raw)),
    ("spki-base64", (KeyForm::Base64, KeyShape::Der)),
    ("pem", (KeyForm::Utf8, KeyShape::Pem)),
];

const TIME_FORMS: &[(&str, TimeForm)] = &[
    ("s", TimeForm::Seconds),
    ("ms", TimeForm::Milliseconds),
    ("rfc3339", TimeForm::Rfc3339),
    ("iso", TimeForm::Iso),
    ("http-date", TimeForm::HttpDate),
];

#[derive(Debug, Clone)]
pub struct MethodRule {
    pub scheme: Scheme,
    /// Any of these.
    pub signatures: Vec<SignatureRule>,
    pub message: Template,
    pub key: KeyRule,
    /// The vendor's own published keys; a source needs no secret then.
    pub public_keys: Vec<PublicKey>,
    pub time: Option<TimeRule>,
    /// Of a vendor whose key must be fetched.
    pub fetched: Option<rule::Rule>,
}

/// Where secrets themselves stand in a delivery, instead of something that was made with them.
pub fn token_places(methods: &[MethodRule]) -> impl Iterator<Item = &Place> {
    let tokens = methods.iter().filter(|method| method.scheme == Scheme::Token);
    tokens.flat_map(|method| &method.signatures).map(|rule| &rule.place)
}

impl MethodRule {
    /// Reads a `[verify]` table.
    pub fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let table = as_table(value)?;
        let mut fields = Fields::new(table);
        let scheme = read_scheme(&mut fields);
        if scheme == Scheme::Fetched {
            return Self::by_code(fields);
        }
        let plain = match scheme {
            Scheme::Token | Scheme::None | Scheme::Jws(_) => Encoding::Plain,
            _ => Encoding::Hex,
        };
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
        let public_keys = read_public_keys(&mut fields, &scheme);
        if key.shape != KeyShape::Raw && !matches!(scheme, Scheme::PublicKey(_) | Scheme::Jws(_)) {
            let mend = "write utf8, hex or base64, or scheme = \"public-key\"";
            fields.mistake("key", Mistake::new("this scheme has no public key", mend));
        }
        let time = fields.each("time", |value| read_time(as_table(value)?)).into_iter().next();
        for (key, mistake) in meant::mistakes(&scheme, message.as_ref(), time.as_ref()) {
            fields.mistake(key, mistake);
        }
        let mistakes = fields.finish();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let body = || Template::parse("{body}", Grammar::Row).expect("the default message is a template");
        Ok(Self {
            scheme,
            signatures,
            message: message.unwrap_or_else(body),
            key,
            public_keys,
            time,
            fetched: None,
        })
    }

    /// One whose vendor's own file knows where everything stands.
    fn by_code(mut fields: Fields<'_>) -> Result<Self, Vec<Mistake>> {
        let ours = VENDORS.iter().map(|(word, vendor)| (*word, Vendor::Fetched(*vendor)));
        let all: Vec<_> =
            ours.chain(code::VENDORS.iter().map(|(word, vendor)| (*word, Vendor::Code(*vendor)))).collect();
        let vendor = fields.choice("code", &all);
        if fields.get("code").is_none() {
            fields.mistake("code", Mistake::new("nothing says which code", "write such as code = \"sns\""));
        }
        let (scheme, fetched) = match vendor {
            Some(Vendor::Fetched(vendor)) => (Scheme::Fetched, Some(rule::Rule::read(vendor, &mut fields))),
            Some(Vendor::Code(vendor)) => {
                let tolerance = fields.duration("tolerance").unwrap_or(vendor.tolerance());
                (Scheme::Code(vendor, tolerance), None)
            }
            None => (Scheme::None, None),
        };
        let mistakes = fields.finish();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let message = Template::parse("{body}", Grammar::Row).expect("the default message is a template");
        let (signatures, key) = (Vec::new(), KeyRule::plain(KeyForm::Utf8));
        let public_keys = Vec::new();
        Ok(Self { scheme, signatures, message, key, public_keys, time: None, fetched })
    }

    /// Whether more is proven than who sent it.
    pub fn is_signed(&self) -> bool {
        !matches!(self.scheme, Scheme::Token | Scheme::None)
    }

    /// Whether what this method proves includes a part: only then may an id be believed by itself.
    pub fn covers(&self, part: &Part, form: &BodyForm) -> bool {
        match &self.scheme {
            Scheme::Token | Scheme::None => false,
            Scheme::Jws(rule) => {
                let is_of_body = matches!(part, Part::Body | Part::Json(_) | Part::Form(_));
                let is_the_body = self.signatures.iter().all(|rule| rule.place == Place::Body);
                is_of_body
                    && (rule.covers_body()
                        || (is_the_body && matches!(form, BodyForm::Jws | BodyForm::JwsInner(_))))
            }
            Scheme::Code(vendor, _) => match (part, form) {
                (Part::Body | Part::Json(_), BodyForm::FormJson(name) | BodyForm::Base64(name)) => {
                    vendor.code().covers(&Part::Form(name.clone()))
                }
                _ => vendor.code().covers(part),
            },
            Scheme::Fetched => self.fetched.as_ref().is_some_and(|rule| rule.covers(part)),
            Scheme::Hmac(_) | Scheme::PublicKey(_) | Scheme::Digest(_) => match part {
                Part::Body | Part::Json(_) => self.signs(part) || self.signs_content(form),
                Part::Form(_) => self.signs(part) || self.signs(&Part::Body) || self.signs(&Part::FormSorted),
                other => self.signs(other),
            },
        }
    }

    /// Whether it cannot be checked without the URL that the sender was given.
    pub fn needs_url(&self) -> bool {
        match &self.scheme {
            Scheme::Code(vendor, _) => vendor.signs_url(),
            Scheme::Jws(rule) => rule.names_url(),
            Scheme::Hmac(_) | Scheme::PublicKey(_) | Scheme::Digest(_) => {
                self.signs(&Part::Url) || self.signs(&Part::Endpoint)
            }
            Scheme::Token | Scheme::Fetched | Scheme::None => false,
        }
    }

    /// Whether it is the form's fields that are signed, one behind the other: their order, their spelling and where one ends
    /// are then anybody's.
    pub fn signs_fields(&self) -> bool {
        match self.scheme {
            Scheme::Code(vendor, _) => vendor.signs_fields(),
            _ => self.signs(&Part::FormSorted),
        }
    }

    /// Whether a body could go on behind what was signed: whoever has a plain hash, but not the secret in it, can compute it of a
    /// longer text, unless the secret stands last.
    pub fn is_extendable(&self) -> bool {
        let mut from_body = self.message.parts().skip_while(|part| **part != Part::Body);
        let is_plain = matches!(self.scheme, Scheme::Digest(_));
        is_plain && from_body.next().is_some() && from_body.all(|part| *part != Part::Secret)
    }

    fn signs(&self, part: &Part) -> bool {
        self.message.parts().any(|signed| signed == part)
    }

    /// Whether all that the data is made of is signed: the body, or the field of it that the row names.
    fn signs_content(&self, form: &BodyForm) -> bool {
        self.signs(&Part::Body)
            || self.signs(&Part::FormSorted)
            || match form {
                BodyForm::FormJson(name) | BodyForm::Base64(name) => self.signs(&Part::Form(name.clone())),
                _ => false,
            }
    }
}

fn read_scheme(fields: &mut Fields<'_>) -> Scheme {
    const SCHEMES: &[(&str, u8)] =
        &[("hmac", 0), ("public-key", 1), ("digest", 2), ("token", 3), ("none", 4), ("code", 5), ("jws", 6)];
    match fields.choice("scheme", SCHEMES).unwrap_or(0) {
        0 => Scheme::Hmac(fields.choice("algorithm", HASHES).unwrap_or(Hash::Sha256)),
        1 => Scheme::PublicKey(
            fields.choice("algorithm", PUBLIC_ALGORITHMS).unwrap_or(PublicAlgorithm::Ed25519),
        ),
        2 => Scheme::Digest(fields.choice("algorithm", HASHES).unwrap_or(Hash::Sha256)),
        3 => Scheme::Token,
        5 => Scheme::Fetched,
        6 => Scheme::Jws(JwsRule::read(fields)),
        _ => Scheme::None,
    }
}

/// PEM texts that stand in the row itself.
fn read_public_keys(fields: &mut Fields<'_>, scheme: &Scheme) -> Vec<PublicKey> {
    let Scheme::PublicKey(algorithm) = scheme else { return Vec::new() };
    fields.texts("public-key", |text| PublicKey::read(*algorithm, KeyShape::Pem, text.as_bytes()))
}

const PLACES: [&str; 6] = ["header", "headers", "json", "form", "query", "body"];

fn read_place(fields: &mut Fields<'_>, key: &'static str) -> Option<usize> {
    fields.number(key, 1..=40).and_then(|place| usize::try_from(place).ok())
}

fn read_signature(table: &Table, encoding: Encoding) -> Result<SignatureRule, Vec<Mistake>> {
    let mut fields = Fields::new(table);
    let places = [
        fields.parsed("header", parse_header_name).map(Place::Header),
        fields.parsed("headers", parse_header_prefix).map(Place::Headers),
        fields.parsed("json", Pointer::parse).map(Place::Json),
        fields.string("form").map(|name| Place::Form(name.to_owned())),
        fields.string("query").map(|name| Place::Query(name.to_owned())),
        fields.boolean("body").filter(|is_body| *is_body).map(|_| Place::Body),
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
        position: read_place(&mut fields, "position"),
        after: read_place(&mut fields, "after"),
        strip: owned(fields.string("strip")),
        ..SignatureRule::new(Place::Query(String::new()), encoding)
    };
    let mut mistakes = fields.finish();
    if written != 1 {
        mistakes.push(Mistake::new(
            "a signature stands in one place",
            "write one of header, headers, json, form, query or body = true; several places are a list of tables",
        ));
    }
    match place {
        Some(place) if mistakes.is_empty() => Ok(SignatureRule { place, ..rule }),
        _ => Err(mistakes),
    }
}

pub fn parse_header_prefix(text: &str) -> Result<String, Mistake> {
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
    let (form, shape) = fields.choice("as", KEY_FORMS).unwrap_or((KeyForm::Utf8, KeyShape::Raw));
    let rule = KeyRule {
        form,
        shape,
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
        fields.string("query").map(|name| Part::Query(name.to_owned())),
        fields.string("form").map(|name| Part::Form(name.to_owned())),
    ];
    let is_optional = fields.boolean("optional").unwrap_or(false);
    let form = fields.choice("format", TIME_FORMS).unwrap_or(TimeForm::Seconds);
    let tolerance = fields.duration("tolerance").unwrap_or(TOLERANCE);
    let mut mistakes = fields.finish();
    let from = places.into_iter().flatten().next();
    match from {
        Some(from) if mistakes.is_empty() => return Ok(TimeRule { from, form, tolerance, is_optional }),
        Some(_) => {}
        None => mistakes.push(Mistake::new(
            "nothing says where the timestamp stands",
            "write one of header, sig, json, query or form",
        )),
    }
    Err(mistakes)
}
