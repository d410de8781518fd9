//! The way into ingest: which source a request is for, and what is noted of it once it is answered.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{self, Path, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use axum::routing::any;
use bytes::Bytes;
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::http::client::Peer;
use crate::http::hooks::{self, Hooks, Said};
use crate::telemetry::DeliveryOutcome;

use super::answer::{self, Refused};
use super::inspect::{Answered, End, Seen};
use super::mounted::Mounted;
use super::receive::{Ingest, deliver, drain_early};

/// `/hooks/{source}`, with every method that a provider uses, for a path that must be decoded; the others go past the router.
pub fn router(ingest: Arc<Ingest>) -> Router {
    Router::new().route("/hooks/{source}", any(routed)).with_state(ingest)
}

async fn routed(
    State(ingest): State<Arc<Ingest>>,
    Path(name): Path<String>,
    request: extract::Request,
) -> Response<Body> {
    let peer = request.extensions().get().cloned();
    hook(&ingest, ingest.mounted(&name), request, peer.as_ref()).await.map(Body::new)
}

impl Hooks for Arc<Ingest> {
    async fn take(&self, request: Request<Incoming>, peer: &Peer) -> Response<Said> {
        let mounted = hooks::source(request.uri().path()).and_then(|name| self.mounted(name));
        hook(self, mounted, request, Some(peer)).await
    }
}

async fn hook<B: HttpBody<Data = Bytes> + Unpin>(
    ingest: &Ingest,
    mounted: Option<Arc<Mounted>>,
    request: Request<B>,
    peer: Option<&Peer>,
) -> Response<Said> {
    let started = Instant::now();
    let Some(mounted) = mounted else {
        drain_early(request).await;
        return Refused::UnknownSource.response().map(Said::Right);
    };
    let is_head = request.method() == Method::HEAD;
    let mut seen = Seen::new(request.method());
    let (mut response, outcome) = match deliver(ingest, &mounted, request, peer, started, &mut seen).await {
        Ok((response, outcome)) => (response.map(Said::Left), outcome),
        Err(refused) => {
            seen.end.get_or_insert(End::Refused(refused));
            let outcome = match refused {
                Refused::Unavailable | Refused::VendorAway => DeliveryOutcome::Unavailable,
                _ => DeliveryOutcome::Refused,
            };
            (refused.response_as(&mounted.source.row.answer).map(Said::Right), outcome)
        }
    };
    let answered = Answered { outcome, status: response.status(), took: started.elapsed() };
    mounted.figures.delivery(outcome, answered.took);
    mounted.pulse.delivered(outcome, seen.secret, seen.received + answered.took);
    let told = ingest.inspector().tell(&mounted.source, &mounted.paces, seen, answered);
    answer::name(&mut response, told.as_deref());
    let is_empty = response.body().size_hint().exact() == Some(0);
    if is_head && is_empty && response.status() != StatusCode::NO_CONTENT {
        // hyper leaves it out of an answer to HEAD, and the router's way has it.
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn future_bytes<'a, R>(_: impl Fn(&'a Arc<Ingest>, Request<Incoming>, &'a Peer) -> R) -> usize {
        size_of::<R>()
    }

    /// Each open connection has room for it, whether it ever delivers anything or not.
    #[test]
    fn a_delivery_s_future_stays_small() {
        let bytes = future_bytes(<Arc<Ingest> as Hooks>::take);
        assert!(bytes <= 5_632, "{bytes} bytes");
    }
}
