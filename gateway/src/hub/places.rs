//! How far those are who are behind on a stream, for operators who ask. Answered by the stream's task between two batches: what it
//! copies is bounded by its window and by who rests, and costs nothing while nobody asks.

use std::collections::HashMap;

use super::outlet::SessionId;
use super::stream::StreamTask;

/// One moment of a stream.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Where the live members are.
    top: u64,
    /// Whose live cursor rests because their socket takes no more, and where.
    resting: HashMap<SessionId, u64>,
    /// The oldest offset of the window, and when each event from there on came, by the broker's clock.
    first: u64,
    times: Vec<u64>,
}

/// How far behind a cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lag {
    pub events: u64,
    /// How long the oldest event waits that is not written; none where that is longer than the window tells.
    pub ms: Option<u64>,
}

impl Places {
    /// Of a session's live members: at the top, unless they rest.
    pub fn of_live(&self, session: SessionId, now_ms: u64) -> Lag {
        self.of_cursor(self.resting.get(&session).copied().unwrap_or(self.top), now_ms)
    }

    /// Of whoever has got all up to this offset.
    pub fn of_cursor(&self, cursor: u64, now_ms: u64) -> Lag {
        let events = self.top.saturating_sub(cursor);
        if events == 0 {
            return Lag { events, ms: Some(0) };
        }
        let index = (cursor + 1).checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        let came = index.and_then(|index| self.times.get(index));
        Lag { events, ms: came.map(|at_ms| now_ms.saturating_sub(*at_ms)) }
    }
}

impl StreamTask {
    pub(super) fn places(&self) -> Places {
        let resting = self.resting.iter().map(|(session, resting)| (*session, resting.cursor));
        Places {
            top: self.head.top,
            resting: resting.collect(),
            first: self.window.first().unwrap_or_default(),
            times: self.window.after(0).map(|item| item.at_ms).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_counted_in_events_and_dated_as_far_as_the_window_tells() {
        let resting = HashMap::from([(SessionId(7), 8)]);
        let places = Places { top: 10, resting, first: 8, times: vec![100, 200, 300] };
        let lag = |events, ms| Lag { events, ms };
        assert_eq!(places.of_live(SessionId(1), 1_000), lag(0, Some(0)));
        assert_eq!(places.of_live(SessionId(7), 1_000), lag(2, Some(800)), "9 has waited since 200");
        assert_eq!(places.of_cursor(7, 1_000), lag(3, Some(900)));
        assert_eq!(places.of_cursor(3, 1_000), lag(7, None), "4 left the window");
        assert_eq!(places.of_cursor(12, 1_000), lag(0, Some(0)), "ahead of this node");
        assert_eq!(Places::default().of_cursor(0, 1_000), lag(0, Some(0)));
    }
}
