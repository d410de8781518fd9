//! The configuration as one table, laid together from defaults, file, environment and command line, and the mistakes
//! found in reading it.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Overrides;
use super::environment::{Environment, set};
use super::keys::KEYS;
use super::layer::Layer;
use super::report::Report;
use crate::mistake::{Mistake, Step};

/// The file that is read when none is named.
pub(super) const FILE_NAME: &str = "hookcast.toml";

/// What of a place is wrong: the name of the key, or its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
}

/// All layers, merged, with the mistakes so far.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) layers: Vec<Layer>,
    pub(super) values: Table,
    pub(super) mistakes: Vec<(Mistake, Part)>,
    /// What is no mistake, but weaker than its writer may think.
    pub(super) advice: Vec<(Mistake, Part)>,
    /// What relative paths are relative to.
    pub(super) folder: PathBuf,
    pub(super) environment: Environment,
}

impl Document {
    /// # Errors
    /// When a named file cannot be read, or is no TOML: then nothing else can be told about it.
    pub(super) fn open(
        path: Option<&Path>,
        overrides: &Overrides,
        environment: Environment,
    ) -> Result<Self, Report> {
        let name = path.unwrap_or(Path::new(FILE_NAME));
        match std::fs::read_to_string(name) {
            Ok(text) => {
                let folder = name.parent().filter(|parent| !parent.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new(".")).to_owned();
                Self::of_text(&name.display().to_string(), text, folder, overrides, environment)
            }
            Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Self::of_text(FILE_NAME, String::new(), ".".into(), overrides, environment)
            }
            Err(error) => {
                let mend = "name a file that can be read, or write one with `hookcast config --default`";
                Err(Report::of_file(name, &Mistake::new(format!("cannot read the file: {error}"), mend)))
            }
        }
    }

    pub(super) fn of_text(
        name: &str,
        text: String,
        folder: PathBuf,
        overrides: &Overrides,
        environment: Environment,
    ) -> Result<Self, Report> {
        let (file, table) = Layer::parse(name.to_owned(), text);
        let mut values = match table {
            Ok(table) => table,
            Err(mistakes) => return Err(Report::of_syntax(file, &mistakes)),
        };
        let mut layers = vec![file];
        let (layer, mistakes) = environment.layer_onto(&mut values);
        layers.extend(layer);
        let mut document = Self {
            layers,
            values,
            mistakes: mistakes.into_iter().map(|mistake| (mistake, Part::Key)).collect(),
            advice: Vec::new(),
            folder,
            environment,
        };
        document.lay_command_line(overrides);
        document.lay_defaults();
        Ok(document)
    }

    fn lay_command_line(&mut self, overrides: &Overrides) {
        let given =
            [("server.listen", "--listen", &overrides.listen), ("broker.url", "--redis", &overrides.redis)];
        let mut assignments = Vec::new();
        for (path, flag, value) in given {
            let Some(value) = value else { continue };
            let path = steps(path);
            if let Err(mistake) = set(&mut self.values, &path, Value::String(value.clone())) {
                self.mistakes.push((mistake, Part::Key));
            }
            assignments.push((path, flag.to_owned(), value.clone()));
        }
        if !assignments.is_empty() {
            self.layers.push(Layer::of_lines("the command line", &assignments, " "));
        }
    }

    /// A default goes where nobody wrote anything, so that what is read is what the table of keys says.
    fn lay_defaults(&mut self) {
        for key in KEYS {
            let Some(default) = key.default else { continue };
            let path = steps(key.path);
            if self.get(&path).is_none() && !key.path.starts_with("auth.") {
                // A section that is no table is told when it is read.
                let _ = set(&mut self.values, &path, default_value(default));
            }
        }
    }

    pub(super) fn get(&self, path: &[Step]) -> Option<&Value> {
        let (Step::Key(first), rest) = path.split_first()? else { return None };
        rest.iter().try_fold(self.values.get(first)?, |value, step| match step {
            Step::Key(key) => value.get(key.as_str()),
            Step::Index(index) => value.get(*index),
        })
    }

    /// Reads the value at a path such as `server.listen`; a mistake is noted there, and then there is none.
    pub(super) fn read<T>(
        &mut self,
        path: &str,
        read: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Option<T> {
        self.read_all(path, |value| read(value).map_err(|mistake| vec![mistake]))
    }

    /// As `read`, where several mistakes can be found.
    pub(super) fn read_all<T>(
        &mut self,
        path: &str,
        read: impl FnOnce(&Value) -> Result<T, Vec<Mistake>>,
    ) -> Option<T> {
        let path = steps(path);
        match read(self.get(&path)?) {
            Ok(value) => Some(value),
            Err(mistakes) => {
                for mistake in mistakes {
                    self.note_below(&path, mistake);
                }
                None
            }
        }
    }

    /// Notes a mistake that was found below this path.
    pub(super) fn note_below(&mut self, path: &[Step], mut mistake: Mistake) {
        mistake.at.splice(0..0, path.iter().cloned());
        self.mistakes.push((mistake, Part::Value));
    }

    /// Notes what is worth a thought below this path, and keeps nothing from being read.
    pub(super) fn advise_below(&mut self, path: &[Step], mut advice: Mistake) {
        advice.at.splice(0..0, path.iter().cloned());
        self.advice.push((advice, Part::Value));
    }
}

pub(super) fn steps(path: &str) -> Vec<Step> {
    path.split('.').map(|name| Step::Key(name.to_owned())).collect()
}

pub(super) fn default_value(toml: &str) -> Value {
    let mut table: Table = format!("v = {toml}").parse().expect("a default in the table of keys is TOML");
    table.remove("v").expect("the key was just written")
}
