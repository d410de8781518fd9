//! How the process is asked to end: SIGTERM drains, SIGINT or a second signal ends at once.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Two steps towards the end; the second implies the first.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    now: CancellationToken,
}

impl Shutdown {
    pub fn new() -> Self {
        Self::default()
    }

    /// Follows the process's signals. Where a handler cannot be set the default action of the signal stays.
    pub fn from_signals() -> Self {
        let shutdown = Self::new();
        let following = shutdown.clone();
        // Owned by the runtime: it ends with the process, which is what it waits for.
        tokio::spawn(async move { following.follow_signals().await });
        shutdown
    }

    async fn follow_signals(self) {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => self.end_now(),
                _ = terminate.recv() => if self.drain.is_cancelled() { self.end_now() } else { self.drain.cancel() },
            }
        }
    }

    /// Asks for an orderly end.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Asks for an end within two seconds.
    pub fn end_now(&self) {
        self.drain.cancel();
        self.now.cancel();
    }

    /// Until an end is asked for.
    pub async fn requested(&self) {
        self.drain.cancelled().await;
    }

    /// Until there is no more time for an orderly one.
    pub async fn is_urgent(&self) {
        self.now.cancelled().await;
    }

    /// Waits for work: for `patience`, or for `hurry` once the end is urgent. False when it was given up.
    pub async fn bounds(&self, hurry: Duration, patience: Duration, work: impl Future<Output = ()>) -> bool {
        tokio::select! {
            () = work => true,
            () = sleep(patience) => false,
            () = async { self.is_urgent().await; sleep(hurry).await } => false,
        }
    }
}
