//! What a session says of itself to operators: who it is, what it hears, and where it stands.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Session, State, Subscription};
use crate::auth::Identity;
use crate::framing::Framing;
use crate::hub::outlet::SessionId;
use crate::topic::StreamName;
use crate::wire::Mode;

/// A connection as operators see it. Nodes of other builds read it too: fields are only added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// 8 of `a-z0-9`.
    pub id: String,
    /// `ws` or `sse`.
    pub transport: String,
    /// Whom the token names.
    pub subject: Option<String>,
    /// The id of the viewer's link that it came in by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// It came without a token.
    pub anonymous: bool,
    /// Empty until it has authenticated.
    pub grants: Vec<String>,
    /// The client's, as the listed proxies tell it.
    pub address: Option<String>,
    pub since: Option<String>,
    /// When its token ends.
    pub expires: Option<String>,
    pub subscriptions: Vec<ShownSubscription>,
}

/// One subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSubscription {
    pub id: String,
    pub pattern: String,
    pub mode: Mode,
    /// Events of its stream, matching or not, that were not looked at for it; none where that is not known.
    pub lag_events: Option<u64>,
    /// How long the oldest of them waits; none where it left the window, or nothing is known.
    pub lag_ms: Option<u64>,
}

/// Where a subscription stands, as far as its session knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where the session's live cursor is: the stream knows.
    Live,
    /// It has got all up to this offset.
    At(u64),
    /// It is about to begin.
    Unknown,
}

/// A session's own words, and for each subscription where it stands.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) session: SessionId,
    pub(super) shown: Shown,
    pub(super) places: Vec<(StreamName, Place)>,
}

impl Described {
    /// About how long its JSON is.
    pub(super) fn bytes(&self) -> usize {
        let texts = |texts: &[String]| texts.iter().map(|text| text.len() + 3).sum::<usize>();
        let subscriptions = self.shown.subscriptions.iter();
        let subscriptions: usize = subscriptions.map(|it| it.id.len() + it.pattern.len() + 80).sum();
        let subject = self.shown.subject.as_ref().map_or(0, String::len);
        320 + subject + texts(&self.shown.grants) + subscriptions
    }
}

impl Session {
    /// Answers the survey that is under way, if there still is one.
    pub(super) fn answer_survey(&self) {
        let Some(survey) = self.sessions.surveys.open() else { return };
        let is_wanted = survey.filter().pattern.as_ref().is_none_or(|pattern| {
            self.subscriptions.iter().any(|subscription| pattern.covers(&subscription.ticket.pattern))
        });
        survey.answer(self.outlet.session, is_wanted.then(|| self.described()));
    }

    fn described(&self) -> Described {
        let identity = self.identity.as_ref();
        let since = SystemTime::now().checked_sub(self.started_at.elapsed());
        let expires = identity.and_then(|identity| identity.expires);
        let expires = expires.and_then(|at| OffsetDateTime::from_unix_timestamp(at.try_into().ok()?).ok());
        let shown = Shown {
            id: String::new(),
            transport: match self.framing {
                Framing::WebSocket => "ws".into(),
                Framing::Lines => "sse".into(),
            },
            subject: identity.and_then(Identity::subject).map(str::to_owned),
            link: identity.and_then(Identity::link).map(str::to_owned),
            anonymous: identity.is_some_and(|identity| identity.expires.is_none()),
            grants: identity.map(|identity| identity.grants.texts()).unwrap_or_default(),
            address: None,
            since: since.and_then(|at| OffsetDateTime::from(at).format(&Rfc3339).ok()),
            expires: expires.and_then(|at| at.format(&Rfc3339).ok()),
            subscriptions: self.subscriptions.iter().map(Subscription::shown).collect(),
        };
        let places = self.subscriptions.iter().map(|it| (it.ticket.pattern.stream(), it.place()));
        Described { session: self.outlet.session, shown, places: places.collect() }
    }
}

impl Subscription {
    fn shown(&self) -> ShownSubscription {
        ShownSubscription {
            id: self.ticket.id.as_ref().to_owned(),
            pattern: self.ticket.pattern.as_str().to_owned(),
            mode: self.mode.get(),
            lag_events: None,
            lag_ms: None,
        }
    }

    fn place(&self) -> Place {
        match (&self.state, self.ticket.cursor.get()) {
            // Whoever takes the newest of each topic has a cursor of its own, and so has whoever changes its mode.
            (_, Some(offset)) => Place::At(offset),
            (State::CatchingUp, None) => self.mode.reached().map_or(Place::Unknown, Place::At),
            (State::Turning(_) | State::Live(..), None) => Place::Live,
        }
    }
}
