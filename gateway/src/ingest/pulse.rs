//! What this node has noticed of a source: which of its secrets fitted last, what came last, and how much of what. A reload
//! keeps it; other nodes have noticed things of their own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::telemetry::{self, DeliveryOutcome};

use super::label::Label;
use super::source::Source;
use super::tally::Tally;
use super::time::unix_ms;

/// See the head of the file.
#[derive(Debug)]
pub struct Pulse {
    /// In the order of the source's secrets.
    secrets: Vec<SecretUse>,
    heard: Mutex<(Heard, Tally)>,
}

#[derive(Debug)]
struct SecretUse {
    source: String,
    label: Label,
    /// Milliseconds since 1970; 0 is never.
    last_used_ms: AtomicU64,
}

/// What came last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heard {
    pub delivery: Option<(SystemTime, DeliveryOutcome)>,
    /// When an event of it was last appended.
    pub event: Option<SystemTime>,
    /// Since when it has been silent for longer than is expected of it, as far as this node has judged.
    pub silent_since: Option<SystemTime>,
}

impl Pulse {
    /// Of a source that is served from now on; `before`: what was known of it under the configuration before.
    pub(super) fn of(source: &Source, before: Option<&Self>) -> Self {
        let secrets = source.labels().iter().map(|label| {
            let known = before.and_then(|it| it.secrets.iter().find(|known| known.label == *label));
            let last_used_ms = known.map_or(0, |known| known.last_used_ms.load(Ordering::Relaxed));
            telemetry::secret_last_used(source.name(), &label.text, last_used_ms as f64 / 1_000.0);
            SecretUse {
                source: source.name().to_owned(),
                label: label.clone(),
                last_used_ms: last_used_ms.into(),
            }
        });
        let heard = before.map(|before| *before.lock()).unwrap_or_default();
        Self { secrets: secrets.collect(), heard: Mutex::new(heard) }
    }

    fn used(&self, secret: usize, at: SystemTime) {
        let Some(used) = self.secrets.get(secret) else { return };
        let now = unix_ms(at).unsigned_abs();
        let before = used.last_used_ms.swap(now, Ordering::Relaxed);
        // A gauge is looked up by name: once a second is often enough.
        if before / 1_000 != now / 1_000 {
            telemetry::secret_last_used(&used.source, &used.label.text, now as f64 / 1_000.0);
        }
    }

    /// A delivery was answered; if it was proven, perhaps with the secret at this place.
    pub(super) fn delivered(&self, outcome: DeliveryOutcome, secret: Option<usize>, at: SystemTime) {
        if let Some(secret) = secret {
            self.used(secret, at);
        }
        let (heard, tally) = &mut *self.lock();
        tally.count(outcome, at);
        heard.delivery = Some((at, outcome));
        if outcome == DeliveryOutcome::Accepted {
            heard.event = Some(at);
        }
    }

    /// It was judged silent since then, or not silent.
    pub fn judged(&self, silent_since: Option<SystemTime>) {
        self.lock().0.silent_since = silent_since;
    }

    pub fn heard(&self) -> Heard {
        self.lock().0
    }

    /// How many deliveries came, and in which minutes.
    pub fn tally(&self) -> Tally {
        self.lock().1
    }

    /// Each secret's label, and when it last fitted.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.secrets.iter().map(|used| {
            let last_used_ms = used.last_used_ms.load(Ordering::Relaxed);
            (used.label.text.as_str(), (last_used_ms > 0).then_some(last_used_ms))
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Heard, Tally)> {
        self.heard.lock().expect("no holder of this lock panics: it copies a few times")
    }
}
