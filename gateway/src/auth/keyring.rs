//! The keys of one set, kept fresh: one fetch at a time, the last good set stays, and no token can make us ask often.
//!
//! ```text
//!            start                unknown kid, cooldown over; or due
//!   asked ───────────▶ fetching ◀──────────────────────────────────── resting
//!                         └──────────── done, good or bad ──────────────▲
//! ```
//! Checking a token reads a snapshot and never waits. Whoever holds one with an unknown `kid` waits in [`Keyring::learn`] first.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use reqwest::header::ACCEPT;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::jwks::{self, Place};
use super::key::Key;
use crate::jitter;
use crate::outbound;

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two fetches, whatever `kid` comes: a stranger's tokens must not make us hammer the provider.
    pub cooldown: Duration,
    /// A set is this old at most, or what `max-age` allows, if that is less: a key that its provider withdrew ends here too.
    pub refresh: Duration,
    /// For a whole fetch.
    pub fetch_deadline: Duration,
    /// How long a token waits for the fetch that may bring its key.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            cooldown: Duration::from_secs(30),
            refresh: Duration::from_mins(10),
            fetch_deadline: Duration::from_secs(10),
            patience: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
enum State {
    /// Wanted, or on its way.
    Asked,
    /// Nothing is asked for before this moment.
    Resting { until: Instant },
}

#[derive(Debug)]
struct Held {
    keys: Arc<[Key]>,
    state: State,
}

/// See the head of the file.
#[derive(Debug)]
pub struct Keyring {
    place: Place,
    client: reqwest::Client,
    pace: Pace,
    held: Mutex<Held>,
    demand: Notify,
    /// Counts the fetches that have ended.
    rounds: watch::Sender<u64>,
}

/// What a fetch brought.
struct Fetched {
    /// None: the file is as it was.
    keys: Option<Vec<Key>>,
    fresh_for: Duration,
}

impl Keyring {
    pub fn new(place: Place, client: reqwest::Client, pace: Pace) -> Self {
        let held = Mutex::new(Held { keys: Arc::default(), state: State::Asked });
        Self { place, client, pace, held, demand: Notify::new(), rounds: watch::Sender::new(0) }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("no holder of this lock panics: it moves a pointer and a state")
    }

    pub(super) fn keys(&self) -> Arc<[Key]> {
        self.held().keys.clone()
    }

    /// Whether the newest set lacks this key. A token without `kid` may be of any key of a set, if there is one.
    pub(super) fn lacks(&self, kid: Option<&str>) -> bool {
        let held = self.held();
        match kid {
            Some(kid) => !held.keys.iter().any(|key| key.kid().is_none_or(|known| known == kid)),
            None => held.keys.is_empty(),
        }
    }

    /// Waits for the fetch that may bring this key, if there may be one now.
    pub(super) async fn learn(&self, kid: Option<&str>) {
        if !self.lacks(kid) {
            return;
        }
        let mut rounds = {
            let mut held = self.held();
            match held.state {
                State::Resting { until } if Instant::now() < until => return,
                State::Resting { .. } => {
                    held.state = State::Asked;
                    self.demand.notify_one();
                }
                State::Asked => {}
            }
            // Under the lock under which a round's end is told: none can pass unseen.
            self.rounds.subscribe()
        };
        let _ = timeout(self.pace.patience, rounds.changed()).await;
    }

    /// Fetches whenever it is due or asked for, until told to stop.
    pub async fn tend(&self, stop: CancellationToken) {
        let mut seen = None;
        loop {
            self.held().state = State::Asked;
            let fetched = tokio::select! {
                () = stop.cancelled() => return,
                fetched = timeout(self.pace.fetch_deadline, self.fetch(&mut seen)) => fetched,
            };
            let fetched = fetched.unwrap_or_else(|_| Err("no whole answer in time".into()));
            let (keys, fresh_for) = match fetched {
                Ok(fetched) => (fetched.keys, fetched.fresh_for.clamp(self.pace.cooldown, self.pace.refresh)),
                Err(why) => {
                    tracing::warn!(place = %self.place, why, "keys cannot be fetched; those known stay");
                    (None, self.pace.cooldown)
                }
            };
            let now = Instant::now();
            self.end_round(keys, now + self.pace.cooldown);
            // Many nodes share the provider.
            let due = now + fresh_for.mul_f64(1.0 + jitter::share() * 0.1);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep_until(due) => break,
                    // Cancel safe: a permit stays until it is taken. It may be one of the round that has just ended.
                    () = self.demand.notified() => if self.is_asked() { break },
                }
            }
        }
    }

    fn is_asked(&self) -> bool {
        matches!(self.held().state, State::Asked)
    }

    fn end_round(&self, keys: Option<Vec<Key>>, until: Instant) {
        let mut held = self.held();
        if let Some(keys) = keys {
            let kids: Vec<_> = keys.iter().map(|key| key.kid().unwrap_or("-")).collect();
            let before: Vec<_> = held.keys.iter().map(|key| key.kid().unwrap_or("-")).collect();
            if kids != before {
                tracing::info!(place = %self.place, ?kids, "keys");
            }
            held.keys = keys.into();
        }
        held.state = State::Resting { until };
        self.rounds.send_modify(|rounds| *rounds += 1);
    }

    async fn fetch(&self, seen: &mut Option<(SystemTime, u64)>) -> Result<Fetched, String> {
        match &self.place {
            Place::File(path) => {
                let file = tokio::fs::metadata(path).await.map_err(|error| error.to_string())?;
                let version = file.modified().ok().map(|at| (at, file.len()));
                if version.is_some() && version == *seen {
                    return Ok(Fetched { keys: None, fresh_for: self.pace.refresh });
                }
                if file.len() > jwks::BYTES_MAX as u64 {
                    return Err(format!(
                        "a key set has at most {} bytes, and this one has more",
                        jwks::BYTES_MAX
                    ));
                }
                let bytes = tokio::fs::read(path).await.map_err(|error| error.to_string())?;
                let keys = jwks::parse(&bytes)?;
                *seen = version;
                Ok(Fetched { keys: Some(keys), fresh_for: self.pace.refresh })
            }
            Place::Url(url) => {
                let asking = self.client.get(url.clone()).header(ACCEPT, "application/json");
                // The client follows no redirect: only the configured host is believed.
                let answer = outbound::whole(asking, jwks::BYTES_MAX).await?;
                let fresh_for = answer.max_age.unwrap_or(self.pace.refresh);
                Ok(Fetched { keys: Some(jwks::parse(&answer.bytes)?), fresh_for })
            }
        }
    }
}
