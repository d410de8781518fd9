//! Whether this node receives, tried for real: an event is appended to the reserved stream and has to come back through the broker's push
//! and the stream's task, up to the write to its live members. Nobody tries unless somebody wants to know.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use crate::broker::{Append, Broker, DedupeKey, NewEvent, Outcome};
use crate::event::{self, Attributes, Data};
use crate::hub::Hub;
use crate::position::Position;
use crate::report::NodeId;
use crate::topic::{StreamName, Topic};

/// How long a success stands. A screen that is never closed adds four events a minute to a stream that keeps 10,000.
const FRESH: Duration = Duration::from_secs(15);
/// How long a failure does: that costs the log nothing.
const FRESH_FAILURE: Duration = Duration::from_secs(3);
/// For the whole way.
const WITHIN: Duration = Duration::from_secs(2);
/// No key comes twice, but for a broker that repeats an append after a timeout.
const DEDUPE: Duration = Duration::from_mins(10);
/// Between two looks at how far the stream's members are: fine at first, then patient.
const LOOK_FIRST: Duration = Duration::from_micros(500);
const LOOK_LAST: Duration = Duration::from_millis(20);

/// What the last try has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub at: SystemTime,
    when: Instant,
    /// How long the way took, or why it came to nothing.
    pub outcome: Result<Duration, String>,
}

impl Tried {
    fn is_fresh(&self) -> bool {
        let fresh = if self.outcome.is_ok() { FRESH } else { FRESH_FAILURE };
        self.when.elapsed() < fresh
    }
}

/// Tries, one at a time.
#[derive(Debug)]
pub struct Probe {
    node: NodeId,
    broker: Arc<dyn Broker>,
    hub: Arc<Hub>,
    one_at_a_time: Semaphore,
    last: Mutex<Option<Tried>>,
}

impl Probe {
    pub fn new(node: NodeId, broker: Arc<dyn Broker>, hub: Arc<Hub>) -> Self {
        Self { node, broker, hub, one_at_a_time: Semaphore::new(1), last: Mutex::default() }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<Tried>> {
        self.last.lock().expect("no holder of this lock panics: it copies")
    }

    /// The last try, or a new one where that is too long ago; none while another waits for one. Takes 4 s at most.
    pub async fn tried(&self) -> Option<Tried> {
        let Ok(Ok(_one_at_a_time)) = timeout(WITHIN, self.one_at_a_time.acquire()).await else {
            return self.last().clone();
        };
        if let Some(last) = self.last().clone().filter(Tried::is_fresh) {
            return Some(last);
        }
        let (at, began) = (SystemTime::now(), Instant::now());
        let outcome = match timeout(WITHIN, self.go()).await {
            Ok(Ok(())) => Ok(began.elapsed()),
            Ok(Err(why)) => Err(why),
            Err(_) => {
                Err("an event that was appended did not come back within 2 s, or could not be appended"
                    .into())
            }
        };
        let tried = Tried { at, when: Instant::now(), outcome };
        *self.last() = Some(tried.clone());
        Some(tried)
    }

    async fn go(&self) -> Result<(), String> {
        let appended = self.broker.append(self.event()).await.map_err(|error| error.to_string())?;
        let Some(Outcome::Accepted { offset }) = appended.outcomes.first() else {
            return Err("the broker took the event for another one".into());
        };
        let wanted = Position { epoch: appended.position.epoch, offset: *offset };
        let mut pause = LOOK_FIRST;
        while !self.has_come(wanted) {
            sleep(pause).await;
            pause = (pause * 2).min(LOOK_LAST);
        }
        Ok(())
    }

    /// All who are live on the reserved stream here have been written it.
    fn has_come(&self, wanted: Position) -> bool {
        let stream = self.hub.opened(&StreamName::reserved());
        let reached = stream.and_then(|stream| stream.vouched());
        reached.is_some_and(|reached| reached.epoch == wanted.epoch && reached.offset >= wanted.offset)
    }

    fn event(&self) -> Append {
        let mut key = [0; 32];
        fastrand::fill(&mut key);
        let id = hex::encode(&key[..16]);
        let (source, time) = (format!("/nodes/{}", self.node.as_str()), event::rfc3339_ms(SystemTime::now()));
        let attributes = Attributes {
            id: &id,
            source: &source,
            event_type: "node.probe",
            time: &time,
            content_type: Some("application/json"),
            others: &[],
        };
        let data = format!(r#"{{"id":"{}"}}"#, self.node.as_str());
        let stream = StreamName::reserved();
        let topic = Topic::from_values(&stream, &["node", self.node.as_str()]);
        let body = event::record(&attributes, Data::Json(&data));
        Append { stream, events: vec![NewEvent { key: DedupeKey(key), topic, body }], dedupe: DEDUPE }
    }
}
