//! The deadline for a request's head: one timer a connection. hyper makes one for each head that it waits for and drops it when
//! the head is there; to put a timer in and out of the wheel each time costs more than to read most heads.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt;
use tokio::time;

/// Hands out the same timer again and again, set anew: it fits whoever has one at a time, as a connection of
/// HTTP/1 has in hyper 1.
#[derive(Debug, Clone)]
pub struct HeadTimer(Arc<Mutex<Pin<Box<time::Sleep>>>>);

impl HeadTimer {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Box::pin(time::sleep(Duration::ZERO)))))
    }

    fn timer(&self) -> MutexGuard<'_, Pin<Box<time::Sleep>>> {
        self.0.lock().expect("no holder of this lock panics: it sets a timer or asks it")
    }
}

impl rt::Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        self.timer().as_mut().reset(deadline.into());
        Box::pin(self.clone())
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

impl Future for HeadTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.timer().as_mut().poll(context)
    }
}

impl rt::Sleep for HeadTimer {}
