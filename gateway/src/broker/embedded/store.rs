//! The store's file: opening it with a clear word for all that can be wrong, a new epoch each time, and transactions.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use redb::WriteTransaction;
use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, Durability, Error, ReadTransaction, ReadableDatabase, ReadableTable,
    StorageError,
};

use crate::broker::embedded::apply::{Failure, Logs};
use crate::broker::embedded::journal::{Generation, Journal};
use crate::broker::embedded::log::Finished;
use crate::broker::embedded::record::HeadRow;
use crate::broker::embedded::tables::{HEADS, META, drop_tables_of_schema_1};
use crate::broker::embedded::transaction::State;
use crate::broker::open_error::OpenError;
use crate::broker::rules::fresh_epoch;
use crate::position::Epoch;
use crate::topic::StreamName;

/// Pages kept in memory; the newest part of each log and the tops of its indexes fit many times over.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// The schema of the store. 1 had no journal.
const SCHEMA: u64 = 2;

/// The head of every stream in the store.
pub(super) type Rows = HashMap<StreamName, HeadRow>;

/// The file and what is open of it. Only the writer opens, reopens and closes; readers come and go.
#[derive(Debug)]
pub(super) struct Store {
    dir: PathBuf,
    open: Mutex<Option<Opened>>,
}

#[derive(Debug)]
struct Opened {
    database: Database,
    /// One for all streams: from one opening to the next is one history.
    epoch: Epoch,
}

impl Store {
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), open: Mutex::new(None) }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Opens the file, made if need be, in a new epoch. What was open is closed first: its lock would be in the way.
    pub(super) fn open(&self, journal_bytes: usize) -> Result<State, OpenError> {
        self.close();
        let path = self.dir.join("hookcast.redb");
        let file = create_file(&self.dir, &path)?;
        let database = open_database(file, &path)?;
        let epoch = fresh_epoch();
        // From here on nobody else has the folder: the file's lock is ours.
        let (rows, journal, unreadable) =
            turn_over(&database, &path, &Journal::path(&self.dir), journal_bytes, epoch)?;
        *self.lock() = Some(Opened { database, epoch });
        Ok(State::new(epoch, rows, journal, unreadable))
    }

    /// Reads that are under way fail.
    pub(super) fn close(&self) {
        let opened = self.lock().take();
        if let Some(Err(error)) = opened.map(|opened| opened.database.close()) {
            // Everything answered is on disk already; the next opening repairs what this leaves behind.
            tracing::warn!(%error, "the store did not close cleanly");
        }
    }

    /// A view of this moment, with the epoch of streams that are not in it yet; none while the store is not open.
    pub(super) fn begin_read(&self) -> Result<Option<(ReadTransaction, Epoch)>, Error> {
        let opened = self.lock();
        let Some(opened) = opened.as_ref() else { return Ok(None) };
        Ok(Some((opened.database.begin_read()?, opened.epoch)))
    }

    /// The writer is the only one to begin any, so none waits.
    pub(super) fn begin_write(&self) -> Result<Option<(WriteTransaction, Epoch)>, Error> {
        let opened = self.lock();
        let Some(opened) = opened.as_ref() else { return Ok(None) };
        Ok(Some((opened.database.begin_write()?, opened.epoch)))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        self.open.lock().expect("nothing done under the store's lock panics")
    }
}

/// Syncs the file with all that was committed before, and starts the journal again.
pub(super) fn commit_synced(txn: WriteTransaction, journal: &mut Journal) -> Result<(), Error> {
    let generation: Generation = Journal::fresh_generation();
    {
        let mut meta = txn.open_table(META)?;
        meta.insert("journal", generation)?;
        meta.insert("journal_bytes", journal.bytes())?;
    }
    sync(txn)?;
    journal.begin(generation);
    Ok(())
}

/// Syncs the file with all that was committed before, so that it is whole without its journal.
pub(super) fn commit_whole(txn: WriteTransaction) -> Result<(), Error> {
    {
        let mut meta = txn.open_table(META)?;
        meta.remove("journal")?;
        meta.remove("journal_bytes")?;
    }
    sync(txn)
}

fn sync(mut txn: WriteTransaction) -> Result<(), Error> {
    txn.set_durability(Durability::Immediate)?;
    // Slower by a little, but after a crash the file opens at once however large it is.
    txn.set_quick_repair(true);
    Ok(txn.commit()?)
}

