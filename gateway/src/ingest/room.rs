//! A bound on what may wait: its share is taken at once or not at all, so nobody stands in line and there is no line to keep.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How much may still be taken.
#[derive(Debug)]
pub struct Room(AtomicUsize);

/// A share, given back when it is dropped.
#[derive(Debug)]
pub struct Share<'a> {
    room: &'a Room,
    count: usize,
}

impl Room {
    pub fn new(count: usize) -> Self {
        Self(AtomicUsize::new(count))
    }

    /// None where so much is not left.
    pub fn take(&self, count: usize) -> Option<Share<'_>> {
        let taken = |left: usize| left.checked_sub(count);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).ok()?;
        Some(Share { room: self, count })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.room.0.fetch_add(self.count, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_left_is_refused_and_what_is_given_back_can_be_taken() {
        let room = Room::new(3);
        let two = room.take(2).unwrap();
        assert!(room.take(2).is_none());
        let _one = room.take(1).unwrap();
        assert!(room.take(1).is_none());
        drop(two);
        assert!(room.take(2).is_some());
    }
}
