//! Boards as TOML, wherever they are: the operator's file, else the store's record, else the one that comes with the binary, else
//! (home alone) one made of the sources. A save goes back to where the board was found; a new one goes into the folder beside the
//! configuration, or into the store where nodes share one or where there is no folder. Each change is told on
//! `hookcast/board/{name}`.

pub mod built_in;
pub mod convert;
mod folder;
pub mod home;
mod merge;
pub mod shape;
pub mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

pub use self::merge::merge;

use self::folder::Folder;
use crate::broker::Broker;
use crate::broker::records::{RecordError, Shelf};
use crate::report::Reports;

/// Boards in one folder, and in one list; the shelf in the store holds as many.
pub const BOARDS_MAX: usize = 200;
/// Of one board that is saved; what is read from a file may be twice that.
pub const TEXT_BYTES_MAX: usize = 128 * 1024;
/// For the store to answer.
const DEADLINE: Duration = Duration::from_secs(8);

/// Where a board was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    File,
    Store,
    BuiltIn,
    /// Made of the sources, at this moment.
    Generated,
}

impl Place {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Store => "store",
            Self::BuiltIn => "built-in",
            Self::Generated => "generated",
        }
    }
}

/// One board as it is now.
#[derive(Debug, Clone)]
pub struct Board {
    pub text: String,
    pub from: Place,
    /// Where else one of this name is, which this one hides.
    pub hides: Vec<Place>,
}

impl Board {
    pub fn revision(&self) -> String {
        revision_of(&self.text)
    }
}

/// Names one text; another text has another.
pub fn revision_of(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..8])
}

/// Why a board was not read, kept or removed.
#[derive(Debug)]
pub enum BoardError {
    /// Its file is there and cannot be read; the text says why.
    Unreadable(String),
    /// Another text stands there than the one that was read.
    Changed,
    /// The file or its folder cannot be written; the text says why.
    ReadOnly(String),
    /// There are as many as may be.
    Full,
    /// The store does not answer; the text says why.
    Unavailable(String),
}

/// All boards of a node.
pub struct Boards {
    folder: Option<Folder>,
    /// Whether a folder that is not there may be made.
    makes_folder: bool,
    /// Whether other nodes use the store too.
    is_shared: bool,
    broker: Arc<dyn Broker>,
    reports: Reports,
    /// The built-in board that stands for home, if one does.
    home: Option<&'static str>,
    /// What the folder's files were when they were last told of; at most [`BOARDS_MAX`].
    told: Mutex<BTreeMap<String, String>>,
}

impl fmt::Debug for Boards {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Boards").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What a node's boards need to know of it.
#[derive(Debug)]
pub struct Setting {
    pub folder: Option<PathBuf>,
    /// Whether a configuration's file is there, beside which a folder can be made.
    pub has_file: bool,
    pub is_shared: bool,
    pub home: Option<&'static str>,
}

impl Boards {
    pub fn new(setting: Setting, broker: Arc<dyn Broker>, reports: Reports) -> Self {
        Self {
            folder: setting.folder.map(Folder::new),
            makes_folder: setting.has_file && !setting.is_shared,
            is_shared: setting.is_shared,
            broker,
            reports,
            home: setting.home,
            told: Mutex::default(),
        }
    }

    /// The board of this name; `generated` makes home where nobody wrote one.
    ///
    /// # Errors
    /// Unreadable or unavailable.
    pub async fn find(
        &self,
        name: &str,
        generated: impl FnOnce() -> String,
    ) -> Result<Option<Board>, BoardError> {
        let file = match &self.folder {
            Some(folder) => folder.read(name).await?,
            None => None,
        };
        let record = self.ask(self.broker.records().get(Shelf::Boards, name)).await?;
        let built_in = self.built_in(name);
        let generated = (name == home::NAME).then(generated);
        let all = [
            (Place::File, file),
            (Place::Store, record),
            (Place::BuiltIn, built_in.map(str::to_owned)),
            (Place::Generated, generated),
        ];
        let mut all = all.into_iter().filter_map(|(from, text)| Some((from, text?)));
        let Some((from, text)) = all.next() else { return Ok(None) };
        // A generated one is no loss to whoever wrote their own.
        let hides = all.map(|(from, _)| from).filter(|from| *from != Place::Generated).collect();
        Ok(Some(Board { text, from, hides }))
    }

    /// Every board by its name, [`BOARDS_MAX`] of a place at most; home is always one of them.
    ///
    /// # Errors
    /// Unreadable or unavailable.
    pub async fn all(
        &self,
        generated: impl FnOnce() -> String,
    ) -> Result<BTreeMap<String, Board>, BoardError> {
        let files = match &self.folder {
            Some(folder) => folder.all().await?,
            None => Vec::new(),
        };
        let records = self.ask(self.broker.records().all(Shelf::Boards)).await?;
        let built_in = built_in::BOARDS.iter().map(|(name, _)| *name).chain([home::NAME]);
        let built_in = built_in.filter_map(|name| Some((name.to_owned(), self.built_in(name)?.to_owned())));
        let places = [
            (Place::File, files),
            (Place::Store, records.into_iter().collect()),
            (Place::BuiltIn, built_in.collect()),
        ];
        let mut all = BTreeMap::<String, Board>::new();
        for (from, texts) in places {
            for (name, text) in texts {
                let board = all.entry(name).or_insert_with(|| Board { text, from, hides: Vec::new() });
                if board.from != from {
                    board.hides.push(from);
                }
            }
        }
        let home = || Board { text: generated(), from: Place::Generated, hides: Vec::new() };
        all.entry(home::NAME.to_owned()).or_insert_with(home);
        Ok(all)
    }

