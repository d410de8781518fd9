//! Which of the kept deliveries are asked for: by source, outcome, type, topic and text, a page at a time. Looking for a text
//! reads all that is kept, which has a bound (32 MiB), away from the threads that serve, one search at a time.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::ingest::capture::Capture;
use crate::telemetry::DeliveryOutcome;
use crate::topic::{Pattern, Topic};

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 1_000;
/// Of a text that is looked for.
const TEXT_BYTES_MAX: usize = 256;

/// A search keeps a thread busy, and goes on when its asker has left: the others wait for it.
static SEARCHES: Semaphore = Semaphore::const_new(1);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    source: Option<String>,
    /// Several are joined by commas.
    outcome: Option<String>,
    /// A whole one, or its beginning and `*`.
    r#type: Option<String>,
    /// A topic or a pattern.
    topic: Option<String>,
    text: Option<String>,
    /// The id of a delivery: what came before it.
    pub(super) before: Option<String>,
    limit: Option<usize>,
}

/// What is wanted of all that is kept.
#[derive(Debug)]
pub(super) struct Search {
    source: Option<String>,
    outcomes: Vec<DeliveryOutcome>,
    event_type: Option<String>,
    topic: Option<Pattern>,
    text: Option<Needle>,
    limit: usize,
}

/// The newest first.
pub(super) struct Page {
    pub(super) found: Vec<Arc<Capture>>,
    /// Whether older ones fit as well.
    pub(super) is_more: bool,
}

impl Search {
    /// # Errors
    /// The sentence of what cannot be meant.
    pub(super) fn parse(asked: Asked) -> Result<Self, String> {
        let known = || DeliveryOutcome::ALL.map(DeliveryOutcome::as_str).join(", ");
        let outcome = |text: &str| {
            let found = DeliveryOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
            found.ok_or_else(|| format!("outcome: expected {}, got `{}`", known(), text.escape_debug()))
        };
        let outcomes = asked.outcome.iter().flat_map(|text| text.split(',')).map(outcome);
        let topic = asked.topic.as_deref().map(Pattern::parse).transpose();
        let limit = asked.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(format!("limit: expected 1 to {LIMIT_MAX}, got {limit}"));
        }
        let text = asked.text.filter(|text| !text.is_empty());
        if let Some(long) = text.as_ref().filter(|text| text.len() > TEXT_BYTES_MAX) {
            return Err(format!("text: expected at most {TEXT_BYTES_MAX} bytes, got {}", long.len()));
        }
        Ok(Self {
            source: asked.source,
            outcomes: outcomes.collect::<Result<_, _>>()?,
            event_type: asked.r#type,
            topic: topic.map_err(|error| format!("topic: {error}"))?,
            text: text.as_deref().map(Needle::new),
            limit,
        })
    }

    /// One page of what is wanted; the newest must come first.
    pub(super) async fn page(self, kept: Vec<Arc<Capture>>) -> Page {
        if self.text.is_none() {
            return self.find(kept);
        }
        let permit = SEARCHES.acquire().await.expect("nobody closes it");
        let searching = spawn_blocking(move || {
            let _permit = permit;
            self.find(kept)
        });
        searching.await.expect("a search does not panic")
    }

    fn find(&self, kept: Vec<Arc<Capture>>) -> Page {
        let wanted = kept.into_iter().filter(|capture| self.wants(capture));
        let mut found: Vec<_> = wanted.take(self.limit + 1).collect();
        let is_more = found.len() > self.limit;
        found.truncate(self.limit);
        Page { found, is_more }
    }

    /// What is cheap is asked first.
    fn wants(&self, capture: &Capture) -> bool {
        self.source.as_ref().is_none_or(|source| *source == capture.source)
            && (self.outcomes.is_empty() || self.outcomes.contains(&capture.outcome))
            && self
                .event_type
                .as_ref()
                .is_none_or(|wanted| capture.events.iter().any(|event| is_type(wanted, &event.event_type)))
            && self.topic.as_ref().is_none_or(|wanted| {
                let mut topics = capture.events.iter().filter_map(|event| event.topic.as_ref());
                topics.any(|topic: &Topic| wanted.matches(topic.as_str()))
            })
            && self.text.as_ref().is_none_or(|needle| {
                let body = capture.request.as_ref().map(|request| &request.body[..]);
                needle.is_in(capture.report.get().as_bytes()) || body.is_some_and(|body| needle.is_in(body))
            })
    }
}

fn is_type(wanted: &str, found: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => found.starts_with(beginning),
        None => found == wanted,
    }
}

/// A text to look for, in upper or lower case, and as JSON may spell it.
#[derive(Debug)]
struct Needle {
    /// In ASCII alone: found without another copy of what is searched.
    plain: Vec<String>,
    /// In lower case, where there is more than ASCII in it.
    lower: Option<String>,
}

impl Needle {
    fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let mut spellings = vec![text.to_owned(), quoted(text)];
        if !text.is_ascii() {
            // Many senders write `\u00fc`, and which letter that is depends on its case.
            spellings.extend([text, &lower, &text.to_uppercase()].map(|text| escaped(&quoted(text))));
        }
        spellings.retain(|text| text.is_ascii());
        spellings.sort_unstable();
        spellings.dedup();
        Self { plain: spellings, lower: (!text.is_ascii()).then_some(lower) }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let has = |spelling: &String| {
            bytes.windows(spelling.len()).any(|part| part.eq_ignore_ascii_case(spelling.as_bytes()))
        };
        self.plain.iter().any(has)
            || self.lower.as_ref().is_some_and(|lower| {
                !bytes.is_ascii() && String::from_utf8_lossy(bytes).to_lowercase().contains(lower)
            })
    }
}

/// As it stands inside a JSON string.
fn quoted(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// All but ASCII as `\uXXXX`.
fn escaped(text: &str) -> String {
    let spelt = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(spelt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_case_and_as_json_spells_it() {
        for (text, body) in [
            ("ACME/api", r#"{"full_name":"acme/API"}"#),
            ("\"amount\":5", r#"{"amount":5}"#),
            ("say \"hi\"", r#"{"text":"Say \"hi\" to all"}"#),
            ("müller", r#"{"name":"Jörg MÜLLER"}"#),
            ("Müller", r#"{"name":"M\u00FCller"}"#),
            ("müller", r#"{"name":"M\u00dcLLER"}"#),
            ("🎉", r#"{"text":"\ud83c\uDF89"}"#),
        ] {
            assert!(Needle::new(text).is_in(body.as_bytes()), "{text} in {body}");
            assert!(!Needle::new(text).is_in(b"{\"another\":\"M\xfcll\"}"), "{text}");
        }
        assert!(!Needle::new("longer than all").is_in(b"{}"));
    }

    #[test]
    fn a_type_is_whole_or_begins_so() {
        assert!(is_type("push", "push") && is_type("invoice.*", "invoice.paid") && is_type("*", "push"));
        assert!(!is_type("pus", "push") && !is_type("invoice.*", "customer.created"));
    }
}
