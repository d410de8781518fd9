//! What operators are told of the sessions of a node. Nothing is kept for it: a survey wakes the sessions it asks, each says itself what
//! it is, and the streams say how far behind those are who are not live.
//!
//! ```text
//!  operator ──survey──▶ registry ──flag, wake──▶ sessions ──description──▶ survey ──Places──▶ streams
//! ```

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout, timeout_at};

use super::described::{Described, Place, Shown};
use super::registry::Sessions;
use crate::hub::outlet::{Outlet, SessionId};
use crate::hub::places::{Lag, Places};
use crate::topic::{Grant, StreamName};

/// Sessions that one survey shows.
pub const SHOWN_MAX: usize = 1_000;
/// Bytes of their descriptions, roughly; a session with a hundred long patterns is large.
const SHOWN_BYTES_MAX: usize = 640 * 1024;
/// Sessions that are woken at once.
const WOKEN_MAX: usize = 1_000;
/// For the sessions to answer, all in all; one that ends meanwhile never does.
const ANSWER_DEADLINE: Duration = Duration::from_millis(300);
/// For the streams, which are asked at once.
const PLACES_DEADLINE: Duration = Duration::from_millis(100);

/// Which sessions are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this token subject.
    pub subject: Option<String>,
    /// With a subscription that this covers.
    pub pattern: Option<Grant>,
}

/// What a survey found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Found {
    /// The newest first.
    pub sessions: Vec<Shown>,
    /// There are, or may be, others.
    pub is_more: bool,
}

/// A session's answer: none where it is not wanted.
type Answer = (SessionId, Option<Described>);

/// A survey that is under way.
#[derive(Debug, Clone)]
pub(super) struct Open {
    filter: Arc<Filter>,
    answers: mpsc::Sender<Answer>,
}

impl Open {
    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// A session that was asked by an earlier survey may find no room, or be one too many; it is left out then.
    pub(super) fn answer(&self, session: SessionId, described: Option<Described>) {
        let _ = self.answers.try_send((session, described));
    }
}

/// The surveys of a node: one at a time.
#[derive(Debug)]
pub(super) struct Surveys {
    one_at_a_time: Semaphore,
    open: Mutex<Option<Open>>,
}

impl Default for Surveys {
    fn default() -> Self {
        Self { one_at_a_time: Semaphore::new(1), open: Mutex::default() }
    }
}

impl Surveys {
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.open.lock().expect("no holder of this lock panics: it copies")
    }

    pub(super) fn open(&self) -> Option<Open> {
        self.slot().clone()
    }
}

/// Whom a survey asks.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) outlet: Arc<Outlet>,
    pub(super) address: Option<IpAddr>,
}

impl Sessions {
    /// Asks the sessions of this node that are wanted, the newest first. Takes 0.4 s at most, and the wait for whoever asks as well.
    pub async fn survey(&self, filter: Filter) -> Found {
        let Ok(_one_at_a_time) = self.surveys.one_at_a_time.acquire().await else { return Found::default() };
        let until = Instant::now() + ANSWER_DEADLINE;
        let candidates = self.candidates(filter.subject.as_deref());
        let filter = Arc::new(filter);
        let (mut described, mut bytes, mut is_more) = (Vec::new(), 0, false);
        for some in candidates.chunks(WOKEN_MAX) {
            if described.len() >= SHOWN_MAX || bytes >= SHOWN_BYTES_MAX || Instant::now() >= until {
                is_more = true;
                break;
            }
            let mut answered = self.ask_some(some, &filter, until).await;
            answered.sort_unstable_by_key(|one| std::cmp::Reverse(one.session));
            for one in answered {
                bytes += one.bytes();
                described.push(one);
            }
        }
        is_more |= cut(&mut described);
        self.measure(&mut described).await;
        Found { sessions: described.into_iter().map(|one| one.shown).collect(), is_more }
    }

    /// Dropped half-way it leaves a survey that nobody listens to; the next one takes its place.
    async fn ask_some(&self, some: &[Candidate], filter: &Arc<Filter>, until: Instant) -> Vec<Described> {
        let (answers, mut answered) = mpsc::channel(some.len().max(1));
        *self.surveys.slot() = Some(Open { filter: filter.clone(), answers });
        let mut waited_for: HashMap<SessionId, Option<IpAddr>> =
            some.iter().map(|one| (one.outlet.session, one.address)).collect();
        for one in some {
            one.outlet.ask_description();
        }
        let mut described = Vec::new();
        while !waited_for.is_empty() {
            let Ok(Some((session, one))) = timeout_at(until, answered.recv()).await else { break };
            if let Some(address) = waited_for.remove(&session)
                && let Some(mut one) = one
            {
                one.shown.id = self.names.of(session);
                one.shown.address = address.map(|address| address.to_string());
                described.push(one);
            }
        }
        *self.surveys.slot() = None;
        described
    }

    /// Lets the streams say how far the subscriptions are behind.
    async fn measure(&self, described: &mut [Described]) {
        let streams: BTreeSet<StreamName> =
            described.iter().flat_map(|one| &one.places).map(|(stream, _)| stream.clone()).collect();
        let open = streams.iter().filter_map(|stream| self.hub.opened(stream));
        let asking = open.map(|stream| async move {
            let places = timeout(PLACES_DEADLINE, stream.places()).await.ok().flatten()?;
            Some((stream.name.clone(), places))
        });
        let places: HashMap<StreamName, Places> = join_all(asking).await.into_iter().flatten().collect();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        for one in described {
            let session = one.session;
            for (shown, (stream, place)) in one.shown.subscriptions.iter_mut().zip(&one.places) {
                let lag = places.get(stream).and_then(|places| lag(places, session, *place, now_ms));
                shown.lag_events = lag.map(|lag| lag.events);
                shown.lag_ms = lag.and_then(|lag| lag.ms);
            }
        }
    }
}

fn lag(places: &Places, session: SessionId, place: Place, now_ms: u64) -> Option<Lag> {
    match place {
        Place::Live => Some(places.of_live(session, now_ms)),
        Place::At(offset) => Some(places.of_cursor(offset, now_ms)),
        Place::Unknown => None,
    }
}

/// Leaves out what is beyond the bounds; whether there was anything.
fn cut(described: &mut Vec<Described>) -> bool {
    let mut bytes = 0;
    let fitting = described.iter().take(SHOWN_MAX).take_while(|one| {
        bytes += one.bytes();
        bytes <= SHOWN_BYTES_MAX
    });
    let fitting = fitting.count();
    let is_more = fitting < described.len();
    described.truncate(fitting);
    is_more
}
