//! A subscriber of the run: one thread that dials, resumes from where it is, writes down all it is told, and comes back to
//! this node or another when the connection ends, with full jitter. It judges nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::bell::{Bell, Clock};
use super::transcript::{Epoch, Gap, Line, Place, Takes, Transcript};
use crate::delivery::SOURCE;
use crate::floor::SAMPLE_KEY;
use crate::frame::{self, Frame, Inbox};
use crate::http;
use crate::message::{self, Told};

const DIAL_DEADLINE: Duration = Duration::from_secs(2);
/// How long a read waits before it looks around.
const LOOK: Duration = Duration::from_millis(100);
const BACKOFF_MS: u64 = 50;
const BACKOFF_MS_MAX: u64 = 1_500;
const CHUNK_BYTES: usize = 64 * 1024;

/// How long one that naps is awake, and asleep.
const AWAKE_MS: std::ops::Range<u64> = 500..6_000;
const ASLEEP_MS: std::ops::Range<u64> = 100..4_000;

/// What a subscriber shows while it runs.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) is_live: AtomicBool,
    /// Has received the last event of the run that its pattern matches.
    pub(crate) has_end: AtomicBool,
}

/// The last events of the run, one of each region; 0 until they are known.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) odd: AtomicU32,
    pub(crate) even: AtomicU32,
}

pub(crate) struct Subscriber<'a> {
    pub(crate) transcript: Transcript,
    pub(crate) token: String,
    pub(crate) addresses: &'a [SocketAddr],
    /// Index of the node it is on.
    pub(crate) node: usize,
    /// So long without a byte, and it leaves.
    pub(crate) patience: Duration,
    /// Leaves now and then, as a laptop does, and comes back to what it has missed.
    pub(crate) naps: bool,
    pub(crate) random: fastrand::Rng,
    pub(crate) clock: Clock,
    pub(crate) over: &'a Bell,
    pub(crate) progress: &'a Progress,
    pub(crate) ends: &'a Ends,
    pub(crate) state: State,
}

/// What changes as it goes.
#[derive(Debug, Default)]
pub(crate) struct State {
    place: Option<Place>,
    /// In the order in which they came; a heartbeat of one that was left moves nobody back.
    epochs: Vec<Epoch>,
    got_odd: u32,
    got_even: u32,
    is_asleep: bool,
    heard_ms: u32,
    pub(crate) silence_ms: u32,
    pub(crate) returns: u64,
    pub(crate) complaint: String,
}