/// Makes a transaction visible that is on disk in the journal.
pub(super) fn commit_journaled(mut txn: WriteTransaction) -> Result<(), Error> {
    txn.set_durability(Durability::None)?;
    Ok(txn.commit()?)
}

fn create_file(dir: &Path, path: &Path) -> Result<File, OpenError> {
    let is_forbidden = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| OpenError::NotCreated { path: dir.to_owned(), cause: error.to_string() })?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(|error| match &error {
        error if is_forbidden(error) => {
            OpenError::ReadOnly { path: dir.to_owned(), cause: error.to_string() }
        }
        error => OpenError::NotCreated { path: path.to_owned(), cause: error.to_string() },
    })?;
    // Else a power cut could leave synced pages in a file that no folder names.
    let synced = File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(|error| OpenError::Failed { path: dir.to_owned(), cause: error.to_string() })?;
    Ok(file)
}

fn open_database(file: File, path: &Path) -> Result<Database, OpenError> {
    let open = || {
        let backend = FileBackend::new(file)?;
        Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(backend)
    };
    let path = path.to_owned();
    // redb says that it may panic on a file that something else has changed.
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch)) => {
            Err(OpenError::InUse { path })
        }
        Ok(Err(DatabaseError::Storage(StorageError::Io(error)))) if is_of_content(&error) => {
            Err(OpenError::Corrupt { path, cause: error.to_string() })
        }
        Ok(Err(DatabaseError::Storage(StorageError::Io(error)))) => {
            Err(OpenError::Failed { path, cause: error.to_string() })
        }
        Ok(Err(error)) => Err(OpenError::Corrupt { path, cause: error.to_string() }),
        Err(_) => Err(OpenError::Corrupt { path, cause: "its pages contradict each other".into() }),
    }
}

/// Whether the file's content and not the volume is what is wrong.
fn is_of_content(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput
    )
}

/// Streams that cannot be read, with the cause.
pub(super) type Unreadable = HashMap<StreamName, String>;

/// Checks the schema, takes over what the journal holds and begins a new epoch in every stream. A stream that does not take what
/// the journal has for it is left out, and that journal is kept aside.
fn turn_over(
    database: &Database,
    path: &Path,
    journal_path: &Path,
    journal_bytes: usize,
    epoch: Epoch,
) -> Result<(Rows, Journal, Unreadable), OpenError> {
    let path = path.to_owned();
    let mut unreadable = Unreadable::new();
    loop {
        let turn = || turn(database, &path, journal_path, journal_bytes, epoch, &unreadable);
        match catch_unwind(AssertUnwindSafe(turn)) {
            Ok(Ok((rows, journal))) => return Ok((rows, journal, unreadable)),
            Ok(Err(Untaken::Open(error))) => return Err(error),
            Ok(Err(Untaken::Of(Failure::Stream(stream, cause)))) => {
                let kept = journal_path.with_extension("journal.kept");
                if unreadable.is_empty() && !kept.exists() {
                    let failed = |error: io::Error| of_journal(&kept, error.into());
                    std::fs::copy(journal_path, &kept).map_err(failed)?;
                }
                tracing::error!(%stream, cause, journal = %kept.display(), "a stream cannot take what was answered");
                unreadable.insert(stream, cause);
            }
            Ok(Err(Untaken::Of(Failure::Store(Error::Io(error))))) if !is_of_content(&error) => {
                return Err(OpenError::Failed { path, cause: error.to_string() });
            }
            Ok(Err(Untaken::Of(Failure::Store(error)))) => {
                return Err(OpenError::Corrupt { path, cause: error.to_string() });
            }
            Err(_) => {
                return Err(OpenError::Corrupt { path, cause: "its pages contradict each other".into() });
            }
        }
    }
}

/// Why the store was not turned over.
enum Untaken {
    Open(OpenError),
    Of(Failure),
}

impl<E: Into<Error>> From<E> for Untaken {
    fn from(error: E) -> Self {
        Self::Of(Failure::Store(error.into()))
    }
}

