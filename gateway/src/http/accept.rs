//! Our own accept loop: axum's has no deadline for headers and no cap on connections.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HeaderValue, RETRY_AFTER};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::WEBSOCKET_PATH;
use super::client::Peer;
use super::head_timer::HeadTimer;
use super::hooks::{self, Hooks, Said};
use super::problem::Problem;
use super::stall::Stalling;
use crate::limits::Limits;

/// After an accept that failed because the process has no descriptor left: others must end first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// So many connections of one address, beyond those it may have, are told so at a time; more are closed without a word.
const TOLD_MAX: usize = 16;

/// When to come back, in seconds, for whom other connections of its address must end first.
const RETRY_AFTER_SECONDS: &str = "10";

/// A connection's place among those allowed; whoever owns the socket keeps it.
#[derive(Debug, Clone)]
pub struct Permit(Arc<(OwnedSemaphorePermit, Option<AddressPermit>)>);

impl Permit {
    /// Whether its address has as many connections as it may without this one: it is told so and nothing else.
    pub fn is_one_too_many(&self) -> bool {
        self.0.1.as_ref().is_some_and(|of_address| of_address.is_one_too_many)
    }
}

#[derive(Debug)]
struct AddressPermit {
    counts: Arc<Counts>,
    address: IpAddr,
    is_one_too_many: bool,
}

/// Connections of each address; as many entries as there are connections.
type Counts = Mutex<HashMap<IpAddr, Count>>;

/// Connections of one address.
#[derive(Debug, Default)]
struct Count {
    served: usize,
    told: usize,
}

impl Count {
    fn of(&mut self, is_one_too_many: bool) -> &mut usize {
        if is_one_too_many { &mut self.told } else { &mut self.served }
    }
}

