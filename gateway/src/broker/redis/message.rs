//! What a stream's channel carries: `1 epoch offset time key topic body`, the `1` being the schema. Without a body the
//! event is too large to be pushed. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;

use crate::broker::{DedupeKey, Entry};
use crate::position::Epoch;
use crate::topic::Topic;

/// A message of this build's schema.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Entry { epoch: Epoch, entry: Entry },
    Grown { epoch: Epoch, top: u64 },
}

impl Message {
    /// None for what this build does not know: a later schema, or no message of ours.
    pub(super) fn parse(bytes: &Bytes) -> Option<Self> {
        let mut fields = bytes.splitn(7, |byte| *byte == b' ');
        let mut next = || fields.next().and_then(|field| std::str::from_utf8(field).ok());
        if next()? != "1" {
            return None;
        }
        let epoch: Epoch = next()?.parse().ok()?;
        let offset: u64 = next()?.parse().ok().filter(|offset| *offset > 0)?;
        let at_ms = next()?.parse().ok()?;
        let key = parse_key(next()?.as_bytes())?;
        let topic = Topic::parse(next()?).ok()?;
        let Some(body) = fields.next() else { return Some(Self::Grown { epoch, top: offset }) };
        let body = bytes.slice_ref(body);
        Some(Self::Entry { epoch, entry: Entry { offset, at_ms, topic, key, body } })
    }
}

/// The key as it stands in Redis: base64url, 43 letters.
pub(super) fn key_text(key: &DedupeKey) -> String {
    URL_SAFE_NO_PAD.encode(key.0)
}

pub(super) fn parse_key(text: &[u8]) -> Option<DedupeKey> {
    let mut key = [0; 32];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut key) {
        Ok(32) => Some(DedupeKey(key)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Message> {
        Message::parse(&Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn a_message_reads_back_with_spaces_in_its_body() {
        let key = DedupeKey([7; 32]);
        let text = format!("1 abcd0123 41 1700000000000 {} github/push {{\"a\": \"b c\"}}", key_text(&key));
        let Some(Message::Entry { epoch, entry }) = parse(&text) else { panic!("an entry") };
        assert_eq!(
            (epoch.as_str(), entry.offset, entry.at_ms, entry.key),
            ("abcd0123", 41, 1_700_000_000_000, key)
        );
        assert_eq!((entry.topic.as_str(), &entry.body[..]), ("github/push", &b"{\"a\": \"b c\"}"[..]));
        let large = &text[..text.find(" {").unwrap()];
        assert_eq!(parse(large), Some(Message::Grown { epoch, top: 41 }));
    }

    #[test]
    fn what_is_not_this_schema_is_nothing() {
        let key = key_text(&DedupeKey([7; 32]));
        for text in [
            String::new(),
            "2 abcd0123 41 1 k github/push {}".into(),
            format!("1 abcd0123 0 1 {key} github/push {{}}"),
            format!("1 ABCD 41 1 {key} github/push {{}}"),
            format!("1 abcd0123 41 1 {key}x github/push {{}}"),
            format!("1 abcd0123 41 1 {key} github {{}}"),
            format!("1 abcd0123 41 1 {key}"),
        ] {
            assert_eq!(parse(&text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            Message::parse(&Bytes::from([b"1 abcd0123 ".as_slice(), &bytes].concat()));
            Message::parse(&Bytes::from(bytes));
        }
    }
}
