//! What goes wrong with real senders: now and then a delivery is changed, late or repeated, and the gateway must see it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::ingest::sign::SignedRequest;

/// One in so many deliveries is wrong.
pub(super) const ONE_IN: u64 = 20;

/// Longer ago than any provider's tolerance.
const STALE_BY: Duration = Duration::from_hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    FlippedByte,
    Stale,
    Repeated,
}

impl Wrong {
    /// The kind that is due, if one is, and the sources that can show it.
    pub(super) fn due(count: u64) -> Option<(Self, &'static [&'static str])> {
        if !count.is_multiple_of(ONE_IN) || count == 0 {
            return None;
        }
        Some(match (count / ONE_IN) % 3 {
            // Only a signature covers the body.
            1 => (Self::FlippedByte, &["github", "shop", "scores"]),
            // Only these sign a time.
            2 => (Self::Stale, &["payments", "parcels"]),
            _ => (Self::Repeated, &["github", "shop", "payments"]),
        })
    }

    /// When such a delivery is signed.
    pub(super) fn signed_at(self, now: SystemTime) -> SystemTime {
        if self == Self::Stale { now - STALE_BY } else { now }
    }

    /// Changes what was signed, where that is what is wrong.
    pub(super) fn spoil(self, request: &mut SignedRequest) {
        if self != Self::FlippedByte {
            return;
        }
        let mut bytes = request.body.to_vec();
        // A digit or letter near the end, so that the body stays JSON: only the signature can tell.
        if let Some(byte) = bytes.iter_mut().rev().find(|byte| byte.is_ascii_alphanumeric()) {
            *byte ^= 1;
        }
        request.body = Bytes::from(bytes);
    }

    /// What the terminal says of it.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::FlippedByte => "on purpose: one byte was changed after signing",
            Self::Stale => "on purpose: signed an hour ago",
            Self::Repeated => "on purpose: the same delivery again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_twenty_is_wrong_and_each_kind_comes_up() {
        let due: Vec<_> = (0..=120).filter_map(Wrong::due).map(|(wrong, _)| wrong).collect();
        assert_eq!(due.len(), 6);
        for wrong in [Wrong::FlippedByte, Wrong::Stale, Wrong::Repeated] {
            assert_eq!(due.iter().filter(|found| **found == wrong).count(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn a_flipped_byte_changes_one_byte() {
        let body = Bytes::from_static(br#"{"a":"xyz"}"#);
        let mut request = SignedRequest { query: None, headers: Vec::new(), body: body.clone() };
        Wrong::FlippedByte.spoil(&mut request);
        assert_eq!(request.body.iter().zip(&body).filter(|(one, other)| one != other).count(), 1);
    }
}
