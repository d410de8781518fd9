//! The pass over a JSON text: grammar, minifying and the list of values at once. Looks nothing up.

use super::plain::Plain;
use super::{DEPTH_MAX, Document, Kind, Node, NotJson};

/// The pass itself. `None` from any step means: not JSON, and `at` says where.
pub(super) struct Scanner<'a> {
    input: &'a str,
    at: usize,
    /// Where the run of bytes that is not yet copied begins.
    run: usize,
    /// White space left out so far: a token's place in the text is its place in the input less this.
    dropped: usize,
    plain: Plain,
    text: String,
    nodes: Vec<Node>,
    /// Nodes of the arrays and objects around this place.
    open: Vec<u32>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a str) -> Self {
        Self {
            input,
            at: 0,
            run: 0,
            dropped: 0,
            plain: Plain::new(),
            text: String::with_capacity(input.len()),
            nodes: Vec::with_capacity(input.len() / 16 + 4),
            open: Vec::with_capacity(8),
        }
    }

    pub(super) fn finish(mut self) -> Result<Document, NotJson> {
        match self.scan() {
            Some(()) => Ok(Document { text: self.text, nodes: self.nodes }),
            None => Err(NotJson { at: self.at }),
        }
    }

    fn scan(&mut self) -> Option<()> {
        loop {
            self.space();
            if self.value()? {
                continue;
            }
            if !self.after_value()? {
                break;
            }
        }
        self.text.push_str(&self.input[self.run..self.at]);
        (self.at == self.input.len()).then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.input.as_bytes().get(self.at).copied()
    }

    fn place(&self) -> u32 {
        (self.at - self.dropped) as u32
    }

    /// Passes white space, and copies what came before it.
    #[inline]
    fn space(&mut self) {
        // A payload as it is sent has none.
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.pass_space();
        }
    }

    #[cold]
    fn pass_space(&mut self) {
        let from = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        if self.at > from {
            self.text.push_str(&self.input[self.run..from]);
            self.run = self.at;
            self.dropped += self.at - from;
        }
    }

    /// One scalar, or the opening of an array or object: true when its first value comes next.
    fn value(&mut self) -> Option<bool> {
        match self.peek()? {
            b'{' => self.open(Kind::Object),
            b'[' => self.open(Kind::Array),
            b'"' => self.string().map(|()| false),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.number(),
        }
    }

    fn open(&mut self, kind: Kind) -> Option<bool> {
        if self.open.len() == DEPTH_MAX {
            return None;
        }
        self.open.push(self.nodes.len() as u32);
        self.nodes.push(Node { kind, start: self.place(), end: 0, next: 0 });
        self.at += 1;
        self.space();
        let closing = if kind == Kind::Object { b'}' } else { b']' };
        if self.peek()? == closing {
            self.close();
            return Some(false);
        }
        if kind == Kind::Object {
            self.key()?;
        }
        Some(true)
    }

    fn close(&mut self) {
        self.at += 1;
        let (end, next) = (self.place(), self.nodes.len() as u32);
        if let Some(node) = self.open.pop() {
            let node = &mut self.nodes[node as usize];
            (node.end, node.next) = (end, next);
        }
    }

    /// Closes what ends here; true when another value follows, false at the end of the text.
    fn after_value(&mut self) -> Option<bool> {
        loop {
            self.space();
            let Some(around) = self.open.last() else { return Some(false) };
            let is_object = self.nodes[*around as usize].kind == Kind::Object;
            match self.peek()? {
                b',' => {
                    self.at += 1;
                    if is_object {
                        self.space();
                        self.key()?;
                    }
                    return Some(true);
                }
                b'}' if is_object => self.close(),
                b']' if !is_object => self.close(),
                _ => return None,
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        if self.peek()? != b'"' {
            return None;
        }
        self.string()?;
        self.space();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let start = self.place();
        self.at += 1;
        loop {
            self.at = self.plain.end(self.input.as_bytes(), self.at);
            match self.peek()? {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
        self.at += 1;
        self.leaf(Kind::String, start);
        Some(())
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        match self.peek()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => {
                let digits = self.input.as_bytes().get(self.at + 1..self.at + 5)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.at += 5;
            }
            _ => return None,
        }
        Some(())
    }

    fn literal(&mut self, word: &str) -> Option<bool> {
        let start = self.place();
        if !self.input.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return None;
        }
        self.at += word.len();
        self.leaf(Kind::Literal, start);
        Some(false)
    }

    fn number(&mut self) -> Option<bool> {
        let start = self.place();
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.leaf(Kind::Number, start);
        Some(false)
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn leaf(&mut self, kind: Kind, start: u32) {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { kind, start, end: self.place(), next });
    }
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
