//! How far a row can be trusted: where its facts were read, when, and what of them is from memory. For people, never for
//! verification.

use crate::mistake::Mistake;

use super::fields::Fields;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Read at the vendor, or proven with the vendor's own package.
    Vendor,
    /// Another open catalogue says so.
    Catalogue,
    /// From memory.
    Unsure,
}

const CONFIDENCES: &[(&str, Confidence)] =
    &[("vendor", Confidence::Vendor), ("catalogue", Confidence::Catalogue), ("unsure", Confidence::Unsure)];

/// An operator's own row may leave all of it out.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub source: String,
    /// A day, such as 2026-11-26.
    pub checked: String,
    pub confidence: Option<Confidence>,
    pub unsure: Vec<String>,
}

impl Confidence {
    pub fn word(self) -> &'static str {
        let word = CONFIDENCES.iter().find(|(_, confidence)| *confidence == self);
        word.map(|(word, _)| *word).unwrap_or_default()
    }
}

impl Origin {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            source: fields.string("source").unwrap_or_default().to_owned(),
            checked: fields.parsed("checked", parse_day).unwrap_or_default(),
            confidence: fields.choice("confidence", CONFIDENCES),
            unsure: fields.texts("unsure", |text| Ok(text.to_owned())),
        }
    }
}

fn parse_day(text: &str) -> Result<String, Mistake> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    match time::Date::parse(text, form) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Mistake::new(
            format!("`{}` is no day", text.escape_debug()),
            "write the year, month and day, such as \"2026-11-26\"",
        )),
    }
}
