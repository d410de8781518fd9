//! The folder with a file for each board. Every change is one step: it is made only if the file still is what was read.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::{Access, access};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::{BOARDS_MAX, BoardError, TEXT_BYTES_MAX, is_name};
use crate::file;

/// Of a file that is read: people write longer lines than we do.
const FILE_BYTES_MAX: u64 = 2 * TEXT_BYTES_MAX as u64;
/// Entries of the folder that are looked at; whatever else lies there costs no more.
const ENTRIES_MAX: usize = 2_000;
/// A file system that is away must not keep a page waiting for ever.
const DEADLINE: Duration = Duration::from_secs(10);
/// A board is no secret: whoever may read the configuration's folder may read it.
const MODE: u32 = 0o644;

/// See the head of the file.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held by whoever compares and writes, on a thread where that holds up nobody.
    turn: Arc<Mutex<()>>,
}

/// A file's time, size and identity: another of these is another content.
pub(super) type Look = (String, i64, i64, u64, u64);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, turn: Arc::default() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.toml"))
    }

    /// The text of a board, if it has a file.
    pub(super) async fn read(&self, name: &str) -> Result<Option<String>, BoardError> {
        let path = self.file(name);
        let shown = path.display().to_string();
        match off_thread(move || text_of(&path)).await {
            Ok(text) => Ok(text),
            Err(error) => {
                tracing::warn!(path = shown, %error, "a board cannot be read");
                Err(BoardError::Unreadable(error.to_string()))
            }
        }
    }

    /// Names and texts, by name; what cannot be read is left out and told by whoever asks for it alone.
    pub(super) async fn all(&self) -> Result<Vec<(String, String)>, BoardError> {
        let folder = self.clone();
        let reading = off_thread(move || {
            let names = folder.names()?.into_iter();
            let texts = names.filter_map(|name| {
                let text = text_of(&folder.file(&name)).ok()??;
                Some((name, text))
            });
            Ok(texts.collect())
        });
        reading.await.map_err(|error| BoardError::Unreadable(error.to_string()))
    }

    /// What each board's file looks like now; none where the folder cannot be looked at.
    pub(super) async fn look(&self) -> Option<Vec<Look>> {
        use std::os::unix::fs::MetadataExt as _;
        let folder = self.clone();
        let looking = off_thread(move || {
            let looks = folder.names()?.into_iter().filter_map(|name| {
                let it = fs::metadata(folder.file(&name)).ok()?;
                Some((name, it.mtime(), it.mtime_nsec(), it.size(), it.ino()))
            });
            Ok(looks.collect())
        });
        looking.await.ok()
    }

    /// Sorted, the first [`BOARDS_MAX`] of them.
    fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = entries.take(ENTRIES_MAX).filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_suffix(".toml").filter(|name| is_name(name)).map(str::to_owned)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.truncate(BOARDS_MAX);
        Ok(names)
    }

    /// Whether a new file can be written; none where there is no folder and none can, or may, be made.
    pub(super) async fn takes_new(&self, makes_folder: bool) -> Option<bool> {
        let path = self.path.clone();
        let looking = off_thread(move || {
            let is_writable = |path: &Path| access(path, Access::WRITE_OK).is_ok();
            if path.exists() {
                return Ok(Some(path.is_dir() && is_writable(&path)));
            }
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let can_be_made = makes_folder && is_writable(parent.unwrap_or(Path::new(".")));
            Ok(can_be_made.then_some(true))
        });
        looking.await.unwrap_or(Some(false))
    }

    /// Puts `after` in the place of exactly `before`; none is no file.
    pub(super) async fn swap(
        &self,
        name: &str,
        before: Option<String>,
        after: Option<String>,
        makes_folder: bool,
    ) -> Result<(), BoardError> {
        let (folder, path) = (self.clone(), self.file(name));
        let shown = path.display().to_string();
        let swapping = off_thread(move || {
            let _turn = folder.turn.lock().unwrap_or_else(PoisonError::into_inner);
            if text_of(&path)? != before {
                return Ok(Err(BoardError::Changed));
            }
            let Some(text) = after else { return fs::remove_file(&path).map(Ok) };
            if before.is_none() && folder.names()?.len() >= BOARDS_MAX {
                return Ok(Err(BoardError::Full));
            }
            if makes_folder && !folder.path.exists() {
                fs::create_dir(&folder.path)?;
            }
            file::replace(&path, text.as_bytes(), MODE).map(Ok)
        });
        swapping.await.unwrap_or_else(|error| {
            tracing::warn!(path = shown, %error, "a board cannot be written");
            Err(BoardError::ReadOnly(format!("{shown} cannot be written: {error}")))
        })
    }
}

/// A file in the place of the folder holds no board either.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn text_of(path: &Path) -> io::Result<Option<String>> {
    match fs::metadata(path) {
        // A pipe would be waited for.
        Ok(found) if !found.is_file() => Err(io::Error::other("it is no plain file")),
        Ok(found) if found.len() > FILE_BYTES_MAX => {
            Err(io::Error::other(format!("a board has {FILE_BYTES_MAX} bytes at most")))
        }
        Ok(_) => fs::read_to_string(path).map(Some),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn off_thread<T: Send + 'static>(
    act: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match timeout(DEADLINE, spawn_blocking(act)).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => Err(io::Error::other(error.to_string())),
        Err(_) => Err(io::Error::other("its file system did not answer in 10 s")),
    }
}
