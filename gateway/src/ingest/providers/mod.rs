//! The catalogue: built-in provider rows and the operator's own. Knows no source and no request.
//!
//! A new provider is one table in a file of `catalogue/`.

mod proof;
mod said;
pub mod secret;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use crate::mistake::Mistake;

use super::row::Row;

/// One provider: its row as read, and the table that a source's own `[source.verify]` is laid over.
#[derive(Debug, Clone)]
pub struct Provider {
    pub slug: String,
    /// The field of trade, such as `payments`; of an operator's own row `own`.
    pub field: &'static str,
    pub row: Row,
    pub(super) table: Table,
}

/// The field of rows that an operator wrote.
const OWN: &str = "own";

impl Provider {
    /// What proves a delivery, for people: `HMAC-SHA256`, `token`, `nothing`; several where the row has several ways.
    pub fn proofs(&self) -> Vec<String> {
        proof::words(&self.table)
    }

    /// Whether an operator wrote its row.
    pub fn is_own(&self) -> bool {
        self.field == OWN
    }

    pub fn needs_secret(&self) -> bool {
        proof::needs_secret(&self.table)
    }
}

/// All providers by their slug. A built-in row is parsed when it is first asked for, once for the whole process.
#[derive(Debug, Clone)]
pub struct Catalogue {
    own: BTreeMap<String, Provider>,
    /// Rows of the operator's that have mistakes: told once, and not again by each source.
    mistaken: BTreeSet<String>,
}

impl Catalogue {
    pub fn built_in() -> Self {
        Self { own: BTreeMap::new(), mistaken: BTreeSet::new() }
    }

    /// Adds the operator's `[provider.NAME]` tables; one may take a built-in's place.
    ///
    /// # Errors
    /// Every mistake of every row, each under its name.
    pub fn with_user_rows(self, tables: &Table) -> Result<Self, Vec<Mistake>> {
        let (catalogue, mistakes) = self.with_those_that_read(tables);
        if mistakes.is_empty() { Ok(catalogue) } else { Err(mistakes) }
    }

    /// The same with those that have no mistake, and the mistakes of the others.
    pub fn with_those_that_read(mut self, tables: &Table) -> (Self, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        for (name, value) in tables {
            let read = super::fields::as_table(value)
                .and_then(|table| Ok((Row::parse(name, table)?, table.clone())));
            match read {
                Ok((row, table)) => {
                    let provider = Provider { slug: name.clone(), field: OWN, row, table };
                    self.own.insert(name.clone(), provider);
                }
                Err(found) => {
                    self.mistaken.insert(name.clone());
                    mistakes.extend(found.into_iter().map(|mistake| mistake.under(name)));
                }
            }
        }
        (self, mistakes)
    }

    /// Whether the operator has a row of this name that cannot be read.
    pub fn is_mistaken(&self, slug: &str) -> bool {
        self.mistaken.contains(slug)
    }

    pub fn get(&self, slug: &str) -> Option<&Provider> {
        self.own.get(slug).or_else(|| shelf::get(slug))
    }

    /// In the order of their slugs.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.slugs().into_iter().filter_map(|slug| self.get(slug))
    }

    /// In their order. Parses nothing.
    pub fn slugs(&self) -> Vec<&str> {
        let mut slugs: BTreeSet<&str> = shelf::slugs().collect();
        slugs.extend(self.own.keys().map(String::as_str));
        slugs.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_tells_people_what_they_need() {
        for provider in Catalogue::built_in().iter() {
            let Row { title, docs, paste, secret, traps, sample, origin, .. } = &provider.row;
            let sample_type = &sample.event_type;
            let texts = [
                ("title", title),
                ("docs", docs),
                ("paste", paste),
                ("secret", secret),
                ("source", &origin.source),
                ("checked", &origin.checked),
                ("sample type", sample_type),
            ];
            for (what, text) in texts {
                assert!(!text.is_empty(), "{}: no {what}", provider.slug);
            }
            assert!(docs.starts_with("https://"), "{}", provider.slug);
            assert!(!traps.is_empty(), "{}: every provider has a trap", provider.slug);
            assert!(origin.confidence.is_some(), "{}: how sure are we?", provider.slug);
        }
    }

    /// A sample is what its content type says; where none is written that is JSON.
    #[test]
    fn every_sample_is_what_it_says() {
        for provider in Catalogue::built_in().iter() {
            let (slug, sample) = (&provider.slug, &provider.row.sample);
            let content_type = sample.content_type.as_deref().unwrap_or("application/json");
            assert!(
                sample.body.len() <= 2_048,
                "{slug}: a sample is short, but this one has {}",
                sample.body.len()
            );
            if content_type.contains("json") && !sample.body.is_empty() {
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(&sample.body);
                assert!(parsed.is_ok(), "{slug}: {}", parsed.unwrap_err());
            }
            if content_type.contains("form") {
                assert!(sample.body.contains('=') && !sample.body.contains(['{', ' ', '\n']), "{slug}");
            }
        }
    }

    #[test]
    fn a_users_row_is_held_to_the_same_schema() {
        let tables: Table = r#"
            [acme.verify]
            signature = { header = "X-Acme", stripp = "v1=" }
            algorithm = "sha265"
            mesage = "{body}"
            [other]
            title = "Other"
        "#
        .parse()
        .unwrap();
        let mistakes = Catalogue::built_in().with_user_rows(&tables).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        for expected in [
            "acme.verify.signature.stripp: unknown key `stripp` (did you mean `strip`?)",
            "acme.verify.algorithm: unknown word `sha265` (did you mean `sha256`?)",
            "acme.verify.mesage: unknown key `mesage` (did you mean `message`?)",
            "other.verify: nothing says how deliveries are verified",
        ] {
            assert!(told.iter().any(|told| told.starts_with(expected)), "{expected}\n{told:#?}");
        }
    }
}
