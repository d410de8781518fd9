//! The HTTP side of ingest: reads a delivery, has it judged, appends its events and answers. Deadlines and bounds live
//! here; what is genuine and what it means is decided elsewhere.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::body::HttpBody;
use axum::http::{Method, Request, Response, header};
use bytes::Bytes;
use reqwest::Url;
use tokio::time::{Instant, sleep};

use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, Broker, BrokerError};
use crate::http::client::Peer;
use crate::limits::Limits;
use crate::telemetry::{self, DeliveryOutcome, Timed};

use super::answer::{self, Refused, Told, Words};
use super::checks::Proven;
use super::delivery::Delivery;
use super::fetched::fetch::Fetcher;
use super::fetched::inquiry::Halt;
use super::fetched::store::Pace;
use super::handshake::{Denied, Reply};
use super::inspect::{End, Inspector, Seen};
use super::mounted::{self, Mounted, Mounts, mount};
use super::publish::{self, Batch, Found};
use super::pulse::Pulse;
use super::read;
use super::rejection::Rejection;
use super::room::Room;
use super::source::Source;
use super::template::Reading;
use super::throttle::Throttle;
use super::within::within;

/// First and longest pause before a broker that is away is asked again.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LONGEST: Duration = Duration::from_millis(500);

/// All sources, and the way into the log.
#[derive(Debug)]
pub struct Ingest {
    /// Locked only to look one up, or to clone or replace the `Arc`; never across an await.
    sources: Mutex<Arc<Mounts>>,
    broker: Arc<dyn Broker>,
    limits: Limits,
    public_url: Option<String>,
    /// Deliveries, and KiB of their records, that may wait for the broker; full is 503.
    waiting: Room,
    waiting_kib: Room,
    append_seconds: Timed,
    /// Asks vendors for their keys.
    fetcher: Arc<Fetcher>,
    inspector: Inspector,
    /// Of log lines on deliveries that found no broker.
    unstored: Throttle,
}

/// What a delivery turned out to be.
enum Verdict {
    Reply(Reply),
    /// Its vendor wants to be visited before it sends events.
    Confirm(Url),
    Events(Batch),
}

impl Ingest {
    pub fn new(
        sources: Vec<Source>,
        broker: Arc<dyn Broker>,
        limits: &Limits,
        public_url: Option<String>,
        inspector: Inspector,
    ) -> Arc<Self> {
        let append_seconds = telemetry::append_seconds(broker.name());
        let fetcher = Arc::new(Fetcher::new(Pace::default().deadline));
        Arc::new(Self {
            sources: Mutex::new(mount(sources, &fetcher, &Mounts::new())),
            broker,
            append_seconds,
            fetcher,
            inspector,
            unstored: Throttle::default(),
            limits: limits.clone(),
            public_url,
            waiting: Room::new(limits.appends_waiting),
            waiting_kib: Room::new((limits.append_bytes_waiting / 1024).max(1)),
        })
    }

    /// Takes other sources from now on; deliveries under way end with the old ones.
    pub fn replace(&self, sources: Vec<Source>) {
        let mounted = {
            // Held throughout, or a secret that comes in between would be forgotten.
            let mut current = self.sources.lock().expect("no thread panics while it holds the sources");
            *current = mount(sources, &self.fetcher, &current);
            Arc::clone(&current)
        };
        self.inspector.forget_all_but(&mounted.keys().map(String::as_str).collect());
    }

    /// What operators are told of deliveries, and what is kept of them.
    pub fn inspector(&self) -> &Inspector {
        &self.inspector
    }

    pub fn source(&self, name: &str) -> Option<Arc<Source>> {
        self.mounted(name).map(|mounted| Arc::clone(&mounted.source))
    }

