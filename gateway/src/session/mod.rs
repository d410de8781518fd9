//! One subscriber: who it is, what it asked for, how far it got. Speaks the protocol's messages, knows no transport's
//! framing rules and no broker.

pub mod clock;
mod follow;
mod rate;
pub mod registry;

use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use self::follow::{Followed, Following};
use self::rate::{Rate, Verdict};
use self::registry::{Registration, Sessions};
use crate::auth::Identity;
use crate::close::Close;
use crate::framing::Framing;
use crate::hub::cancel::Cancel;
use crate::hub::handle::StreamHandle;
use crate::hub::outlet::Outlet;
use crate::jitter;
use crate::telemetry;
use crate::topic::{Pattern, StreamName};
use crate::wire::{BadMessage, ClientMessage, ErrorCode, Mode, ServerMessage, Since};

/// What the build says of itself in `welcome`.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");

/// One thing that the client asked to hear.
struct Subscription {
    id: Arc<str>,
    pattern: Pattern,
    state: State,
}

enum State {
    CatchingUp(Cancel),
    Live(StreamHandle),
}

type Catching = Pin<Box<dyn Future<Output = Followed> + Send>>;

/// A subscriber's whole state, owned by its connection's task.
pub struct Session {
    outlet: Arc<Outlet>,
    framing: Framing,
    sessions: Arc<Sessions>,
    identity: Option<Identity>,
    subscriptions: Vec<Subscription>,
    catching: FuturesUnordered<Catching>,
    /// Every stream that was ever asked for: each must forget us in the end.
    streams: Vec<StreamName>,
    rate: Rate,
    started_at: Instant,
    heartbeat_at: Instant,
    heard_at: Instant,
    blocked_since: Option<Instant>,
    registration: Registration,
}

impl Session {
    /// A session for a connection that is already upgraded; `identity` is whom its handshake proved.
    ///
    /// # Errors
    /// The node closes: no session is begun.
    pub fn begin(outlet: Arc<Outlet>, framing: Framing, sessions: Arc<Sessions>) -> Result<Self, Close> {
        let registration = Sessions::register(&sessions, &outlet)?;
        let now = Instant::now();
        let heartbeat_at = now + sessions.limits.heartbeat.mul_f64(0.5 + jitter::share() * 0.5);
        let rate = Rate::new(sessions.limits.messages_per_second, sessions.limits.messages_burst);
        Ok(Self {
            outlet,
            framing,
            sessions,
            identity: None,
            subscriptions: Vec::new(),
            catching: FuturesUnordered::new(),
            streams: Vec::new(),
            rate,
            started_at: now,
            heartbeat_at,
            heard_at: now,
            blocked_since: None,
            registration,
        })
    }

    /// A token came: in the handshake, as `auth`, or again to refresh.
    ///
    /// # Errors
    /// The first token must be good; a bad refresh is only told.
    pub fn authenticate(&mut self, token: &str) -> Result<(), Close> {
        let verified = self.sessions.auth.verify(token);
        match (verified, &self.identity) {
            (Ok(new), Some(old)) if old.subject.is_some() && old.subject != new.subject => {
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

    fn welcome(&mut self, identity: Identity) -> Result<(), Close> {
        self.registration.authenticated(identity.subject.as_deref())?;
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
        let covered = |it: &Subscription| identity.grants.covers(&it.pattern);
        let uncovered: Vec<Arc<str>> =
            self.subscriptions.iter().filter(|it| !covered(it)).map(|it| it.id.clone()).collect();
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
        match ClientMessage::parse(text) {
            Ok(ClientMessage::Auth { token }) => self.authenticate(&token),
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
        if let Some(known) = self.subscriptions.iter().find(|it| *it.id == *id) {
            // The same pattern again changes the mode alone; there is one mode so far.
            let Mode::All = mode;
            let is_same = known.pattern == pattern;
            return if is_same {
                Ok(())
            } else {
                self.error(Some(&id), ErrorCode::IdTaken, "this id has another pattern")
            };
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
        self.follow(id.into(), pattern, since);
        Ok(())
    }

    fn follow(&mut self, id: Arc<str>, pattern: Pattern, since: Since) {
        if !self.streams.contains(&pattern.stream()) {
            self.streams.push(pattern.stream());
        }
        let cancel = Cancel::default();
        let following = Following {
            sessions: self.sessions.clone(),
            outlet: self.outlet.clone(),
            framing: self.framing,
            id: id.clone(),
            pattern: pattern.clone(),
            cancel: cancel.clone(),
        };
        self.catching.push(Box::pin(following.run(since)));
        self.subscriptions.push(Subscription { id, pattern, state: State::CatchingUp(cancel) });
        telemetry::subscriptions(1);
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
        let Some(index) = self.subscriptions.iter().position(|it| *it.id == *id) else { return false };
        let ended = self.subscriptions.swap_remove(index);
        telemetry::subscriptions(-1);
        match ended.state {
            State::CatchingUp(cancel) => cancel.cancel(),
            State::Live(stream) => stream.leave(self.outlet.session, ended.pattern),
        }
        true
    }

    /// Whether any subscription is catching up, so that [`Session::catch_up`] has something to wait for.
    pub fn is_catching_up(&self) -> bool {
        !self.catching.is_empty()
    }

    /// Goes on catching up until one subscription is live or has failed. Dropping the future loses nothing: what is under
    /// way stays in the session.
    pub async fn catch_up(&mut self) -> Option<Followed> {
        self.catching.next().await
    }

    /// Takes what [`Session::catch_up`] brought.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn take_followed(&mut self, followed: Followed) -> Result<(), Close> {
        let Followed { id, pattern, cancel, ended } = followed;
        let index = self.subscriptions.iter().position(|it| it.id == id);
        match ended {
            Ok(stream) if cancel.is_cancelled() => stream.leave(self.outlet.session, pattern),
            Ok(stream) => {
                if let Some(index) = index {
                    self.subscriptions[index].state = State::Live(stream);
                }
            }
            Err(_) if cancel.is_cancelled() => {}
            Err(refused) => {
                if let Some(index) = index {
                    self.subscriptions.swap_remove(index);
                    telemetry::subscriptions(-1);
                }
                return self.error(Some(&id), refused.code, &refused.message);
            }
        }
        Ok(())
    }

    /// Does what streams' tasks have asked for. What was left over is written: every stream that had left goes on. The hub
    /// knows them all; a subscription may be live there already and not yet known to be so here. A stream turned stale, or
    /// is current again: that is said at once.
    pub fn answer_streams(&self) {
        if self.outlet.take_positions_asked() {
            self.say_positions();
        }
        for stream in self.outlet.ask_detached() {
            self.sessions.hub.resume(self.outlet.session, stream);
        }
    }

    fn live_streams(&self) -> impl Iterator<Item = &StreamHandle> {
        self.subscriptions.iter().filter_map(|it| match &it.state {
            State::Live(stream) => Some(stream),
            State::CatchingUp(_) => None,
        })
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
            if let State::CatchingUp(cancel) = &subscription.state {
                cancel.cancel();
            }
        }
        self.sessions.hub.gone(self.outlet.session, &self.streams);
    }
}
