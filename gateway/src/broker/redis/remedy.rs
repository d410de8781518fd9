//! What an error of Redis means for who asked: try again, how, or tell. Pure.

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// What an error asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The script is not known there: send its text.
    Teach,
    /// Scripts may not call INFO there: send our own reading.
    Inform,
    /// It passes: try again on this connection.
    Wait,
    /// The connection is dead, or leads to a server that is no master any more.
    Reconnect,
    /// Trying again at once would end the same way.
    Refuse,
}

pub(super) fn remedy(error: &RedisError) -> Remedy {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::NoScript) => Remedy::Teach,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => Remedy::Wait,
        ErrorKind::Server(ServerErrorKind::ReadOnly)
        | ErrorKind::Io
        | ErrorKind::Parse
        | ErrorKind::ClusterConnectionNotFound => Remedy::Reconnect,
        _ if error.code() == Some("NORUN") => Remedy::Inform,
        _ => Remedy::Refuse,
    }
}

const RIGHTS: &str = " (grant this user the rights that docs/redis.md lists)";

/// The cause in a sentence, with the mend where there is one.
pub(super) fn describe(error: &RedisError) -> String {
    let lacks_right = error.detail().is_some_and(|detail| detail.contains("user executing the script can't"));
    let mend = match (error.kind(), error.code()) {
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => RIGHTS,
        _ if lacks_right => RIGHTS,
        (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
            " (put user and password into [broker] url)"
        }
        (_, Some("OOM")) => " (raise maxmemory, or keep less under [stream.…])",
        (ErrorKind::RESP3NotSupported, _) => " (Redis 7.0 or later is needed)",
        _ => "",
    };
    format!("Redis: {error}{mend}")
}
