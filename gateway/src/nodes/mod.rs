//! This node as operators see it, and the others of its broker: what all of them have or do is asked for here.
//!
//! ```text
//!  api ──question──▶ this node itself
//!            └─────▶ talk.rs ══ hc1:nodes ══▶ the others' talk.rs ──▶ answer.rs
//! ```
//! With a broker of one process there is one node and no channel.

mod answer;
mod calls;
mod known;
mod message;
mod talk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::calls::Calls;
use self::known::Others;
pub use self::known::Standing;
use crate::broker::Broker;
use crate::current::Current;
use crate::hub::Hub;
use crate::hub::handle::StreamHandle;
use crate::report::About;
use crate::session::registry::Sessions;
use crate::session::survey::{Filter, Found};
use crate::topic::StreamName;

/// What a node asks the others. Of another build it may be one that this one does not know: then it does not answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// Which sessions there are; of this subject, with a subscription that this pattern covers.
    Sessions { subject: Option<String>, pattern: Option<String> },
    /// End the session of this name.
    Dismiss(String),
    /// What each is doing, and how far its streams are.
    Standing,
    /// The delivery of this id, if it is kept.
    Delivery(String),
}

/// What a node remembers that is nowhere else. The others may ask for it.
pub trait Keeper: fmt::Debug + Send + Sync {
    /// The delivery of this id as JSON; none where it is not kept. Must not wait: whoever asks has half a second.
    fn delivery(&self, id: &str) -> Option<String>;
}

/// What became of asking the one node that may keep something.
#[derive(Debug)]
pub enum Elsewhere<T> {
    Has(T),
    /// It answers, and does not keep it any more.
    HasNot,
    /// It is there, as far as is known, and did not answer in time.
    Silent,
    /// No node of this name is there, or any more.
    Gone,
}

/// What all nodes that answered have said.
#[derive(Debug)]
pub struct Told<T> {
    /// Each with the node's name; this one first.
    pub answers: Vec<(String, T)>,
    /// Nodes that there are, as far as this one knows; this one is among them.
    pub asked: usize,
    /// Fewer than were asked: something is missing.
    pub answered: usize,
}

/// A node, and whether it answers now.
#[derive(Debug, Clone)]
pub struct Seen {
    pub standing: Standing,
    pub heard_at: SystemTime,
    pub has_answered: bool,
}

/// What a node needs to answer for itself.
#[derive(Debug)]
struct Parts {
    about: About,
    broker: Arc<dyn Broker>,
    hub: Arc<Hub>,
    sessions: Arc<Sessions>,
    /// Streams that there are.
    streams: Current<BTreeSet<StreamName>>,
    keeper: Option<Arc<dyn Keeper>>,
}

/// This node among the others.
#[derive(Debug)]
pub struct Nodes {
    parts: Parts,
    began: Instant,
    others: Mutex<Others>,
    calls: Calls,
}

impl Nodes {
    pub fn new(
        about: About,
        broker: Arc<dyn Broker>,
        hub: Arc<Hub>,
        sessions: Arc<Sessions>,
        streams: Current<BTreeSet<StreamName>>,
    ) -> Self {
        let parts = Parts { about, broker, hub, sessions, streams, keeper: None };
        Self { parts, began: Instant::now(), others: Mutex::default(), calls: Calls::default() }
    }

    /// The same, with what the others may ask for.
    #[must_use]
    pub fn keeping(mut self, keeper: Option<Arc<dyn Keeper>>) -> Self {
        self.parts.keeper = keeper;
        self
    }

    /// What this node is.
    pub fn about(&self) -> &About {
        &self.parts.about
    }

    fn name(&self) -> &str {
        self.parts.about.id.as_str()
    }

    fn others(&self) -> std::sync::MutexGuard<'_, Others> {
        self.others.lock().expect("no holder of this lock panics: it reads and writes a map")
    }

    /// The sessions of all nodes that are wanted.
    pub async fn sessions(&self, filter: Filter) -> Told<Found> {
        let pattern = filter.pattern.as_ref().map(ToString::to_string);
        let question = Question::Sessions { subject: filter.subject.clone(), pattern };
        let (own, others) = tokio::join!(self.parts.sessions.survey(filter), self.ask_others(&question));
        others.with(self.name(), own)
    }

    /// Ends a session of this name, whichever node has it; each answers whether it had.
    pub async fn dismiss(&self, name: &str) -> Told<bool> {
        if self.parts.sessions.dismiss(name) {
            return Told { answers: vec![(self.name().to_owned(), true)], asked: 1, answered: 1 };
        }
        self.ask_others(&Question::Dismiss(name.to_owned())).await.with(self.name(), false)
    }

    /// A delivery that another node keeps, 0.5 s at most; what cannot be read is not there.
    pub async fn delivery<T: DeserializeOwned>(&self, node: &str, id: &str) -> Elsewhere<T> {
        let told = self.ask_others::<Option<T>>(&Question::Delivery(id.to_owned())).await;
        match told.answers.into_iter().find(|(name, _)| name == node) {
            Some((_, Some(delivery))) => Elsewhere::Has(delivery),
            Some((_, None)) => Elsewhere::HasNot,
            None if self.others().names().iter().any(|name| name == node) => Elsewhere::Silent,
            None => Elsewhere::Gone,
        }
    }

    /// All nodes, by name: those that answer now, and those that were heard of lately.
    pub async fn standings(&self) -> BTreeMap<String, Seen> {
        let told = self.ask_others::<Standing>(&Question::Standing).await;
        for (name, standing) in &told.answers {
            self.others().heard(name, standing.clone(), Instant::now());
        }
        let known = self.others().all().into_iter().map(|(name, known)| {
            (name, Seen { standing: known.standing, heard_at: known.heard_at, has_answered: false })
        });
        let mut all: BTreeMap<String, Seen> = known.collect();
        let now = SystemTime::now();
        let answers = told.with(self.name(), self.standing(true)).answers;
        all.extend(
            answers
                .into_iter()
                .map(|(name, standing)| (name, Seen { standing, heard_at: now, has_answered: true })),
        );
        all
    }

    /// What this node does, with how far its streams are or without.
    fn standing(&self, with_heads: bool) -> Standing {
        let Parts { about, hub, sessions, streams, .. } = &self.parts;
        let streams = streams.get();
        let open: Vec<StreamHandle> = streams.iter().filter_map(|stream| hub.opened(stream)).collect();
        // One that is stale is told too: that it is behind is what whoever asks wants to know.
        let head =
            |stream: &StreamHandle| (stream.name.as_str().to_owned(), stream.head().position().to_string());
        Standing {
            host: about.host.clone(),
            build: about.build.to_owned(),
            listen: about.listen.to_string(),
            uptime_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            sessions: sessions.count(),
            streams: open.iter().filter(|stream| !stream.is_stale()).count(),
            heads: if with_heads { open.iter().map(head).collect() } else { BTreeMap::new() },
        }
    }
}
