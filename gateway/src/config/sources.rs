//! `[[source]]` and `[provider.NAME]`: handed to ingest, which knows what they mean; their mistakes get their places here.

use std::collections::HashMap;

use toml::Value;

use super::document::{Document, steps};
use super::{secrets, value};
use crate::ingest::providers::Catalogue;
use crate::ingest::source::Source;
use crate::mistake::{Mistake, Step};

/// The built-in providers and the operator's; one with a mistake is known by its name alone.
pub(super) fn catalogue(document: &mut Document) -> Catalogue {
    let Some(Value::Table(rows)) = document.values.get("provider") else { return Catalogue::built_in() };
    let (catalogue, mistakes) = Catalogue::built_in().with_those_that_read(rows);
    for mistake in mistakes {
        document.note_below(&steps("provider"), mistake);
    }
    catalogue
}

/// All sources, or none where one has a mistake.
pub(super) fn sources(document: &mut Document, catalogue: &Catalogue) -> Option<Vec<Source>> {
    let items = match document.values.get("source").cloned() {
        None => return Some(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let mend = "write [[source]] with two brackets: there can be several";
            document.note_below(&steps("source"), Mistake::new("a source is an item of a list", mend));
            return None;
        }
    };
    let (folder, environment) = (document.folder.clone(), document.environment.clone());
    let read_secret = |value: &Value| secrets::secret(value, &folder, &environment);
    let has_url = document.values.get("server").and_then(|server| server.get("public_url")).is_some();
    let mut sources = Vec::new();
    let mut seen = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let at = [Step::Key("source".into()), Step::Index(index)];
        let parsed = match value::table(item) {
            Ok(table) => Source::parse(table, &read_secret, catalogue),
            Err(mistake) => Err(vec![mistake]),
        };
        match parsed {
            Ok(source) if !has_url && source.needs_url() => document.note_below(&at, lacks_url(&source)),
            Ok(source) => {
                let advice = catalogue.get(source.provider()).zip(item.as_table());
                for advice in
                    advice.map(|(provider, table)| source.advice(provider, table)).unwrap_or_default()
                {
                    document.advise_below(&at, advice);
                }
                sources.push(source);
            }
            Err(mistakes) => mistakes.into_iter().for_each(|mistake| document.note_below(&at, mistake)),
        }
        if let Some(name) = item.get("name").and_then(Value::as_str)
            && seen.insert(name.to_owned(), index).is_some()
        {
            let mend = format!("deliveries to /hooks/{name} can go to one only: choose another name");
            let mistake = Mistake::new(format!("there is a source named `{name}` above"), mend);
            document.note_below(&at, mistake.under("name"));
        }
    }
    (sources.len() == items.len()).then_some(sources)
}

/// All its deliveries would be refused.
fn lacks_url(source: &Source) -> Mistake {
    let what =
        format!("{} signs the URL that it was given, and nothing says which that is", source.row().title);
    let mend = format!(
        "write [server] public_url = \"https://…\", the address that stands at the vendor without /hooks/{}",
        source.name()
    );
    Mistake::new(what, mend).under("provider")
}
