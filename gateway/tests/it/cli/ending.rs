//! SIGTERM: the process ends, whoever would rather it did not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Hookcast;
use super::running::Running;

const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
drain = "1s"
[broker]
url = "memory:"
[auth]
secrets = ["0123456789abcdef0123456789abcdef"]
anonymous = ["**"]
[limits]
finish_deadline = "500ms"
"#;

const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const READY: &str = "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n";

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks; answers the socket and the status, or none when nobody listens any more.
fn status(address: &str, request: &str) -> Option<(TcpStream, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).ok()?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).ok()?;
    Some((stream, String::from_utf8(status.to_vec()).unwrap()))
}

#[test]
fn clients_that_come_back_at_once_or_take_no_answer_do_not_keep_a_node_from_ending() {
    let hookcast = Hookcast::with_config(CONFIG);
    let mut gateway = Running::start(hookcast.command(&["serve"]));
    let url = gateway.url();
    let address = url.strip_prefix("http://").unwrap();
    // None of these says goodbye, so each keeps the node for a while.
    let held: Vec<_> = (0..10).map(|_| status(address, HANDSHAKE).unwrap()).collect();
    assert!(held.iter().all(|(_, status)| status == "HTTP/1.1 101"));
    // It asks for far more than the kernel buffers and takes nothing of it.
    let mut takes_nothing = TcpStream::connect(address).unwrap();
    takes_nothing.write_all("GET /sdk.js HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2_000).as_bytes()).unwrap();
    gateway.terminate();
    let patience = Instant::now() + PATIENCE;
    while status(address, READY).is_some_and(|(_, status)| status == "HTTP/1.1 200") {
        assert!(Instant::now() < patience, "the signal has its effect");
    }
    let mut turned_away = 0;
    while let Some((_, status)) = status(address, HANDSHAKE) {
        assert_eq!(status, "HTTP/1.1 503");
        turned_away += 1;
    }
    assert!(turned_away > 0, "the end took a while, and nobody was let in");
    assert!(gateway.ended().success());
}
