//! One subscriber: dial, upgrade, authenticate, subscribe, and from then on hear events. Dropped sockets are dialled
//! again by the swarm; the place in the stream survives them.
//!
//! ```text
//! Away ── dial ──▶ Upgrading ── 101 ──▶ Joining ── live ──▶ Live
//!   ▲                                                        │
//!   └───────────────── closed, by whoever ───────────────────┘
//! ```

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use serde_json::json;
use socket2::{Domain, Socket, Type};

use crate::check::{Follower, Ledger};
use crate::floor::{SAMPLE_ACCEPT, SAMPLE_KEY};
use crate::frame::{self, Frame, Inbox};
use crate::http;
use crate::message::{self, Position, Told};
use crate::swarm::Sent;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Away,
    Upgrading,
    Joining,
    Live,
}

pub(crate) struct Subscriber {
    pub(crate) phase: Phase,
    pub(crate) stream: Option<TcpStream>,
    pub(crate) follower: Follower,
    pattern: &'static str,
    /// Asks for the newest of each topic, so often.
    latest_ms: Option<u32>,
    /// What it got then: an event, its offset, and how far it was the newest.
    pub(crate) newest: Vec<(u64, u64, u64)>,
    token: String,
    /// Known from the first `subscribed` on; its offset is the follower's.
    epoch: Option<String>,
    /// What has come of the answer to the upgrade; empty before and after.
    greeting: Vec<u8>,
    inbox: Inbox,
}

/// What all subscribers share while they are read: the lent buffer, the ledger, the clock's other end.
pub(crate) struct Ear<'a> {
    pub(crate) chunk: &'a mut [u8],
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) sent: &'a Sent,
    pub(crate) delays: &'a mut Histogram<u64>,
}

impl Subscriber {
    pub(crate) fn new(pattern: &'static str, latest_ms: Option<u32>, token: String) -> Self {
        let (phase, follower, inbox) = (Phase::Away, Follower::default(), Inbox::default());
        Self {
            phase,
            stream: None,
            follower,
            pattern,
            latest_ms,
            newest: Vec::new(),
            token,
            epoch: None,
            greeting: Vec::new(),
            inbox,
        }
    }

