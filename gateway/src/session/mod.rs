//! One subscriber: who it is, what it asked for, how far it got. Speaks the protocol's messages, knows no transport's
//! framing rules and no broker.

mod asked;
pub mod clock;
pub mod described;
mod follow;
pub mod learning;
mod names;
mod newest;
mod rate;
pub mod registry;
pub mod survey;

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use self::follow::{Followed, Following, Wanted};
use self::learning::{Brought, Held};
use self::rate::{Rate, Verdict};
use self::registry::{Registration, Sessions};
use crate::auth::Identity;
use crate::close::Close;
use crate::framing::Framing;
use crate::hub::cancel::{Cancel, Stage};
use crate::hub::handle::StreamHandle;
use crate::hub::outlet::Outlet;
use crate::hub::ticket::{Cursor, Number, Ticket};
use crate::jitter;
use crate::telemetry;
use crate::topic::{Pattern, StreamName};
use crate::wire::{BadMessage, ClientMessage, ErrorCode, Mode, ServerMessage, Since};

/// What the build says of itself in `welcome`.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");

/// One thing that the client asked to hear.
struct Subscription {
    ticket: Ticket,
    mode: Wanted,
    state: State,
}

enum State {
    CatchingUp,
    /// Live, and about to be so in another mode.
    Turning(StreamHandle),
    Live(StreamHandle, Mode),
}

impl State {
    fn stream(&self) -> Option<&StreamHandle> {
        match self {
            Self::CatchingUp => None,
            Self::Turning(stream) | Self::Live(stream, _) => Some(stream),
        }
    }
}

type Catching = Pin<Box<dyn Future<Output = Brought> + Send>>;

/// A subscriber's whole state, owned by its connection's task.
pub struct Session {
    outlet: Arc<Outlet>,
    framing: Framing,
    sessions: Arc<Sessions>,
    identity: Option<Identity>,
    subscriptions: Vec<Subscription>,
    /// How many there have been.
    numbered: u64,
    catching: FuturesUnordered<Catching>,
    /// Every stream that was ever asked for: each must forget us in the end.
    streams: Vec<StreamName>,
    /// Messages that came behind a token whose key is being fetched.
    held: Option<Box<Held>>,
    rate: Rate,
    started_at: Instant,
    heartbeat_at: Instant,
    heard_at: Instant,
    blocked_since: Option<Instant>,
    registration: Registration,
}

impl Session {
    /// A session for a connection that is already upgraded, and the client's address where it is known.
    ///
    /// # Errors
    /// The node closes: no session is begun.
    pub fn begin(
        outlet: Arc<Outlet>,
        framing: Framing,
        sessions: Arc<Sessions>,
        address: Option<IpAddr>,
    ) -> Result<Self, Close> {
        let registration = Sessions::register(&sessions, &outlet, framing.transport(), address)?;
        let now = Instant::now();
        let heartbeat_at = now + sessions.limits.heartbeat.mul_f64(0.5 + jitter::share() * 0.5);
        let rate = Rate::new(sessions.limits.messages_per_second, sessions.limits.messages_burst);
        Ok(Self {
            outlet,
            framing,
            sessions,
            identity: None,
            subscriptions: Vec::new(),
            numbered: 0,
            catching: FuturesUnordered::new(),
            streams: Vec::new(),
            held: None,
            rate,
            started_at: now,
            heartbeat_at,
            heard_at: now,
            blocked_since: None,
            registration,
        })
    }

    fn authenticate(&mut self, token: &str) -> Result<(), Close> {
        let verified = self.sessions.auth.verify(token);
        match (verified, &self.identity) {
            (Ok(new), Some(old)) if old.subject().is_some() && old.subject() != new.subject() => {
                self.error(None, ErrorCode::Unauthorized, "a refresh keeps the token's `sub`")
            }
            (Ok(identity), _) => self.welcome(identity),
            (Err(error), Some(_)) => {
                tracing::debug!(%error, "a refresh was refused");
                self.error(None, ErrorCode::Unauthorized, "this token is not valid here; the old one goes on")
            }
            (Err(error), None) => {
                tracing::debug!(%error, "a token was refused");
                Err(Close::Unauthorized)
            }
        }
    }

