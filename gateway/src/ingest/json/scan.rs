//! The pass over a JSON text: grammar, minifying and the list of values at once. Looks nothing up.
//!
//! Where the pass stands is handed from step to step, never kept in memory: a payload has a value every twenty bytes, and what is
//! stored and loaded again for each costs more than the step itself.

#![allow(
    clippy::inline_always,
    reason = "measured: a step that is called keeps the place in memory, at twice the time"
)]

use super::plain::Plain;
use super::{DEPTH_MAX, Document, Kind, Node, NotJson};

/// What is made on the way. A step takes the place where it begins, and gives the one where it ended.
pub(super) struct Scanner<'a> {
    input: &'a str,
    /// Where the run of bytes that is not yet copied begins.
    run: usize,
    /// White space left out so far: a token's place in the text is its place in the input less this.
    dropped: usize,
    text: String,
    nodes: Vec<Node>,
    /// Nodes of the arrays and objects around this place.
    open: Vec<u32>,
}

/// A place, or where it is no JSON.
type Step = Result<usize, NotJson>;

/// The byte at a place; none beyond the end, and no token begins with it.
#[inline(always)]
fn byte(bytes: &[u8], at: usize) -> u8 {
    if at < bytes.len() { bytes[at] } else { 0 }
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a str) -> Self {
        Self {
            input,
            run: 0,
            dropped: 0,
            text: String::with_capacity(input.len()),
            nodes: Vec::with_capacity(input.len() / 16 + 4),
            open: Vec::with_capacity(8),
        }
    }

    pub(super) fn finish(mut self) -> Result<Document, NotJson> {
        let end = self.scan()?;
        if end < self.input.len() {
            return Err(NotJson { at: end });
        }
        self.text.push_str(&self.input[self.run..end]);
        Ok(Document { text: self.text, nodes: self.nodes })
    }

    /// One value after the other, to where the first one ends.
    fn scan(&mut self) -> Step {
        let bytes = self.input.as_bytes();
        let mut plain = Plain::new();
        let mut at = 0;
        loop {
            at = self.space(at);
            at = match byte(bytes, at) {
                b'"' => self.string(&mut plain, at)?,
                opening @ (b'{' | b'[') => {
                    let is_object = opening == b'{';
                    let inside = self.open(if is_object { Kind::Object } else { Kind::Array }, at)?;
                    // The closing bracket stands two behind the opening one in ASCII.
                    if byte(bytes, inside) != opening + 2 {
                        at = if is_object { self.key(&mut plain, inside)? } else { inside };
                        continue;
                    }
                    self.close(inside)
                }
                b't' => self.literal("true", at)?,
                b'f' => self.literal("false", at)?,
                b'n' => self.literal("null", at)?,
                _ => self.number(at)?,
            };
            loop {
                at = self.space(at);
                let Some(around) = self.open.last() else { return Ok(at) };
                let is_object = self.nodes[*around as usize].kind == Kind::Object;
                match byte(bytes, at) {
                    b',' if is_object => {
                        at = self.space(at + 1);
                        at = self.key(&mut plain, at)?;
                        break;
                    }
                    b',' => {
                        at += 1;
                        break;
                    }
                    b'}' if is_object => at = self.close(at),
                    b']' if !is_object => at = self.close(at),
                    _ => return Err(NotJson { at }),
                }
            }
        }
    }

    #[inline(always)]
    fn place(&self, at: usize) -> u32 {
        (at - self.dropped) as u32
    }

    /// Passes white space, and copies what came before it.
    #[inline(always)]
    fn space(&mut self, at: usize) -> usize {
        // A payload as it is sent has none.
        if byte(self.input.as_bytes(), at) <= b' ' { self.pass_space(at) } else { at }
    }

    #[cold]
    fn pass_space(&mut self, from: usize) -> usize {
        let rest = self.input.as_bytes().get(from..).unwrap_or_default();
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let space = rest.iter().take_while(|byte| is_space(byte)).count();
        if space > 0 {
            self.text.push_str(&self.input[self.run..from]);
            self.run = from + space;
            self.dropped += space;
        }
        from + space
    }

    /// To the first token inside.
    #[inline(always)]
    fn open(&mut self, kind: Kind, at: usize) -> Step {
        if self.open.len() == DEPTH_MAX {
            return Err(NotJson { at });
        }
        self.open.push(self.nodes.len() as u32);
        self.nodes.push(Node { kind, is_escaped: false, start: self.place(at), end: 0, next: 0 });
        Ok(self.space(at + 1))
    }

    #[inline(always)]
    fn close(&mut self, at: usize) -> usize {
        let (end, next) = (self.place(at + 1), self.nodes.len() as u32);
        if let Some(node) = self.open.pop() {
            let node = &mut self.nodes[node as usize];
            (node.end, node.next) = (end, next);
        }
        at + 1
    }

    /// With the colon behind it.
    #[inline(always)]
    fn key(&mut self, plain: &mut Plain, at: usize) -> Step {
        if byte(self.input.as_bytes(), at) != b'"' {
            return Err(NotJson { at });
        }
        let at = self.string(plain, at)?;
        let at = self.space(at);
        if byte(self.input.as_bytes(), at) == b':' { Ok(at + 1) } else { Err(NotJson { at }) }
    }

    #[inline(always)]
    fn string(&mut self, plain: &mut Plain, from: usize) -> Step {
        let bytes = self.input.as_bytes();
        let (start, mut is_escaped) = (self.place(from), false);
        let mut at = plain.end(bytes, from + 1);
        loop {
            match byte(bytes, at) {
                b'"' => break,
                b'\\' => at = plain.end(bytes, escape(bytes, at)?),
                _ => return Err(NotJson { at }),
            }
            is_escaped = true;
        }
        self.leaf(Kind::String, is_escaped, start, at + 1);
        Ok(at + 1)
    }

    fn literal(&mut self, word: &str, at: usize) -> Step {
        if !self.input.as_bytes()[at..].starts_with(word.as_bytes()) {
            return Err(NotJson { at });
        }
        let start = self.place(at);
        self.leaf(Kind::Literal, false, start, at + word.len());
        Ok(at + word.len())
    }

    fn number(&mut self, from: usize) -> Step {
        let bytes = self.input.as_bytes();
        let mut at = from + usize::from(byte(bytes, from) == b'-');
        at = if byte(bytes, at) == b'0' { at + 1 } else { digits(bytes, at)? };
        if byte(bytes, at) == b'.' {
            at = digits(bytes, at + 1)?;
        }
        if matches!(byte(bytes, at), b'e' | b'E') {
            let is_signed = matches!(byte(bytes, at + 1), b'+' | b'-');
            at = digits(bytes, at + 1 + usize::from(is_signed))?;
        }
        let start = self.place(from);
        self.leaf(Kind::Number, false, start, at);
        Ok(at)
    }

    #[inline(always)]
    fn leaf(&mut self, kind: Kind, is_escaped: bool, start: u32, end: usize) {
        let (end, next) = (self.place(end), self.nodes.len() as u32 + 1);
        self.nodes.push(Node { kind, is_escaped, start, end, next });
    }
}

