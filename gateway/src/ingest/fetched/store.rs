//! The keys that one source has needed, and who may ask for more. One source's forged deliveries neither push out
//! another's keys nor use up its right to ask, so each source has a store of its own.
//!
//! ```text
//!              wanted, the minute's count not full            answer, good or bad
//!   unknown ──────────────────────────────────────▶ asked for ────────────────────▶ resting (30 s)
//!                                                       ▲     a key that is good or was lately stays    │
//!                                                       └──────── wanted, and old or lacking ───────────┘
//! ```
//! Whoever wants what is being asked for waits for that answer. A sender that hangs up gives the turn to the next.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::claim::{Found, Need};
use super::fetch::{Answer, Fetcher};
use super::vendor_key::VendorKey;

/// How much and how often.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// After an answer, before the same place is asked again.
    pub cooldown: Duration,
    /// For a whole answer, and for whoever waits for it.
    pub deadline: Duration,
    /// Questions in a minute, whatever places deliveries name.
    pub asked_per_minute: usize,
    /// Places whose keys, or failures, are remembered.
    pub places_max: usize,
    /// Deliveries that wait for one answer; each holds its body.
    pub waiting_max: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            cooldown: Duration::from_secs(30),
            deadline: Duration::from_secs(5),
            asked_per_minute: 10,
            places_max: 64,
            waiting_max: 128,
        }
    }
}

/// Why a delivery has no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unhad {
    /// Not now: the vendor does not answer, or was asked too often. The sender should try again.
    NotNow,
    /// The vendor has no such key.
    Unknown,
}

#[derive(Debug)]
pub struct Store {
    pace: Pace,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    places: HashMap<String, Place>,
    /// When questions of the last minute began, oldest first; at most `asked_per_minute`.
    asked: VecDeque<Instant>,
}

#[derive(Debug)]
struct Place {
    keys: Vec<Arc<VendorKey>>,
    fresh_until: Instant,
    /// The last good answer stays for as long again when the vendor does not answer.
    usable_until: Instant,
    resting_until: Instant,
    used: Instant,
    /// One asks, the others wait for it.
    turn: Arc<Semaphore>,
}

enum Look {
    Had(Arc<VendorKey>),
    Unhad(Unhad),
    Ask(Arc<Semaphore>),
}

impl Store {
    pub fn new(pace: Pace) -> Self {
        Self { pace, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("no holder of this lock panics: it looks into a map")
    }

    /// The key, at once if it is known, else after asking for it.
    ///
    /// # Errors
    /// See [`Unhad`].
    pub async fn key(&self, need: Need, fetcher: &Fetcher, source: &str) -> Result<Found, Unhad> {
        let name = need.ask.name();
        let turn = match self.look(&name, &need) {
            Look::Had(key) => return Ok(Found { need, key }),
            Look::Unhad(unhad) => return Err(unhad),
            Look::Ask(turn) => turn,
        };
        let waiting = timeout(self.pace.deadline, turn.acquire_owned());
        let Ok(Ok(_turn)) = waiting.await else { return Err(Unhad::NotNow) };
        // Whoever had the turn before may have brought it.
        match self.look(&name, &need) {
            Look::Had(key) => return Ok(Found { need, key }),
            Look::Unhad(unhad) => return Err(unhad),
            Look::Ask(_) => {}
        }
        if !self.may_ask() {
            return Err(Unhad::NotNow);
        }
        // In a box: a connection has room for its answer's future as long as it is open, and few ever ask.
        let answer = Box::pin(fetcher.fetch(&need.ask)).await;
        match &answer {
            Ok(_) => tracing::info!(source, place = name, "a key was fetched"),
            Err(why) => tracing::warn!(source, place = name, why, "a key cannot be fetched"),
        }
        let has_failed = answer.is_err();
        self.keep(&name, answer.ok());
        match self.pick(&name, &need) {
            Some(key) => Ok(Found { need, key }),
            None if has_failed => Err(Unhad::NotNow),
            None => Err(Unhad::Unknown),
        }
    }

    /// Counts one question; false when the minute's are used up.
    pub fn may_ask(&self) -> bool {
        let now = Instant::now();
        let mut held = self.held();
        while held.asked.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_mins(1)) {
            held.asked.pop_front();
        }
        let may = held.asked.len() < self.pace.asked_per_minute;
        if may {
            held.asked.push_back(now);
        }
        may
    }

    fn look(&self, name: &str, need: &Need) -> Look {
        let now = Instant::now();
        let mut held = self.held();
        if let Some(place) = held.places.get_mut(name) {
            place.used = now;
            let is_resting = now < place.resting_until;
            return match place.pick(need).filter(|_| now < place.usable_until) {
                Some(key) if now < place.fresh_until || is_resting => Look::Had(key),
                None if is_resting && now < place.fresh_until => Look::Unhad(Unhad::Unknown),
                None if is_resting => Look::Unhad(Unhad::NotNow),
                _ if Arc::strong_count(&place.turn) > self.pace.waiting_max => Look::Unhad(Unhad::NotNow),
                _ => Look::Ask(place.turn.clone()),
            };
        }
        if held.places.len() >= self.pace.places_max && !held.forget_one(now) {
            return Look::Unhad(Unhad::NotNow);
        }
        let turn = Arc::new(Semaphore::new(1));
        let place = Place {
            keys: Vec::new(),
            fresh_until: now,
            usable_until: now,
            resting_until: now,
            used: now,
            turn: turn.clone(),
        };
        held.places.insert(name.to_owned(), place);
        Look::Ask(turn)
    }

    fn pick(&self, name: &str, need: &Need) -> Option<Arc<VendorKey>> {
        let now = Instant::now();
        self.held().places.get(name).filter(|place| now < place.usable_until)?.pick(need)
    }

    fn keep(&self, name: &str, answer: Option<Answer>) {
        let now = Instant::now();
        let mut held = self.held();
        let Some(place) = held.places.get_mut(name) else { return };
        place.resting_until = now + self.pace.cooldown;
        if let Some(answer) = answer {
            place.keys = answer.keys.into_iter().map(Arc::new).collect();
            place.fresh_until = now + answer.fresh_for;
            place.usable_until = now + answer.fresh_for * 2;
        }
    }
}

impl Place {
    /// A place that holds one key needs no name for it.
    fn pick(&self, need: &Need) -> Option<Arc<VendorKey>> {
        let fits = |key: &&Arc<VendorKey>| match (&need.kid, &key.kid) {
            (Some(wanted), Some(kid)) => wanted == kid,
            (None, _) => true,
            (Some(_), None) => false,
        };
        self.keys.iter().find(fits).cloned()
    }
}

impl Held {
    /// Forgets what is needed least: what failed before what is good, and of these what was used longest ago. Not what is
    /// being asked for.
    fn forget_one(&mut self, now: Instant) -> bool {
        let idle = self.places.iter().filter(|(_, place)| Arc::strong_count(&place.turn) == 1);
        let least = idle
            .min_by_key(|(_, place)| (now < place.usable_until, place.used))
            .map(|(name, _)| name.clone());
        least.is_some_and(|name| self.places.remove(&name).is_some())
    }
}
