//! Our own accept loop: axum's has no deadline for headers and no cap on connections.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::client::Peer;
use super::stall::Stalling;
use crate::limits::Limits;

/// After an accept that failed because the process has no descriptor left: others must end first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A connection's place among those allowed; whoever owns the socket keeps it.
#[derive(Debug, Clone)]
pub struct Permit(
    #[expect(dead_code, reason = "held for its drop")] Arc<(OwnedSemaphorePermit, Option<AddressPermit>)>,
);

#[derive(Debug)]
struct AddressPermit {
    counts: Arc<Counts>,
    address: IpAddr,
}

/// Connections of each address; as many entries as there are connections.
type Counts = Mutex<HashMap<IpAddr, usize>>;

/// Accepts until told to stop, then lets what is under way finish, as long as its deadline allows.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Arc<Limits>,
    proxies: Arc<[IpNet]>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let door = Door { counts: Arc::default(), of_address: limits.connections_per_address, proxies };
    let tasks = TaskTracker::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_deadline)
        .max_buf_size(limits.header_bytes);
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
        tasks.spawn(connection(builder.clone(), io, peer, permit, router.clone(), stop.clone(), finish));
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
struct Door {
    counts: Arc<Counts>,
    of_address: usize,
    proxies: Arc<[IpNet]>,
}

impl Door {
    /// Loopback and listed proxies are not counted: whoever brings everybody would be cut off.
    fn admit(&self, place: OwnedSemaphorePermit, address: IpAddr) -> Option<Permit> {
        if address.is_loopback() || self.proxies.iter().any(|network| network.contains(&address)) {
            return Some(Permit(Arc::new((place, None))));
        }
        let mut held = self.counts.lock().expect("no holder of this lock panics");
        let count = held.entry(address).or_default();
        if *count >= self.of_address {
            return None;
        }
        *count += 1;
        let counts = self.counts.clone();
        Some(Permit(Arc::new((place, Some(AddressPermit { counts, address })))))
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().expect("no holder of this lock panics");
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

async fn connection(
    builder: http1::Builder,
    io: Stalling,
    peer: Peer,
    permit: Permit,
    router: Router,
    stop: CancellationToken,
    finish: Duration,
) {
    let address = peer.address;
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        request.extensions_mut().insert(permit.clone());
        router.clone().oneshot(request)
    });
    let serving = builder.serve_connection(TokioIo::new(io), service).with_upgrades();
    tokio::pin!(serving);
    tokio::select! {
        ended = serving.as_mut() => return log_end(ended, address),
        () = stop.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    // A peer that takes no byte of its answer could hold the process up for ever otherwise.
    let Ok(ended) = timeout(finish, serving).await else {
        return tracing::debug!(peer = %address, "a request was cut off: it did not end in time");
    };
    log_end(ended, address);
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
        let places = Arc::new(Semaphore::new(10));
        let proxies = Arc::new(["172.16.0.0/12".parse().unwrap()]);
        let door = Door { counts: Arc::default(), of_address: 1, proxies };
        let admit = |peer: &str| {
            let place = places.clone().try_acquire_owned().unwrap();
            door.admit(place, canonical(peer.parse().unwrap()).ip())
        };
        let many =
            ["127.0.0.1:1", "[::ffff:127.0.0.1]:2", "[::1]:3", "172.18.0.2:4", "[::ffff:172.18.0.2]:5"];
        let _many = many.map(|peer| admit(peer).expect("not counted"));
        let first = admit("10.1.2.3:1");
        assert!(first.is_some() && admit("[::ffff:10.1.2.3]:2").is_none(), "an address in both notations");
        drop(first);
        assert!(admit("10.1.2.3:3").is_some());
        assert!(door.counts.lock().unwrap().is_empty(), "who has no connection has no entry");
    }
}
