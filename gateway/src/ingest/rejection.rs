//! Why a request that was read is not taken: what its sender hears, what the log says, and what operators are told.

use std::time::SystemTime;

use super::answer::Refused;
use super::handshake::Denied;
use super::inspect::End;
use super::throttle::Throttle;
use super::verify::Refusal;

#[derive(Debug)]
pub enum Rejection {
    Unverified(Refusal),
    Denied(Denied),
    TooManyEvents,
    Method,
}

impl Rejection {
    /// The log hears of it within its throttle, but never a secret or the payload.
    pub fn tell(self, source: &str, logged: &Throttle) -> (Refused, End) {
        let may_log = logged.enter(SystemTime::now()).is_some();
        match self {
            Self::Unverified(refusal) => {
                if may_log {
                    let reason = refusal.reason.as_str();
                    tracing::warn!(source, reason, "delivery refused: {refusal}");
                }
                (Refused::Unverified, End::Unverified(refusal))
            }
            Self::Denied(denied) => {
                if may_log {
                    tracing::warn!(source, ?denied, "handshake refused");
                }
                (Refused::Forbidden, End::Denied(denied))
            }
            Self::TooManyEvents => {
                if may_log {
                    tracing::warn!(source, "delivery refused: too many events");
                }
                (Refused::TooManyEvents, End::Refused(Refused::TooManyEvents))
            }
            Self::Method => (Refused::Method, End::Refused(Refused::Method)),
        }
    }
}