    /// Connects from `from` and asks for the upgrade.
    pub(crate) fn dial(&mut self, address: SocketAddr, from: Ipv4Addr) -> Result<()> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        socket.connect(&address.into())?;
        socket.set_tcp_nodelay(true)?;
        let mut stream = TcpStream::from(socket);
        write!(
            stream,
            "GET /ws HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: {SAMPLE_KEY}\r\n\
             sec-websocket-protocol: hookcast.v1\r\n\r\n"
        )?;
        stream.set_nonblocking(true)?;
        self.inbox = Inbox::default();
        self.greeting = Vec::new();
        self.stream = Some(stream);
        self.phase = Phase::Upgrading;
        Ok(())
    }

    /// Lets go of the socket; the place in the stream stays.
    pub(crate) fn leave(&mut self) {
        self.stream = None;
        self.phase = Phase::Away;
    }

    /// Live again, with everything up to `top`.
    pub(crate) fn is_back(&self, top: u64) -> bool {
        self.phase == Phase::Live && self.follower.position() >= top
    }

    /// Reads once and does what it says. An error means that the socket is of no more use.
    pub(crate) fn hear(&mut self, ear: &mut Ear<'_>) -> Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let count = match stream.read(ear.chunk) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(());
            }
            Err(error) => return Err(error).context("read"),
        };
        let now = ear.sent.now();
        let Ear { chunk, ledger, sent, delays } = ear;
        let skip = if self.phase == Phase::Upgrading { self.upgrade(&chunk[..count])? } else { 0 };
        let mut inbox = std::mem::take(&mut self.inbox);
        let fed = inbox.feed(&chunk[skip..count], |frame| {
            let is_text = frame.opcode == frame::TEXT;
            let Some(events) = is_text.then(|| message::events(frame.payload)).flatten() else {
                return self.obey(&frame);
            };
            if self.latest_ms.is_some() {
                return self.take_newest(frame.payload, ledger);
            }
            for event in events {
                let (offset, seq) = event?;
                self.follower.take(offset);
                ledger.place(offset, seq)?;
                delays.saturating_record(now.saturating_sub(sent.at(seq)));
            }
            Ok(())
        });
        self.inbox = inbox;
        fed
    }

    /// Takes what a tick brought.
    fn take_newest(&mut self, payload: &[u8], ledger: &mut Ledger) -> Result<()> {
        let items: Vec<(u64, u64)> = message::events(payload).into_iter().flatten().collect::<Result<_>>()?;
        let last = items.iter().map(|(offset, _)| *offset).max().context("a tick that brings nothing")?;
        self.follower.take_newest(last, items.len() as u64, message::passed_over(payload));
        for (offset, seq) in items {
            ledger.place(offset, seq)?;
            self.newest.push((seq, offset, last));
        }
        Ok(())
    }

    /// Takes the answer to the upgrade and says how many bytes of `chunk` belonged to it: all, when it is not whole.
    fn upgrade(&mut self, chunk: &[u8]) -> Result<usize> {
        let held = self.greeting.len();
        self.greeting.extend_from_slice(chunk);
        let bytes = std::mem::take(&mut self.greeting);
        let Some(answer) = http::answer(&bytes)? else {
            self.greeting = bytes;
            return Ok(chunk.len());
        };
        ensure!(answer.status == 101, "the upgrade was answered {}", answer.status);
        let accept = SAMPLE_ACCEPT.as_bytes();
        ensure!(memchr::memmem::find(&bytes, accept).is_some(), "the upgrade was answered with a wrong key");
        let length = answer.length - held;
        self.phase = Phase::Joining;
        let since = match &self.epoch {
            None => json!("now"),
            Some(epoch) => {
                let position = Position { epoch: epoch.clone(), offset: self.follower.position() };
                json!({"position": position.to_string()})
            }
        };
        let mut out = Vec::new();
        let auth = json!({"type": "auth", "token": self.token});
        let mut subscribe = json!({"type": "subscribe", "id": "a", "pattern": self.pattern, "since": since});
        if let Some(latest_ms) = self.latest_ms {
            subscribe["mode"] = json!({"latest_ms": latest_ms});
        }
        for message in [auth, subscribe] {
            frame::masked(frame::TEXT, message.to_string().as_bytes(), &mut out);
        }
        self.say(&out)?;
        Ok(length)
    }

    /// Whatever is not an event.
    fn obey(&mut self, frame: &Frame<'_>) -> Result<()> {
        match frame.opcode {
            frame::TEXT => self.note(message::parse(frame.payload)?),
            frame::PING => {
                let mut out = Vec::new();
                frame::masked(frame::PONG, frame.payload, &mut out);
                self.say(&out)
            }
            frame::CLOSE => {
                let code = frame.payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                let reason = String::from_utf8_lossy(frame.payload.get(2..).unwrap_or_default());
                bail!("the server closed with {code} {reason}")
            }
            frame::PONG => Ok(()),
            other => bail!("a frame of opcode {other}"),
        }
    }

    fn note(&mut self, told: Told) -> Result<()> {
        match told {
            Told::Subscribed { position } => {
                let position: Position = position.parse()?;
                if self.epoch.is_none() {
                    self.follower = Follower::after(position.offset);
                }
                self.epoch = Some(position.epoch);
            }
            Told::Live { .. } => self.phase = Phase::Live,
            Told::Gap { from, to, position, .. } => {
                let position: Position = position.parse()?;
                self.follower.tell(from, to, position.offset);
                self.epoch = Some(position.epoch);
            }
            Told::Unsubscribed { code } => bail!("the subscription was ended: {code}"),
            Told::Error { code, message } => bail!("error {code}: {message}"),
            Told::Positions { .. } | Told::Other => {}
        }
        Ok(())
    }

    /// Writes what is short enough to always fit into the socket's buffer.
    fn say(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.as_mut().context("nobody to talk to")?.write_all(bytes).context("write")
    }
}