/// Accepts until told to stop, then lets what is under way finish, as long as its deadline allows.
pub async fn serve<H: Hooks>(
    listener: TcpListener,
    (hooks, router): (Option<H>, Router),
    limits: Arc<Limits>,
    door: Door,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let tasks = TaskTracker::new();
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(limits.header_deadline).max_buf_size(limits.header_bytes);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((io, peer, place)) = accepted else { continue };
        let Some(permit) = door.admit(place, peer.ip()) else {
            tracing::debug!(%peer, "this address has as many connections as it may");
            continue;
        };
        let _ = io.set_nodelay(true);
        // A peer that vanished without a word: what is small enough for the kernel's buffer would be retried for a quarter of an hour.
        let _ = socket2::SockRef::from(&io).set_tcp_user_timeout(Some(limits.silence));
        let finish = limits.finish_deadline;
        let io = Stalling::new(io, limits.stuck);
        let peer = Peer { address: peer, proxies: door.proxies.clone() };
        let guest = Arc::new(Guest { peer, permit, hooks: hooks.clone(), router: router.clone() });
        tasks.spawn(connection(builder.clone(), io, guest, stop.clone(), finish));
    }
    tasks.close();
    tasks.wait().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((io, peer)) => Some((io, canonical(peer), place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// On a socket of both families an IPv4 peer is `::ffff:127.0.0.1`: it counts as what it is.
fn canonical(peer: SocketAddr) -> SocketAddr {
    SocketAddr::new(peer.ip().to_canonical(), peer.port())
}

/// Who is let in.
#[derive(Debug)]
pub struct Door {
    counts: Arc<Counts>,
    of_address: usize,
    uncounted: Arc<[IpNet]>,
    proxies: Arc<[IpNet]>,
}

impl Door {
    /// Each address may have so many connections, but for those of the `uncounted` networks and the proxies: whoever brings
    /// everybody would be cut off.
    pub fn new(of_address: usize, uncounted: Arc<[IpNet]>, proxies: Arc<[IpNet]>) -> Self {
        Self { counts: Arc::default(), of_address, uncounted, proxies }
    }

    fn admit(&self, place: OwnedSemaphorePermit, address: IpAddr) -> Option<Permit> {
        if self.uncounted.iter().chain(&*self.proxies).any(|network| network.contains(&address)) {
            return Some(Permit(Arc::new((place, None))));
        }
        let mut counts = self.counts.lock().expect("no holder of this lock panics");
        let count = counts.entry(address).or_default();
        let is_one_too_many = count.served >= self.of_address;
        if is_one_too_many && count.told >= TOLD_MAX {
            return None;
        }
        *count.of(is_one_too_many) += 1;
        let counts = self.counts.clone();
        Some(Permit(Arc::new((place, Some(AddressPermit { counts, address, is_one_too_many })))))
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().expect("no holder of this lock panics");
        if let Some(count) = counts.get_mut(&self.address) {
            *count.of(self.is_one_too_many) -= 1;
            if count.served == 0 && count.told == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Whoever is at the other end of a connection, and what may be asked there.
struct Guest<H> {
    peer: Peer,
    permit: Permit,
    hooks: Option<H>,
    router: Router,
}

impl<H: Hooks> Guest<H> {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Said>, Infallible> {
        let is_one_too_many = self.permit.is_one_too_many();
        if let Some(hooks) = &self.hooks
            && !is_one_too_many
            && hooks::source(request.uri().path()).is_some()
        {
            return Ok(hooks.take(request, &self.peer).await);
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer.clone());
        request.extensions_mut().insert(self.permit.clone());
        let router = self.router.clone();
        // In boxes: a connection has room for this future as long as it is open.
        let response = if is_one_too_many {
            Box::pin(tell(request, router)).await?
        } else {
            Box::pin(router.oneshot(request)).await?
        };
        Ok(response.map(Said::Right))
    }
}

async fn connection<H: Hooks>(
    mut builder: http1::Builder,
    io: Stalling,
    guest: Arc<Guest<H>>,
    stop: CancellationToken,
    finish: Duration,
) {
    let address = guest.peer.address;
    let service = hyper::service::service_fn(move |request| guest.clone().answer(request));
    let serving = builder.timer(HeadTimer::new()).serve_connection(TokioIo::new(io), service).with_upgrades();
    tokio::pin!(serving);
    let mut stopped = pin!(stop.cancelled());
    let mut is_asked = false;
    // Asked once it wakes this task in the end; to ask with each request again costs as much as to route it.
    let ended = poll_fn(|context| {
        if let Poll::Ready(ended) = serving.as_mut().poll(context) {
            return Poll::Ready(Some(ended));
        }
        if is_asked && !stop.is_cancelled() {
            return Poll::Pending;
        }
        is_asked = true;
        stopped.as_mut().poll(context).map(|()| None)
    });
    if let Some(ended) = ended.await {
        return log_end(ended, address);
    }
    serving.as_mut().graceful_shutdown();
    // A peer that takes no byte of its answer could hold the process up for ever otherwise.
    let Ok(ended) = timeout(finish, serving).await else {
        return tracing::debug!(peer = %address, "a request was cut off: it did not end in time");
    };
    log_end(ended, address);
}

/// Answers the one request of a connection too many. A WebSocket hears it by its close code: a browser hides the answer to a
/// handshake from the page.
async fn tell(request: Request<Body>, router: Router) -> Result<Response, Infallible> {
    let mut response = if request.uri().path() == WEBSOCKET_PATH {
        router.oneshot(request).await?
    } else {
        let detail = "this address has as many connections as it may (limits.connections_per_address)";
        let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", detail);
        problem.header = Some((RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS)));
        problem.into_response()
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

fn log_end(ended: hyper::Result<()>, peer: SocketAddr) {
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_of_places_but_whoever_brings_everybody_as_many_as_there_are() {
        let places = Arc::new(Semaphore::new(10 + TOLD_MAX));
        let networks = |list: &[&str]| list.iter().map(|it| it.parse().unwrap()).collect();
        let door = Door::new(1, networks(&["127.0.0.0/8", "::1/128"]), networks(&["172.16.0.0/12"]));
        let admit = |peer: &str| {
            let place = places.clone().try_acquire_owned().unwrap();
            door.admit(place, canonical(peer.parse().unwrap()).ip())
        };
        let many =
            ["127.0.0.1:1", "[::ffff:127.0.0.1]:2", "[::1]:3", "172.18.0.2:4", "[::ffff:172.18.0.2]:5"];
        let _many =
            many.map(|peer| admit(peer).filter(|permit| !permit.is_one_too_many()).expect("not counted"));
        let first = admit("10.1.2.3:1").filter(|permit| !permit.is_one_too_many());
        assert!(first.is_some());
        let told: Vec<Permit> =
            (0..TOLD_MAX).map(|_| admit("[::ffff:10.1.2.3]:2").expect("one that is told")).collect();
        assert!(told.iter().all(Permit::is_one_too_many), "an address in both notations");
        assert!(admit("10.1.2.3:2").is_none(), "so many are told at a time");
        drop(first);
        assert!(!admit("10.1.2.3:3").expect("a place is free").is_one_too_many());
        drop(told);
        assert!(door.counts.lock().unwrap().is_empty(), "who has no connection has no entry");
    }
}
