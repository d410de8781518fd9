//! Senders as vendors are: each posts signed events at its pace, and repeats what was not answered 2xx under the same id, at
//! whichever node answers. Now and then it repeats what *was* answered: some vendors lose the answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Deserialize;

use super::bell::{Bell, Clock};
use super::ledger::Answer;
use super::transcript::Takes;
use crate::delivery::DeliveryWriter;
use crate::http;

/// Vendors wait for 5 to 30 s; a short wait repeats more often, which is the harder case.
const ANSWER_DEADLINE: Duration = Duration::from_secs(4);
const CONNECT_DEADLINE: Duration = Duration::from_secs(1);
const BACKOFF_MS: std::ops::Range<u64> = 20..250;
/// One in so many answered events is sent once more.
const REPEATED_ANYWAY: u32 = 50;

/// What the senders share.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// The next sequence number.
    pub(crate) next: AtomicU32,
    /// When any sender was last answered 2xx, and the longest time between two such moments.
    pub(crate) answered_ms: AtomicU32,
    pub(crate) silence_ms: AtomicU32,
    /// Posts that were not answered 2xx.
    pub(crate) refused: AtomicU32,
    /// Nothing new is sent; what is open is still repeated.
    pub(crate) closing: AtomicBool,
}

impl Outbox {
    pub(crate) fn new(now: u32) -> Self {
        Self {
            next: AtomicU32::new(1),
            answered_ms: AtomicU32::new(now),
            silence_ms: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            closing: AtomicBool::new(false),
        }
    }

    fn answered(&self, now: u32) {
        let before = self.answered_ms.fetch_max(now, Ordering::AcqRel);
        self.silence_ms.fetch_max(now.saturating_sub(before), Ordering::AcqRel);
    }
}

pub(crate) struct Sender<'a> {
    pub(crate) addresses: &'a [SocketAddr],
    pub(crate) writer: DeliveryWriter,
    pub(crate) random: fastrand::Rng,
    pub(crate) clock: Clock,
    pub(crate) outbox: &'a Outbox,
    /// The run is over, whatever is open.
    pub(crate) over: &'a Bell,
    pub(crate) connection: Option<TcpStream>,
    pub(crate) answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Accepted {
    position: Option<String>,
}

impl Sender<'_> {
    /// One event each `interval`; gives the answers and how many events were never answered.
    pub(crate) fn run(mut self, interval: Duration) -> (Vec<Answer>, u64) {
        let (mut due, mut open) = (Instant::now() + interval.mul_f64(self.random.f64()), 0);
        while !self.outbox.closing.load(Ordering::Acquire) {
            let wait = due.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                self.over.pause(wait.min(Duration::from_millis(100)));
                continue;
            }
            // What could not be sent while nobody answered is not owed in a burst.
            due = (due + interval).max(Instant::now().checked_sub(interval).unwrap_or(due));
            let seq = self.outbox.next.fetch_add(1, Ordering::AcqRel);
            open += u64::from(!self.send(seq));
        }
        (self.answers, open)
    }

    /// Posts until it is answered 2xx; false where the run ended before.
    pub(crate) fn send(&mut self, seq: u32) -> bool {
        let sent_ms = self.clock.now_ms();
        while !self.over.has_rung() {
            if self.post_and_note(seq, sent_ms) {
                if self.random.u32(..REPEATED_ANYWAY) == 0 {
                    self.connection = None;
                    self.post_and_note(seq, sent_ms);
                }
                return true;
            }
            self.over.pause(Duration::from_millis(self.random.u64(BACKOFF_MS)));
        }
        false
    }

    fn post_and_note(&mut self, seq: u32, sent_ms: u32) -> bool {
        let Ok(accepted) = self.post(seq) else {
            self.connection = None;
            self.outbox.refused.fetch_add(1, Ordering::AcqRel);
            return false;
        };
        let answered_ms = self.clock.now_ms();
        let place = accepted.position.and_then(|position| position.parse().ok());
        self.outbox.answered(answered_ms);
        self.answers.push(Answer { seq, sent_ms, answered_ms, place });
        true
    }

    fn post(&mut self, seq: u32) -> Result<Accepted> {
        let mut request = Vec::new();
        let region = if Takes::Odd.matches(seq) { "eu" } else { "us" };
        self.writer.write_of(region, u64::from(seq), &mut request);
        let stream = match &mut self.connection {
            Some(stream) => stream,
            none => {
                let node = self.random.usize(..self.addresses.len());
                let stream = TcpStream::connect_timeout(&self.addresses[node], CONNECT_DEADLINE)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(ANSWER_DEADLINE))?;
                stream.set_write_timeout(Some(ANSWER_DEADLINE))?;
                none.insert(stream)
            }
        };
        stream.write_all(&request)?;
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut chunk)?;
            if count == 0 {
                bail!("closed before the answer");
            }
            bytes.extend_from_slice(&chunk[..count]);
            if let Some(answer) = http::answer(&bytes)? {
                if !(200..300).contains(&answer.status) {
                    bail!("answered {}", answer.status);
                }
                return Ok(serde_json::from_slice(answer.body)?);
            }
        }
    }
}
