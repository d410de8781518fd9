//! The configuration's file, changed by whoever may: the new text is read as the node would read it before it is written, and
//! the node has taken it before this answers. A text that would not load is never written.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::config::edit::EditError;
use crate::config::environment::Environment;
use crate::config::origin::Origin;
use crate::config::report::Report;
use crate::config::{Config, Overrides};
use crate::file;

/// Whoever asks that the file be read again, and hears what came of it.
pub(super) type Ask = oneshot::Sender<Result<(), String>>;

/// Changes that wait for the one before; more are told to come back.
const WAITING_MAX: usize = 8;
/// For the file to be read, written and taken: what a reload may take, and a little more.
const DEADLINE: Duration = Duration::from_secs(40);
/// A file that we make; one that is there keeps its own. It may hold secrets.
const MODE: u32 = 0o600;

/// See the head of the file.
pub struct ConfigFile {
    origin: Option<Origin>,
    /// Whether other nodes have files of their own.
    is_shared: bool,
    /// Held from reading to writing, on a thread where that holds up nobody.
    turn: Arc<Mutex<()>>,
    asks: mpsc::Sender<Ask>,
}

impl fmt::Debug for ConfigFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ConfigFile").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What became of a change that makes sense.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// It is in the file, and the node has taken it.
    Written,
    /// Nothing was written; the sentence says why.
    NotWritten(String),
}

/// Why a change makes no sense, or was not taken. Nothing has changed.
#[derive(Debug)]
pub enum ChangeError {
    Edit(EditError),
    /// The new text would not load.
    Mistakes(Report),
    /// It loads, but not with what was asked for; the sentence says why.
    Lost(String),
    /// The node did not take it.
    NotTaken(String),
}

impl ConfigFile {
    pub(super) fn new(origin: Option<Origin>, is_shared: bool) -> (Self, mpsc::Receiver<Ask>) {
        let (asks, asked) = mpsc::channel(WAITING_MAX);
        (Self { origin, is_shared, turn: Arc::default(), asks }, asked)
    }

    /// Changes the text by `edit`; `holds` looks whether the configuration that comes of it says what was meant.
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub async fn change(
        &self,
        edit: impl FnOnce(&str) -> Result<String, EditError> + Send + 'static,
        holds: impl FnOnce(&Config) -> Result<(), String> + Send + 'static,
    ) -> Result<Change, ChangeError> {
        let (origin, is_shared, turn) = (self.origin.clone(), self.is_shared, self.turn.clone());
        let writing = spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            write(origin.as_ref(), is_shared, edit, holds)
        });
        let no_answer =
            || ChangeError::NotTaken("it was not done in 40 s; look at the file and the log".into());
        let written = timeout(DEADLINE, writing).await.map_err(|_| no_answer())?;
        let written = match written.map_err(|error| ChangeError::NotTaken(error.to_string()))?? {
            Ok(written) => written,
            Err(why) => return Ok(Change::NotWritten(why)),
        };
        match timeout(DEADLINE, self.reload()).await {
            Ok(Ok(())) => Ok(Change::Written),
            Ok(Err(why)) => {
                self.put_back(written).await;
                Err(ChangeError::NotTaken(why))
            }
            Err(_) => Err(no_answer()),
        }
    }

    async fn reload(&self) -> Result<(), String> {
        let ending = || "this node is ending, or it does not read its file again".to_owned();
        let (ask, answer) = oneshot::channel();
        self.asks.send(ask).await.map_err(|_| ending())?;
        answer.await.unwrap_or_else(|_| Err(ending()))
    }

    /// What the node did not take must not be what it starts with the next time. What somebody has written since stays.
    async fn put_back(&self, written: Written) {
        let Some(path) = self.origin.as_ref().map(|origin| origin.file().to_owned()) else { return };
        let turn = self.turn.clone();
        let putting = spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            if std::fs::read_to_string(&path)? == written.after {
                file::replace(&path, written.before.as_bytes(), MODE)?;
            }
            std::io::Result::Ok(())
        });
        if !matches!(timeout(DEADLINE, putting).await, Ok(Ok(Ok(())))) {
            tracing::error!("the configuration's file could not be put back as it was");
        }
    }
}

/// The texts of a change that was written.
struct Written {
    before: String,
    after: String,
}

/// What was written; or why nothing was.
fn write(
    origin: Option<&Origin>,
    is_shared: bool,
    edit: impl FnOnce(&str) -> Result<String, EditError>,
    holds: impl FnOnce(&Config) -> Result<(), String>,
) -> Result<Result<Written, String>, ChangeError> {
    let no_file =
        "this gateway was not started with a configuration's file: write one, and start it with that";
    let path = origin.map(Origin::file).filter(|path| path.exists());
    let (Some(origin), Some(path)) = (origin, path) else {
        let text = edit("").or_else(|error| match error {
            // What is not in a file may come from elsewhere.
            EditError::Unknown => Ok(String::new()),
            shape @ EditError::Shape(_) => Err(ChangeError::Edit(shape)),
        })?;
        let read = Config::of_text(
            "hookcast.toml",
            &text,
            Path::new("."),
            &Overrides::default(),
            Environment::default(),
        );
        return read.map(|_| Err(no_file.into())).map_err(ChangeError::Mistakes);
    };
    let shown = path.display();
    let unreadable = |error| ChangeError::NotTaken(format!("{shown} cannot be read: {error}"));
    let before = std::fs::read_to_string(path).map_err(unreadable)?;
    let after = edit(&before).map_err(ChangeError::Edit)?;
    let config = origin.read_as(&after).map_err(ChangeError::Mistakes)?;
    holds(&config).map_err(ChangeError::Lost)?;
    if is_shared {
        let why = "nodes that share a Redis each have a file of their own, and this one must not differ from the others: write it into all of them";
        return Ok(Err(why.into()));
    }
    match file::replace(path, after.as_bytes(), MODE) {
        Ok(()) => Ok(Ok(Written { before, after })),
        Err(error) => Ok(Err(format!("{shown} cannot be written: {error}"))),
    }
}