    /// Where senders find this gateway, if it is known.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// In the order of their names.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        self.pulses().into_iter().map(|(source, _)| source).collect()
    }

    /// In the order of their names, each with what was noticed of it.
    pub fn pulses(&self) -> Vec<(Arc<Source>, Arc<Pulse>)> {
        self.mounts().values().map(|mounted| (mounted.source.clone(), mounted.pulse.clone())).collect()
    }

    /// Where a source's deliveries are posted: the address that the world sees, or the path alone.
    pub fn hook(&self, source: &str) -> String {
        format!("{}/hooks/{source}", self.public_url.as_deref().unwrap_or_default())
    }

    fn mounts(&self) -> Arc<Mounts> {
        self.sources.lock().expect("no thread panics while it holds the sources").clone()
    }

    pub(super) fn mounted(&self, name: &str) -> Option<Arc<Mounted>> {
        self.sources.lock().expect("no thread panics while it holds the sources").get(name).cloned()
    }

    /// Everything between reading a body and storing its events; touches no socket and waits for nothing.
    fn judge(&self, source: &Source, delivery: Box<Delivery>, seen: &mut Seen) -> Result<Verdict, Rejection> {
        if let Some(reply) = self.answer_handshake(source, &delivery, false) {
            return reply.map(Verdict::Reply).map_err(Rejection::Denied);
        }
        if delivery.method != Method::POST {
            return Err(Rejection::Method);
        }
        let verified = source.verify(delivery, self.public_url.as_deref()).map_err(Rejection::Unverified)?;
        seen.proven = Some(Proven::of(verified.proof()));
        seen.secret = source.secret_of(&verified, self.public_url.as_deref());
        if let Some(reply) = self.answer_handshake(source, verified.delivery(), true) {
            return reply.map(Verdict::Reply).map_err(Rejection::Denied);
        }
        if let Some(url) = source.confirmation(&verified) {
            return Ok(Verdict::Confirm(url));
        }
        let events = publish::events(source, &verified, self.limits.events_per_delivery);
        events.map(Verdict::Events).map_err(|_| Rejection::TooManyEvents)
    }

    /// The answer to a question that the provider asks, if this is one.
    fn answer_handshake(
        &self,
        source: &Source,
        delivery: &Delivery,
        is_signed: bool,
    ) -> Option<Result<Reply, Denied>> {
        let reading = Reading { public_url: self.public_url.as_deref(), ..Reading::of(delivery) };
        let mut asked = source.row.handshakes.iter().filter(|handshake| handshake.is_signed == is_signed);
        let handshake = asked.find(|handshake| handshake.when.holds(&reading))?;
        let mut keys = source.verifier.methods().iter().filter_map(|method| method.keys.signing());
        let key = keys.find(|key| handshake.signs_with(key.mac.hash()));
        if handshake.secret.is_some() && !source.is_armed() {
            return Some(Err(Denied::Capture));
        }
        let reply = handshake.answer(&reading, source.verify_token.as_ref(), key);
        Some(reply.and_then(|reply| self.capture(source, reply)))
    }

    /// Keeps the secret that came with a question, if one did.
    fn capture(&self, asked: &Source, reply: Reply) -> Result<Reply, Denied> {
        let Some(secret) = &reply.captured else { return Ok(reply) };
        let mut sources = self.sources.lock().expect("no thread panics while it holds the sources");
        if let Some(changed) = mounted::capture(&sources, asked, secret, &self.fetcher)? {
            *sources = Arc::new(changed);
        }
        Ok(reply)
    }

    /// Stores what is to be published; the answer says what became of each event, in order.
    async fn store(&self, source: &Source, batch: Batch, until: Instant) -> Result<Vec<Told>, Refused> {
        let bytes: usize = batch.events.iter().filter_map(|found| Some(found.new.as_ref()?.body.len())).sum();
        let kib = (bytes / 1024 + 1).min(self.limits.append_bytes_waiting / 1024).max(1);
        let _place = self.waiting.take(1).ok_or(Refused::Unavailable)?;
        let _room = self.waiting_kib.take(kib).ok_or(Refused::Unavailable)?;
        let mut waiting = Vec::with_capacity(batch.events.len());
        let tell = |found: Found| match found.new {
            Some(new) => {
                waiting.push(new);
                Told::waiting(found.id)
            }
            None => Told::filtered(found.id),
        };
        let mut told: Vec<Told> = batch.events.into_iter().map(tell).collect();
        let mut unanswered = told.iter_mut().filter(|told| told.is_waiting());
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(BATCH_EVENTS_MAX));
            let events = std::mem::replace(&mut waiting, rest);
            let count = events.len();
            let append =
                Append { stream: source.stream().clone(), events, dedupe: source.row.delivery.dedupe };
            let appended = self.append(append, until).await?;
            debug_assert_eq!(appended.outcomes.len(), count, "a broker answers for each event");
            for (outcome, told) in appended.outcomes.into_iter().zip(&mut unanswered) {
                told.appended(outcome, appended.position.epoch);
            }
        }
        Ok(told)
    }

    /// Asks a broker that is away again until the provider's patience ends: some senders never retry.
    async fn append(&self, append: Append, until: Instant) -> Result<Appended, Refused> {
        let mut pause = PAUSE_FIRST;
        let mut cause = "no answer in time".to_owned();
        loop {
            let started = Instant::now();
            match within(until, self.broker.append(append.clone())).await {
                Some(Ok(appended)) => {
                    self.append_seconds.record(started.elapsed());
                    return Ok(appended);
                }
                Some(Err(error @ BrokerError::Corrupt(_))) => {
                    tracing::error!(%error, stream = %append.stream, "an append failed");
                    return Err(Refused::Unavailable);
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, stream = %append.stream, "an append is tried again");
                    cause = error.to_string();
                }
                None => break,
            }
            if Instant::now() + pause >= until {
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
        if self.unstored.enter(SystemTime::now()).is_some() {
            tracing::warn!(stream = %append.stream, cause, "a delivery could not be stored while its sender waits");
        }
        Err(Refused::Unavailable)
    }
}

