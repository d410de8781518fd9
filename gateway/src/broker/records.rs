//! What a node keeps beside the logs: small texts under a key, few of them, seen by every node at once. A viewer's link is one,
//! a board that has no file another.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

/// Which kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Viewers' links, by the hash of their key.
    Links,
    /// Boards as TOML, by their name.
    Boards,
}

/// How much a shelf holds; where nodes share the store each may be one record over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    pub records: usize,
    pub bytes_each: usize,
}

impl Shelf {
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Boards => "boards",
        }
    }

    pub fn bound(self) -> Bound {
        match self {
            Self::Links => Bound { records: 1_000, bytes_each: 16 * 1024 },
            // 64 widgets take some 30 KiB; Markdown in them may take more.
            Self::Boards => Bound { records: 200, bytes_each: 128 * 1024 },
        }
    }
}

/// Why a record was not kept or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordError {
    /// The shelf holds as many as it may, or the record is longer: see [`Shelf::bound`].
    Full,
    /// The store does not answer, or cannot be read.
    Unavailable(String),
}

impl fmt::Display for RecordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => formatter.write_str("no more records are kept than there are"),
            Self::Unavailable(cause) => write!(formatter, "the store of records does not answer: {cause}"),
        }
    }
}

impl std::error::Error for RecordError {}

/// Records by shelf and key. What was answered is as durable as an append, and the next who asks, on whichever node, sees it.
#[async_trait]
pub trait Records: Send + Sync {
    /// Keeps a record in place of the one before.
    async fn put(&self, shelf: Shelf, key: &str, record: String) -> Result<(), RecordError>;

    async fn get(&self, shelf: Shelf, key: &str) -> Result<Option<String>, RecordError>;

    /// All of a shelf, by key.
    async fn all(&self, shelf: Shelf) -> Result<BTreeMap<String, String>, RecordError>;

    /// Puts `after` in the place of exactly `before`, in one step for all nodes; none is no record. False where another record
    /// stands there: then nothing has changed.
    async fn swap(
        &self,
        shelf: Shelf,
        key: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<bool, RecordError>;

    /// Whether there was one.
    async fn remove(&self, shelf: Shelf, key: &str) -> Result<bool, RecordError>;
}

/// Whether one more record may be kept on a shelf.
pub(super) fn admit(
    shelf: Shelf,
    kept: &BTreeMap<String, String>,
    key: &str,
    record: &str,
) -> Result<(), RecordError> {
    let bound = shelf.bound();
    let has_room = kept.len() < bound.records || kept.contains_key(key);
    if has_room && record.len() <= bound.bytes_each { Ok(()) } else { Err(RecordError::Full) }
}

/// [`Records::swap`] where the shelf is at hand.
pub(super) fn swap_in(
    shelf: Shelf,
    kept: &mut BTreeMap<String, String>,
    key: &str,
    before: Option<&str>,
    after: Option<String>,
) -> Result<bool, RecordError> {
    if kept.get(key).map(String::as_str) != before {
        return Ok(false);
    }
    match after {
        Some(record) => {
            admit(shelf, kept, key, &record)?;
            kept.insert(key.to_owned(), record);
        }
        None => drop(kept.remove(key)),
    }
    Ok(true)
}

/// Records of a process; gone when it ends.
#[derive(Debug, Default)]
pub struct MemoryRecords(Mutex<HashMap<Shelf, BTreeMap<String, String>>>);

impl MemoryRecords {
    fn with<T>(&self, shelf: Shelf, act: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        let mut shelves = self.0.lock().expect("no holder of this lock panics: it reads and writes maps");
        act(shelves.entry(shelf).or_default())
    }
}

#[async_trait]
impl Records for MemoryRecords {
    async fn put(&self, shelf: Shelf, key: &str, record: String) -> Result<(), RecordError> {
        self.with(shelf, |kept| {
            admit(shelf, kept, key, &record)?;
            kept.insert(key.to_owned(), record);
            Ok(())
        })
    }

    async fn swap(
        &self,
        shelf: Shelf,
        key: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<bool, RecordError> {
        self.with(shelf, |kept| swap_in(shelf, kept, key, before.as_deref(), after))
    }

    async fn get(&self, shelf: Shelf, key: &str) -> Result<Option<String>, RecordError> {
        Ok(self.with(shelf, |kept| kept.get(key).cloned()))
    }

    async fn all(&self, shelf: Shelf) -> Result<BTreeMap<String, String>, RecordError> {
        Ok(self.with(shelf, |kept| kept.clone()))
    }

    async fn remove(&self, shelf: Shelf, key: &str) -> Result<bool, RecordError> {
        Ok(self.with(shelf, |kept| kept.remove(key).is_some()))
    }
}