/// From a backslash to behind what it escapes.
#[inline(always)]
fn escape(bytes: &[u8], at: usize) -> Step {
    match byte(bytes, at + 1) {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
        b'u' => unicode(bytes, at),
        _ => Err(NotJson { at }),
    }
}

#[inline(never)]
fn unicode(bytes: &[u8], at: usize) -> Step {
    let digits = bytes.get(at + 2..at + 6);
    let is_hex = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    if is_hex { Ok(at + 6) } else { Err(NotJson { at }) }
}

/// One digit or more.
#[inline(always)]
fn digits(bytes: &[u8], from: usize) -> Step {
    let mut at = from;
    while byte(bytes, at).is_ascii_digit() {
        at += 1;
    }
    if at > from { Ok(at) } else { Err(NotJson { at }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::Value;
    use proptest::prelude::*;

    fn minified(text: &str) -> Option<String> {
        Document::scan(text.as_bytes()).ok().map(|document| document.root().raw().to_owned())
    }

    #[test]
    fn what_is_spelt_stays_spelt() {
        for text in
            ["1e400", "-0", "-0.0E+1", "\"\\ud800\"", "\"\\u0000\"", "{\"a\":1,\"a\":2}", "[]", "{}", "\"ä\""]
        {
            assert_eq!(minified(text).as_deref(), Some(text));
        }
        assert_eq!(minified(" { \"a b\" : [ 1 , { } , [ ] ] } \n").as_deref(), Some("{\"a b\":[1,{},[]]}"));
    }

    #[test]
    fn what_is_outside_the_grammar_is_not_json() {
        for text in [
            "",
            " ",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "-",
            "nul",
            "tru",
            "{",
            "[",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{,}",
            "[1 2]",
            "\"\t\"",
            "\"\u{0}\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u12",
            "1 1",
            "{\"a\":1,}",
            "NaN",
            "'a'",
            "\u{feff}1",
            "[}",
            "{]",
            "/**/1",
        ] {
            assert_eq!(minified(text), None, "{text:?}");
        }
        assert!(Document::scan(b"\"\xff\"").is_err());
    }

    #[test]
    fn nesting_ends_at_128() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(minified(&nested(128)).is_some());
        assert!(minified(&nested(129)).is_none());
        assert!(minified(&"[".repeat(1_000_000)).is_none());
    }

    #[test]
    fn the_last_of_repeated_keys_wins_and_escapes_are_seen_through() {
        let document =
            Document::scan(br#"{"a":1,"b":[true,null,"x\n\ud83d\ude00\ud800"],"\u0061":2}"#).unwrap();
        assert_eq!(document.root().member("a").unwrap().raw(), "2");
        let texts: Vec<_> = document.root().member("b").unwrap().elements().map(Value::text).collect();
        assert_eq!(texts, [Some("true".into()), None, Some("x\n😀\u{fffd}".into())]);
        assert!(document.root().member("c").is_none());
    }

    fn json_text() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?",
            ".{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
            Just("\"\\ud83d\\ude00\\u0041\\/\"".to_owned()),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6)
                    .prop_map(|all| format!("[ {} ]", all.join(" ,\n"))),
                prop::collection::vec(("[a-c]{1,2}", inner), 0..6).prop_map(|all| {
                    let members: Vec<_> =
                        all.iter().map(|(key, value)| format!("\"{key}\"\t: {value}")).collect();
                    format!("{{{}}}", members.join(", "))
                }),
            ]
        })
    }

    /// White space outside strings taken away, byte by byte.
    fn strip(text: &str) -> String {
        let (mut stripped, mut in_string, mut escaped) = (String::new(), false, false);
        for character in text.chars() {
            if in_string || !matches!(character, ' ' | '\t' | '\n' | '\r') {
                stripped.push(character);
            }
            if character == '"' && !escaped {
                in_string = !in_string;
            }
            escaped = in_string && character == '\\' && !escaped;
        }
        stripped
    }

    fn raw_value_accepts(text: &str) -> bool {
        serde_json::from_str::<Box<serde_json::value::RawValue>>(text).is_ok()
    }

    proptest! {
        #[test]
        fn json_is_minified_and_means_the_same(text in json_text()) {
            let minified = minified(&text).expect("the generator makes JSON");
            prop_assert_eq!(&minified, &strip(&text));
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&minified).unwrap(), value);
            }
        }

        #[test]
        fn broken_json_is_judged_as_serde_json_judges_it(text in json_text(), at in 0usize..200, with in "[\\[\\]{},:\"0-9a-f\\\\ eE.+-]?") {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let after = text[at..].chars().next().map_or(0, char::len_utf8);
            let broken = format!("{}{with}{}", &text[..at], &text[at + after..]);
            prop_assert_eq!(minified(&broken).is_some(), raw_value_accepts(&broken), "{}", broken);
        }

        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let accepted = Document::scan(&bytes).is_ok();
            let expected = std::str::from_utf8(&bytes).is_ok_and(raw_value_accepts);
            prop_assert_eq!(accepted, expected);
        }

        #[test]
        fn members_are_found_as_serde_json_finds_them(text in json_text(), key in "[a-c]{1,2}") {
            let document = Document::scan(text.as_bytes()).unwrap();
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                let ours = document.root().member(&key).map(|found| serde_json::from_str::<serde_json::Value>(found.raw()).unwrap());
                prop_assert_eq!(ours.as_ref(), value.get(&key));
            }
        }
    }
}
