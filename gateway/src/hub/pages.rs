//! Aligned pages of the log, read once however many wait for them, and a few kept for the next who ask.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::window::Item;
use crate::broker::{BATCH_EVENTS_MAX, Page};

/// Offsets of a page: page 0 holds 1–256.
const PAGE_OFFSETS: u64 = BATCH_EVENTS_MAX as u64;
/// Pages kept of a stream; the one not asked for longest goes first.
const PAGES_KEPT_MAX: usize = 16;
/// Bytes of pages kept of a stream, but for the newest.
const PAGE_BYTES_KEPT_MAX: usize = 16 * 1024 * 1024;

/// What an aligned page holds, as far as it was written and retained when it was read.
#[derive(Debug)]
pub struct Cached {
    number: u64,
    /// Offsets below are not retained.
    pub first: u64,
    pub items: Vec<Item>,
    bytes: usize,
}

impl Cached {
    pub fn new(number: u64, page: &Page) -> Self {
        let end = first_offset(number + 1);
        let items: Vec<Item> = page.entries.iter().filter(|it| it.offset < end).map(Item::from).collect();
        let bytes = items.iter().map(|item| item.json.len()).sum();
        Self { number, first: page.head.first, items, bytes }
    }

    /// Whether it can tell what comes after this offset: an item, or that the rest of it is not retained.
    fn answers(&self, after: u64) -> bool {
        self.first > after + 1 || self.items.last().is_some_and(|newest| newest.offset > after)
    }
}

/// The page that holds what comes after an offset.
pub fn number_after(offset: u64) -> u64 {
    offset / PAGE_OFFSETS
}

/// The first offset of a page.
pub fn first_offset(number: u64) -> u64 {
    number * PAGE_OFFSETS + 1
}

/// What to do about a question.
#[derive(Debug)]
pub enum Asked<Q> {
    Known(Arc<Cached>, Q),
    /// Nobody reads this page yet.
    MustRead(u64),
    /// Someone does; the question waits.
    Waits,
}

/// The cache, and the questions (`Q`) that wait for pages being read. A session asks one thing at a time, so what waits
/// is bounded by the node's sessions and subscriptions.
#[derive(Debug)]
pub struct Pages<Q> {
    kept: VecDeque<Arc<Cached>>,
    waiting: HashMap<u64, Vec<Q>>,
}

impl<Q> Default for Pages<Q> {
    fn default() -> Self {
        Self { kept: VecDeque::new(), waiting: HashMap::new() }
    }
}

impl<Q> Pages<Q> {
    /// Asks for what comes after an offset.
    pub fn ask(&mut self, after: u64, question: Q) -> Asked<Q> {
        let number = number_after(after);
        if let Some(index) = self.kept.iter().position(|page| page.number == number) {
            let Some(page) = self.kept.remove(index) else { return Asked::Waits };
            if page.answers(after) {
                self.kept.push_back(page.clone());
                return Asked::Known(page, question);
            }
        }
        let waiting = self.waiting.entry(number).or_default();
        waiting.push(question);
        if waiting.len() == 1 { Asked::MustRead(number) } else { Asked::Waits }
    }

    /// Keeps a page that was read and gives back who waits for it.
    pub fn read(&mut self, page: &Arc<Cached>) -> Vec<Q> {
        self.kept.push_back(page.clone());
        let mut bytes: usize = self.kept.iter().map(|page| page.bytes).sum();
        while self.kept.len() > 1 && (self.kept.len() > PAGES_KEPT_MAX || bytes > PAGE_BYTES_KEPT_MAX) {
            let Some(oldest) = self.kept.pop_front() else { break };
            bytes -= oldest.bytes;
        }
        self.waiting.remove(&page.number).unwrap_or_default()
    }

    /// A page could not be read: gives back who waits for it.
    pub fn failed(&mut self, number: u64) -> Vec<Q> {
        self.waiting.remove(&number).unwrap_or_default()
    }

    /// Another epoch may hold other events under these offsets.
    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{DedupeKey, Entry};
    use crate::position::Head;

    fn cached(number: u64, first: u64, offsets: std::ops::Range<u64>) -> Arc<Cached> {
        let topic = crate::topic::Topic::parse("a/b").unwrap();
        let item = |offset| {
            let key = DedupeKey([0; 32]);
            Item::from(&Entry { offset, at_ms: 0, topic: topic.clone(), key, body: bytes::Bytes::new() })
        };
        let head = Head { epoch: "abcd0123".parse().unwrap(), top: 0, first, past: Vec::new() };
        let mut page = Cached::new(number, &Page { head, entries: Vec::new() });
        page.items = offsets.map(item).collect();
        Arc::new(page)
    }

    #[test]
    fn a_page_is_read_once_for_all_who_wait_and_again_when_it_has_grown() {
        let mut pages = Pages::default();
        assert!(matches!(pages.ask(3, 'a'), Asked::MustRead(0)));
        assert!(matches!(pages.ask(9, 'b'), Asked::Waits));
        assert_eq!(pages.read(&cached(0, 1, 1..21)), ['a', 'b']);
        assert!(matches!(pages.ask(19, 'c'), Asked::Known(..)));
        assert!(matches!(pages.ask(20, 'd'), Asked::MustRead(0)), "the log may have grown since");
        assert_eq!(pages.failed(0), ['d']);
        assert!(matches!(pages.ask(255, 'e'), Asked::MustRead(0)));
        assert!(matches!(pages.ask(256, 'f'), Asked::MustRead(1)));
    }

    #[test]
    fn a_page_that_is_gone_answers_with_where_the_log_begins() {
        let mut pages = Pages::default();
        assert!(matches!(pages.ask(3, ()), Asked::MustRead(0)));
        pages.read(&cached(0, 300, 1..1));
        assert!(matches!(pages.ask(3, ()), Asked::Known(page, ()) if page.first == 300));
    }
}
