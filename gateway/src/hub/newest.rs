//! The newest event of each topic, for snapshots: read from the store once, kept up to date by what is accepted.

use std::collections::HashMap;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::command::Newest;
use super::epoch::Relation;
use super::stream::{BROKER_DEADLINE, Fetched, StreamTask, too_slow};
use super::window::Item;
use crate::broker::BrokerError;
use crate::position::{Head, Position};
use crate::topic::{Pattern, Topic};

/// From this many topics on, those no longer retained are forgotten, each time the number has doubled.
const PRUNED_AT: usize = 20_000;

/// A session that waits for a snapshot; it asks for one thing at a time, so these are bounded by the node's sessions.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) pattern: Pattern,
    pub(super) reply: oneshot::Sender<Option<Newest>>,
}

/// Each topic's newest offset. Bounded by twice the topics that the stream retains.
#[derive(Debug)]
pub(super) struct NewestOffsets {
    /// What the store knew when it was asked; may be ahead of what was accepted.
    moment: u64,
    topics: HashMap<Topic, u64>,
    pruned_at: usize,
}

impl NewestOffsets {
    pub(super) fn new(moment: u64, topics: HashMap<Topic, u64>) -> Self {
        Self { moment, topics, pruned_at: PRUNED_AT }
    }

    /// Takes what was accepted; what the store knew of already stays as it is. `first` is the oldest offset retained.
    pub(super) fn take(&mut self, items: &[Item], first: u64) {
        for item in items.iter().filter(|it| it.offset > self.moment) {
            if let Some(newest) = self.topics.get_mut(&item.topic) {
                *newest = item.offset;
            } else {
                self.topics.insert(item.topic.clone(), item.offset);
            }
        }
        if self.topics.len() > self.pruned_at {
            self.topics.retain(|_, offset| *offset >= first);
            self.pruned_at = PRUNED_AT.max(self.topics.len() * 2);
        }
    }

    /// Rising offsets of the topics that match, and the moment at which these were the newest.
    fn matching(&self, pattern: &Pattern, head: &Head) -> Newest {
        let matching = self.topics.iter().filter(|(topic, _)| pattern.matches(topic.as_str()));
        let mut offsets: Vec<u64> =
            matching.map(|(_, offset)| *offset).filter(|it| *it >= head.first).collect();
        offsets.sort_unstable();
        let position = Position { epoch: head.epoch, offset: self.moment.max(head.top) };
        Newest { offsets, first: head.first, position }
    }
}

impl StreamTask {
    pub(super) fn ask_newest(&mut self, asked: Asked) {
        self.newest_asked.push(asked);
        if self.newest.is_some() {
            self.tell_newest();
        } else {
            self.read_topics();
        }
    }

    fn read_topics(&mut self) {
        if self.is_reading_topics {
            return;
        }
        self.is_reading_topics = true;
        let (broker, name) = (self.broker.clone(), self.name.clone());
        self.fetches.spawn(async move {
            let topics = timeout(BROKER_DEADLINE, broker.topics(&name)).await;
            Fetched::Topics(topics.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    pub(super) fn take_topics(&mut self, topics: Result<(Head, Vec<(Topic, u64)>), BrokerError>) {
        self.is_reading_topics = false;
        match topics {
            Ok((head, topics)) => match self.relation(&head) {
                Relation::Same => self.keep_topics(head.top, topics),
                Relation::Newer => {
                    self.turn_over(&head);
                    self.keep_topics(head.top, topics);
                }
                // What is known by then is asked for after the check.
                Relation::Older | Relation::Unrelated => _ = self.check_again(),
            },
            Err(error) => {
                tracing::warn!(stream = %self.name, %error, "the topics could not be read");
                for asked in self.newest_asked.drain(..) {
                    let _ = asked.reply.send(None);
                }
            }
        }
    }

    fn keep_topics(&mut self, moment: u64, topics: Vec<(Topic, u64)>) {
        let is_followed = moment >= self.head.top || self.window.reaches(moment);
        if !is_followed {
            // So much has come meanwhile that the window has let some of it go.
            return self.read_topics();
        }
        let mut newest = NewestOffsets::new(moment, topics.into_iter().collect());
        for item in self.window.after(moment) {
            newest.take(std::slice::from_ref(item), self.head.first);
        }
        self.newest = Some(newest);
        self.tell_newest();
    }

    /// Answers who waits, or asks the store again for what they need.
    pub(super) fn tell_newest(&mut self) {
        if self.newest_asked.is_empty() {
            return;
        }
        let Some(newest) = &self.newest else { return self.read_topics() };
        for asked in self.newest_asked.drain(..) {
            let _ = asked.reply.send(Some(newest.matching(&asked.pattern, &self.head)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{DedupeKey, Entry};

    fn item(offset: u64, topic: &str) -> Item {
        let topic = Topic::parse(topic).unwrap();
        Item::from(&Entry { offset, at_ms: 0, topic, key: DedupeKey([0; 32]), body: bytes::Bytes::new() })
    }

    fn head(top: u64, first: u64) -> Head {
        Head { epoch: "abcd0123".parse().unwrap(), top, first, past: Vec::new() }
    }

    /// The store was ahead of what was accepted: what is accepted next is in the snapshot already, and must neither take its
    /// topic back nor be told to the next snapshot as if it were still to come.
    #[test]
    fn what_the_store_knew_already_changes_nothing() {
        let known = [(Topic::parse("s/a").unwrap(), 9), (Topic::parse("s/b").unwrap(), 6)];
        let mut newest = NewestOffsets::new(9, known.into());
        newest.take(&[item(5, "s/a"), item(6, "s/b")], 1);
        let told = newest.matching(&Pattern::parse("s/*").unwrap(), &head(6, 1));
        assert_eq!((told.offsets, told.position.offset), (vec![6, 9], 9));
        newest.take(&[item(10, "s/b")], 1);
        let told = newest.matching(&Pattern::parse("s/*").unwrap(), &head(10, 1));
        assert_eq!((told.offsets, told.position.offset), (vec![9, 10], 10));
    }

    #[test]
    fn topics_no_longer_retained_are_forgotten() {
        let mut newest = NewestOffsets::new(0, HashMap::new());
        for offset in 1..=100_000 {
            let first = if offset > 50 { offset - 50 } else { 1 };
            newest.take(&[item(offset, &format!("s/topic{offset}"))], first);
            assert!(newest.topics.len() <= PRUNED_AT + 1);
        }
    }
}
