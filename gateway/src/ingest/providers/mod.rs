//! The catalogue: built-in provider rows, one TOML file each, and the operator's own. Knows no source and no request.
//!
//! A new provider is one file here, its sample, its golden delivery, and one line in `BUILT_IN`.

use std::collections::BTreeMap;

use toml::Table;

use crate::mistake::Mistake;

use super::row::Row;

macro_rules! built_in {
    ($($slug:literal $sample:literal),+ $(,)?) => {
        &[$(($slug, include_str!(concat!($slug, ".toml")), include_str!(concat!("samples/", $sample)))),+]
    };
}

/// Slug, row and sample payload.
const BUILT_IN: &[(&str, &str, &str)] = built_in![
    "discord" "discord.json",
    "github" "github.json",
    "gitlab" "gitlab.json",
    "hmac" "hmac.json",
    "meta" "meta.json",
    "none" "none.json",
    "shopify" "shopify.json",
    "slack" "slack.json",
    "standard-webhooks" "standard-webhooks.json",
    "stripe" "stripe.json",
    "token" "token.json",
    "twitch" "twitch.json",
];

/// One provider: its row as read, and the table that a source's own `[source.verify]` is laid over.
#[derive(Debug, Clone)]
pub struct Provider {
    pub slug: String,
    pub row: Row,
    pub(super) table: Table,
    /// A realistic payload; `row.sample` has its type.
    pub sample: String,
}

/// All providers by their slug.
#[derive(Debug, Clone)]
pub struct Catalogue {
    providers: BTreeMap<String, Provider>,
}

impl Catalogue {
    pub fn built_in() -> Self {
        let read = |(slug, text, sample): &(&str, &str, &str)| {
            let table: Table = text.parse().expect("built-in rows are TOML; a test walks them");
            let row = Row::parse(slug, &table).expect("built-in rows have no mistakes; a test walks them");
            let provider = Provider { slug: (*slug).to_owned(), row, table, sample: (*sample).to_owned() };
            ((*slug).to_owned(), provider)
        };
        Self { providers: BUILT_IN.iter().map(read).collect() }
    }

    /// Adds the operator's `[provider.NAME]` tables; one may take a built-in's place.
    ///
    /// # Errors
    /// Every mistake of every row, each under its name.
    pub fn with_user_rows(mut self, tables: &Table) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for (name, value) in tables {
            let read = super::fields::as_table(value)
                .and_then(|table| Ok((Row::parse(name, table)?, table.clone())));
            match read {
                Ok((row, table)) => {
                    let provider = Provider { slug: name.clone(), row, table, sample: "{}".into() };
                    self.providers.insert(name.clone(), provider);
                }
                Err(found) => mistakes.extend(found.into_iter().map(|mistake| mistake.under(name))),
            }
        }
        if mistakes.is_empty() { Ok(self) } else { Err(mistakes) }
    }

    pub fn get(&self, slug: &str) -> Option<&Provider> {
        self.providers.get(slug)
    }

    /// In the order of their slugs.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }

    pub fn slugs(&self) -> Vec<&str> {
        self.providers.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_tells_people_what_they_need() {
        for provider in Catalogue::built_in().iter() {
            let row = &provider.row;
            for (what, text) in [
                ("title", &row.title),
                ("docs", &row.docs),
                ("paste", &row.paste),
                ("secret", &row.secret),
                ("sample type", &row.sample.event_type),
            ] {
                assert!(!text.is_empty(), "{}: no {what}", provider.slug);
            }
            assert!(row.docs.starts_with("https://"), "{}", provider.slug);
            assert!(!row.traps.is_empty(), "{}: every provider has a trap", provider.slug);
            assert!(!provider.sample.trim().is_empty(), "{}", provider.slug);
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
