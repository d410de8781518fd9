//! All sessions of a node: what they share, how many there are, and how they are asked to leave.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use super::names::Names;
use super::survey::{Candidate, Surveys};
use crate::auth::Auth;
use crate::close::Close;
use crate::current::Current;
use crate::hub::Hub;
use crate::hub::outlet::{Outlet, SessionId};
use crate::jitter;
use crate::limits::Limits;
use crate::telemetry;
use crate::topic::StreamName;

/// How old a connection gets, before jitter: a deploy is then nothing unusual.
const AGE: Duration = Duration::from_hours(12);

/// Between two goodbyes when the node drains: a handful of sessions needs no half minute.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// From the last goodbye to the last connection's end: the peer has 2 s for its own, the rest is ours. Whoever is not gone
/// by then is cut off with the process, or one peer could keep a node from ending.
const GOODBYE_DEADLINE: Duration = Duration::from_secs(5);

/// What every session of the node has in common.
#[derive(Debug)]
pub struct Sessions {
    pub hub: Arc<Hub>,
    pub auth: Arc<Auth>,
    pub limits: Arc<Limits>,
    /// Streams that a source may append to, or could until the configuration was read again; a pattern on any other is
    /// `forbidden`.
    streams: Current<BTreeSet<StreamName>>,
    state: Mutex<State>,
    next_id: AtomicU64,
    pub(super) names: Names,
    pub(super) surveys: Surveys,
    /// The connections' tasks: whoever closes the node waits for them.
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct State {
    members: HashMap<SessionId, Member>,
    /// Rising ids, so the first is the oldest.
    unauthenticated: BTreeSet<SessionId>,
    /// Sessions of each token's subject; as many entries as there are sessions.
    of_subject: HashMap<Arc<str>, usize>,
    is_closing: bool,
}

/// A session as others reach it.
#[derive(Debug)]
struct Member {
    outlet: Arc<Outlet>,
    address: Option<IpAddr>,
    /// Of its token.
    subject: Option<Arc<str>>,
}

/// A session's place; dropping it gives the place back.
#[derive(Debug)]
pub struct Registration {
    sessions: Arc<Sessions>,
    id: SessionId,
    transport: &'static str,
    subject: Option<Arc<str>>,
    pub age_max: Duration,
}

/// The node is about to end: nobody new is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing;

impl Sessions {
    pub fn new(
        hub: Arc<Hub>,
        auth: Arc<Auth>,
        limits: Arc<Limits>,
        streams: Current<BTreeSet<StreamName>>,
    ) -> Self {
        Self {
            hub,
            auth,
            limits,
            streams,
            state: Mutex::default(),
            next_id: AtomicU64::new(1),
            names: Names::default(),
            surveys: Surveys::default(),
            tasks: TaskTracker::new(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics: it reads and writes maps")
    }

    /// A name that no session had before.
    pub fn next_id(&self) -> SessionId {
        SessionId(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Runs a connection to its end, unless the node closes. Decided and begun in one step: whoever waits for the connections
    /// would wait for ever if clients that come back could always add one more.
    ///
    /// # Errors
    /// The node closes; nothing runs.
    pub fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) -> Result<(), Closing> {
        let state = self.state();
        if state.is_closing {
            return Err(Closing);
        }
        self.tasks.spawn(connection);
        Ok(())
    }

    /// Whether any source appends to this stream.
    pub fn has_stream(&self, stream: &StreamName) -> bool {
        self.streams.get().contains(stream)
    }

    /// Counts a session in. One that has not authenticated beyond the bound ends the oldest such.
    pub(super) fn register(
        sessions: &Arc<Self>,
        outlet: &Arc<Outlet>,
        transport: &'static str,
        address: Option<IpAddr>,
    ) -> Result<Registration, Close> {
        let mut state = sessions.state();
        if state.is_closing {
            return Err(Close::Leaving);
        }
        let id = outlet.session;
        state.members.insert(id, Member { outlet: outlet.clone(), address, subject: None });
        state.unauthenticated.insert(id);
        if state.unauthenticated.len() > sessions.limits.unauthenticated
            && let Some(oldest) = state.unauthenticated.pop_first()
            && let Some(member) = state.members.get(&oldest)
        {
            member.outlet.request_close(Close::AuthTimeout);
        }
        drop(state);
        telemetry::sessions(transport, 1);
        let age_max = AGE.mul_f64(0.75 + jitter::share() * 0.5);
        Ok(Registration { sessions: sessions.clone(), id, transport, subject: None, age_max })
    }

    pub fn count(&self) -> usize {
        self.state().members.len()
    }

    /// The sessions of a subject, or all of them, the newest first.
    pub(super) fn candidates(&self, subject: Option<&str>) -> Vec<Candidate> {
        let state = self.state();
        let wanted =
            state.members.values().filter(|it| subject.is_none() || it.subject.as_deref() == subject);
        let candidate = |it: &Member| Candidate { outlet: it.outlet.clone(), address: it.address };
        let mut candidates: Vec<Candidate> = wanted.map(candidate).collect();
        drop(state);
        candidates.sort_unstable_by_key(|it| std::cmp::Reverse(it.outlet.session));
        candidates
    }

    /// Ends the session of this name, as an operator wants; false where this node has none.
    pub fn dismiss(&self, name: &str) -> bool {
        let state = self.state();
        let found = state.members.iter().find(|(id, _)| self.names.is_of(name, **id));
        if let Some((_, member)) = found {
            member.outlet.request_close(Close::Dismissed);
        }
        found.is_some()
    }

    /// Ends every session, spread over a while so that they do not all come back at once, and waits for them.
    pub async fn close(&self, over: Duration) {
        let outlets: Vec<Arc<Outlet>> = {
            let mut state = self.state();
            state.is_closing = true;
            state.members.values().map(|member| member.outlet.clone()).collect()
        };
        let share = over.checked_div(u32::try_from(outlets.len()).unwrap_or(u32::MAX)).unwrap_or_default();
        let mut pace = tokio::time::interval(share.clamp(Duration::from_micros(1), PAUSE_MAX));
        for outlet in outlets {
            // The first tick is at once.
            pace.tick().await;
            outlet.request_close(Close::Leaving);
        }
        self.tasks.close();
        if tokio::time::timeout(GOODBYE_DEADLINE, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "some subscribers did not take their leave");
        }
    }
}

impl Registration {
    /// Counts the session among those of its token's subject; a refresh keeps it. Whoever has none is not counted.
    ///
    /// # Errors
    /// The subject has as many sessions as one may.
    pub(super) fn authenticated(&mut self, subject: Option<&str>) -> Result<(), Close> {
        let mut state = self.sessions.state();
        if let Some(subject) = subject.filter(|_| self.subject.is_none()) {
            let held = state.of_subject.get(subject).copied().unwrap_or_default();
            if held >= self.sessions.limits.connections_per_subject {
                return Err(Close::TooMany);
            }
            let subject: Arc<str> = subject.into();
            state.of_subject.insert(subject.clone(), held + 1);
            if let Some(member) = state.members.get_mut(&self.id) {
                member.subject = Some(subject.clone());
            }
            self.subject = Some(subject);
        }
        state.unauthenticated.remove(&self.id);
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut state = self.sessions.state();
        state.members.remove(&self.id);
        state.unauthenticated.remove(&self.id);
        if let Some(subject) = &self.subject
            && let Some(held) = state.of_subject.get_mut(subject)
        {
            *held -= 1;
            if *held == 0 {
                state.of_subject.remove(subject);
            }
        }
        drop(state);
        telemetry::sessions(self.transport, -1);
    }
}
