//! What a node keeps beside the logs: small texts under a key, few of them, seen by every node at once. A viewer's link is one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

/// Records of one shelf; where nodes share the store each may be one over.
pub const RECORDS_MAX: usize = 1_000;
/// Of one record.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;

/// Which kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Viewers' links, by the hash of their key.
    Links,
}

impl Shelf {
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
        }
    }
}

/// Why a record was not kept or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordError {
    /// The shelf holds [`RECORDS_MAX`], or the record is longer than [`RECORD_BYTES_MAX`].
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

    /// Whether there was one.
    async fn remove(&self, shelf: Shelf, key: &str) -> Result<bool, RecordError>;
}

/// Whether one more record may be kept on a shelf.
pub(super) fn admit(shelf: &BTreeMap<String, String>, key: &str, record: &str) -> Result<(), RecordError> {
    let has_room = shelf.len() < RECORDS_MAX || shelf.contains_key(key);
    if has_room && record.len() <= RECORD_BYTES_MAX { Ok(()) } else { Err(RecordError::Full) }
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
            admit(kept, key, &record)?;
            kept.insert(key.to_owned(), record);
            Ok(())
        })
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
