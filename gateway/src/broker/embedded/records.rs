//! Records in one small file a shelf beside the store's: `{"links":{"<key>":"<record>"}}`. It is written anew each time, under
//! another name and then renamed, so a crash leaves the one or the other.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::broker::records::{RecordError, Records, Shelf, admit, swap_in};
use crate::file;

/// Each shelf has a file of its own: whoever changes a link's key does not read every board.
fn file_of(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Links => "records.json",
        Shelf::Boards => "boards.json",
    }
}

type Shelves = BTreeMap<String, BTreeMap<String, String>>;

/// One folder's records. The store's own lock keeps other processes away.
#[derive(Debug, Clone)]
pub(super) struct FileRecords {
    folder: PathBuf,
    /// Held while a file of a few hundred kilobytes is read and written, on a thread where that holds up nobody.
    turn: Arc<Mutex<()>>,
}

impl FileRecords {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), turn: Arc::default() }
    }

    /// Reads, lets `act` look and change, and writes if it says so.
    async fn with<T: Send + 'static>(
        &self,
        shelf: Shelf,
        act: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(T, bool), RecordError> + Send + 'static,
    ) -> Result<T, RecordError> {
        let records = self.clone();
        let acting = tokio::task::spawn_blocking(move || {
            let _turn = records.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let file = file_of(shelf);
            let unavailable = |error: io::Error| RecordError::Unavailable(format!("{file}: {error}"));
            let path = records.folder.join(file);
            let mut shelves = load(&path).map_err(unavailable)?;
            let (answer, is_changed) = act(shelves.entry(shelf.name().to_owned()).or_default())?;
            if is_changed {
                save(&path, &shelves).map_err(unavailable)?;
            }
            Ok(answer)
        });
        acting.await.unwrap_or_else(|error| Err(RecordError::Unavailable(error.to_string())))
    }
}

fn load(path: &Path) -> io::Result<Shelves> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Shelves::new()),
        Err(error) => Err(error),
    }
}

fn save(path: &Path, shelves: &Shelves) -> io::Result<()> {
    file::replace(path, &serde_json::to_vec(shelves).map_err(io::Error::other)?, 0o600)
}

#[async_trait]
impl Records for FileRecords {
    async fn put(&self, shelf: Shelf, key: &str, record: String) -> Result<(), RecordError> {
        let key = key.to_owned();
        self.with(shelf, move |kept| {
            admit(shelf, kept, &key, &record)?;
            kept.insert(key, record);
            Ok(((), true))
        })
        .await
    }

    async fn get(&self, shelf: Shelf, key: &str) -> Result<Option<String>, RecordError> {
        let key = key.to_owned();
        self.with(shelf, move |kept| Ok((kept.remove(&key), false))).await
    }

    async fn all(&self, shelf: Shelf) -> Result<BTreeMap<String, String>, RecordError> {
        self.with(shelf, move |kept| Ok((std::mem::take(kept), false))).await
    }

    async fn swap(
        &self,
        shelf: Shelf,
        key: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<bool, RecordError> {
        let key = key.to_owned();
        self.with(shelf, move |kept| {
            let is_done = swap_in(shelf, kept, &key, before.as_deref(), after)?;
            Ok((is_done, is_done))
        })
        .await
    }

    async fn remove(&self, shelf: Shelf, key: &str) -> Result<bool, RecordError> {
        let key = key.to_owned();
        self.with(shelf, move |kept| {
            let was = kept.remove(&key).is_some();
            Ok((was, was))
        })
        .await
    }
}
