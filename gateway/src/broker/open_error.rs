//! Why a broker could not be opened, each with what to do about it. One sentence a cause, for the person at the terminal.

use std::fmt;
use std::path::PathBuf;

/// A store that cannot be used as it stands. [`fmt::Display`] gives the sentence and the mend.
#[derive(Debug)]
pub enum OpenError {
    /// The folder is there or could be made, but nothing can be written in it.
    ReadOnly { path: PathBuf, cause: String },
    /// The folder or the file in it cannot be made at all.
    NotCreated { path: PathBuf, cause: String },
    /// Another process has the store open.
    InUse { path: PathBuf },
    /// The file is no store, or a damaged one.
    Corrupt { path: PathBuf, cause: String },
    /// What was answered last stands in this file, which is gone or cut short.
    NoJournal { path: PathBuf },
    /// A later build wrote it.
    Newer { path: PathBuf, found: u64, known: u64 },
    /// The system would not read or write it.
    Failed { path: PathBuf, cause: String },
}

impl OpenError {
    /// What to do about it; lower case, no full stop.
    pub fn mend(&self) -> &'static str {
        match self {
            Self::ReadOnly { .. } => "let this user write there, or name another folder",
            Self::NotCreated { .. } => "name a folder that this user may create",
            Self::InUse { .. } => "stop the other process, or give this one a folder of its own",
            Self::Corrupt { .. } => "move the file away or put a backup in its place, then start again",
            Self::NoJournal { .. } => {
                "put it back, or a backup of the whole folder; an empty file in its place goes on without"
            }
            Self::Newer { .. } => "run the later build again, or name another folder",
            Self::Failed { .. } => "see to the volume, then start again",
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadOnly { path, cause } => {
                write!(formatter, "cannot write in {}: {cause}", path.display())
            }
            Self::NotCreated { path, cause } => {
                write!(formatter, "cannot create {}: {cause}", path.display())
            }
            Self::InUse { path } => write!(formatter, "{} is used by another process", path.display()),
            Self::Corrupt { path, cause } => {
                write!(formatter, "{} is no store of ours or is damaged: {cause}", path.display())
            }
            Self::NoJournal { path } => {
                write!(
                    formatter,
                    "{} is missing or cut short, and has what was answered last",
                    path.display()
                )
            }
            Self::Newer { path, found, known } => write!(
                formatter,
                "{} was written by a later build: its schema is {found}, this build knows {known}",
                path.display()
            ),
            Self::Failed { path, cause } => write!(formatter, "cannot open {}: {cause}", path.display()),
        }?;
        write!(formatter, " ({})", self.mend())
    }
}

impl std::error::Error for OpenError {}
