//! The environment, read in this one place and passed on as a value.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::keys::{KEYS, Kind};
use super::layer::Layer;
use crate::mistake::{Mistake, Step};

/// What every variable of a key begins with; its sections follow, joined by `__`.
const PREFIX: &str = "HOOKCAST_";

/// The variables as they were at one moment.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// A variable's text; none when it is absent, empty or not Unicode.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(OsString::from(name).as_os_str())?.to_str().filter(|text| !text.is_empty())
    }

    /// The variables that set a key, as a layer above the file, and laid into the merged table.
    pub(super) fn layer_onto(&self, merged: &mut toml::Table) -> (Option<Layer>, Vec<Mistake>) {
        let (mut assignments, mut mistakes) = (Vec::new(), Vec::new());
        for (name, text) in &self.0 {
            let (Some(name), Some(text)) = (name.to_str(), text.to_str()) else { continue };
            // One underscore is no section: `HOOKCAST_TOKEN` and a secret's own variable are not keys.
            let Some(sections) = name.strip_prefix(PREFIX).filter(|rest| rest.contains("__")) else {
                continue;
            };
            let path = steps(&sections.to_ascii_lowercase(), merged);
            if let Err(mistake) = set(merged, &path, value(&path, text)) {
                mistakes.push(mistake);
            }
            assignments.push((path, name.to_owned(), text.to_owned()));
        }
        let layer =
            (!assignments.is_empty()).then(|| Layer::of_lines("the environment", &assignments, " = "));
        (layer, mistakes)
    }
}

impl From<&[(&str, &str)]> for Environment {
    fn from(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Environment({} variables)", self.0.len())
    }
}

/// `source__github__secrets` is the key `secrets` of the source named `github`; other names are keys as they stand.
fn steps(sections: &str, merged: &toml::Table) -> Vec<Step> {
    let mut path = Vec::new();
    let mut names = sections.split("__");
    let root = names.next().unwrap_or_default();
    path.push(Step::Key(root.to_owned()));
    for name in names {
        let is_first = path.len() == 1;
        let existing = merged.get(root);
        match existing {
            Some(toml::Value::Array(items)) if is_first => {
                let named = items.iter().position(|item| {
                    item.get("name")
                        .and_then(toml::Value::as_str)
                        .is_some_and(|found| is_variable_of(name, found))
                });
                path.push(named.map_or_else(|| Step::Key(name.to_owned()), Step::Index));
            }
            Some(toml::Value::Table(table)) if is_first => {
                let key = table.keys().find(|key| is_variable_of(name, key));
                path.push(Step::Key(key.map_or(name, String::as_str).to_owned()));
            }
            _ => path.push(Step::Key(name.to_owned())),
        }
    }
    path
}

fn is_variable_of(name: &str, found: &str) -> bool {
    found.to_ascii_lowercase().replace(['-', '.'], "_") == name
}

/// A variable is text; only where a key wants a list, a number or a table is it read as TOML first.
fn value(path: &[Step], text: &str) -> toml::Value {
    let name = match path.last() {
        Some(Step::Key(name)) => name.as_str(),
        _ => "",
    };
    let section = match path.first() {
        Some(Step::Key(root)) => root.as_str(),
        _ => "",
    };
    let wants_text = KEYS.iter().any(|key| {
        key.name() == name
            && key.path.split(['.', '[']).next() == Some(section)
            && matches!(key.kind, Kind::Text | Kind::Address | Kind::Duration | Kind::Path)
    });
    let as_text = || toml::Value::String(text.to_owned());
    if wants_text {
        return as_text();
    }
    format!("v = {text}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(as_text)
}

/// Lays a value at a path, making tables on the way.
///
/// # Errors
/// When something on the way is no table: a list (its items have names, and this is none of them) or a value.
pub(super) fn set(root: &mut toml::Table, path: &[Step], value: toml::Value) -> Result<(), Mistake> {
    let (Some((last, way)), Some(Step::Key(_))) = (path.split_last(), path.first()) else { return Ok(()) };
    let fail = |what: &str| {
        let mend = "the sections of a variable are those of the file, and a source is called by its name";
        Err(Mistake { at: path.to_vec(), ..Mistake::new(what.to_owned(), mend) })
    };
    let mut table = root;
    let mut way = way.iter().peekable();
    while let Some(step) = way.next() {
        let Step::Key(key) = step else { return fail("this variable has no place in the file") };
        let node = table.entry(key.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let node = match (node, way.peek()) {
            (toml::Value::Array(items), Some(Step::Index(index))) => {
                way.next();
                items.get_mut(*index)
            }
            (toml::Value::Array(_), _) => return fail("no item of this list has that name"),
            (other, _) => Some(other),
        };
        match node {
            Some(toml::Value::Table(inner)) => table = inner,
            _ => return fail("this variable is below a key that is no table"),
        }
    }
    match last {
        Step::Key(key) => table.insert(key.clone(), value),
        Step::Index(_) => return fail("this variable names no key"),
    };
    Ok(())
}
