//! Retention of streams that nobody listens to: a stream is trimmed when it is appended to or checked, so each node checks
//! all of them, once when it starts and once an hour after.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::{Broker, BrokerError};
use crate::current::Current;
use crate::jitter;
use crate::telemetry;
use crate::topic::StreamName;

/// The first round's checks are spread over this: a node that starts has better things to do.
const FIRST_ROUND: Duration = Duration::from_secs(2);
/// And every later round's over this.
const ROUND: Duration = Duration::from_hours(1);
/// Longest wait for one answer; the next round asks again.
const CHECK_DEADLINE: Duration = Duration::from_secs(10);
/// Checks of one stream in one round, at most; a backlog beyond that goes on in the next.
const CHECKS_MAX: usize = 100;

/// Checks the streams round after round, one at a time, until told to stop. When others are configured, a first round begins.
pub async fn run(broker: Arc<dyn Broker>, streams: Current<BTreeSet<StreamName>>, stop: CancellationToken) {
    let mut followed = streams.follow();
    let rounds = async {
        loop {
            let streams: Vec<_> = followed.borrow_and_update().iter().cloned().collect();
            // A check that is let go of here is asked for again at once.
            let changed = tokio::select! {
                () = rounds(&*broker, &streams) => followed.changed().await,
                changed = followed.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    };
    stop.run_until_cancelled(rounds).await;
}

/// Ends only where there is no stream.
async fn rounds(broker: &dyn Broker, streams: &[StreamName]) {
    let mut spread = FIRST_ROUND;
    while !streams.is_empty() {
        round(broker, streams, spread).await;
        spread = ROUND;
    }
}

async fn round(broker: &dyn Broker, streams: &[StreamName], spread: Duration) {
    let share = spread / u32::try_from(streams.len()).unwrap_or(u32::MAX);
    for stream in streams {
        // On the average a share: nodes that were started together do not stay together.
        sleep(share.mul_f64(0.5 + jitter::share())).await;
        let trimmed = trim(broker, stream).await;
        telemetry::broker_up(trimmed.is_ok());
        if let Err(error) = trimmed {
            tracing::debug!(%stream, %error, "a stream could not be trimmed; the next round tries again");
        }
    }
}

/// A check trims so many entries at most: asks again as long as that brings the stream's beginning forward.
async fn trim(broker: &dyn Broker, stream: &StreamName) -> Result<(), BrokerError> {
    let mut first = None;
    for _ in 0..CHECKS_MAX {
        let checked = timeout(CHECK_DEADLINE, broker.check(stream)).await;
        let head = checked.unwrap_or_else(|_| Err(BrokerError::Unavailable("no answer in 10 s".into())))?;
        if first.replace(head.first) == Some(head.first) {
            break;
        }
    }
    Ok(())
}
