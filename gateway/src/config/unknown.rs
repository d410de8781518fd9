//! Keys that no row of the table knows, each with the known key that was probably meant.

use toml::{Table, Value};

use super::bounds::BOUNDS;
use super::document::{Document, Part};
use super::keys::{KEYS, Kind, roots};
use crate::mistake::{Mistake, Step};

/// Names less alike than this are no typing mistake (0 is nothing in common, 1 the same).
const LIKENESS_MIN: f64 = 0.7;

/// Notes every unknown key of the document.
pub(super) fn note_unknown_keys(document: &mut Document) {
    let mut found = Vec::new();
    let values = std::mem::take(&mut document.values);
    walk(&values, "", &mut Vec::new(), &mut found);
    document.values = values;
    document.mistakes.extend(found.into_iter().map(|mistake| (mistake, Part::Key)));
}

fn walk(table: &Table, section: &str, at: &mut Vec<Step>, found: &mut Vec<Mistake>) {
    let known = names_of(section);
    for (name, value) in table {
        at.push(Step::Key(name.clone()));
        let path = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        if known.contains(&name.as_str()) || known.contains(&"*") {
            let path = if known.contains(&"*") { format!("{section}.*") } else { path };
            // A key that is a value or a list of tables has rows for both.
            let has_rows_below =
                KEYS.iter().any(|key| key.section().strip_suffix("[]") == Some(path.as_str()));
            let is_checked_elsewhere = !has_rows_below && KEYS.iter().any(|key| key.path == path);
            match value {
                Value::Table(inner) if !is_checked_elsewhere => walk(inner, &path, at, found),
                Value::Array(items) if !is_checked_elsewhere => {
                    for (index, item) in items.iter().enumerate() {
                        let Value::Table(inner) = item else { continue };
                        at.push(Step::Index(index));
                        walk(inner, &format!("{path}[]"), at, found);
                        at.pop();
                    }
                }
                _ => {}
            }
        } else {
            let place =
                if section.is_empty() { "at the root".to_owned() } else { format!("in {}", header(section)) };
            found.push(Mistake {
                at: at.clone(),
                message: format!("unknown key `{name}` {place}"),
                mend: mend(name, section, &known, table),
            });
        }
        at.pop();
    }
}

/// The names that may stand in a section; `*` is any.
fn names_of(section: &str) -> Vec<&'static str> {
    match section {
        "" => roots().collect(),
        "limits" => BOUNDS.iter().map(|bound| bound.name).collect(),
        _ => {
            let below = |path: &'static str| {
                let rest = path.strip_prefix(section)?.strip_prefix('.')?;
                rest.split(['.', '[']).next()
            };
            KEYS.iter().filter_map(|key| below(key.path)).collect()
        }
    }
}

fn header(section: &str) -> String {
    match section.strip_suffix("[]") {
        Some(array) => format!("[[{array}]]"),
        None => format!("[{section}]"),
    }
}

fn mend(name: &str, section: &str, known: &[&'static str], table: &Table) -> String {
    let renamed = KEYS.iter().find(|key| key.section() == section && key.also.contains(&name));
    if let Some(key) = renamed {
        if key.kind == Kind::LabelledSecrets && table.contains_key(key.name()) {
            return format!(
                "put it into `{}` too, if it may prove a delivery by itself: one that fits is enough, and two cannot be asked for",
                key.name()
            );
        }
        return format!("write `{}`: {}", key.name(), key.example);
    }
    let alike = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    if let Some((_, known)) =
        alike.filter(|(likeness, _)| *likeness >= LIKENESS_MIN).max_by(|a, b| a.0.total_cmp(&b.0))
    {
        return format!("did you mean `{known}`?");
    }
    let elsewhere = KEYS.iter().find(|key| key.name() == name && key.kind != Kind::Table);
    match elsewhere {
        Some(key) => format!("it belongs into {}", header(key.section())),
        None => format!("known keys are {}", known.join(", ")),
    }
}
