//! `GET /api/v1/topics`: the streams that this node serves, and what is kept of each; `GET /api/v1/topics?stream=S&prefix=&text=&after=&limit=`: the
//! topics of one, by name, each with its newest retained offset. For operators.
//!
//! ```text
//! {"streams":[{"name":"shop","epoch":"k3f9a0zq","head":97,"first":12,"kept":86,"retention":{"events","bytes","age_ms"},"topics":7},…]}
//! {"stream":"shop","topics":[{"topic":"shop/orders/de","offset":96},…],"more":true}
//! ```
//! All topics of a stream are read at once, since no broker keeps them in order: so there is one such read at a time on a node, and the
//! list of streams serves whoever asks within two seconds.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{HeaderMap, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::permission;
use crate::auth::Auth;
use crate::broker::{Broker, BrokerError};
use crate::current::Current;
use crate::http::problem::Problem;
use crate::limits::Retentions;
use crate::topic::{StreamName, TOPIC_BYTES_MAX, Topic};

const LIMIT_DEFAULT: usize = 1_000;
const LIMIT_MAX: usize = 5_000;
/// How long one reading of all streams serves whoever asks: several operators' screens ask as often as one.
const FRESH: Duration = Duration::from_secs(2);
/// For all reads of one request, and the wait for whoever reads before.
const DEADLINE: Duration = Duration::from_secs(8);

/// What the handler needs of the node.
pub struct Topics {
    auth: Arc<Auth>,
    broker: Arc<dyn Broker>,
    /// Streams that there are.
    streams: Current<BTreeSet<StreamName>>,
    retentions: Retentions,
    one_at_a_time: Semaphore,
    /// The last reading of all streams.
    read: Mutex<Option<(Instant, Arc<Value>)>>,
}

impl fmt::Debug for Topics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Topics").finish_non_exhaustive()
    }
}

pub fn router(topics: Topics) -> Router {
    Router::new().route("/api/v1/topics", get(answer)).with_state(Arc::new(topics))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    stream: Option<String>,
    prefix: Option<String>,
    /// What it has somewhere, in upper or lower case.
    text: Option<String>,
    /// The last topic of the page before.
    after: Option<String>,
    limit: Option<usize>,
}