    /// Lets someone in whose token has been checked.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn welcome(&mut self, identity: Identity) -> Result<(), Close> {
        self.registration.authenticated(identity.subject())?;
        let expires =
            identity.expires.and_then(|at| OffsetDateTime::from_unix_timestamp(at.try_into().ok()?).ok());
        let message = ServerMessage::Welcome {
            expires: expires.and_then(|at| at.format(&Rfc3339).ok()),
            heartbeat_ms: self.sessions.limits.heartbeat.as_millis() as u64,
            build: BUILD,
            time: clock::now_text(),
        };
        self.say(&message)?;
        self.identity = Some(identity);
        self.end_uncovered()
    }

    /// A refresh may bring narrower grants: what they do not cover ends.
    fn end_uncovered(&mut self) -> Result<(), Close> {
        let Some(identity) = &self.identity else { return Ok(()) };
        let covered = |it: &Subscription| identity.grants.covers(&it.ticket.pattern);
        let uncovered: Vec<Arc<str>> =
            self.subscriptions.iter().filter(|it| !covered(it)).map(|it| it.ticket.id.clone()).collect();
        if !uncovered.is_empty() {
            // What waits may be of these; the client comes back and reads it again, as far as it still may.
            self.outlet.cut_if_blocked();
        }
        for id in uncovered {
            self.end_subscription(&id);
            self.say(&ServerMessage::Unsubscribed { id: &id, code: Some(ErrorCode::Forbidden) })?;
        }
        Ok(())
    }

    /// One whole message of the client's.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn take_message(&mut self, text: &str) -> Result<(), Close> {
        match self.rate.take(Instant::now()) {
            Verdict::Fine => {}
            Verdict::TooFast => {
                return self.error(None, ErrorCode::RateLimited, "too many messages; this one was not read");
            }
            Verdict::Abuse => return Err(Close::Abuse),
        }
        self.answer(text)
    }

    fn answer(&mut self, text: &str) -> Result<(), Close> {
        if self.is_held(text)? {
            return Ok(());
        }
        match ClientMessage::parse(text) {
            Ok(ClientMessage::Auth { token }) => self.take_token(&token),
            Ok(ClientMessage::Subscribe { id, pattern, since, mode }) => {
                self.subscribe(id, &pattern, since, mode)
            }
            Ok(ClientMessage::Unsubscribe { id }) => self.unsubscribe(&id),
            Ok(ClientMessage::Ping) => self.say(&ServerMessage::Pong),
            Ok(ClientMessage::Unknown) => Ok(()),
            Err(BadMessage::NotOurs) => Err(Close::Protocol),
            Err(BadMessage::Fields { id, message }) => {
                self.error(id.as_deref(), ErrorCode::BadMessage, &message)
            }
        }
    }

    fn subscribe(&mut self, id: String, pattern: &str, since: Since, mode: Mode) -> Result<(), Close> {
        if self.identity.is_none() {
            // The first subscribe without a token is anonymous, where anything is open to all.
            let anonymous = self.sessions.auth.anonymous().ok_or(Close::Unauthorized)?;
            self.welcome(anonymous)?;
        }
        let pattern = match Pattern::parse(pattern) {
            Ok(pattern) => pattern,
            Err(error) => return self.error(Some(&id), ErrorCode::BadPattern, &error.to_string()),
        };
        if let Mode::LatestMs(every_ms) = mode {
            let limits = &self.sessions.limits;
            let every = Duration::from_millis(every_ms.into());
            if every < limits.latest_min || every > limits.latest_max {
                let (min, max) = (limits.latest_min.as_millis(), limits.latest_max.as_millis());
                let message = format!("`latest_ms` is {min} to {max}, but this is {every_ms}");
                return self.error(Some(&id), ErrorCode::BadMessage, &message);
            }
        }
        if let Some(index) = self.index_of(&id) {
            if self.subscriptions[index].ticket.pattern != pattern {
                return self.error(Some(&id), ErrorCode::IdTaken, "this id has another pattern");
            }
            self.subscriptions[index].mode.set(mode);
            self.turn(index);
            return Ok(());
        }
        if self.subscriptions.len() >= self.sessions.limits.subscriptions {
            return self.error(
                Some(&id),
                ErrorCode::TooMany,
                "this session has as many subscriptions as it may",
            );
        }
        let is_granted = self.identity.as_ref().is_some_and(|it| it.grants.covers(&pattern));
        if !is_granted || !self.sessions.has_stream(&pattern.stream()) {
            return self.error(
                Some(&id),
                ErrorCode::Forbidden,
                &format!("no grant of this token covers `{pattern}`"),
            );
        }
        self.follow(id.into(), pattern, since, mode);
        Ok(())
    }

    fn index_of(&self, id: &str) -> Option<usize> {
        self.subscriptions.iter().position(|it| *it.ticket.id == *id)
    }

    fn follow(&mut self, id: Arc<str>, pattern: Pattern, since: Since, mode: Mode) {
        if !self.streams.contains(&pattern.stream()) {
            self.streams.push(pattern.stream());
        }
        self.numbered += 1;
        let ticket = Ticket {
            outlet: self.outlet.clone(),
            framing: self.framing,
            number: Number(self.numbered),
            id,
            pattern,
            cancel: Cancel::default(),
            cursor: Cursor::default(),
        };
        let mode = Wanted::new(mode);
        let following =
            Following { sessions: self.sessions.clone(), ticket: ticket.clone(), mode: mode.clone() };
        self.catching.push(Box::pin(async move { Brought::Followed(Box::new(following.run(since).await)) }));
        self.subscriptions.push(Subscription { ticket, mode, state: State::CatchingUp });
        telemetry::subscriptions(1);
    }

    /// Brings a live subscription into the mode that is wanted by now. One on its way gets there by itself.
    fn turn(&mut self, index: usize) {
        let Subscription { ticket, mode, state } = &mut self.subscriptions[index];
        if let State::Live(stream, held) = state
            && *held != mode.get()
        {
            let following =
                Following { sessions: self.sessions.clone(), ticket: ticket.clone(), mode: mode.clone() };
            let stream = stream.clone();
            *state = State::Turning(stream.clone());
            self.catching
                .push(Box::pin(async move { Brought::Followed(Box::new(following.turn(stream).await)) }));
        }
    }

    fn unsubscribe(&mut self, id: &str) -> Result<(), Close> {
        if self.end_subscription(id) {
            self.say(&ServerMessage::Unsubscribed { id, code: None })
        } else {
            self.error(Some(id), ErrorCode::UnknownId, "no subscription has this id")
        }
    }

    /// Forgets a subscription; false when there is none of this id.
    fn end_subscription(&mut self, id: &str) -> bool {
        let Some(index) = self.index_of(id) else { return false };
        let Subscription { ticket, state, .. } = self.subscriptions.swap_remove(index);
        telemetry::subscriptions(-1);
        if ticket.cancel.cancel() == Stage::Live {
            self.outlet.bar(ticket.number);
        }
        // Whoever is catching up and live already, unknown to us, leaves when that is known here.
        if let Some(stream) = state.stream() {
            stream.leave(ticket);
        }
        true
    }

    fn take_followed(&mut self, followed: Followed) -> Result<(), Close> {
        let Followed { ticket, ended } = followed;
        if ticket.cancel.is_cancelled() {
            if let Ok((stream, _)) = ended {
                stream.leave(ticket);
            }
            return Ok(());
        }
        let Some(index) = self.subscriptions.iter().position(|it| it.ticket.number == ticket.number) else {
            return Ok(());
        };
        match ended {
            Ok((stream, mode)) => {
                self.subscriptions[index].state = State::Live(stream, mode);
                self.turn(index);
            }
            Err(refused) => {
                self.subscriptions.swap_remove(index);
                telemetry::subscriptions(-1);
                return self.error(Some(&ticket.id), refused.code, &refused.message);
            }
        }
        Ok(())
    }

    fn live_streams(&self) -> impl Iterator<Item = &StreamHandle> {
        self.subscriptions.iter().filter_map(|it| it.state.stream())
    }

    /// Answers the peer's sign of life.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn pong(&mut self, payload: &[u8]) -> Result<(), Close> {
        match self.rate.take(Instant::now()) {
            Verdict::Fine => self.send(&self.framing.pong(payload)),
            Verdict::TooFast => Ok(()),
            Verdict::Abuse => Err(Close::Abuse),
        }
    }

    /// A sign of life is no message, but whoever sends nothing else has nothing to say.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn take_pong(&mut self) -> Result<(), Close> {
        if self.rate.take(Instant::now()) == Verdict::Abuse { Err(Close::Abuse) } else { Ok(()) }
    }

    fn error(&self, id: Option<&str>, code: ErrorCode, message: &str) -> Result<(), Close> {
        self.say(&ServerMessage::Error { id, code, message })
    }

    fn say(&self, message: &ServerMessage<'_>) -> Result<(), Close> {
        self.send(&self.framing.text(message.to_json().as_bytes()))
    }

    fn send(&self, frame: &bytes::Bytes) -> Result<(), Close> {
        self.outlet.send(frame, self.sessions.limits.reply_bytes).map_err(|_| Close::Stuck)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        telemetry::subscriptions(-i32::try_from(self.subscriptions.len()).unwrap_or(0));
        for subscription in &self.subscriptions {
            subscription.ticket.cancel.cancel();
        }
        self.sessions.hub.gone(self.outlet.session, &self.streams);
    }
}
