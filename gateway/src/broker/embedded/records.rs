//! Records in one small file beside the store's: `{"links":{"<key>":"<record>"}}`. It is written anew each time, under another
//! name and then renamed, so a crash leaves the one or the other.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::broker::records::{RecordError, Records, Shelf, admit};

const FILE: &str = "records.json";

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
        act: impl FnOnce(&mut Shelves) -> Result<(T, bool), RecordError> + Send + 'static,
    ) -> Result<T, RecordError> {
        let records = self.clone();
        let acting = tokio::task::spawn_blocking(move || {
            let _turn = records.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let mut shelves = load(&records.folder).map_err(|error| unavailable(&error))?;
            let (answer, is_changed) = act(&mut shelves)?;
            if is_changed {
                save(&records.folder, &shelves).map_err(|error| unavailable(&error))?;
            }
            Ok(answer)
        });
        acting.await.unwrap_or_else(|error| Err(RecordError::Unavailable(error.to_string())))
    }
}

fn unavailable(error: &io::Error) -> RecordError {
    RecordError::Unavailable(format!("{FILE}: {error}"))
}

fn load(folder: &Path) -> io::Result<Shelves> {
    match std::fs::read(folder.join(FILE)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Shelves::new()),
        Err(error) => Err(error),
    }
}

fn save(folder: &Path, shelves: &Shelves) -> io::Result<()> {
    let next = folder.join(format!("{FILE}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
    file.write_all(&serde_json::to_vec(shelves).map_err(io::Error::other)?)?;
    file.sync_all()?;
    std::fs::rename(&next, folder.join(FILE))?;
    // Else a power cut could bring the old name back.
    File::open(folder)?.sync_all()
}

#[async_trait]
impl Records for FileRecords {
    async fn put(&self, shelf: Shelf, key: &str, record: String) -> Result<(), RecordError> {
        let key = key.to_owned();
        self.with(move |shelves| {
            let kept = shelves.entry(shelf.name().to_owned()).or_default();
            admit(kept, &key, &record)?;
            kept.insert(key, record);
            Ok(((), true))
        })
        .await
    }

    async fn get(&self, shelf: Shelf, key: &str) -> Result<Option<String>, RecordError> {
        let key = key.to_owned();
        self.with(move |shelves| {
            Ok((shelves.get(shelf.name()).and_then(|kept| kept.get(&key).cloned()), false))
        })
        .await
    }

    async fn all(&self, shelf: Shelf) -> Result<BTreeMap<String, String>, RecordError> {
        self.with(move |shelves| Ok((shelves.remove(shelf.name()).unwrap_or_default(), false))).await
    }

    async fn remove(&self, shelf: Shelf, key: &str) -> Result<bool, RecordError> {
        let key = key.to_owned();
        self.with(move |shelves| {
            let was = shelves.get_mut(shelf.name()).and_then(|kept| kept.remove(&key)).is_some();
            Ok((was, was))
        })
        .await
    }
}
