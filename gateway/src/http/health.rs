//! `/livez`: the process answers. `/readyz`: this node can receive, which is tried and not assumed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::broker::Broker;
use crate::topic::{RESERVED_STREAM, StreamName};

/// The broker must answer within this, or the node is not ready.
const READY_DEADLINE: Duration = Duration::from_secs(2);

/// What readiness depends on.
#[derive(Debug)]
pub struct Health {
    broker: Arc<dyn Broker>,
    is_leaving: AtomicBool,
}

impl Health {
    pub fn new(broker: Arc<dyn Broker>) -> Self {
        Self { broker, is_leaving: AtomicBool::new(false) }
    }

    /// The node drains: a balancer sends nobody here from now on.
    pub fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }

    async fn broker_answers(&self) -> bool {
        let Ok(reserved) = StreamName::parse(RESERVED_STREAM) else { return false };
        matches!(tokio::time::timeout(READY_DEADLINE, self.broker.check(&reserved)).await, Ok(Ok(_)))
    }
}

pub(super) async fn livez() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(health): State<Arc<Health>>) -> Response {
    if health.is_leaving.load(Ordering::Relaxed) {
        return unready("leaving", "this node is shutting down");
    }
    if !health.broker_answers().await {
        return unready("unavailable", "the broker does not answer this node");
    }
    "ok\n".into_response()
}

fn unready(code: &'static str, detail: &str) -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).into_response()
}
