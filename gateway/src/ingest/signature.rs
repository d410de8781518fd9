//! Where a delivery carries its signatures, and how each candidate is cut out of its header, field or query. Compares
//! nothing; `verify` does.

use axum::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::delivery::Delivery;
use super::pointer::Pointer;
use super::template::Part;

/// Most candidates that are tried; a header with more is somebody making us work.
pub const CANDIDATES_MAX: usize = 10;

const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_encode_padding(false),
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Every header of this name.
    Header(HeaderName),
    /// Every header whose name begins so, in lower case.
    Headers(String),
    Json(Pointer),
    Form(String),
    Query(String),
    /// The body itself, which is a compact JWS.
    Body,
}

impl Place {
    /// Where a part of a template stands, if it stands in one place.
    pub fn of(part: &Part) -> Option<Self> {
        match part {
            Part::Header(name) => Some(Self::Header(name.clone())),
            Part::Json(pointer) => Some(Self::Json(pointer.clone())),
            Part::Form(name) => Some(Self::Form(name.clone())),
            Part::Query(name) => Some(Self::Query(name.clone())),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Hex,
    Base64,
    Base64Url,
    /// The text itself: tokens.
    Plain,
}

impl Encoding {
    /// Strict: what has a wrong digit, length or padding is no signature.
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => decode_hex(text),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64Url => BASE64_URL.decode(text).ok(),
            Self::Plain => Some(text.as_bytes().to_vec()),
        }
        .filter(|bytes| !bytes.is_empty())
    }

    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => BASE64_URL.encode(bytes),
            Self::Plain => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// Digits of both cases and nothing else: by a table, since most deliveries have one and `hex` compares each digit.
fn decode_hex(text: &str) -> Option<Vec<u8>> {
    const NO_DIGIT: u8 = 0xFF;
    const DIGITS: [u8; 256] = {
        let (mut digits, mut value) = ([NO_DIGIT; 256], 0);
        while value < 16 {
            digits[b"0123456789abcdef"[value] as usize] = value as u8;
            digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
            value += 1;
        }
        digits
    };
    let (pairs, odd) = text.as_bytes().as_chunks();
    let mut seen = 0;
    let byte = |&[high, low]: &[u8; 2]| {
        let (high, low) = (DIGITS[usize::from(high)], DIGITS[usize::from(low)]);
        seen |= high | low;
        high << 4 | low
    };
    let bytes = pairs.iter().map(byte).collect();
    (odd.is_empty() && seen < 16).then_some(bytes)
}

/// How candidates are cut out of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRule {
    pub place: Place,
    /// Separates whole signatures: `v1,a v1,b`.
    pub group: Option<String>,
    /// Separates pieces: `t=1,v1=a,v1=b`.
    pub split: Option<String>,
    /// Only pieces with this label; others are versions that we do not know.
    pub key: Option<String>,
    /// Between a label and its value.
    pub kv: String,
    /// Only the piece at this place, counted from 1.
    pub position: Option<usize>,
    /// Only the pieces after this many; those before are labelled by their number: `{sig:1}`.
    pub after: Option<usize>,
    /// Must stand before the signature. Letter case counts, except in an authentication scheme (it ends in a space).
    pub strip: Option<String>,
    pub encoding: Encoding,
}

/// What was found in one delivery by one rule or several.
#[derive(Debug, Default)]
pub struct Candidates {
    pub decoded: Vec<Vec<u8>>,
    /// Something stood where signatures stand.
    pub is_present: bool,
    pub labels: Labels,
}

/// The labelled pieces around a signature, such as `t` in `t=1,v1=…`.
#[derive(Debug, Default)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// The first piece with this label.
    pub fn get(&self, label: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == label).map(|(_, value)| value.as_str())
    }
}

impl Candidates {
    fn label(&mut self, label: String, value: &str) {
        if self.labels.0.len() < CANDIDATES_MAX {
            self.labels.0.push((label, value.trim().to_owned()));
        }
    }
}

