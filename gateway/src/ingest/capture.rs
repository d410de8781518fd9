//! The newest deliveries of each source as they came, in this node's memory alone: 100 that were proven and 100 that were
//! not, so that a flood of rubbish pushes out nothing genuine. What could be a secret is masked before it is kept.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::value::RawValue;

use crate::telemetry::DeliveryOutcome;
use crate::topic::Topic;

use super::delivery::Delivery;
use super::method::token_places;
use super::signature::Place;
use super::source::Source;

/// Deliveries of one source, and of one kind, that are kept; the oldest goes.
pub const KEPT_MAX: usize = 100;
/// Of a body; the rest is cut off, and that is said.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Of all that is kept; beyond it whoever holds most gives its oldest.
const ALL_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Names, places and pointers of one.
const OVERHEAD_BYTES: usize = 512;

/// Stands where a secret, or what may be one, stood.
pub const MASK: &str = "…";

/// One delivery: its report, and what came if that was read.
#[derive(Debug)]
pub struct Capture {
    pub id: String,
    pub source: String,
    pub outcome: DeliveryOutcome,
    /// As it stands on the reserved stream.
    pub report: Box<RawValue>,
    /// Its events, the first few, where it was proven.
    pub events: Vec<KeptEvent>,
    /// Whether a secret or key fitted it, though it may have come too late: else it is anybody's.
    pub is_genuine: bool,
    pub request: Option<Request>,
}

/// What an event of it is called.
#[derive(Debug)]
pub struct KeptEvent {
    pub event_type: String,
    /// None where a rule left it out.
    pub topic: Option<Topic>,
}

/// A request as it came, but for what is masked or cut.
#[derive(Debug)]
pub struct Request {
    pub method: Method,
    pub query: Option<String>,
    /// Names in lower case; a masked one holds [`MASK`].
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Bytes,
    /// Of the whole body.
    pub body_bytes: usize,
    pub is_cut: bool,
    /// What proves it is masked: it cannot be sent again as it was.
    pub is_proof_masked: bool,
}

impl Request {
    /// Masks and copies: what came shares its memory with all that the connection read.
    pub fn of(source: &Source, delivery: &Delivery) -> Self {
        // A secret that comes with a question is one for good.
        let asked = source.row.handshakes.iter().filter_map(|handshake| handshake.secret.as_ref());
        let places: Vec<&Place> = token_places(&source.row.methods).chain(asked).collect();
        let is_named = |name: &str| {
            places.iter().any(|place| match place {
                Place::Header(header) => header.as_str() == name,
                Place::Headers(prefix) => name.starts_with(prefix.as_str()),
                _ => false,
            })
        };
        let query_names: Vec<&str> = places
            .iter()
            .filter_map(|place| if let Place::Query(name) = place { Some(name.as_str()) } else { None })
            .collect();
        let body = masked_body(&places, delivery);
        let body_bytes = delivery.body.len();
        let is_proof_masked = !places.is_empty();
        let whole = body.as_deref().map_or(&delivery.body[..], str::as_bytes);
        Self {
            method: delivery.method.clone(),
            query: delivery.uri.query().map(|query| masked_query(query, &query_names)),
            headers: masked_headers(&delivery.headers, is_named),
            body: Bytes::copy_from_slice(&whole[..whole.len().min(BODY_BYTES_MAX)]),
            body_bytes,
            is_cut: whole.len() > BODY_BYTES_MAX,
            is_proof_masked,
        }
    }

    fn bytes(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum();
        headers + self.body.len() + self.query.as_ref().map_or(0, String::len)
    }
}

/// Names that give a secret away wherever they stand.
fn is_telling(name: &str) -> bool {
    const TELLING: [&str; 7] =
        ["token", "secret", "password", "authorization", "cookie", "api-key", "apikey"];
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|telling| name.contains(telling))
}

