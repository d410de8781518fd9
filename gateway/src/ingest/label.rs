//! What a secret of a source is called where operators look: their own label, else where it comes from. Never anything of
//! the secret itself.

use sha2::{Digest as _, Sha256};
use toml::Value;

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::fields::{Fields, wrong_type};
use super::method::MethodRule;
use super::source::ReadSecret;
use super::verify::{Verified, Verifier};

const LABEL_CHARACTERS_MAX: usize = 64;

/// What a secret is called that its sender offered.
const CAPTURED: &str = "captured";

/// The name of one secret; two of a source never have the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Label {
    pub text: String,
    /// Tells a secret that was exchanged under the same name.
    digest: [u8; 32],
}

impl Label {
    fn of(text: String, secret: &Secret) -> Self {
        Self { text, digest: Sha256::digest(secret.expose()).into() }
    }
}

impl std::fmt::Debug for Label {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Label({})", self.text)
    }
}

/// The names of a source's secrets, and which of them proved a delivery.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels {
    pub(super) all: Vec<Label>,
    /// A verifier for each secret alone; none where there are fewer than two: then nobody need ask.
    alone: Vec<Verifier>,
}

impl Labels {
    pub(super) fn new(all: Vec<Label>, secrets: &[Secret], rules: &[MethodRule]) -> Self {
        let alone = |secret: &Secret| Verifier::new(rules, std::slice::from_ref(secret)).ok();
        let alone = if secrets.len() > 1 { secrets.iter().filter_map(alone).collect() } else { Vec::new() };
        Self { all, alone }
    }

    /// These and the last of `secrets`, which came with a question.
    pub(super) fn and_captured(&self, secrets: &[Secret], rules: &[MethodRule]) -> Self {
        let named = |text: &str| self.all.iter().any(|label| label.text == text);
        let text = if named(CAPTURED) { format!("{CAPTURED} ({})", secrets.len()) } else { CAPTURED.into() };
        let last = secrets.last().map(|secret| Label::of(text, secret));
        Self::new(self.all.iter().cloned().chain(last).collect(), secrets, rules)
    }

    /// The place of the secret that proved this. Asked of what is genuine alone, so a forger learns nothing from the time it takes;
    /// and only while secrets are exchanged does it cost a second look.
    pub(super) fn which(&self, verified: &Verified, public_url: Option<&str>) -> Option<usize> {
        if self.all.len() < 2 {
            return (!self.all.is_empty()).then_some(0);
        }
        let delivery = verified.delivery();
        self.alone.iter().position(|verifier| verifier.proves(delivery, public_url, delivery.received))
    }
}

/// Reads `secrets`: each as everywhere, and in a table perhaps with its `label`.
pub(super) fn read(fields: &mut Fields<'_>, secrets: ReadSecret<'_>) -> (Vec<Secret>, Vec<Label>) {
    let mut index = 0;
    let found = fields.each("secrets", |value| {
        let read = labelled(value, index, secrets).map_err(|mistake| vec![mistake]);
        index += 1;
        read
    });
    let (mut read, mut labels) = (Vec::new(), Vec::<Label>::new());
    for (index, (secret, text, is_written)) in found.into_iter().enumerate() {
        let is_taken = |text: &str| labels.iter().any(|label| label.text == text);
        if is_taken(&text) && is_written {
            let mend = "call each secret something else, such as the month it came into use";
            let mistake = Mistake::new(format!("there is a secret labelled `{text}` above"), mend);
            fields.mistake("secrets", mistake.under("label").at_index(index));
        }
        let text = if is_taken(&text) { format!("{text} ({})", index + 1) } else { text };
        labels.push(Label::of(text, &secret));
        read.push(secret);
    }
    (read, labels)
}

/// The secret, its label, and whether somebody wrote that.
fn labelled(value: &Value, index: usize, secrets: ReadSecret<'_>) -> Result<(Secret, String, bool), Mistake> {
    let number = || (index + 1).to_string();
    let Value::Table(table) = value else { return Ok((secrets(value)?, number(), false)) };
    let mut bare = table.clone();
    let written = bare.remove("label");
    let secret = secrets(&Value::Table(bare))?;
    if let Some(label) = written {
        let text = label.as_str().ok_or_else(|| wrong_type("a text in quotes", &label).under("label"))?;
        let is_plain = !text.trim().is_empty() && !text.contains(char::is_control);
        if !is_plain || text.chars().count() > LABEL_CHARACTERS_MAX {
            let message = format!("a label is 1 to {LABEL_CHARACTERS_MAX} characters of plain text");
            return Err(Mistake::new(message, "write a short one, such as \"2026-11\"").under("label"));
        }
        return Ok((secret, text.to_owned(), true));
    }
    let place = |key: &str| table.get(key).and_then(Value::as_str);
    let file = || place("file").and_then(|path| path.rsplit('/').next());
    let text = place("env").or_else(file).map_or_else(number, str::to_owned);
    Ok((secret, text, false))
}