impl SignatureRule {
    pub fn new(place: Place, encoding: Encoding) -> Self {
        Self {
            place,
            group: None,
            split: None,
            key: None,
            kv: "=".into(),
            position: None,
            after: None,
            strip: None,
            encoding,
        }
    }

    /// Adds the candidates of this rule, up to [`CANDIDATES_MAX`] in all.
    pub fn collect(&self, delivery: &Delivery, candidates: &mut Candidates) {
        self.each_value(delivery, |value| {
            // Gitea without a secret sends the header, but empty.
            if !value.is_empty() {
                candidates.is_present = true;
                split(value, self.group.as_deref())
                    .for_each(|signature| self.signature(signature, candidates));
            }
        });
    }

    fn signature(&self, signature: &str, candidates: &mut Candidates) {
        let mut pieces = split(signature, self.split.as_deref());
        match (self.position, self.after) {
            (Some(position), _) => {
                if let Some(piece) = pieces.nth(position - 1) {
                    self.piece(piece, candidates);
                }
            }
            (None, Some(after)) => {
                for (place, piece) in pieces.enumerate() {
                    if place >= after {
                        self.piece(piece, candidates);
                    } else {
                        candidates.label((place + 1).to_string(), piece);
                    }
                }
            }
            (None, None) => pieces.for_each(|piece| self.piece(piece, candidates)),
        }
    }

    fn piece(&self, piece: &str, candidates: &mut Candidates) {
        let piece = piece.trim();
        let Some(label) = &self.key else { return self.candidate(piece, candidates) };
        let Some((found, value)) = piece.split_once(self.kv.as_str()) else { return };
        let found = found.trim();
        if found == label {
            self.candidate(value.trim(), candidates);
        } else {
            candidates.label(found.to_owned(), value);
        }
    }

    fn candidate(&self, text: &str, candidates: &mut Candidates) {
        let stripped = match &self.strip {
            None => Some(text),
            Some(prefix) => strip(text, prefix),
        };
        if candidates.decoded.len() < CANDIDATES_MAX
            && let Some(decoded) = stripped.and_then(|text| self.encoding.decode(text))
        {
            candidates.decoded.push(decoded);
        }
    }

    fn each_value(&self, delivery: &Delivery, each: impl FnMut(&str)) {
        let headers = &delivery.headers;
        match &self.place {
            Place::Header(name) => texts(headers.get_all(name).iter()).for_each(each),
            Place::Headers(prefix) => {
                let named = headers.iter().filter(|(name, _)| name.as_str().starts_with(prefix.as_str()));
                texts(named.map(|(_, value)| value)).for_each(each);
            }
            Place::Json(pointer) => {
                let found = delivery.document().and_then(|document| pointer.find(document.root())?.text());
                found.as_deref().into_iter().for_each(each);
            }
            Place::Form(name) => delivery.form().all(name).take(CANDIDATES_MAX).for_each(each),
            Place::Body => std::str::from_utf8(&delivery.body).map(str::trim).into_iter().for_each(each),
            Place::Query(name) => delivery.query().all(name).take(CANDIDATES_MAX).for_each(each),
        }
    }
}

fn texts<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> impl Iterator<Item = &'a str> {
    values.filter_map(|value| value.to_str().ok()).take(CANDIDATES_MAX)
}

fn split<'a>(text: &'a str, separator: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    // One more than is tried, so that labels after many signatures are still bounded.
    const PIECES_MAX: usize = 4 * CANDIDATES_MAX;
    let whole = separator.is_none().then_some(text);
    let pieces = separator.map(|separator| text.split(separator).take(PIECES_MAX));
    whole.into_iter().chain(pieces.into_iter().flatten())
}

fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    if !prefix.ends_with(' ') {
        return text.strip_prefix(prefix);
    }
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text[prefix.len()..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rule: &SignatureRule, headers: &[(&'static str, &str)]) -> Candidates {
        let delivery = Delivery::posted("/hooks/a?token=q1&token=q2", headers, "{}");
        let mut candidates = Candidates::default();
        rule.collect(&delivery, &mut candidates);
        candidates
    }

    fn header(name: &'static str, encoding: Encoding) -> SignatureRule {
        SignatureRule::new(Place::Header(HeaderName::from_static(name)), encoding)
    }

    #[test]
    fn signatures_are_cut_out_of_lists() {
        let stripe =
            SignatureRule { split: Some(",".into()), key: Some("v1".into()), ..header("s", Encoding::Hex) };
        let candidates = found(&stripe, &[("s", "t=12, v1=0a,v0=0b,v1=0c,v1=zz")]);
        assert_eq!(candidates.decoded, [vec![10], vec![12]]);
        assert_eq!(candidates.labels.get("t"), Some("12"));

        let standard = SignatureRule {
            group: Some(" ".into()),
            key: Some("v1".into()),
            kv: ",".into(),
            ..header("s", Encoding::Base64)
        };
        assert_eq!(found(&standard, &[("s", "v1,AAE= v1a,AAI= v1,AAM=")]).decoded, [vec![0, 1], vec![0, 3]]);

        let second =
            SignatureRule { split: Some(";".into()), position: Some(2), ..header("s", Encoding::Plain) };
        assert_eq!(found(&second, &[("s", "a;b;c")]).decoded, [b"b".to_vec()]);

        let recurly = SignatureRule { split: Some(",".into()), after: Some(1), ..header("s", Encoding::Hex) };
        let candidates = found(&recurly, &[("s", "1614265330,0a,0b")]);
        assert_eq!(candidates.decoded, [vec![10], vec![11]]);
        assert_eq!(candidates.labels.get("1"), Some("1614265330"));
    }

    #[test]
    fn prefixes_are_required_and_several_headers_are_read() {
        let rule = SignatureRule { strip: Some("sha256=".into()), ..header("s", Encoding::Hex) };
        assert_eq!(
            found(&rule, &[("s", "sha256=0a"), ("s", "sha1=0b"), ("s", "sha256=0c")]).decoded.len(),
            2
        );
        assert!(found(&rule, &[("s", "")]).decoded.is_empty());
        assert!(!found(&rule, &[("s", "")]).is_present);

        let bearer =
            SignatureRule { strip: Some("Bearer ".into()), ..header("authorization", Encoding::Plain) };
        assert_eq!(found(&bearer, &[("authorization", "bearer  x")]).decoded, [b"x".to_vec()]);
        assert!(found(&bearer, &[("authorization", "Basic x")]).decoded.is_empty());

        let numbered = SignatureRule::new(Place::Headers("x-sig-".into()), Encoding::Hex);
        assert_eq!(
            found(&numbered, &[("x-sig-1", "0a"), ("x-sig-2", "0b"), ("x-other", "0c")]).decoded.len(),
            2
        );

        let query = SignatureRule::new(Place::Query("token".into()), Encoding::Plain);
        assert_eq!(found(&query, &[]).decoded, [b"q1".to_vec(), b"q2".to_vec()]);
    }

    #[test]
    fn no_more_than_ten_are_tried() {
        let rule = SignatureRule { split: Some(",".into()), ..header("s", Encoding::Hex) };
        assert_eq!(found(&rule, &[("s", &"0a,".repeat(1_000))]).decoded.len(), CANDIDATES_MAX);
    }

    #[test]
    fn decoding_is_strict() {
        for (encoding, text) in [
            (Encoding::Hex, "abc"),
            (Encoding::Hex, "0x0a"),
            (Encoding::Hex, "0a "),
            (Encoding::Hex, "0ä"),
            (Encoding::Hex, ""),
            (Encoding::Base64, "AAE"),
            (Encoding::Base64, "AA-_"),
            (Encoding::Base64Url, "AA+/"),
            (Encoding::Plain, ""),
        ] {
            assert_eq!(encoding.decode(text), None, "{encoding:?} {text:?}");
        }
        assert_eq!(Encoding::Base64Url.decode("AA-_"), Some(vec![0, 15, 191]));
        for pair in 0..=u16::MAX {
            let bytes = pair.to_be_bytes();
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            assert_eq!(Encoding::Hex.decode(text), hex::decode(text).ok(), "{text:?}");
        }
    }
}
