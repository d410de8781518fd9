//! Sources that take deliveries from listed addresses alone, at the socket: directly, and behind a listed proxy.

use std::net::SocketAddr;
use std::sync::Arc;

use hookcast::broker::Broker;
use hookcast::broker::memory::MemoryBroker;
use hookcast::http::accept::{self, Door};
use hookcast::ingest::hook::router;
use hookcast::ingest::receive::Ingest;
use hookcast::limits::{Limits, Retentions};
use ipnet::IpNet;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::support::{Answer, inspector, read_answer, source};

/// The whole way from the socket, this machine being the only peer.
async fn start(allow: &str, proxies: &[&str]) -> (SocketAddr, CancellationToken) {
    let limits = Limits::default();
    let broker: Arc<dyn Broker> = Arc::new(MemoryBroker::new(Retentions::default(), &limits));
    let source = source(&format!("name = 's'\nprovider = 'none'\nallow = {allow}"));
    let inspector = inspector(&broker);
    let ingest = Ingest::new(vec![source], broker, &limits, None, inspector);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
    let stop = CancellationToken::new();
    let door = Door::new(limits.connections_per_address, [].into(), proxies.into());
    let parts = (Some(ingest.clone()), router(ingest));
    tokio::spawn(accept::serve(listener, parts, Arc::new(limits), door, stop.clone()));
    (address, stop)
}

async fn post(address: SocketAddr, headers: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /hooks/s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n{headers}\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    read_answer(&mut stream).await
}

#[tokio::test]
async fn whoever_is_no_listed_proxy_cannot_say_to_be_somebody_else() {
    let (address, stop) = start("['192.0.2.0/24']", &["10.0.0.0/8"]).await;
    for forged in [
        "",
        "x-forwarded-for: 192.0.2.1\r\n",
        "x-forwarded-for: 192.0.2.1\r\nx-forwarded-for: 192.0.2.1\r\n",
        "forwarded: for=192.0.2.1\r\n",
        "x-forwarded-for: 192.0.2.1\r\nforwarded: for=192.0.2.1\r\n",
        "x-real-ip: 192.0.2.1\r\n",
    ] {
        let answer = post(address, forged).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("forbidden")), "{forged}");
    }
    stop.cancel();
}

#[tokio::test]
async fn behind_a_listed_proxy_the_address_that_it_names_counts() {
    let (address, stop) = start("['192.0.2.0/24', '2001:db8::/32']", &["127.0.0.1/32"]).await;
    for (headers, status) in [
        ("x-forwarded-for: 192.0.2.1\r\n", 202),
        ("x-forwarded-for: ::ffff:192.0.2.1\r\n", 202),
        ("x-forwarded-for: 2001:db8::7\r\n", 202),
        ("forwarded: for=\"[2001:db8::7]:4711\"\r\n", 202),
        ("x-forwarded-for: 192.0.2.1, 203.0.113.9\r\n", 403),
        ("x-forwarded-for: 192.0.2.1\r\nx-forwarded-for: 203.0.113.9\r\n", 403),
        ("x-forwarded-for: 203.0.113.9\r\nforwarded: for=192.0.2.1\r\n", 403),
        ("x-forwarded-for: 192.0.2.1, \u{7f}\r\n", 400),
        ("x-forwarded-for: 192.0.2.1, nonsense\r\n", 403),
        ("", 403),
    ] {
        assert_eq!(post(address, headers).await.status, status, "{headers}");
    }
    stop.cancel();
}

#[tokio::test]
async fn a_listed_address_needs_no_proxy() {
    let (address, stop) = start("['127.0.0.1']", &[]).await;
    assert_eq!(post(address, "x-forwarded-for: 203.0.113.9\r\n").await.status, 202);
    stop.cancel();
}
