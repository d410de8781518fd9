//! Where a configuration came from, so that it can be read again, which files were read with it, and what of it cannot
//! change while a node runs.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::document::{Document, FILE_NAME};
use super::environment::Environment;
use super::report::Report;
use super::{Config, Overrides};

/// Sections that a running node takes anew; of all others it keeps what it started with.
const TAKEN_ANEW: [&str; 3] = ["source", "provider", "auth"];

/// The file, and what is laid over it. A process's environment does not change, so it is kept.
#[derive(Debug, Clone)]
pub struct Origin {
    path: Option<PathBuf>,
    overrides: Overrides,
    environment: Environment,
}

impl Origin {
    pub(super) fn new(path: Option<&Path>, overrides: &Overrides, environment: Environment) -> Self {
        Self { path: path.map(Path::to_owned), overrides: overrides.clone(), environment }
    }

    /// The file, which need not exist where nobody named one.
    pub fn file(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(FILE_NAME))
    }

    /// As [`Origin::read`], with this text in the place of the file's.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read_as(&self, text: &str) -> Result<Config, Report> {
        let file = self.file();
        let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Config::of_text(&file.display().to_string(), text, folder, &self.overrides, self.environment.clone())
    }

    /// Reads it all as it is now; may wait for its file system.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(&self) -> Result<Config, Report> {
        Config::load(self.path.as_deref(), &self.overrides, self.environment.clone())
    }
}

/// The sections that a node keeps until it is started again, as they were written or by default.
#[derive(Clone, Default, PartialEq)]
pub struct Fixed(Table);

impl fmt::Debug for Fixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The broker's URL may hold a password.
        formatter.write_str("Fixed(…)")
    }
}

impl Fixed {
    pub(super) fn of(document: &Document) -> Self {
        let mut values = document.values.clone();
        values.retain(|section, _| !TAKEN_ANEW.contains(&section));
        Self(values)
    }

    /// The keys, as `server.listen`, whose value differs from the other's.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let none = Table::new();
        let mut keys: Vec<String> = Vec::new();
        for name in self.0.keys().chain(other.0.keys()) {
            let section =
                |fixed: &'_ Self| fixed.0.get(name).and_then(Value::as_table).unwrap_or(&none).clone();
            let (one, two) = (section(self), section(other));
            let differing = one.keys().chain(two.keys()).filter(|key| one.get(*key) != two.get(*key));
            keys.extend(differing.map(|key| format!("{name}.{key}")));
        }
        keys.sort();
        keys.dedup();
        keys
    }
}

/// A file's time, size and identity at one moment: another of these is another content. None where nothing can be looked at.
pub type Look = Option<(i64, i64, u64, u64, u64)>;
/// The files of a configuration, as they were just before they were read.
pub type Looks = BTreeMap<PathBuf, Look>;

/// Looks at files, through links; may wait for their file system.
pub fn look(files: impl IntoIterator<Item = PathBuf>) -> Looks {
    let look = |file: PathBuf| {
        let found = std::fs::metadata(&file).ok();
        (file, found.map(|it| (it.mtime(), it.mtime_nsec(), it.size(), it.dev(), it.ino())))
    };
    files.into_iter().map(look).collect()
}

/// Every file whose content is a part of the configuration: `{ file = "…" }`, wherever it stands.
pub(super) fn look_at_files_of(document: &Document) -> Looks {
    let mut names = Vec::new();
    document.values.values().for_each(|value| collect(value, &mut names));
    look(names.into_iter().map(|name| document.folder.join(name)))
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            if let Some(Value::String(name)) = table.get("file") {
                names.push(name.clone());
            }
            table.values().for_each(|value| collect(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}
