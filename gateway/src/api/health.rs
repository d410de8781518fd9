//! `GET /api/v1/health`: whether all of it works, as this node sees it: the nodes, the broker, how far each stream is here and there, how
//! long each hop takes, and whether an event really comes through. For operators; balancers ask `/readyz`.
//!
//! ```text
//! {"node":…,"nodes":[{"id","host","build","listen","uptime_ms","sessions","streams","heard_at","answered","heads":{stream:position}}],
//!  "broker":{"kind","up","warnings":[…]},"streams":[{"name","epoch","head","first","agree","stale"}],
//!  "hops":[{"hop","p50_ms","p99_ms","count"}],"receive":{"tried_at","ok","ms","why"}}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::permission;
use crate::auth::Auth;
use crate::broker::Broker;
use crate::current::Current;
use crate::event::rfc3339_ms;
use crate::hops::{Lately, Timing};
use crate::http::problem::Problem;
use crate::hub::Hub;
use crate::hub::handle::StreamHandle;
use crate::nodes::{Nodes, Seen};
use crate::position::{Head, Position};
use crate::probe::{Probe, Tried};
use crate::topic::StreamName;

/// How long one look serves whoever asks.
const FRESH: Duration = Duration::from_secs(1);
/// For the broker to say how far its streams are.
const HEADS_WITHIN: Duration = Duration::from_secs(2);
/// A node that was asked in the moment between a push and its own writing is asked once more.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// For all of it, and whoever looks before.
const DEADLINE: Duration = Duration::from_secs(10);

/// What the handler needs of the node.
#[derive(Debug)]
pub struct Checkup {
    pub auth: Arc<Auth>,
    pub broker: Arc<dyn Broker>,
    pub hub: Arc<Hub>,
    pub nodes: Arc<Nodes>,
    /// Streams that there are.
    pub streams: Current<BTreeSet<StreamName>>,
    pub probe: Probe,
    pub lately: Arc<Lately>,
}

/// One look at a time, and the last one.
struct Looks {
    checkup: Checkup,
    one_at_a_time: Semaphore,
    last: Mutex<Option<(Instant, Arc<Value>)>>,
}

/// The log's own head of each stream; none where the broker did not say it.
type Heads = BTreeMap<StreamName, Option<Head>>;

pub fn router(checkup: Checkup) -> Router {
    let looks = Looks { checkup, one_at_a_time: Semaphore::new(1), last: Mutex::default() };
    Router::new().route("/api/v1/health", get(answer)).with_state(Arc::new(looks))
}

async fn answer(State(looks): State<Arc<Looks>>, headers: HeaderMap) -> Result<Json<Arc<Value>>, Problem> {
    permission::operator(&headers, &looks.checkup.auth).await?;
    let looking = async {
        let _one_at_a_time = looks.one_at_a_time.acquire().await.ok()?;
        let last = looks.last().clone();
        if let Some((_, last)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
            return Some(last);
        }
        let look = Arc::new(looks.checkup.look().await);
        *looks.last() = Some((Instant::now(), look.clone()));
        Some(look)
    };
    let late = || {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "this node could not look after itself within 10 s",
        )
    };
    timeout(DEADLINE, looking).await.ok().flatten().map(Json).ok_or_else(late)
}

impl Looks {
    fn last(&self) -> MutexGuard<'_, Option<(Instant, Arc<Value>)>> {
        self.last.lock().expect("no holder of this lock panics: it copies")
    }
}

impl Checkup {
    async fn look(&self) -> Value {
        let comparing = async {
            // The log first: what a node is asked afterwards has reached it, or is late.
            let heads = self.heads().await;
            let mut seen = self.nodes.standings().await;
            if heads.iter().any(|(stream, head)| !agree(stream, head.as_ref(), &seen)) {
                sleep(AGAIN_AFTER).await;
                seen = self.nodes.standings().await;
            }
            (heads, seen)
        };
        let ((heads, seen), tried) = tokio::join!(comparing, self.probe.tried());
        let is_up = heads.get(&StreamName::reserved()).is_some_and(Option::is_some);
        json!({
            "node": self.nodes.about().id.as_str(),
            "nodes": seen.iter().map(|(name, seen)| node(name, seen)).collect::<Vec<_>>(),
            "broker": { "kind": self.broker.name(), "up": is_up, "warnings": self.broker.warnings() },
            "streams": heads.iter().map(|(name, head)| self.stream(name, head.as_ref(), &seen)).collect::<Vec<_>>(),
            "hops": self.lately.timings().iter().map(hop).collect::<Vec<_>>(),
            "receive": receive(tried.as_ref()),
        })
    }

    async fn heads(&self) -> Heads {
        let streams = self.streams.get();
        let asking = streams.iter().map(|stream| async move {
            let page = timeout(HEADS_WITHIN, self.broker.get(stream, &[])).await;
            (stream.clone(), page.ok().and_then(Result::ok).map(|page| page.head))
        });
        join_all(asking).await.into_iter().collect()
    }

    fn stream(&self, name: &StreamName, head: Option<&Head>, seen: &BTreeMap<String, Seen>) -> Value {
        let open = self.hub.opened(name);
        // What this node knew last is better than nothing, and said to be stale.
        let is_stale = head.is_none() || open.as_ref().is_some_and(StreamHandle::is_stale);
        let known = head.cloned().or_else(|| open.map(|open| open.head()));
        json!({
            "name": name.as_str(),
            "epoch": known.as_ref().map(|head| head.epoch.as_str()),
            "head": known.as_ref().map(|head| head.top),
            "first": known.as_ref().map(|head| head.first),
            "agree": agree(name, head, seen),
            "stale": is_stale,
        })
    }
}

/// Whether each node that has this stream open has all of it; nobody can say so while the log is silent.
fn agree(stream: &StreamName, head: Option<&Head>, seen: &BTreeMap<String, Seen>) -> bool {
    let Some(head) = head else { return false };
    let heads = seen
        .values()
        .filter(|seen| seen.has_answered)
        .filter_map(|seen| seen.standing.heads.get(stream.as_str()));
    let mut positions = heads.map(|position| position.parse::<Position>());
    positions.all(|position| position.is_ok_and(|it| it.epoch == head.epoch && it.offset >= head.top))
}

fn node(name: &str, seen: &Seen) -> Value {
    let standing = &seen.standing;
    json!({
        "id": name,
        "host": standing.host,
        "build": standing.build,
        "listen": standing.listen,
        "uptime_ms": standing.uptime_ms,
        "sessions": standing.sessions,
        "streams": standing.streams,
        "heard_at": rfc3339_ms(seen.heard_at),
        "answered": seen.has_answered,
        "heads": standing.heads,
    })
}

fn hop(timing: &Timing) -> Value {
    json!({ "hop": timing.hop.as_str(), "p50_ms": timing.p50_ms, "p99_ms": timing.p99_ms, "count": timing.count })
}

fn receive(tried: Option<&Tried>) -> Value {
    let Some(tried) = tried else {
        return json!({ "tried_at": null, "ok": false, "ms": null, "why": "not tried yet" });
    };
    let ms = tried.outcome.as_ref().ok().map(|took| (took.as_secs_f64() * 1e4).round() / 10.0);
    json!({
        "tried_at": rfc3339_ms(tried.at),
        "ok": tried.outcome.is_ok(),
        "ms": ms,
        "why": tried.outcome.as_ref().err(),
    })
}
