//! `/livez`: the process answers. `/readyz`: this node can receive, and what it shows is current. Nobody but the node asks the
//! broker: whoever looks at us every second costs it nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::hub::Hub;
use crate::topic::StreamName;

/// What readiness depends on.
#[derive(Debug)]
pub struct Health {
    hub: Arc<Hub>,
    /// Kept open by every node and compared with the log every few seconds: its age is the broker's last answer.
    reserved: StreamName,
    is_leaving: AtomicBool,
}

impl Health {
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub, reserved: StreamName::reserved(), is_leaving: AtomicBool::new(false) }
    }

    /// The node drains: a balancer sends nobody here from now on.
    pub fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }
}

pub(super) async fn livez() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(health): State<Arc<Health>>) -> Response {
    if health.is_leaving.load(Ordering::Relaxed) {
        return unready("leaving", "this node is shutting down");
    }
    if !health.hub.is_current(&health.reserved) {
        return unready("unavailable", "the broker has not answered this node lately");
    }
    "ok\n".into_response()
}

fn unready(code: &'static str, detail: &str) -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).into_response()
}
