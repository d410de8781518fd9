//! A connection that is made again when it is lost. Whoever finds it dead discards it; the next who asks makes a new one,
//! one at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::remedy::describe;
use super::url::RedisUrl;
use super::wire::Wire;
use crate::broker::BrokerError;

/// After an attempt that failed the next waits: many who ask would otherwise each try for themselves.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(200);

/// A wire that is there when it can be.
pub(super) struct Line {
    url: Arc<RedisUrl>,
    /// Held while connecting, which has its deadline: whoever comes meanwhile wants the same connection.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    wire: Option<Wire>,
    /// Which wire this is, so that nobody discards the one after.
    number: u64,
    failed: Option<(Instant, String)>,
}

impl Line {
    pub(super) fn new(url: Arc<RedisUrl>) -> Self {
        Self { url, state: Mutex::default() }
    }

    /// The wire and its number.
    pub(super) async fn wire(&self) -> Result<(u64, Wire), BrokerError> {
        let mut state = self.state.lock().await;
        if let Some(wire) = &state.wire {
            return Ok((state.number, wire.clone()));
        }
        if let Some((at, cause)) = &state.failed
            && at.elapsed() < ATTEMPT_PAUSE
        {
            return Err(BrokerError::Unavailable(cause.clone()));
        }
        match Wire::open(&self.url, None).await {
            Ok(wire) => {
                state.number += 1;
                state.failed = None;
                state.wire = Some(wire.clone());
                Ok((state.number, wire))
            }
            Err(error) => {
                let cause = describe(&error);
                state.failed = Some((Instant::now(), cause.clone()));
                Err(BrokerError::Unavailable(cause))
            }
        }
    }

    /// Lets go of a wire that was found dead.
    pub(super) async fn discard(&self, number: u64) {
        let mut state = self.state.lock().await;
        if state.number == number {
            state.wire = None;
        }
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Line({})", self.url)
    }
}
