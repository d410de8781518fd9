//! Why a connection ends: the one table of close codes. Pure.
//! 4000–4499 mean "come back", 4500–4999 "stay away until something changes".

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
            Self::Protocol => 4500,
            Self::Unauthorized => 4501,
            Self::Abuse => 4502,
        }
    }

    pub fn reason(self) -> &'static str {
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
            Self::Protocol => "protocol",
            Self::Unauthorized => "unauthorized",
            Self::Abuse => "abuse",
        }
    }
}
