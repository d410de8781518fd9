//! A connection that is used for more than one request: its deadline for a head and the node's end hold for the later ones too.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hookcast::http::accept::{self, Door};
use hookcast::ingest::receive::Ingest;
use hookcast::limits::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::node::PATIENCE;

/// A node's door with one path that answers at once and one that answers when it is told to.
struct House {
    address: SocketAddr,
    entered: Arc<Notify>,
    released: Arc<Notify>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl House {
    async fn open(limits: Limits) -> Self {
        let (entered, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let long = {
            let (entered, released) = (entered.clone(), released.clone());
            async move || {
                entered.notify_one();
                released.notified().await;
                "ok"
            }
        };
        let router = Router::new().route("/", get(async || "ok")).route("/long", get(long));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let door = Door::new(limits.connections_per_address, [].into(), [].into());
        let parts = (None::<Arc<Ingest>>, router);
        let serving = tokio::spawn(accept::serve(listener, parts, Arc::new(limits), door, stop.clone()));
        Self { address, entered, released, stop, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn ask(peer: &mut TcpStream, path: &str) {
    peer.write_all(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes()).await.unwrap();
}

async fn is_answered(peer: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok") {
        let byte = timeout(PATIENCE, peer.read_u8()).await.expect("an answer in time");
        answer.push(byte.expect("an answer and no end"));
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

/// Whatever is said before it.
async fn ends(peer: &mut TcpStream) {
    let mut last = Vec::new();
    // An end that comes as a reset is one too.
    let _ = timeout(PATIENCE, peer.read_to_end(&mut last)).await.expect("an end in time");
}

fn hasty() -> Limits {
    Limits { header_deadline: Duration::from_millis(300), ..Limits::default() }
}

#[tokio::test]
async fn a_later_head_has_a_deadline_too() {
    let house = House::open(hasty()).await;
    let mut peer = house.connect().await;
    for _ in 0..2 {
        ask(&mut peer, "/").await;
        is_answered(&mut peer).await;
    }
    peer.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
    ends(&mut peer).await;
}

#[tokio::test]
async fn an_answer_that_takes_longer_than_a_head_may_ends_no_connection() {
    let house = House::open(hasty()).await;
    let mut peer = house.connect().await;
    ask(&mut peer, "/long").await;
    house.entered.notified().await;
    // Ends with its deadline, so the other's has passed as well.
    let mut slow = house.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
    ends(&mut slow).await;
    house.released.notify_one();
    is_answered(&mut peer).await;
    ask(&mut peer, "/").await;
    is_answered(&mut peer).await;
}

#[tokio::test]
async fn the_end_of_a_node_is_heard_between_requests() {
    let limits = Limits { finish_deadline: PATIENCE * 100, ..Limits::default() };
    let mut house = House::open(limits).await;
    let mut peer = house.connect().await;
    for _ in 0..2 {
        ask(&mut peer, "/").await;
        is_answered(&mut peer).await;
    }
    house.stop.cancel();
    ends(&mut peer).await;
    timeout(PATIENCE, &mut house.serving).await.expect("long before it would be cut off").unwrap();
}
