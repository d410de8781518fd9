//! When the next delivery is due: at a steady rate, whatever the server does, or as soon as a sender is free.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) pace: Pace,
    pub(crate) senders: usize,
    pub(crate) end: End<'a>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Events per second, each at its own moment; one that finds no sender free is sent late, and its delay counts
    /// from the moment it was due.
    Rate(f64),
    /// As many as there are senders, always.
    Saturated,
}

#[derive(Clone, Copy)]
pub(crate) enum End<'a> {
    After(Duration),
    When(&'a AtomicBool),
}

impl Plan<'_> {
    /// The same, but short: what a server does for the first time is not what is asked about.
    pub(crate) fn warm_up(self) -> Self {
        match self.end {
            End::After(length) => Self { end: End::After(length.min(WARM_UP)), ..self },
            End::When(_) => self,
        }
    }
}

const WARM_UP: Duration = Duration::from_millis(500);

/// A plan that has begun.
pub(crate) struct Schedule<'a> {
    plan: Plan<'a>,
    began: Instant,
    taken: u64,
}

impl<'a> Schedule<'a> {
    pub(crate) fn begin(plan: Plan<'a>, began: Instant) -> Self {
        Self { plan, began, taken: 0 }
    }

    /// The moment at which the next event is, or was, due.
    fn next(&self, now: Instant) -> Instant {
        match self.plan.pace {
            Pace::Rate(per_second) => self.began + Duration::from_secs_f64(self.taken as f64 / per_second),
            Pace::Saturated => now,
        }
    }

    /// The moment of an event that is due now.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        let next = self.next(now);
        (next <= now && !self.is_past(next)).then_some(next)
    }

    pub(crate) fn take(&mut self) {
        self.taken += 1;
    }

    /// Nothing more will be due.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.is_past(self.next(now))
    }

    fn is_past(&self, moment: Instant) -> bool {
        match self.plan.end {
            End::After(length) => moment >= self.began + length,
            End::When(ended) => ended.load(Ordering::Acquire),
        }
    }

    /// How long nothing is due; `None` when only an answer can make something due.
    pub(crate) fn pause(&self, now: Instant) -> Option<Duration> {
        match self.plan.pace {
            Pace::Rate(_) if !self.is_over(now) => Some(self.next(now).saturating_duration_since(now)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(schedule: &mut Schedule<'_>, now: Instant) -> Vec<Instant> {
        let mut due = Vec::new();
        while let Some(at) = schedule.due(now) {
            due.push(at);
            schedule.take();
        }
        due
    }

    #[test]
    fn a_rate_owes_what_was_missed_at_the_moments_it_was_due() {
        let began = Instant::now();
        let plan = Plan { pace: Pace::Rate(100.0), senders: 1, end: End::After(Duration::from_secs(1)) };
        let mut schedule = Schedule::begin(plan, began);
        assert_eq!(drain(&mut schedule, began), [began]);
        assert_eq!(schedule.pause(began), Some(Duration::from_millis(10)));
        let late = drain(&mut schedule, began + Duration::from_millis(25));
        assert_eq!(late, [began + Duration::from_millis(10), began + Duration::from_millis(20)]);
        assert_eq!(drain(&mut schedule, began + Duration::from_secs(9)).len(), 97);
        assert!(schedule.is_over(began + Duration::from_secs(9)));
    }

    #[test]
    fn saturation_is_always_due_until_it_ends() {
        let (began, ended) = (Instant::now(), AtomicBool::new(false));
        let plan = Plan { pace: Pace::Saturated, senders: 1, end: End::When(&ended) };
        let schedule = Schedule::begin(plan, began);
        assert!(schedule.due(began).is_some() && !schedule.is_over(began));
        ended.store(true, Ordering::Release);
        assert!(schedule.due(began).is_none() && schedule.is_over(began));
    }
}
