//! Why a connection ends: the one table of close codes. Pure.
//! 4000–4499 mean "come back", 4500–4999 "stay away until something changes".

use std::time::Duration;

/// Why we end a connection: the code tells the client whether to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// The node goes away.
    Leaving,
    /// The peer closed first, or everything was said.
    Normal,
    /// More connections than the node takes.
    Overload,
    /// The connection is as old as one may get.
    Restart,
    /// The token's time is over.
    Expired,
    AuthTimeout,
    /// The peer takes no byte.
    Stuck,
    /// No byte came from the peer.
    Silent,
    TooMany,
    /// An operator wants it gone for now. Whoever is not to come back loses the token or the link.
    Dismissed,
    Protocol,
    Unauthorized,
    Abuse,
}

impl Close {
    pub fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Leaving => 1001,
            Self::Restart => 1012,
            Self::Overload => 1013,
            Self::Expired => 4000,
            Self::AuthTimeout => 4001,
            Self::Stuck => 4002,
            Self::Silent => 4003,
            Self::TooMany => 4004,
            Self::Dismissed => 4005,
            Self::Protocol => 4500,
            Self::Unauthorized => 4501,
            Self::Abuse => 4502,
        }
    }

    /// The least to wait before coming back, in milliseconds, where we know better than the client; `share` is random in 0..1,
    /// so that those who leave together do not come back together.
    pub fn retry_ms(self, share: f64) -> Option<u128> {
        let (least, most) = match self {
            // Another node, or this one with a new clock, takes them at once; a drain is spread already.
            Self::Leaving | Self::Restart => (100, 1_000),
            // Whoever is too many now needs others to leave first.
            Self::Overload | Self::TooMany => (5_000, 15_000),
            // Gone long enough to be seen gone; a wall that was closed by mistake needs no hand to come back.
            Self::Dismissed => (30_000, 60_000),
            _ => return None,
        };
        let wait = Duration::from_millis(least) + Duration::from_millis(most - least).mul_f64(share);
        Some(wait.as_millis())
    }

    /// The reason as it is sent (RFC 6455, §5.5.1): the wait as JSON where there is one, else the name.
    pub fn said(self, share: f64) -> String {
        self.retry_ms(share).map_or_else(|| self.name().into(), |wait| format!(r#"{{"retry_ms":{wait}}}"#))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::Leaving => "leaving",
            Self::Restart => "restart",
            Self::Overload => "overload",
            Self::Expired => "expired",
            Self::AuthTimeout => "auth_timeout",
            Self::Stuck => "stuck",
            Self::Silent => "silent",
            Self::TooMany => "too_many",
            Self::Dismissed => "dismissed",
            Self::Protocol => "protocol",
            Self::Unauthorized => "unauthorized",
            Self::Abuse => "abuse",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_come_back_later_hears_when_and_others_hear_why() {
        assert_eq!(Close::Leaving.said(0.0), r#"{"retry_ms":100}"#);
        assert_eq!(Close::TooMany.said(0.5), r#"{"retry_ms":10000}"#);
        assert_eq!(Close::Dismissed.said(0.0), r#"{"retry_ms":30000}"#);
        assert_eq!(Close::Expired.said(0.5), "expired");
    }
}
