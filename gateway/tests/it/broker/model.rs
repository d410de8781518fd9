//! Random sequences of appends, checks and time, held against a model that is too simple to be wrong.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use hookcast::broker::{BATCH_EVENTS_MAX, DedupeKey, Outcome};
use hookcast::limits::Retention;
use hookcast::topic::Topic;
use proptest::prelude::*;

use super::{Bench, Kind, START_MS, append_living, conformance, event_of_bytes, stream};

#[derive(Debug, Clone)]
enum Step {
    /// Numbers of events, the bytes of their bodies, and the seconds for which their keys live.
    Append(Vec<u64>, usize, u64),
    Check,
    AdvanceSeconds(u64),
}

const EVENTS: u64 = 12;
const BYTES: u64 = 900;
const AGE_S: u64 = 60;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append =
        (prop::collection::vec(0..30u64, 0..6), 0..120usize, prop::sample::select(vec![5u64, 40, 500]))
            .prop_map(|(numbers, bytes, life_s)| Step::Append(numbers, bytes, life_s));
    let step =
        prop_oneof![6 => append, 1 => Just(Step::Check), 2 => (0..50u64).prop_map(Step::AdvanceSeconds)];
    prop::collection::vec(step, 1..40)
}

/// The contract in the most obvious words: one list of entries, one map of keys.
#[derive(Default)]
struct Model {
    now_ms: u64,
    top: u64,
    /// Offset, time, topic, key and bytes.
    entries: Vec<(u64, u64, Topic, DedupeKey, u64)>,
    ends_ms: HashMap<DedupeKey, u64>,
}

impl Model {
    fn append(&mut self, numbers: &[u64], bytes: usize, life_s: u64) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for &number in numbers {
            let event = event_of_bytes(number, bytes);
            if self.ends_ms.get(&event.key).is_some_and(|&end_ms| self.now_ms < end_ms) {
                outcomes.push(Outcome::Duplicate);
                continue;
            }
            self.ends_ms.insert(event.key, self.now_ms + life_s * 1_000);
            self.top += 1;
            let size = event.topic.as_str().len() + 32 + bytes;
            self.entries.push((self.top, self.now_ms, event.topic, event.key, size as u64));
            outcomes.push(Outcome::Accepted { offset: self.top });
        }
        self.trim();
        outcomes
    }

    fn trim(&mut self) {
        for _ in 0..BATCH_EVENTS_MAX {
            let bytes: u64 = self.entries.iter().map(|entry| entry.4).sum();
            let Some(oldest) = self.entries.first() else { return };
            let is_old = oldest.1 + AGE_S * 1_000 < self.now_ms;
            if self.entries.len() as u64 > EVENTS || bytes > BYTES || is_old {
                self.entries.remove(0);
            }
        }
    }

    fn first(&self) -> u64 {
        self.entries.first().map_or(self.top + 1, |entry| entry.0)
    }
}

async fn holds(kind: Kind, steps: &[Step]) {
    let retention = Retention { events: EVENTS, bytes: BYTES, age: Duration::from_secs(AGE_S) };
    let bench = Bench::open_keeping(kind, retention);
    let mut model = Model { now_ms: START_MS, ..Model::default() };
    for step in steps {
        match step {
            Step::Append(numbers, bytes, life_s) => {
                let events = numbers.iter().map(|&number| event_of_bytes(number, *bytes)).collect();
                let life = Duration::from_secs(*life_s);
                let appended = bench.broker.append(append_living(events, life)).await.unwrap();
                assert_eq!(appended.outcomes, model.append(numbers, *bytes, *life_s));
                assert_eq!(appended.position.offset, model.top);
                let head = bench.head().await;
                assert_eq!((head.first, head.top), (model.first(), model.top));
            }
            Step::Check => {
                model.trim();
                let head = bench.broker.check(&stream()).await.unwrap();
                assert_eq!((head.first, head.top), (model.first(), model.top));
            }
            Step::AdvanceSeconds(seconds) => {
                bench.hand.advance(Duration::from_secs(*seconds));
                model.now_ms += seconds * 1_000;
            }
        }
    }
    compare(&bench, &model).await;
}

async fn compare(bench: &Bench, model: &Model) {
    let found = bench.all().await;
    let found: Vec<_> =
        found.iter().map(|entry| (entry.offset, entry.at_ms, &entry.topic, entry.key)).collect();
    let expected: Vec<_> =
        model.entries.iter().map(|(offset, at_ms, topic, key, _)| (*offset, *at_ms, topic, *key)).collect();
    assert_eq!(found, expected);
    let (_, topics) = bench.broker.topics(&stream()).await.unwrap();
    let newest: HashMap<Topic, u64> =
        model.entries.iter().map(|(offset, _, topic, ..)| (topic.clone(), *offset)).collect();
    assert_eq!(topics.into_iter().collect::<HashMap<_, _>>(), newest);
    let by_time: BTreeMap<u64, u64> =
        model.entries.iter().rev().map(|(offset, at_ms, ..)| (*at_ms, *offset)).collect();
    for (at_ms, offset) in by_time {
        assert_eq!(bench.broker.seek(&stream(), at_ms).await.unwrap().1, offset);
    }
}

conformance!(any_sequence_of_steps_agrees_with_the_model);

async fn any_sequence_of_steps_agrees_with_the_model(kind: Kind) {
    let handle = tokio::runtime::Handle::current();
    let check = move || {
        let cases = proptest::test_runner::Config { failure_persistence: None, ..cases(kind) };
        proptest!(cases, |(steps in steps())| { handle.block_on(holds(kind, &steps)); });
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

/// A step on disk costs a few hundred times one in memory; a case on Redis starts a server.
fn cases(kind: Kind) -> ProptestConfig {
    match kind {
        Kind::Memory => ProptestConfig::with_cases(256),
        Kind::Embedded => ProptestConfig::with_cases(24),
        Kind::Redis => ProptestConfig::with_cases(32),
    }
}
