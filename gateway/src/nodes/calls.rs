//! Questions that this node has asked and that wait for answers: bounded in number, and each in what it may bring.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::mpsc;

use super::message::{ANSWER_BYTES_MAX, Pieces};

/// Questions that wait at once; one more is asked of nobody.
const CALLS_MAX: usize = 64;
/// Nodes whose answers are put together for one question.
const ANSWERS_MAX: usize = 256;
/// Bytes of all answers to one question; what goes beyond is left out, and missed.
const CALL_BYTES_MAX: usize = 16 * ANSWER_BYTES_MAX;

/// A node's name and its whole answer.
type Answer = (String, String);

#[derive(Debug)]
struct Call {
    answers: mpsc::Sender<Answer>,
    on_their_way: HashMap<String, Pieces>,
    bytes: usize,
}

/// All of a node's.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<HashMap<String, Call>>);

/// One question's end of it; dropping it ends the waiting.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    calls: &'a Calls,
    pub(super) name: String,
    pub(super) answers: mpsc::Receiver<Answer>,
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Call>> {
        self.0.lock().expect("no holder of this lock panics: it reads and writes maps")
    }

    /// A place for the answers to one more question; none where too many wait.
    pub(super) fn begin(&self) -> Option<Waiting<'_>> {
        let mut calls = self.lock();
        if calls.len() >= CALLS_MAX {
            return None;
        }
        let name: String = std::iter::repeat_with(|| fastrand::digit(36)).take(8).collect();
        let (sender, answers) = mpsc::channel(ANSWERS_MAX);
        calls.insert(name.clone(), Call { answers: sender, on_their_way: HashMap::new(), bytes: 0 });
        drop(calls);
        Some(Waiting { calls: self, name, answers })
    }

    /// A piece of an answer came; whoever does not wait any more gets nothing.
    pub(super) fn take(&self, call: &str, from: &str, part: usize, parts: usize, piece: &str) {
        let mut calls = self.lock();
        let Some(call) = calls.get_mut(call) else { return };
        call.bytes += piece.len();
        let is_known = call.on_their_way.contains_key(from);
        if call.bytes > CALL_BYTES_MAX || (!is_known && call.on_their_way.len() >= ANSWERS_MAX) {
            return;
        }
        let pieces = call.on_their_way.entry(from.to_owned()).or_default();
        if let Some(whole) = pieces.take(part, parts, piece) {
            let _ = call.answers.try_send((from.to_owned(), whole));
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_whole_and_only_to_whoever_waits() {
        let calls = Calls::default();
        let mut waiting = calls.begin().unwrap();
        let call = waiting.name.clone();
        calls.take(&call, "aaaaaaaa", 2, 2, "lo");
        calls.take("zzzzzzzz", "aaaaaaaa", 1, 1, "another question's");
        assert!(waiting.answers.try_recv().is_err());
        calls.take(&call, "aaaaaaaa", 1, 2, "hel");
        assert_eq!(waiting.answers.try_recv().unwrap(), ("aaaaaaaa".into(), "hello".into()));
        drop(waiting);
        calls.take(&call, "bbbbbbbb", 1, 1, "late");
        assert!(calls.lock().is_empty());
    }

    #[test]
    fn questions_answers_and_their_bytes_are_bounded() {
        let calls = Calls::default();
        let held: Vec<_> = (0..CALLS_MAX).map(|_| calls.begin().unwrap()).collect();
        assert!(calls.begin().is_none());
        let call = held[0].name.clone();
        let piece = "x".repeat(60_000);
        for number in 0..1_000 {
            calls.take(&call, &format!("{number:08}"), 1, 2, &piece);
        }
        let state = calls.lock();
        assert!(state[&call].on_their_way.len() <= ANSWERS_MAX);
    }
}