fn masked_headers(headers: &HeaderMap, is_named: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let kept = headers.iter().map(|(name, value)| {
        let name = name.as_str();
        let is_masked = is_telling(name) || is_named(name);
        let value = if is_masked { MASK.as_bytes() } else { value.as_bytes() };
        (name.to_owned(), value.to_vec())
    });
    kept.collect()
}

fn masked_query(query: &str, named: &[&str]) -> String {
    let masked = query.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_masked = is_telling(name) || name == "key" || named.contains(&name) || name.contains('%');
        if is_masked && !value.is_empty() { format!("{name}={MASK}") } else { pair.to_owned() }
    });
    masked.collect::<Vec<_>>().join("&")
}

/// The body's text without the tokens that the row says stand in it; none where it says nothing of the kind.
fn masked_body(places: &[&Place], delivery: &Delivery) -> Option<String> {
    let document = || delivery.document().map(super::json::Document::root);
    let mut tokens: Vec<String> = Vec::new();
    let mut is_meant = false;
    for place in places {
        match place {
            Place::Header(_) | Place::Headers(_) | Place::Query(_) | Place::Body => continue,
            Place::Json(pointer) => {
                let found = document().and_then(|root| pointer.find(root)?.text());
                tokens.extend(found.map(std::borrow::Cow::into_owned));
            }
            Place::Form(name) => tokens.extend(delivery.form().all(name).map(str::to_owned)),
        }
        is_meant = true;
    }
    if !is_meant {
        return None;
    }
    let is_form = !delivery.form().is_empty();
    let mut text = match document() {
        // Fields as an object: percent-escapes would hide a token from us.
        _ if is_form => delivery.form().to_json(),
        Some(root) => root.raw().to_owned(),
        None => String::new(),
    };
    for token in tokens.iter().filter(|token| !token.is_empty()) {
        let escaped = |text: &str| serde_json::Value::from(text).to_string().trim_matches('"').to_owned();
        let (once, twice) = (escaped(token), escaped(&escaped(token)));
        for spelling in [twice.as_str(), once.as_str(), token.as_str()] {
            text = text.replace(spelling, MASK);
        }
    }
    Some(text)
}

/// All that is kept, each source's proven and unproven deliveries apart.
#[derive(Debug, Default)]
pub struct Captures {
    /// Locked only to add, to copy pointers or to forget.
    rings: Mutex<Rings>,
}

#[derive(Debug, Default)]
struct Rings {
    /// By source, and whether it was proven.
    by_kind: HashMap<(String, bool), Ring>,
    bytes: usize,
    count: u64,
}

#[derive(Debug, Default)]
struct Ring {
    /// With a number that rises over all rings.
    kept: VecDeque<(u64, Arc<Capture>)>,
    bytes: usize,
}

impl Capture {
    fn bytes(&self) -> usize {
        let request = self.request.as_ref().map_or(0, Request::bytes);
        let named = |event: &KeptEvent| event.event_type.len() + 64;
        let events: usize = self.events.iter().map(named).sum();
        OVERHEAD_BYTES + self.id.len() + self.report.get().len() + events + request
    }
}

impl Captures {
    fn lock(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().expect("no thread panics while it holds the captures")
    }

    pub fn add(&self, capture: Capture, is_proven: bool) {
        self.lock().add(Arc::new(capture), is_proven, ALL_BYTES_MAX);
    }

    /// The newest first, of those that are wanted.
    pub fn newest(&self, limit: usize, is_wanted: impl Fn(&Capture) -> bool) -> Vec<Arc<Capture>> {
        let all = self.older_than(None).unwrap_or_default();
        all.into_iter().filter(|capture| is_wanted(capture)).take(limit).collect()
    }

    /// All that came before the one with this id, the newest first; none when that one is not kept.
    pub fn older_than(&self, id: Option<&str>) -> Option<Vec<Arc<Capture>>> {
        let mut all: Vec<_> =
            self.lock().by_kind.values().flat_map(|ring| ring.kept.iter().cloned()).collect();
        if let Some(id) = id {
            let &(before, _) = all.iter().find(|(_, capture)| capture.id == id)?;
            all.retain(|(number, _)| *number < before);
        }
        all.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        Some(all.into_iter().map(|(_, capture)| capture).collect())
    }

