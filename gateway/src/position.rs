//! Where in a stream's history something stands: epochs, offsets, positions, and how one is judged. Pure.

use std::fmt;
use std::str::FromStr;

/// Most past epochs that a store remembers for a stream; older positions are of an unknown epoch.
pub const PAST_EPOCHS_MAX: usize = 32;

/// The one history of the store that gave a number: 8 random `a-z0-9`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch([u8; 8]);

impl Epoch {
    /// Maps random bytes to letters; the slight bias towards the first four letters does no harm to a name.
    pub fn from_random(random: [u8; 8]) -> Self {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        Self(random.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an epoch is ASCII by construction")
    }
}

impl FromStr for Epoch {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let bytes: [u8; 8] = text.as_bytes().try_into().map_err(|_| BadPosition)?;
        let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if bytes.iter().all(allowed) { Ok(Self(bytes)) } else { Err(BadPosition) }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text is not `epoch:offset`, or names what was never given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPosition;

impl fmt::Display for BadPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a position is an epoch and an offset that was given out, such as `k3f9a0zq:41`")
    }
}

impl std::error::Error for BadPosition {}

/// `epoch:offset`: everything up to and with this offset has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    pub epoch: Epoch,
    pub offset: u64,
}

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let (epoch, offset) = text.split_once(':').ok_or(BadPosition)?;
        if offset.is_empty() || !offset.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadPosition);
        }
        Ok(Self { epoch: epoch.parse()?, offset: offset.parse().map_err(|_| BadPosition)? })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.epoch, self.offset)
    }
}

/// What a store knows of a stream at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub epoch: Epoch,
    /// Newest offset given out; 0 before the first event.
    pub top: u64,
    /// Oldest offset retained; `top + 1` when none is.
    pub first: u64,
    /// Earlier epochs, newest first, each with the last offset of it that survived; at most [`PAST_EPOCHS_MAX`].
    pub past: Vec<(Epoch, u64)>,
}

/// Where a reader who stands at a position goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// Nothing was lost up to here: go on after this offset.
    After(u64),
    /// What follows this offset in the reader's epoch did not survive, or the epoch is unknown: tell a gap, then go on.
    Lost { after: u64 },
    /// The offset was never given out, as far as this head knows.
    Beyond,
}

impl Head {
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, offset: self.top }
    }

    /// Judges a position by the epochs that this store remembers.
    pub fn resume(&self, position: Position) -> Resumption {
        if position.epoch == self.epoch {
            return if position.offset <= self.top {
                Resumption::After(position.offset)
            } else {
                Resumption::Beyond
            };
        }
        match self.past.iter().find(|(epoch, _)| *epoch == position.epoch) {
            Some((_, end)) if position.offset <= *end => Resumption::After(position.offset),
            Some((_, end)) => Resumption::Lost { after: *end },
            None => Resumption::Lost { after: self.first - 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(text: &str) -> Epoch {
        text.parse().unwrap()
    }

    #[test]
    fn positions_read_back_and_refuse_all_else() {
        assert_eq!("abcd0123:41".parse::<Position>().unwrap().to_string(), "abcd0123:41");
        for text in [
            "",
            "abcd0123",
            "abcd0123:",
            "abcd0123:-1",
            "abcd0123:+1",
            "ABCD0123:1",
            "abc:1",
            "abcd0123:99999999999999999999",
        ] {
            assert_eq!(text.parse::<Position>(), Err(BadPosition), "{text}");
        }
    }

    #[test]
    fn a_position_is_judged_by_where_its_epoch_ended() {
        let head = Head { epoch: epoch("new00000"), top: 90, first: 11, past: vec![(epoch("old00000"), 40)] };
        let at = |name: &str, offset| head.resume(Position { epoch: epoch(name), offset });
        assert_eq!(at("new00000", 90), Resumption::After(90));
        assert_eq!(at("new00000", 91), Resumption::Beyond);
        assert_eq!(at("old00000", 40), Resumption::After(40));
        assert_eq!(at("old00000", 41), Resumption::Lost { after: 40 });
        assert_eq!(at("gone0000", 5), Resumption::Lost { after: 10 });
    }
}
