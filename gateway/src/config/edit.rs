//! Changes of the configuration's file that a page may ask for: a source added, given another secret, taken away. Everything
//! else of the text stays as a person wrote it. What a change means is judged by whoever reads the new text. Pure.

use std::fmt;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use crate::ingest::verify::SECRETS_MAX;

const SOURCES: &str = "source";

/// A source as a page asks for it.
#[derive(Clone, Default)]
pub struct NewSource {
    pub name: String,
    pub provider: String,
    pub secret: Option<NewSecret>,
    pub verify_token: Option<String>,
    /// Takes the secret that its provider sends.
    pub captures: bool,
    pub topic: Option<String>,
    pub header: Option<String>,
    pub event_type: Option<String>,
}

/// A secret and what it is called.
#[derive(Clone)]
pub struct NewSecret {
    pub text: String,
    pub label: String,
}

impl fmt::Debug for NewSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewSource").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewSecret({})", self.label)
    }
}

/// Why a text cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// The text has no such source.
    Unknown,
    /// The text cannot be read, or says it in a way that we do not change; the sentence says which.
    Shape(String),
}

/// The text with one source more, behind all others.
///
/// # Errors
/// See [`EditError`].
pub fn add(text: &str, source: &NewSource) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let sources = document.entry(SOURCES).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    tables(sources)?.push(table_of(source));
    Ok(document.to_string())
}

/// The source alone, to be pasted.
pub fn block(source: &NewSource) -> String {
    let mut table = table_of(source);
    table.decor_mut().set_prefix("");
    let mut document = DocumentMut::new();
    document.insert(SOURCES, Item::ArrayOfTables(ArrayOfTables::from_iter([table])));
    document.to_string()
}

/// The text with this secret before the others of the source; where there are as many as may be, the oldest goes.
///
/// # Errors
/// See [`EditError`].
pub fn rotate(text: &str, name: &str, secret: &NewSecret) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let table = find(&mut document, name)?;
    // It is known now; whoever offers another must not be believed.
    table.remove("capture");
    let mut new = Value::from(inline(secret));
    match table.get_mut("secrets") {
        None => _ = table.insert("secrets", Item::Value(Value::Array(Array::from_iter([new])))),
        Some(Item::Value(Value::Array(secrets))) => {
            while secrets.len() >= SECRETS_MAX {
                secrets.remove(secrets.len() - 1);
            }
            if let Some(first) = secrets.get_mut(0) {
                let prefix = first.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default().to_owned();
                let is_alone_on_its_line = prefix.contains('\n');
                new.decor_mut().set_prefix(prefix);
                if !is_alone_on_its_line {
                    first.decor_mut().set_prefix(" ");
                }
            }
            secrets.insert_formatted(0, new);
        }
        Some(Item::Value(one)) => {
            let decor = one.decor().clone();
            let mut old = one.clone();
            old.decor_mut().clear();
            *one = Value::Array(Array::from_iter([new, old]));
            *one.decor_mut() = decor;
        }
        Some(_) => {
            return Err(EditError::Shape(format!("the secrets of {name} stand in tables of their own")));
        }
    }
    Ok(document.to_string())
}

/// What to paste into a source's `secrets`, before the others.
pub fn secret_line(secret: &NewSecret) -> String {
    inline(secret).to_string()
}

/// The text without the source.
///
/// # Errors
/// See [`EditError`].
pub fn remove(text: &str, name: &str) -> Result<String, EditError> {
    let mut document = parse(text)?;
    find(&mut document, name)?;
    if let Some(Item::ArrayOfTables(sources)) = document.get_mut(SOURCES) {
        sources.retain(|table| !is_named(table, name));
        if sources.is_empty() {
            document.remove(SOURCES);
        }
    }
    Ok(document.to_string())
}

/// The text `base` with those sources of `text` that it has not.
///
/// # Errors
/// See [`EditError`].
pub fn with_others_of(base: &str, text: &str) -> Result<String, EditError> {
    let (mut base, mut text) = (parse(base)?, parse(text)?);
    let Some(others) = text.get_mut(SOURCES) else { return Ok(base.to_string()) };
    let others: Vec<Table> = tables(others)?.iter().cloned().collect();
    let sources = tables(base.entry(SOURCES).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new())))?;
    for mut other in others {
        let name = other.get("name").and_then(Item::as_str).unwrap_or_default();
        if !sources.iter().any(|known| is_named(known, name)) {
            unplaced(&mut other);
            sources.push(other);
        }
    }
    Ok(base.to_string())
}

/// Its place in another text says nothing about its place in this one.
fn unplaced(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => unplaced(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(unplaced),
            _ => {}
        }
    }
}

fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        // As a whole it would quote the line, which may hold a secret.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        EditError::Shape(format!("the file is no TOML, mend it by hand: line {line}: {}", error.message()))
    })
}

fn tables(item: &mut Item) -> Result<&mut ArrayOfTables, EditError> {
    item.as_array_of_tables_mut()
        .ok_or_else(|| EditError::Shape("the file lists its sources in another way than [[source]]".into()))
}

