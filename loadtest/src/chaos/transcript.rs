//! What one subscriber was sent, line by line, as the checker reads it. Pure data; a line is small, because a run of ten
//! minutes keeps millions.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};

/// One history of the store, as its name stands in positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Epoch([u8; 8]);

impl FromStr for Epoch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        ensure!((1..=8).contains(&text.len()), "an epoch of {} bytes: {text}", text.len());
        let mut bytes = [b' '; 8];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self(bytes))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(String::from_utf8_lossy(&self.0).trim_end())
    }
}

/// `epoch:offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) epoch: Epoch,
    pub(crate) offset: u32,
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (epoch, offset) = text.rsplit_once(':').with_context(|| format!("not a position: {text}"))?;
        let offset = offset.parse().with_context(|| format!("not a position: {text}"))?;
        Ok(Self { epoch: epoch.parse()?, offset })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.offset)
    }
}

/// A told gap, as far as the checker needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) is_epoch: bool,
    pub(crate) from: Option<u32>,
    pub(crate) to: Option<u32>,
    pub(crate) on: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Event {
        offset: u32,
        seq: u32,
    },
    /// `subscribed`: events begin after this.
    Begins(Place),
    /// `live` or a heartbeat: all up to this has been sent.
    Vouched(Place),
    Gap(Box<Gap>),
    /// The connection ended; what follows came on another.
    Away,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { offset, seq } => write!(f, "event {seq} at {offset}"),
            Self::Begins(place) => write!(f, "begins after {place}"),
            Self::Vouched(place) => write!(f, "all up to {place} is sent"),
            Self::Gap(gap) => {
                let reason = if gap.is_epoch { "epoch" } else { "other" };
                let bound = |bound: Option<u32>| bound.map_or("?".to_owned(), |bound| bound.to_string());
                write!(f, "gap {reason} {}-{}, goes on after {}", bound(gap.from), bound(gap.to), gap.on)
            }
            Self::Away => write!(f, "connection ended"),
        }
    }
}

/// Which events a subscriber's pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    All,
    /// Those of one of the two regions: the sequence number says which.
    Odd,
    Even,
}

impl Takes {
    pub(crate) fn matches(self, seq: u32) -> bool {
        match self {
            Self::All => true,
            Self::Odd => seq % 2 == 1,
            Self::Even => seq.is_multiple_of(2),
        }
    }
}

/// One subscriber's whole life; times are milliseconds of the run.
#[derive(Debug, Clone)]
pub(crate) struct Transcript {
    pub(crate) name: String,
    pub(crate) takes: Takes,
    pub(crate) lines: Vec<(u32, Line)>,
}

impl Transcript {
    /// Each event with its time and its place in the epoch of the message before it that named one.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (u32, Place, u32)> {
        let mut epochs: Vec<Epoch> = Vec::new();
        self.lines.iter().filter_map(move |(at, line)| {
            let named = line.place().map(|place| place.epoch);
            // A heartbeat of an epoch that was left is late; it moves nobody back.
            let is_late =
                matches!(line, Line::Vouched(_)) && named.is_some_and(|epoch| epochs.contains(&epoch));
            if let Some(epoch) = named.filter(|epoch| !is_late && epochs.last() != Some(epoch)) {
                epochs.push(epoch);
            }
            let Line::Event { offset, seq } = line else { return None };
            epochs.last().map(|epoch| (*at, Place { epoch: *epoch, offset: *offset }, *seq))
        })
    }

    /// The lines around the last that `is_it`, for people: what came again is shown where it did.
    pub(crate) fn around(&self, is_it: impl Fn(&Line) -> bool) -> String {
        const BEFORE: usize = 6;
        const AFTER: usize = 6;
        let Some(found) = self.lines.iter().rposition(|(_, line)| is_it(line)) else { return String::new() };
        let shown = &self.lines[found.saturating_sub(BEFORE)..(found + AFTER).min(self.lines.len())];
        shown.iter().map(|(at, line)| format!("    {at:>7} ms  {line}")).collect::<Vec<_>>().join("\n")
    }
}

impl Line {
    pub(crate) fn place(&self) -> Option<Place> {
        match self {
            Self::Begins(place) | Self::Vouched(place) => Some(*place),
            Self::Gap(gap) => Some(gap.on),
            Self::Event { .. } | Self::Away => None,
        }
    }

    pub(crate) fn seq(&self) -> Option<u32> {
        match self {
            Self::Event { seq, .. } => Some(*seq),
            _ => None,
        }
    }
}