async fn answer(
    State(topics): State<Arc<Topics>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Arc<Value>>, Problem> {
    permission::operator(&headers, &topics.auth).await?;
    let Query(asked) = asked.map_err(|error| bad(error.body_text()))?;
    let reading = async {
        let _one_at_a_time = topics.one_at_a_time.acquire().await.map_err(|_| unavailable("it ends"))?;
        match &asked.stream {
            Some(stream) => topics.of_stream(stream, &asked).await.map(Arc::new),
            None if asked.narrows() => {
                Err(bad("prefix, text, after and limit go with a stream: add `stream=`"))
            }
            None => topics.of_all().await,
        }
    };
    let read = timeout(DEADLINE, reading).await;
    read.map_err(|_| unavailable("it did not answer within 8 s"))?.map(Json)
}

impl Asked {
    fn narrows(&self) -> bool {
        self.limit.is_some() || [&self.prefix, &self.text, &self.after].into_iter().any(Option::is_some)
    }
}

impl Topics {
    pub fn new(
        auth: Arc<Auth>,
        broker: Arc<dyn Broker>,
        streams: Current<BTreeSet<StreamName>>,
        retentions: Retentions,
    ) -> Self {
        Self { auth, broker, streams, retentions, one_at_a_time: Semaphore::new(1), read: Mutex::default() }
    }

    fn read(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<Value>)>> {
        self.read.lock().expect("no holder of this lock panics: it copies")
    }

    async fn of_all(&self) -> Result<Arc<Value>, Problem> {
        let known = self.read().clone();
        if let Some((_, read)) = known.filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(read);
        }
        let mut streams = Vec::new();
        for stream in self.streams.get().iter() {
            streams.push(self.summary(stream).await?);
        }
        let read = Arc::new(json!({ "streams": streams }));
        *self.read() = Some((Instant::now(), read.clone()));
        Ok(read)
    }

    async fn summary(&self, stream: &StreamName) -> Result<Value, Problem> {
        let (head, topics) = self.broker.topics(stream).await.map_err(|error| away(&error))?;
        let retention = self.retentions.of(stream);
        Ok(json!({
            "name": stream.as_str(),
            "epoch": head.epoch.as_str(),
            "head": head.top,
            "first": head.first,
            "kept": (head.top + 1).saturating_sub(head.first),
            "retention": {
                "events": retention.events,
                "bytes": retention.bytes,
                "age_ms": u64::try_from(retention.age.as_millis()).unwrap_or(u64::MAX),
            },
            "topics": topics.len(),
        }))
    }

    async fn of_stream(&self, stream: &str, asked: &Asked) -> Result<Value, Problem> {
        let limit = asked.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(bad(format!("limit: expected 1 to {LIMIT_MAX}, got {limit}")));
        }
        for (name, text) in [("prefix", &asked.prefix), ("text", &asked.text), ("after", &asked.after)] {
            if text.as_ref().is_some_and(|text| text.len() > TOPIC_BYTES_MAX) {
                return Err(bad(format!("{name}: a topic has {TOPIC_BYTES_MAX} bytes at most")));
            }
        }
        let known = StreamName::parse(stream).ok().filter(|name| self.streams.get().contains(name));
        let name = known.ok_or_else(|| {
            Problem::new(StatusCode::NOT_FOUND, "unknown_stream", "no source of this node feeds this stream")
        })?;
        let (_, topics) = self.broker.topics(&name).await.map_err(|error| away(&error))?;
        let text = asked.text.as_deref().unwrap_or_default().to_lowercase();
        let is_wanted = |topic: &str| {
            asked.prefix.as_deref().is_none_or(|prefix| topic.starts_with(prefix))
                && (text.is_empty() || topic.to_lowercase().contains(&text))
        };
        let (page, is_more) = page(topics, is_wanted, asked.after.as_deref(), limit);
        let page: Vec<Value> =
            page.iter().map(|(topic, offset)| json!({ "topic": topic.as_str(), "offset": offset })).collect();
        Ok(json!({ "stream": name.as_str(), "topics": page, "more": is_more }))
    }
}

/// The first topics by name that are wanted and come after this one; whether there are more.
fn page(
    mut topics: Vec<(Topic, u64)>,
    is_wanted: impl Fn(&str) -> bool,
    after: Option<&str>,
    limit: usize,
) -> (Vec<(Topic, u64)>, bool) {
    topics.retain(|(topic, _)| after.is_none_or(|after| topic.as_str() > after) && is_wanted(topic.as_str()));
    let by_name = |one: &(Topic, u64), other: &(Topic, u64)| one.0.as_str().cmp(other.0.as_str());
    let is_more = topics.len() > limit;
    if is_more {
        // Of a hundred thousand only the page is put in order.
        topics.select_nth_unstable_by(limit, by_name);
        topics.truncate(limit);
    }
    topics.sort_unstable_by(by_name);
    (topics, is_more)
}

fn bad(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail)
}

fn away(error: &BrokerError) -> Problem {
    unavailable(&error.to_string())
}

fn unavailable(cause: &str) -> Problem {
    tracing::warn!(cause, "the topics could not be read");
    let mut problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "the broker does not answer now; ask again soon",
    );
    problem.header = Some((RETRY_AFTER, HeaderValue::from_static("2")));
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_by_name_and_miss_none() {
        let topic = |number: u64| (Topic::parse(&format!("s/{:03}", number * 7 % 100)).unwrap(), number);
        let all: Vec<_> = (0..100).map(topic).collect();
        let (mut seen, mut after, mut is_more) = (Vec::new(), None::<String>, true);
        while is_more {
            let (found, more) = page(all.clone(), |_| true, after.as_deref(), 30);
            seen.extend(found.iter().map(|(topic, _)| topic.as_str().to_owned()));
            (after, is_more) = (seen.last().cloned(), more);
        }
        let expected: Vec<String> = (0..100).map(|number| format!("s/{number:03}")).collect();
        assert_eq!(seen, expected);
        assert_eq!(page(all, |topic| topic.starts_with("s/09"), None, 30).0.len(), 10);
    }
}
