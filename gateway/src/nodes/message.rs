//! What nodes say to each other on one channel that all of them hear. Pure.
//!
//! ```text
//! 1 here FROM STANDING                         I am; said again and again, and at once to whoever is new
//! 1 gone FROM                                  I leave
//! 1 ask CALL FROM QUESTION
//! 1 answer CALL TO FROM PART PARTS PIECE       an answer comes in pieces, numbered from 1
//! ```
//! `1` is the schema: a message of another one is not read. QUESTION and STANDING are JSON, and so is what the pieces make together.

/// Longest message, in bytes; a longer one is not read.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Of an answer in one message; the rest is for its head.
const PIECE_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 256;
/// Of one answer.
pub(super) const PIECES_MAX: usize = 16;
/// The longest answer; a longer one is not given, and missed.
pub(super) const ANSWER_BYTES_MAX: usize = PIECE_BYTES_MAX * (PIECES_MAX - 1);

/// A message of this build's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message<'a> {
    Here { from: &'a str, standing: &'a str },
    Gone { from: &'a str },
    Ask { call: &'a str, from: &'a str, question: &'a str },
    Answer { call: &'a str, to: &'a str, from: &'a str, part: usize, parts: usize, piece: &'a str },
}

impl<'a> Message<'a> {
    /// None for what this build does not know.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MESSAGE_BYTES_MAX)?;
        let (kind, rest) = text.strip_prefix("1 ")?.split_once(' ')?;
        match kind {
            "here" => {
                let (from, standing) = name_and(rest)?;
                Some(Self::Here { from, standing })
            }
            "gone" => is_name(rest).then_some(Self::Gone { from: rest }),
            "ask" => {
                let (call, rest) = name_and(rest)?;
                let (from, question) = name_and(rest)?;
                Some(Self::Ask { call, from, question })
            }
            "answer" => {
                let (call, rest) = name_and(rest)?;
                let (to, rest) = name_and(rest)?;
                let (from, rest) = name_and(rest)?;
                let (part, rest) = rest.split_once(' ')?;
                let (parts, piece) = rest.split_once(' ')?;
                let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
                let is_one = (1..=PIECES_MAX).contains(&parts) && (1..=parts).contains(&part);
                is_one.then_some(Self::Answer { call, to, from, part, parts, piece })
            }
            _ => None,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Here { from, standing } => format!("1 here {from} {standing}"),
            Self::Gone { from } => format!("1 gone {from}"),
            Self::Ask { call, from, question } => format!("1 ask {call} {from} {question}"),
            Self::Answer { call, to, from, part, parts, piece } => {
                format!("1 answer {call} {to} {from} {part} {parts} {piece}")
            }
        }
    }
}

fn name_and(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ').filter(|(name, _)| is_name(name))
}

/// Nodes and calls are named alike: 8 of `a-z0-9`.
fn is_name(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

/// An answer's pieces, in order; one at least.
pub(super) fn pieces(answer: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), answer);
    while rest.len() > PIECE_BYTES_MAX {
        let (piece, later) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES_MAX));
        pieces.push(piece);
        rest = later;
    }
    pieces.push(rest);
    pieces
}

/// An answer on its way.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    parts: Vec<Option<String>>,
}

impl Pieces {
    /// Takes a piece; the whole answer once all are here.
    pub(super) fn take(&mut self, part: usize, parts: usize, piece: &str) -> Option<String> {
        if self.parts.is_empty() {
            self.parts.resize(parts, None);
        }
        // Who changes the number of parts meanwhile is not understood.
        let slot = self.parts.get_mut(part - 1)?;
        *slot = Some(piece.to_owned());
        self.parts.iter().map(Option::as_deref).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back() {
        let (from, to, call) = ("aaaaaaaa", "bbbbbbbb", "c0c0c0c0");
        for message in [
            Message::Here { from, standing: r#"{"a": "b c"}"# },
            Message::Gone { from },
            Message::Ask { call, from, question: r#""standing""# },
            Message::Answer { call, to, from, part: 2, parts: 3, piece: " x \u{e9} " },
            Message::Answer { call, to, from, part: 1, parts: 1, piece: "" },
        ] {
            assert_eq!(Message::parse(message.text().as_bytes()), Some(message));
        }
    }

    #[test]
    fn what_is_not_this_schema_is_nothing() {
        for text in [
            "",
            "1",
            "1 ",
            "2 gone aaaaaaaa",
            "1 gone AAAAAAAA",
            "1 gone aaaaaaa",
            "1 sing aaaaaaaa x",
            "1 ask c0c0c0c0 aaaaaaaa",
            "1 answer c0c0c0c0 bbbbbbbb aaaaaaaa 0 1 x",
            "1 answer c0c0c0c0 bbbbbbbb aaaaaaaa 2 1 x",
            "1 answer c0c0c0c0 bbbbbbbb aaaaaaaa 1 17 x",
            "1 answer c0c0c0c0 bbbbbbbb aaaaaaaa -1 1 x",
        ] {
            assert_eq!(Message::parse(text.as_bytes()), None, "{text}");
        }
        let long = format!("1 here aaaaaaaa {}", "x".repeat(MESSAGE_BYTES_MAX));
        assert_eq!(Message::parse(long.as_bytes()), None);
        assert_eq!(Message::parse(b"1 gone \xff\xff\xff\xff\xff\xff\xff\xff"), None);
    }

    #[test]
    fn an_answer_in_pieces_comes_together_in_any_order() {
        let answer = "\u{e9}x".repeat(60_000);
        let whole = pieces(&answer);
        assert!(whole.len() > 1 && whole.iter().all(|piece| piece.len() <= PIECE_BYTES_MAX));
        let (mut taken, parts) = (Pieces::default(), whole.len());
        for (index, piece) in whole.iter().enumerate().skip(1).rev() {
            assert_eq!(taken.take(index + 1, parts, piece), None);
        }
        assert_eq!(taken.take(9, 9, "of another number of parts"), None);
        assert_eq!(taken.take(1, parts, whole[0]), Some(answer));
        assert_eq!(pieces(""), [""]);
        assert_eq!(pieces(&"x".repeat(ANSWER_BYTES_MAX)).len(), PIECES_MAX - 1);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            Message::parse(&bytes);
            Message::parse(&[b"1 answer c0c0c0c0 bbbbbbbb aaaaaaaa ".as_slice(), &bytes].concat());
        }
    }
}