/// The answer to a delivery of a source that is known, and what became of it.
pub(super) async fn deliver<B: HttpBody<Data = Bytes> + Unpin>(
    ingest: &Ingest,
    mounted: &Mounted,
    request: Request<B>,
    peer: Option<&Peer>,
    started: Instant,
    seen: &mut Seen,
) -> Result<(Response<Words>, DeliveryOutcome), Refused> {
    let source = &*mounted.source;
    if !mounted.admits(peer, request.headers()) {
        drain_early(request).await;
        return Err(Refused::Address);
    }
    if !matches!(*request.method(), Method::POST | Method::GET | Method::HEAD | Method::OPTIONS) {
        drain_early(request).await;
        return Err(Refused::Method);
    }
    // A sender that compresses may sign before or after: rather than guess, it is told. A bomb is not unpacked either.
    let encodings = request.headers().get_all(header::CONTENT_ENCODING);
    if encodings.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        drain_early(request).await;
        return Err(Refused::Encoding);
    }
    let (parts, body) = request.into_parts();
    // A client that waits for `100 Continue` has sent nothing yet, and reading would ask for the body.
    let is_waiting = parts.headers.contains_key(header::EXPECT);
    if is_waiting && body.size_hint().lower() > ingest.limits.body_bytes as u64 {
        return Err(Refused::TooLarge);
    }
    let bytes = read::read(body, ingest.limits.body_bytes, started + ingest.limits.body_deadline).await?;
    let rule = &source.row.answer;
    let echo = rule.echo.as_ref().and_then(|name| Some((name.clone(), parts.headers.get(name)?.clone())));
    let body_form = source.row.delivery.body.clone();
    let delivery = Delivery::new(parts.method, parts.uri, parts.headers, bytes, SystemTime::now(), body_form);
    seen.keep(&delivery, &mounted.paces);
    let batch = match judged(ingest, mounted, Box::new(delivery), seen).await {
        Ok(batch) => batch,
        Err(Stopped::Refused(refused)) => return Err(refused),
        Err(Stopped::Answered(reply)) => {
            seen.end = Some(End::Answered);
            return Ok((answer::reply(reply), DeliveryOutcome::Handshake));
        }
    };
    seen.name(&batch, &mounted.paces);
    batch.events.iter().for_each(|found| source.rules.tell(source.name(), &found.failures));
    let is_list = batch.is_list;
    // A fifth of the provider's patience is left for the way back.
    let until = started + rule.deadline * 4 / 5;
    let told = ingest.store(source, batch, until).await?;
    let outcome = answer::overall(&told);
    let accepted = told.iter().filter(|told| told.outcome == DeliveryOutcome::Accepted).count();
    if accepted > 0 {
        mounted.figures.events_appended(accepted as u64);
    }
    let mut response = answer::taken(rule, is_list, &told);
    response.headers_mut().extend(echo);
    seen.end = Some(End::Stored(told));
    Ok((response, outcome))
}

/// Why a delivery brings no events.
enum Stopped {
    Answered(Reply),
    Refused(Refused),
}

/// Judges a delivery with the keys that it needs, which may have to be asked for.
async fn judged(
    ingest: &Ingest,
    mounted: &Mounted,
    mut delivery: Box<Delivery>,
    seen: &mut Seen,
) -> Result<Batch, Stopped> {
    let judged = match mounted.inquiry.keyed(&mut delivery, ingest.public_url.as_deref()).await {
        Ok(()) => {
            let began = Instant::now();
            let judged = ingest.judge(&mounted.source, delivery, seen);
            telemetry::judged(began.elapsed());
            judged
        }
        Err(Halt::Refused(refusal)) => Err(Rejection::Unverified(refusal)),
        Err(Halt::Keyless) => return Err(Stopped::Refused(Refused::VendorAway)),
    };
    match judged {
        Ok(Verdict::Events(batch)) => Ok(batch),
        Ok(Verdict::Reply(reply)) => Err(Stopped::Answered(reply)),
        Ok(Verdict::Confirm(url)) if mounted.inquiry.confirm(&url).await => {
            Err(Stopped::Answered(Reply::EMPTY))
        }
        Ok(Verdict::Confirm(_)) => Err(Stopped::Refused(Refused::VendorAway)),
        Err(rejection) => {
            let (refused, end) = rejection.tell(mounted.source.name(), &mounted.refusals);
            seen.end = Some(end);
            Err(Stopped::Refused(refused))
        }
    }
}

/// Reads what is refused before its body: its sender shall see the answer and not a reset.
pub(super) async fn drain_early<B: HttpBody<Data = Bytes> + Unpin>(request: Request<B>) {
    if !request.headers().contains_key(header::EXPECT) {
        read::drain(request.into_body()).await;
    }
}
