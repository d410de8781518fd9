//! The newest events of a stream, ready to write: encoded once, shared by all who read them.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::broker::{DedupeKey, Entry};
use crate::topic::Topic;
use crate::wire;

/// An event as subscribers get it.
#[derive(Debug, Clone)]
pub struct Item {
    pub offset: u64,
    pub at_ms: u64,
    pub topic: Topic,
    pub key: DedupeKey,
    /// `{"offset":…,"topic":…,"event":…}`
    pub json: Bytes,
    /// Where the event begins in it; one byte follows the event.
    body_at: u32,
}

impl From<&Entry> for Item {
    fn from(entry: &Entry) -> Self {
        let json = wire::encode_item(entry.offset, &entry.topic, &entry.body);
        Self {
            offset: entry.offset,
            at_ms: entry.at_ms,
            topic: entry.topic.clone(),
            key: entry.key,
            body_at: (json.len() - 1 - entry.body.len()) as u32,
            json,
        }
    }
}

impl Item {
    /// The event alone, as it was appended.
    pub fn body(&self) -> Bytes {
        self.json.slice(self.body_at as usize..self.json.len() - 1)
    }
}

/// Items with offsets that rise by one, the newest last; the oldest go when a bound is reached.
#[derive(Debug)]
pub struct Window {
    items: VecDeque<Item>,
    bytes: usize,
    bytes_max: usize,
    items_max: usize,
}

impl Window {
    pub fn new(bytes_max: usize, items_max: usize) -> Self {
        Self { items: VecDeque::new(), bytes: 0, bytes_max, items_max }
    }

    /// Takes the next item.
    ///
    /// # Panics
    /// When it is not the next: the stream's task accepts nothing else.
    pub fn push(&mut self, item: Item) {
        if let Some(newest) = self.items.back() {
            assert_eq!(newest.offset + 1, item.offset, "a window has no holes");
        }
        self.bytes += item.json.len();
        self.items.push_back(item);
        while self.items.len() > self.items_max || self.bytes > self.bytes_max {
            let Some(oldest) = self.items.pop_front() else { break };
            self.bytes -= oldest.json.len();
        }
    }

    /// Takes out what is above this offset, which is then the newest, or older than all that are left.
    pub fn split_off(&mut self, offset: u64) -> VecDeque<Item> {
        let kept = self.first().map_or(0, |first| (offset + 1).saturating_sub(first) as usize);
        let taken = self.items.split_off(kept.min(self.items.len()));
        self.bytes -= taken.iter().map(|item| item.json.len()).sum::<usize>();
        taken
    }

    /// Forgets all; the next item may have any offset.
    pub fn clear(&mut self) {
        self.items.clear();
        self.bytes = 0;
    }

    /// The oldest offset held, if any is.
    pub fn first(&self) -> Option<u64> {
        self.items.front().map(|item| item.offset)
    }

    /// Whether everything after this offset, up to the newest, is held.
    pub fn reaches(&self, after: u64) -> bool {
        self.first().is_some_and(|first| first <= after + 1)
    }

    /// The held items after an offset.
    pub fn after(&self, after: u64) -> impl Iterator<Item = &Item> {
        let skipped = self.first().map_or(0, |first| (after + 1).saturating_sub(first) as usize);
        self.items.range(skipped.min(self.items.len())..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(offset: u64) -> Item {
        let (topic, key) = (Topic::parse("a/b").unwrap(), DedupeKey([0; 32]));
        Item { offset, at_ms: 0, topic, key, json: Bytes::from_static(b"0123456789"), body_at: 0 }
    }

    #[test]
    fn the_oldest_go_at_either_bound() {
        let mut by_bytes = Window::new(35, 100);
        let mut by_items = Window::new(1_000, 3);
        for offset in 5..=10 {
            by_bytes.push(item(offset));
            by_items.push(item(offset));
        }
        for window in [by_bytes, by_items] {
            assert_eq!(window.first(), Some(8));
            assert!(window.reaches(7) && !window.reaches(6));
            assert_eq!(window.after(8).map(|item| item.offset).collect::<Vec<_>>(), [9, 10]);
            assert_eq!(window.after(10).count(), 0);
            assert_eq!(window.after(99).count(), 0);
        }
    }

    #[test]
    fn what_is_taken_out_leaves_no_hole_and_no_bytes() {
        for (offset, kept, taken) in [(0, 0, 3), (4, 0, 3), (5, 1, 2), (7, 3, 0), (99, 3, 0)] {
            let mut window = Window::new(100, 100);
            (5..=7).for_each(|offset| window.push(item(offset)));
            assert_eq!(window.split_off(offset).len(), taken);
            assert_eq!((window.items.len(), window.bytes), (kept, kept * 10), "{offset}");
        }
    }

    #[test]
    fn an_item_gives_back_the_event_that_it_holds() {
        let topic = Topic::parse("a/\u{e9}\"quoted").unwrap();
        let body = Bytes::from_static(br#"{"id":"1"}"#);
        let entry = Entry { offset: 1_234, at_ms: 0, topic, key: DedupeKey([0; 32]), body: body.clone() };
        assert_eq!(Item::from(&entry).body(), body);
    }
}