fn find<'a>(document: &'a mut DocumentMut, name: &str) -> Result<&'a mut Table, EditError> {
    let sources = tables(document.get_mut(SOURCES).ok_or(EditError::Unknown)?)?;
    sources.iter_mut().find(|table| is_named(table, name)).ok_or(EditError::Unknown)
}

fn is_named(table: &Table, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

fn table_of(source: &NewSource) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    let texts = [
        ("name", Some(&source.name)),
        ("provider", Some(&source.provider)),
        ("header", source.header.as_ref()),
    ];
    for (key, text) in texts {
        put(&mut table, key, text);
    }
    if let Some(secret) = &source.secret {
        let secrets = Array::from_iter([Value::from(inline(secret))]);
        table.insert("secrets", Item::Value(Value::Array(secrets)));
    }
    if source.captures {
        table.insert("capture", Item::Value(true.into()));
    }
    let texts =
        [("verify_token", &source.verify_token), ("topic", &source.topic), ("type", &source.event_type)];
    for (key, text) in texts {
        put(&mut table, key, text.as_ref());
    }
    table
}

fn put(table: &mut Table, key: &str, text: Option<&String>) {
    if let Some(text) = text {
        table.insert(key, Item::Value(text.as_str().into()));
    }
}

fn inline(secret: &NewSecret) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("value", secret.text.as_str().into());
    table.insert("label", secret.label.as_str().into());
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# ours\n[[source]] # first\nname = \"a\"\nprovider = \"github\"\nsecrets = [{ env = \"A\" }] # kept\n\n# the shop\n[[source]]\nname = \"b\"\nprovider = \"hmac\"\nsecrets = \"x\" # one\n[source.verify]\nmessage = \"{body}\"\n\n[limits] # tight\nstreams = 3\n# end\n";

    fn secret() -> NewSecret {
        NewSecret { text: "s\"3'cret\n".into(), label: "new".into() }
    }

    #[test]
    fn a_source_comes_behind_the_others_and_goes_again_without_a_trace() {
        let name = "c".to_owned();
        let source =
            NewSource { name, provider: "hmac".into(), secret: Some(secret()), ..NewSource::default() };
        let added = add(TEXT, &source).unwrap();
        let (before, after) = added
            .split_once("\n[[source]]\nname = \"c\"\nprovider = \"hmac\"\nsecrets = [{ value = ")
            .unwrap();
        assert!(before.ends_with("message = \"{body}\"\n") && after.contains("[limits] # tight"), "{added}");
        assert_eq!(remove(&added, "c").unwrap(), TEXT);
        assert_eq!(remove(TEXT, "c"), Err(EditError::Unknown));
        let first = add("", &source).unwrap();
        assert_eq!(first.trim_start(), block(&source));
        assert_eq!(remove(&first, "c").unwrap(), "");
        let without = remove(TEXT, "b").unwrap();
        assert!(
            !without.contains("the shop") && !without.contains("message") && without.contains("# ours"),
            "{without}"
        );
        assert!(matches!(add("source = []", &source), Err(EditError::Shape(_))));
        assert!(matches!(add("source = ", &source), Err(EditError::Shape(_))));
        let broken = add("\n\nsecrets = [\"hunter2\"", &source).unwrap_err();
        assert!(
            matches!(&broken, EditError::Shape(why) if why.contains("line 3") && !why.contains("hunter2")),
            "{broken:?}"
        );
    }

    #[test]
    fn a_new_secret_stands_first_and_the_old_ones_stay() {
        let line = secret_line(&secret());
        let rotated = rotate(TEXT, "a", &secret()).unwrap();
        assert!(rotated.contains(&format!("secrets = [{line}, {{ env = \"A\" }}] # kept\n")), "{rotated}");
        let rotated = rotate(TEXT, "b", &secret()).unwrap();
        assert!(rotated.contains(&format!("secrets = [{line}, \"x\"] # one\n")), "{rotated}");
        let lines = "[[source]]\nname = \"a\"\ncapture = true\nsecrets = [\n  \"x\", # old\n]\n";
        let expected = format!("[[source]]\nname = \"a\"\nsecrets = [\n  {line},\n  \"x\", # old\n]\n");
        assert_eq!(rotate(lines, "a", &secret()).unwrap(), expected);
        let none = rotate("[[source]]\nname = \"a\"\n", "a", &secret()).unwrap();
        assert_eq!(none, format!("[[source]]\nname = \"a\"\nsecrets = [{line}]\n"));
        let many =
            (0..SECRETS_MAX + 3).fold(TEXT.to_owned(), |text, _| rotate(&text, "a", &secret()).unwrap());
        assert_eq!(many.matches(&line).count(), SECRETS_MAX);
    }

    #[test]
    fn sources_that_were_added_are_laid_over_another_text() {
        let base = "[server]\n[[source]]\nname = \"a\"\nnew = true\n[[source]]\nname = \"d\"\n";
        let text = with_others_of(base, TEXT).unwrap();
        assert_eq!(text.matches("[[source]]").count(), 3, "{text}");
        assert!(text.starts_with(base) && text.contains("# the shop") && !text.contains("limits"), "{text}");
        assert!(text.ends_with("[source.verify]\nmessage = \"{body}\"\n"), "{text}");
    }
}