    fn built_in(&self, name: &str) -> Option<&'static str> {
        built_in::text_of(if name == home::NAME { self.home? } else { name })
    }

    /// Where a new board would go; none where its folder cannot be written.
    pub async fn saves_to(&self) -> Option<Place> {
        match &self.folder {
            Some(folder) if !self.is_shared => match folder.takes_new(self.makes_folder).await {
                Some(is_writable) => is_writable.then_some(Place::File),
                None => Some(Place::Store),
            },
            _ => Some(Place::Store),
        }
    }

    /// Keeps the text in the place of the board that was read before, and tells of it; answers where it is now.
    ///
    /// # Errors
    /// See [`BoardError`]; then nothing has changed.
    pub async fn save(&self, name: &str, before: Option<&Board>, text: String) -> Result<Place, BoardError> {
        let (from, old) = match before {
            Some(board) if matches!(board.from, Place::File | Place::Store) => {
                if board.text == text {
                    return Ok(board.from);
                }
                (Some(board.from), Some(board.text.clone()))
            }
            // Those that nobody wrote stay as they are, below the one that is written now.
            _ => (None, None),
        };
        let to = match from {
            Some(place) => place,
            // Where the folder cannot be written, trying tells why.
            None => self.saves_to().await.unwrap_or(Place::File),
        };
        let revision = revision_of(&text);
        match (&self.folder, to) {
            (Some(folder), Place::File) => {
                folder.swap(name, old, Some(text), self.makes_folder).await?;
                self.lock().insert(name.to_owned(), revision.clone());
            }
            _ => self.swap_record(name, old, Some(text)).await?,
        }
        self.tell("board.saved", name, Some(&revision));
        let place = if to == Place::File && self.folder.is_some() { Place::File } else { Place::Store };
        tracing::info!(board = name, revision, to = place.as_str(), "a board was saved");
        Ok(place)
    }

    /// Takes away the file or the record that was read; what it hid comes back.
    ///
    /// # Errors
    /// See [`BoardError`]; then nothing has changed.
    pub async fn remove(&self, name: &str, board: &Board) -> Result<(), BoardError> {
        let old = Some(board.text.clone());
        match (&self.folder, board.from) {
            (Some(folder), Place::File) => {
                folder.swap(name, old, None, false).await?;
                self.lock().remove(name);
            }
            _ => self.swap_record(name, old, None).await?,
        }
        tracing::info!(board = name, from = board.from.as_str(), "a board was removed");
        self.tell_removed(name).await;
        Ok(())
    }

    async fn swap_record(
        &self,
        name: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<(), BoardError> {
        let swapped = self.ask(self.broker.records().swap(Shelf::Boards, name, before, after)).await?;
        if swapped { Ok(()) } else { Err(BoardError::Changed) }
    }

    /// With the revision of what stands there now, if anything does.
    async fn tell_removed(&self, name: &str) {
        let left = self.find(name, String::new).await.ok().flatten();
        let revision = left.filter(|board| board.from != Place::Generated).map(|board| board.revision());
        self.tell("board.removed", name, revision.as_deref());
    }

    fn tell(&self, event_type: &'static str, name: &str, revision: Option<&str>) {
        self.reports.say(event_type, &["board", name], &json!({ "name": name, "revision": revision }));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.told.lock().expect("no holder of this lock panics: it reads and writes a map")
    }

    async fn ask<T>(&self, asked: impl Future<Output = Result<T, RecordError>>) -> Result<T, BoardError> {
        match timeout(DEADLINE, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(RecordError::Full)) => Err(BoardError::Full),
            Ok(Err(error)) => Err(BoardError::Unavailable(error.to_string())),
            Err(_) => Err(BoardError::Unavailable("it did not answer in time".into())),
        }
    }

    /// Tells of files that differ from those that were told of last.
    async fn compare(&self, files: &[(String, String)]) {
        let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let (mut saved, mut removed) = (Vec::new(), Vec::new());
        {
            let mut told = self.lock();
            for (name, text) in files {
                let revision = revision_of(text);
                if told.get(name) != Some(&revision) {
                    told.insert(name.clone(), revision.clone());
                    saved.push((name, revision));
                }
            }
            told.retain(|name, _| {
                let is_there = names.contains(name.as_str());
                if !is_there {
                    removed.push(name.clone());
                }
                is_there
            });
        }
        for (name, revision) in saved {
            tracing::info!(board = name, revision, "a board's file has changed");
            self.tell("board.saved", name, Some(&revision));
        }
        for name in removed {
            tracing::info!(board = name, "a board's file is gone");
            self.tell_removed(&name).await;
        }
    }
}

/// A board's name is one plain word, or it could climb out of the folder.
pub fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}
