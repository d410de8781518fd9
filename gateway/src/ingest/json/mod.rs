//! JSON, scanned once: one pass checks RFC 8259's grammar, drops the white space between tokens and notes where each value
//! stands. Nothing is converted: numbers, escapes and repeated keys stay as spelt.

mod plain;
mod scan;

use std::borrow::Cow;

use scan::Scanner;

/// How deep arrays and objects may nest; deeper is not taken for JSON.
pub const DEPTH_MAX: usize = 128;

/// The text is outside the grammar, not UTF-8, too deep or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotJson {
    /// Where the scan stopped, in bytes.
    pub at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

/// One value (or key): its bytes in the minified text and the node after its last descendant.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    /// Whether there is a backslash in this string.
    is_escaped: bool,
    start: u32,
    end: u32,
    next: u32,
}

/// A JSON text without white space between its tokens, and a flat list of its values in the order of the text. An object's
/// node is followed by its first key, that key's value, the second key, and so on.
#[derive(Debug)]
pub struct Document {
    text: String,
    nodes: Vec<Node>,
}

impl Document {
    /// # Errors
    /// When the bytes are not one JSON text of at most [`DEPTH_MAX`] levels.
    ///
    /// ```
    /// use hookcast::ingest::json::Document;
    /// let document = Document::scan(b"{ \"a\" : [1e400, \"\\ud800\"] }").unwrap();
    /// assert_eq!(document.root().raw(), "{\"a\":[1e400,\"\\ud800\"]}");
    /// assert!(Document::scan(b"{'a':1}").is_err());
    /// ```
    pub fn scan(bytes: &[u8]) -> Result<Self, NotJson> {
        let input =
            simdutf8::compat::from_utf8(bytes).map_err(|error| NotJson { at: error.valid_up_to() })?;
        if u32::try_from(input.len()).is_err() {
            return Err(NotJson { at: 0 });
        }
        Scanner::new(input).finish()
    }

    pub fn root(&self) -> Value<'_> {
        Value { document: self, node: 0 }
    }

    /// The value that [`Value::node`] named.
    pub fn value(&self, node: usize) -> Value<'_> {
        Value { document: self, node }
    }
}

/// One value of a [`Document`].
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    document: &'a Document,
    node: usize,
}

impl<'a> Value<'a> {
    fn at(self) -> Node {
        self.document.nodes[self.node]
    }

    /// Its place in the document's list of values.
    pub fn node(self) -> usize {
        self.node
    }

    /// The place after its last descendant: of the value that follows it, if one does.
    pub fn next(self) -> usize {
        self.at().next as usize
    }

    pub fn kind(self) -> Kind {
        self.at().kind
    }

    /// The value's JSON, as spelt but for white space.
    pub fn raw(self) -> &'a str {
        &self.document.text[self.at().start as usize..self.at().end as usize]
    }

    /// Where the value's JSON stands in the root's.
    pub fn range(self) -> std::ops::Range<usize> {
        self.at().start as usize..self.at().end as usize
    }

    pub fn is_null(self) -> bool {
        self.raw() == "null"
    }

    /// A scalar as text: a string without quotes and escapes, a number or boolean as spelt. Null, arrays and objects have none.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.kind() {
            Kind::String if !self.at().is_escaped => Some(Cow::Borrowed(self.inner())),
            Kind::String => Some(unescape(self.inner())),
            Kind::Number => Some(Cow::Borrowed(self.raw())),
            Kind::Literal if !self.is_null() => Some(Cow::Borrowed(self.raw())),
            _ => None,
        }
    }

    /// A member by its key; of repeated keys the last wins, as in browsers.
    pub fn member(self, key: &str) -> Option<Value<'a>> {
        self.members().filter(|(name, _)| name.is_spelt(key)).last().map(|(_, value)| value)
    }

    /// Keys and values of an object, in order; nothing of any other kind.
    pub fn members(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let end = if self.kind() == Kind::Object { self.at().next as usize } else { 0 };
        let mut node = self.node + 1;
        std::iter::from_fn(move || {
            (node < end).then(|| {
                let (key, value) = (Value { node, ..self }, Value { node: node + 1, ..self });
                node = value.at().next as usize;
                (key, value)
            })
        })
    }

    /// Elements of an array, in order; nothing of any other kind.
    pub fn elements(self) -> impl Iterator<Item = Value<'a>> {
        let end = if self.kind() == Kind::Array { self.at().next as usize } else { 0 };
        let mut node = self.node + 1;
        std::iter::from_fn(move || {
            (node < end).then(|| {
                let value = Value { node, ..self };
                node = value.at().next as usize;
                value
            })
        })
    }

    /// A string's characters between its quotes, as spelt.
    fn inner(self) -> &'a str {
        let raw = self.raw();
        &raw[1..raw.len() - 1]
    }

    /// Whether this string, or key, is that text.
    pub fn is_spelt(self, key: &str) -> bool {
        let Node { is_escaped, start, end, .. } = self.at();
        if is_escaped {
            return unescape(self.inner()) == key;
        }
        // Most keys that are asked are others, and most others are of another length.
        let quoted = start as usize..end as usize;
        quoted.len() == key.len() + 2
            && self.document.text.as_bytes()[quoted.start + 1..quoted.end - 1] == *key.as_bytes()
    }
}

/// Resolves escapes; half of a surrogate pair, which no text can hold, becomes U+FFFD.
fn unescape(inner: &str) -> Cow<'_, str> {
    let Some(first) = inner.find('\\') else { return Cow::Borrowed(inner) };
    let mut text = String::with_capacity(inner.len());
    text.push_str(&inner[..first]);
    let mut rest = &inner[first..];
    while let Some(found) = rest.find('\\') {
        text.push_str(&rest[..found]);
        let escape = rest.as_bytes()[found + 1];
        rest = &rest[found + 2..];
        if escape == b'u' {
            let (character, after) = unescape_unicode(rest);
            text.push(character);
            rest = after;
        } else {
            text.push(match escape {
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                same => char::from(same),
            });
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Reads what follows `\u`: four hex digits, and a second escape where the first is half a pair.
fn unescape_unicode(rest: &str) -> (char, &str) {
    let unit = |digits: &str| u32::from_str_radix(digits, 16).expect("the scanner let only hex digits pass");
    let (high, after) = (unit(&rest[..4]), &rest[4..]);
    if (0xD800..0xDC00).contains(&high) && after.starts_with("\\u") {
        let low = unit(&after[2..6]);
        if (0xDC00..0xE000).contains(&low) {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), &after[6..]);
        }
    }
    (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), after)
}
