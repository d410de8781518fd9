//! The built-in rows as they are embedded: one TOML file for each field of trade, one table for each provider. A row is
//! parsed when it is first asked for; until then only its place in the text is known.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use toml::Table;

use super::Provider;
use crate::ingest::row::Row;

macro_rules! fields_of_trade {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("catalogue/", $name, ".toml")))),+]
    };
}

/// Name and text of each file. A new one is a line here.
const FIELDS: &[(&str, &str)] = fields_of_trade![
    "ai",
    "calendars",
    "campaigns",
    "cloud",
    "code",
    "commerce",
    "content",
    "customers",
    "documents",
    "donations",
    "email",
    "forms",
    "generic",
    "identity",
    "messaging",
    "messengers",
    "operations",
    "payments",
    "people",
    "phone",
    "realtime",
    "sales",
    "shipping",
    "video",
    "work"
];

/// A row's text, from its head to the next row's, and what was read of it.
struct Slot {
    field: &'static str,
    text: &'static str,
    read: OnceLock<Provider>,
}

/// All built-in rows by their slug. Finding their heads is one pass over the text, and a gateway asks for a handful of them.
static SHELF: LazyLock<BTreeMap<&'static str, Slot>> = LazyLock::new(|| {
    let mut shelf = BTreeMap::new();
    for (field, text) in FIELDS {
        let slots = rows(text).map(|(slug, text)| (slug, Slot { field, text, read: OnceLock::new() }));
        shelf.extend(slots);
    }
    shelf
});

pub fn get(slug: &str) -> Option<&'static Provider> {
    let (slug, slot) = SHELF.get_key_value(slug)?;
    Some(slot.read.get_or_init(|| read(slug, slot)))
}

/// In their order.
pub fn slugs() -> impl Iterator<Item = &'static str> {
    SHELF.keys().copied()
}

/// The rows of a file: each begins with a line `[slug]`.
fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut heads = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(slug) = slug_of_head(line.trim_end()) {
            heads.push((slug, at));
        }
        at += line.len();
    }
    let ends: Vec<usize> = heads.iter().skip(1).map(|(_, at)| *at).chain([text.len()]).collect();
    heads.into_iter().zip(ends).map(|((slug, start), end)| (slug, &text[start..end]))
}

fn slug_of_head(line: &str) -> Option<&str> {
    let slug = line.strip_prefix('[')?.strip_suffix(']')?;
    let is_slug = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (is_slug && !slug.is_empty()).then_some(slug)
}

fn read(slug: &'static str, slot: &Slot) -> Provider {
    let whole: Table = slot.text.parse().expect("built-in rows are TOML; a test walks them");
    let table = whole.get(slug).and_then(toml::Value::as_table).cloned();
    let table = table.expect("a row's text begins with its head; a test walks them");
    let row = Row::parse(slug, &table).expect("built-in rows have no mistakes; a test walks them");
    Provider { slug: slug.to_owned(), field: slot.field, row, table }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files are TOML as a whole, and cutting them by their heads finds the same rows; no slug stands twice.
    #[test]
    fn every_file_falls_into_its_rows() {
        let mut seen = BTreeMap::new();
        for (name, text) in FIELDS {
            let whole: Table = text.parse().unwrap_or_else(|error| panic!("{name}.toml: {error}"));
            let cut: Vec<&str> = rows(text).map(|(slug, _)| slug).collect();
            assert_eq!(
                cut.len(),
                whole.len(),
                "{name}.toml: [slug] stands once, alone on its line, before its parts"
            );
            for (slug, text) in rows(text) {
                let row: Table = text.parse().unwrap_or_else(|error| panic!("{name}.toml, {slug}: {error}"));
                let keys: Vec<&String> = row.keys().collect();
                assert_eq!(keys, [slug], "{name}.toml: what follows [{slug}] is of that row");
                assert_eq!(row.get(slug), whole.get(slug), "{name}.toml, {slug}");
                if let Err(mistakes) = Row::parse(slug, row[slug].as_table().unwrap()) {
                    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                    panic!("{name}.toml, {slug}: {told:#?}");
                }
                if let Some(other) = seen.insert(slug, name) {
                    panic!("{slug} stands in {other}.toml and in {name}.toml");
                }
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ingest/providers/catalogue");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(FIELDS.iter().any(|(field, _)| *field == name), "{name}.toml is not in FIELDS");
        }
    }
}