    pub fn get(&self, id: &str) -> Option<Arc<Capture>> {
        let rings = self.lock();
        let mut kept = rings.by_kind.values().flat_map(|ring| &ring.kept);
        kept.find(|(_, capture)| capture.id == id).map(|(_, capture)| capture.clone())
    }

    /// Drops what came for sources that are no more.
    pub fn retain(&self, sources: &HashSet<&str>) {
        let mut rings = self.lock();
        rings.by_kind.retain(|(source, _), _| sources.contains(source.as_str()));
        rings.bytes = rings.by_kind.values().map(|ring| ring.bytes).sum();
    }
}

impl Rings {
    fn add(&mut self, capture: Arc<Capture>, is_proven: bool, bytes_max: usize) {
        let bytes = capture.bytes();
        self.count += 1;
        let ring = self.by_kind.entry((capture.source.clone(), is_proven)).or_default();
        ring.kept.push_back((self.count, capture));
        ring.bytes += bytes;
        self.bytes += bytes;
        if ring.kept.len() > KEPT_MAX {
            self.bytes -= ring.drop_oldest();
        }
        while self.bytes > bytes_max {
            // One source's flood costs that source, not its neighbours.
            let Some(largest) = self.by_kind.values_mut().max_by_key(|ring| ring.bytes) else { return };
            self.bytes -= largest.drop_oldest();
        }
    }
}

impl Ring {
    fn drop_oldest(&mut self) -> usize {
        let bytes = self.kept.pop_front().map_or(0, |(_, capture)| capture.bytes());
        self.bytes -= bytes;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(source: &str, id: usize, bytes: usize) -> Arc<Capture> {
        let request = Request {
            method: Method::POST,
            query: None,
            headers: Vec::new(),
            body: vec![0; bytes].into(),
            body_bytes: bytes,
            is_cut: false,
            is_proof_masked: false,
        };
        Arc::new(Capture {
            id: id.to_string(),
            source: source.into(),
            outcome: DeliveryOutcome::Accepted,
            report: RawValue::from_string("{}".into()).unwrap(),
            events: Vec::new(),
            is_genuine: true,
            request: Some(request),
        })
    }

    #[test]
    fn a_hundred_of_each_kind_are_kept_and_a_flood_pushes_out_its_own() {
        let mut rings = Rings::default();
        rings.add(capture("quiet", 0, 10), true, usize::MAX);
        for id in 1..=150 {
            rings.add(capture("loud", id, 1_000), false, 100_000);
        }
        let loud = &rings.by_kind[&("loud".to_owned(), false)];
        assert!(loud.kept.len() < 100 && loud.kept.back().unwrap().1.id == "150", "{}", loud.kept.len());
        assert!(rings.bytes <= 100_000);
        assert_eq!(rings.bytes, rings.by_kind.values().map(|ring| ring.bytes).sum::<usize>());
        assert_eq!(rings.by_kind[&("quiet".to_owned(), true)].kept.len(), 1);
        for id in 0..150 {
            rings.add(capture("quiet", id, 10), true, usize::MAX);
        }
        assert_eq!(rings.by_kind[&("quiet".to_owned(), true)].kept.len(), KEPT_MAX);
        assert_eq!(rings.bytes, rings.by_kind.values().map(|ring| ring.bytes).sum::<usize>());
    }

    #[test]
    fn telling_names_are_masked_in_queries_and_headers() {
        assert_eq!(
            masked_query("a=1&hub.verify_token=x&sig=2&k=3&%74oken=4", &["k"]),
            "a=1&hub.verify_token=…&sig=2&k=…&%74oken=…"
        );
        for name in ["authorization", "X-Gitlab-Token", "cookie", "x-api-key", "X-Hook-Secret"] {
            assert!(is_telling(name), "{name}");
        }
        assert!(!is_telling("x-hub-signature-256") && !is_telling("idempotency-key"));
    }
}