fn turn(
    database: &Database,
    path: &Path,
    journal_path: &Path,
    journal_bytes: usize,
    epoch: Epoch,
    unreadable: &Unreadable,
) -> Result<(Rows, Journal), Untaken> {
    let txn = database.begin_write()?;
    let meta = Meta::read(&txn)?;
    if let Some(found) = meta.schema.filter(|&schema| schema > SCHEMA) {
        return Err(Untaken::Open(OpenError::Newer { path: path.to_owned(), found, known: SCHEMA }));
    }
    txn.open_table(META)?.insert("schema", SCHEMA)?;
    drop_tables_of_schema_1(&txn)?;
    let mut rows = read_rows(&txn)?;
    let (mut journal, frames) = take_over(&meta, journal_path, journal_bytes).map_err(Untaken::Open)?;
    put_back(&txn, &mut rows, &frames, unreadable).map_err(|failure| match failure {
        Failure::Store(error) => Untaken::Open(of_journal(journal_path, error)),
        failure @ Failure::Stream(..) => Untaken::Of(failure),
    })?;
    let mut heads = txn.open_table(HEADS)?;
    for (stream, row) in &mut rows {
        row.turn_over(epoch);
        heads.insert(stream.as_str(), row.encode().as_slice())?;
    }
    drop(heads);
    commit_synced(txn, &mut journal)?;
    Ok((rows, journal))
}

/// Opens the journal, with what the file has not got of it. An empty one in the place of one that is needed is an
/// operator's word that the store shall go on without.
fn take_over(meta: &Meta, path: &Path, bytes: usize) -> Result<(Journal, Vec<Vec<u8>>), OpenError> {
    let found = std::fs::metadata(path).ok().map(|metadata| metadata.len());
    let of_journal = |error: io::Error| of_journal(path, error.into());
    let journal = match (meta.journal, found) {
        (Some((_, needed)), found) if found != Some(0) && found.unwrap_or(0) < needed => {
            return Err(OpenError::NoJournal { path: path.to_owned() });
        }
        _ => Journal::open(path, bytes).map_err(of_journal)?,
    };
    let frames = match (meta.journal, found) {
        (Some(_), Some(0)) => {
            tracing::warn!(path = %path.display(), "the journal is empty: what was answered last is gone");
            Vec::new()
        }
        (Some((generation, _)), _) => journal.read(generation).map_err(of_journal)?,
        (None, _) => Vec::new(),
    };
    Ok((journal, frames))
}

/// Puts the journal's frames into the tables, but for these streams; rows change as the tables do.
fn put_back(
    txn: &WriteTransaction,
    rows: &mut Rows,
    frames: &[Vec<u8>],
    unreadable: &Unreadable,
) -> Result<(), Failure> {
    let mut logs = Logs::new(txn, rows);
    frames.iter().try_for_each(|frame| logs.put(frame, |stream| !unreadable.contains_key(stream)))?;
    let finished = logs.finish(|_, log| log.finish(txn, None))?;
    rows.extend(finished.into_iter().map(|Finished { stream, row, .. }| (stream, row)));
    Ok(())
}

/// What the file says of itself.
struct Meta {
    schema: Option<u64>,
    /// The generation of frames that it has not got, and how long their file was.
    journal: Option<(Generation, u64)>,
}

impl Meta {
    fn read(txn: &WriteTransaction) -> Result<Self, Error> {
        let meta = txn.open_table(META)?;
        let number = |name| -> Result<_, Error> { Ok(meta.get(name)?.map(|number| number.value())) };
        let journal = number("journal")?.zip(number("journal_bytes")?);
        Ok(Self { schema: number("schema")?, journal })
    }
}

/// The journal's own trouble, told of the journal's file.
fn of_journal(path: &Path, error: Error) -> OpenError {
    let path = path.to_owned();
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            OpenError::ReadOnly { path, cause: error.to_string() }
        }
        Error::Io(error) if !is_of_content(&error) => OpenError::Failed { path, cause: error.to_string() },
        error => OpenError::Corrupt { path, cause: error.to_string() },
    }
}

fn read_rows(txn: &WriteTransaction) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    for head in txn.open_table(HEADS)?.iter()? {
        let (name, record) = head?;
        let stream = StreamName::parse(name.value())
            .map_err(|error| Error::Corrupted(format!("a stream's name: {error}")))?;
        rows.insert(stream, HeadRow::decode(record.value())?);
    }
    Ok(rows)
}