impl Subscriber<'_> {
    pub(crate) fn run(mut self) -> (Transcript, State) {
        let mut failures = 0_u32;
        while !self.over.has_rung() {
            self.progress.is_live.store(false, Ordering::Release);
            let before = self.transcript.lines.len();
            if let Err(error) = self.session() {
                self.state.complaint = format!("{error:#}");
            }
            self.state.returns += 1;
            let has_come_far = self.transcript.lines.len() > before + 1;
            failures = if has_come_far { 0 } else { failures + 1 };
            if self.transcript.lines.len() > before {
                self.note(Line::Away);
            }
            if failures > 0 || self.random.bool() {
                self.node = self.random.usize(..self.addresses.len());
            }
            let most = (BACKOFF_MS << failures.min(8)).min(BACKOFF_MS_MAX);
            let mut away_ms = self.random.u64(0..most);
            if std::mem::take(&mut self.state.is_asleep) {
                away_ms = self.random.u64(ASLEEP_MS);
                // Who sleeps hears nothing, which is no silence.
                self.state.heard_ms = 0;
            }
            self.over.pause(Duration::from_millis(away_ms));
        }
        (self.transcript, self.state)
    }

    fn note(&mut self, line: Line) {
        self.transcript.lines.push((self.clock.now_ms(), line));
    }

    /// From the dial to the end of the connection, whoever ends it.
    fn session(&mut self) -> Result<()> {
        let mut stream = TcpStream::connect_timeout(&self.addresses[self.node], DIAL_DEADLINE)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(DIAL_DEADLINE))?;
        stream.set_read_timeout(Some(LOOK))?;
        let address = self.addresses[self.node];
        write!(
            stream,
            "GET /ws HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: {SAMPLE_KEY}\r\n\
             sec-websocket-protocol: hookcast.v1\r\n\r\n"
        )?;
        let rest = self.upgrade(&mut stream)?;
        self.subscribe(&mut stream)?;
        let (mut inbox, mut chunk) = (Inbox::default(), vec![0; CHUNK_BYTES]);
        inbox.feed(&rest, |frame| self.hear(&frame, &mut stream))?;
        let mut heard = Instant::now();
        let bedtime = heard + Duration::from_millis(self.random.u64(AWAKE_MS));
        while !self.over.has_rung() {
            if self.naps && Instant::now() > bedtime && self.ends.odd.load(Ordering::Acquire) == 0 {
                self.state.is_asleep = true;
                bail!("a nap");
            }
            let count = match stream.read(&mut chunk) {
                Ok(0) => bail!("the node closed the connection"),
                Ok(count) => count,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    ensure!(heard.elapsed() < self.patience, "no byte for {:?}", self.patience);
                    continue;
                }
                Err(error) => return Err(error).context("read"),
            };
            heard = Instant::now();
            inbox.feed(&chunk[..count], |frame| self.hear(&frame, &mut stream))?;
        }
        Ok(())
    }

    /// Reads the answer to the upgrade; gives the bytes that came behind it.
    fn upgrade(&self, stream: &mut TcpStream) -> Result<Vec<u8>> {
        let (mut bytes, began) = (Vec::new(), Instant::now());
        loop {
            let mut chunk = [0; 2048];
            match stream.read(&mut chunk) {
                Ok(0) => bail!("closed before the upgrade"),
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error).context("upgrade"),
            }
            if let Some(answer) = http::answer(&bytes)? {
                ensure!(answer.status == 101, "the upgrade was answered {}", answer.status);
                return Ok(bytes.split_off(answer.length));
            }
            ensure!(began.elapsed() < DIAL_DEADLINE && !self.over.has_rung(), "no answer to the upgrade");
        }
    }

    fn subscribe(&self, stream: &mut TcpStream) -> Result<()> {
        let since = self.state.place.map_or(json!("now"), |place| json!({"position": place.to_string()}));
        let pattern = match self.transcript.takes {
            Takes::All => "**",
            Takes::Odd => "eu/**",
            Takes::Even => "us/**",
        };
        let pattern = format!("{SOURCE}/{pattern}");
        let auth = json!({"type": "auth", "token": self.token});
        let subscribe = json!({"type": "subscribe", "id": "a", "pattern": pattern, "since": since});
        let mut out = Vec::new();
        for message in [auth, subscribe] {
            frame::masked(frame::TEXT, message.to_string().as_bytes(), &mut out);
        }
        stream.write_all(&out).context("write")
    }

    fn hear(&mut self, frame: &Frame<'_>, stream: &mut TcpStream) -> Result<()> {
        match frame.opcode {
            frame::TEXT => match message::events(frame.payload) {
                Some(mut events) => events
                    .try_for_each(|event| event.map(|(offset, seq)| self.take(offset as u32, seq as u32))),
                None => self.obey(message::parse(frame.payload)?),
            },
            frame::PING => {
                let mut out = Vec::new();
                frame::masked(frame::PONG, frame.payload, &mut out);
                stream.write_all(&out).context("write")
            }
            frame::CLOSE => {
                let code = frame.payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                bail!(
                    "closed with {code} {}",
                    String::from_utf8_lossy(frame.payload.get(2..).unwrap_or_default())
                )
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, offset: u32, seq: u32) {
        self.sound();
        self.note(Line::Event { offset, seq });
        if let Some(place) = &mut self.state.place {
            place.offset = offset;
        }
        let got = if Takes::Odd.matches(seq) { &mut self.state.got_odd } else { &mut self.state.got_even };
        *got = seq.max(*got);
        let has = |got: u32, end: &AtomicU32| {
            let end = end.load(Ordering::Acquire);
            end > 0 && got >= end
        };
        let takes = self.transcript.takes;
        let has_odd = takes == Takes::Even || has(self.state.got_odd, &self.ends.odd);
        let has_even = takes == Takes::Odd || has(self.state.got_even, &self.ends.even);
        if has_odd && has_even {
            self.progress.has_end.store(true, Ordering::Release);
        }
    }

    fn obey(&mut self, told: Told) -> Result<()> {
        match told {
            Told::Subscribed { position } => {
                let place: Place = position.parse()?;
                self.note(Line::Begins(place));
                self.stand_at(place);
            }
            Told::Live { position } => {
                self.vouch(&position)?;
                self.progress.is_live.store(true, Ordering::Release);
            }
            Told::Positions { positions } => {
                if let Some(position) = positions.get(SOURCE) {
                    self.vouch(position)?;
                }
            }
            Told::Gap { reason, from, to, position } => {
                self.sound();
                let on: Place = position.parse()?;
                let bound = |bound: Option<u64>| bound.map(|bound| bound as u32);
                let gap = Gap { is_epoch: reason == "epoch", from: bound(from), to: bound(to), on };
                self.note(Line::Gap(Box::new(gap)));
                self.stand_at(on);
            }
            Told::Unsubscribed { code } => bail!("the subscription was ended: {code}"),
            Told::Error { code, message } => bail!("error {code}: {message}"),
            Told::Other => {}
        }
        Ok(())
    }

    /// All up to there has been sent, so that is where it would resume.
    fn vouch(&mut self, position: &str) -> Result<()> {
        self.sound();
        let vouched: Place = position.parse()?;
        self.note(Line::Vouched(vouched));
        let is_behind = |place: Place| place.epoch == vouched.epoch && place.offset >= vouched.offset;
        let is_late =
            self.state.epochs.contains(&vouched.epoch) && self.state.epochs.last() != Some(&vouched.epoch);
        if !is_late && !self.state.place.is_some_and(is_behind) {
            self.stand_at(vouched);
        }
        Ok(())
    }

    fn stand_at(&mut self, place: Place) {
        if self.state.epochs.last() != Some(&place.epoch) {
            self.state.epochs.push(place.epoch);
        }
        self.state.place = Some(place);
    }

    /// Something that carries a position was heard.
    fn sound(&mut self) {
        let now = self.clock.now_ms();
        if self.state.heard_ms > 0 {
            self.state.silence_ms = self.state.silence_ms.max(now - self.state.heard_ms);
        }
        self.state.heard_ms = now;
    }
}
