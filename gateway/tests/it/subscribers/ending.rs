//! A node's end: whatever its peers do, it comes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use hookcast::http::accept::{self, Door};
use hookcast::ingest::receive::Ingest;
use hookcast::limits::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::node::{Client, Node, PATIENCE, Setup};

/// More than the kernel buffers on both sides of a loopback connection.
const MORE_THAN_BUFFERS: usize = 64 * 1024 * 1024;

#[tokio::test]
async fn a_peer_that_takes_no_answer_does_not_keep_the_node_from_ending() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(async || Body::from(vec![b'x'; MORE_THAN_BUFFERS])));
    let stop = CancellationToken::new();
    let limits = Limits { finish_deadline: Duration::from_millis(300), ..Limits::default() };
    let door = Door::new(limits.connections_per_address, [].into(), [].into());
    let parts = (None::<Arc<Ingest>>, router);
    let serving = tokio::spawn(accept::serve(listener, parts, Arc::new(limits), door, stop.clone()));
    let mut peer = TcpStream::connect(address).await.unwrap();
    peer.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    peer.read_u8().await.expect("the answer has begun, and is never read on");
    stop.cancel();
    tokio::time::timeout(PATIENCE, serving).await.expect("it gives up").unwrap();
}

#[tokio::test]
async fn a_subject_has_so_many_sessions_and_no_more() {
    let limits = Limits { connections_per_subject: 2, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let first = node.client().await;
    let _second = node.client().await;
    let token = node.token(&["**"]);
    let auth = serde_json::json!({"type": "auth", "token": token});
    let mut third = Client::connect(&node).await;
    third.say(&auth).await;
    assert_eq!(third.close_code().await, 4004);
    node.until_sessions(2).await;

    // Others have places of their own, and a place given back is free again. A refresh takes none.
    let other = node.auth.sign(Some("bea"), &["**"], PATIENCE * 9).unwrap();
    let nobody = node.auth.sign(None, &["**"], PATIENCE * 9).unwrap();
    let mut others = Vec::new();
    for token in [&other, &nobody, &nobody, &nobody] {
        let mut client = Client::connect(&node).await;
        client.say(&serde_json::json!({"type": "auth", "token": token})).await;
        client.expect("welcome").await;
        others.push(client);
    }
    drop(first);
    node.until_sessions(5).await;
    let mut again = node.client().await;
    again.say(&auth).await;
    again.expect("welcome").await;
    node.end().await;
}

#[tokio::test]
async fn while_a_node_ends_its_upgrade_says_come_back() {
    let mut node = Node::with(Setup { drain: Duration::from_secs(2), ..Setup::default() }).await;
    // Told that the node leaves, the first stays for its goodbye's whole deadline: it never answers.
    let mut stays = node.client().await;
    let mut second = TcpStream::connect(node.address).await.unwrap();
    node.drain();
    stays.next_frame().await;
    let request = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    second.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    second.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n") && answer.contains("\"leaving\""), "{answer}");
    node.ended().await;
}
