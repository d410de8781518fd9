//! Whether pub/sub brings what the log holds: a connection may stand and bring nothing, which no socket tells.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use crate::position::{Epoch, Head};
use crate::topic::StreamName;

/// Checks running that found what no push had brought, before the connection is given up.
const MISSES_MAX: u8 = 2;

/// The streams that are subscribed to.
#[derive(Debug, Default)]
pub(super) struct Watches(Mutex<HashMap<StreamName, Watch>>);

/// What pub/sub has brought of a stream, against what the checks found.
#[derive(Debug, Default)]
struct Watch {
    epoch: Option<Epoch>,
    /// The newest offset that a push named, or that a check excused.
    pushed: u64,
    /// What the check before found.
    checked: u64,
    /// Checks running that found what no push had brought.
    misses: u8,
}

impl Watches {
    fn lock(&self) -> MutexGuard<'_, HashMap<StreamName, Watch>> {
        self.0.lock().expect("no holder of this lock panics: it counts")
    }

    pub(super) fn begin(&self, stream: &StreamName) {
        self.lock().insert(stream.clone(), Watch::default());
    }

    pub(super) fn end(&self, stream: &StreamName) {
        self.lock().remove(stream);
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// A push named this offset.
    pub(super) fn pushed(&self, stream: &StreamName, epoch: Epoch, offset: u64) {
        if let Some(watch) = self.lock().get_mut(stream)
            && watch.epoch == Some(epoch)
        {
            watch.pushed = watch.pushed.max(offset);
        }
    }

    /// A check found this head; true when the connection is to be given up. What the check before found must have been
    /// pushed by now; the first check tells where pushes begin.
    pub(super) fn checked(&self, stream: &StreamName, head: &Head) -> bool {
        let mut watches = self.lock();
        let Some(watch) = watches.get_mut(stream) else { return false };
        if watch.epoch != Some(head.epoch) {
            *watch = Watch { epoch: Some(head.epoch), pushed: head.top, checked: head.top, misses: 0 };
            return false;
        }
        let has_missed = watch.pushed < watch.checked;
        watch.misses = if has_missed { watch.misses + 1 } else { 0 };
        watch.pushed = watch.pushed.max(watch.checked);
        watch.checked = head.top;
        let is_given_up = watch.misses >= MISSES_MAX;
        if is_given_up {
            watch.misses = 0;
        }
        is_given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often the connection was given up, after checks that found these tops while pushes named those.
    fn given_up(checks: &[(u64, Option<u64>)]) -> usize {
        let (watches, stream) = (Watches::default(), StreamName::parse("s").unwrap());
        let epoch: Epoch = "abcd0123".parse().unwrap();
        watches.begin(&stream);
        let steps = checks.iter().filter(|(top, pushed)| {
            if let Some(pushed) = pushed {
                watches.pushed(&stream, epoch, *pushed);
            }
            watches.checked(&stream, &Head { epoch, top: *top, first: 1, past: Vec::new() })
        });
        steps.count()
    }

    #[test]
    fn a_connection_that_brings_nothing_twice_running_is_given_up() {
        assert_eq!(given_up(&[(5, None), (9, None), (12, None), (15, None)]), 1);
        assert_eq!(given_up(&[(5, None), (9, None), (12, None)]), 0, "once may be a push under way");
    }

    #[test]
    fn a_connection_that_brings_what_there_is_stays() {
        assert_eq!(given_up(&[(5, None), (5, None), (5, None), (5, None)]), 0, "nothing to bring");
        assert_eq!(given_up(&[(5, None), (9, Some(9)), (12, Some(12)), (15, Some(14)), (15, Some(15))]), 0);
        assert_eq!(
            given_up(&[(5, None), (9, None), (9, None), (9, None), (9, None)]),
            0,
            "one push was lost"
        );
    }
}
