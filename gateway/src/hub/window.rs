//! The newest events of a stream, ready to write: encoded once, shared by all who read them.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::broker::Entry;
use crate::topic::Topic;
use crate::wire;

/// An event as subscribers get it.
#[derive(Debug, Clone)]
pub struct Item {
    pub offset: u64,
    pub at_ms: u64,
    pub topic: Topic,
    /// `{"offset":…,"topic":…,"event":…}`
    pub json: Bytes,
}

impl From<&Entry> for Item {
    fn from(entry: &Entry) -> Self {
        Self {
            offset: entry.offset,
            at_ms: entry.at_ms,
            topic: entry.topic.clone(),
            json: wire::encode_item(entry.offset, &entry.topic, &entry.body),
        }
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
        let topic = Topic::parse("a/b").unwrap();
        Item { offset, at_ms: 0, json: Bytes::from_static(b"0123456789"), topic }
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
}
