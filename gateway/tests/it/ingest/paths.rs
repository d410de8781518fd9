//! Deliveries go past the router: whatever is asked, it must be answered as the router answers it.

use std::net::SocketAddr;
use std::sync::Arc;

use hookcast::broker::Broker;
use hookcast::broker::memory::MemoryBroker;
use hookcast::ingest::hook::router;
use hookcast::ingest::receive::Ingest;
use hookcast::limits::{Limits, Retentions};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::support::{Answer, Gateway, inspector, of_rows, plain, read_answer};

const ROWS: &str = r#"
[empty]
title = "Empty"
[empty.verify]
scheme = "none"
[[empty.handshake]]
when = { method = "HEAD" }
signed = "no"
answer = { status = 200, body = "" }
[empty.answer]
ok = 204
"#;

/// The status, the headers but for those that no two answers share, and the body without its place in the log.
fn comparable(answer: &Answer) -> (u16, Vec<String>, String) {
    let of_both = |line: &&str| !line.starts_with("date:") && !line.starts_with("hookcast-delivery:");
    let mut headers: Vec<String> = answer.head.lines().filter(of_both).map(str::to_owned).collect();
    headers.sort_unstable();
    let body = match serde_json::from_str(&answer.body) {
        Ok(serde_json::Value::Object(mut told)) => {
            told.retain(|name, _| name != "position" && name != "id");
            format!("{told:?}")
        }
        _ => answer.body.clone(),
    };
    (answer.status, headers, body)
}

async fn ask(address: SocketAddr, method: &str, target: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    read_answer(&mut stream).await
}

#[tokio::test]
async fn a_path_is_answered_alike_past_the_router_and_through_it() {
    let sources = || {
        let empty = of_rows(ROWS, "name = 'empty'\nprovider = 'empty'");
        vec![plain("github", "k"), super::support::source("name = 'open'\nprovider = 'none'"), empty]
    };
    let direct = Gateway::start(sources()).await;
    let limits = Limits::default();
    let broker: Arc<dyn Broker> = Arc::new(MemoryBroker::new(Retentions::default(), &limits));
    let inspector = inspector(&broker);
    let ingest = Ingest::new(sources(), broker, &limits, None, inspector);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routed = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router(ingest)).await });
    let targets = [
        "/hooks/s",
        "/hooks/open",
        "/hooks/empty",
        "/hooks/open?a=/b%2F",
        "/hooks/open?",
        "http://x/hooks/open",
        "/hooks/unknown",
        "/hooks/%6fpen",
        "/hooks/op%65n?a=1",
        "/hooks/s%2Ft",
        "/hooks/%ff",
        "/hooks/%",
        "/hooks/a:b",
        "/hooks/open/",
        "/hooks/open/more",
        "/hooks//open",
        "//hooks/open",
        "/hooks/",
        "/hooks",
        "/Hooks/open",
        "/hooks/.",
    ];
    for target in targets {
        for method in ["POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let (one, other) = (ask(direct.address, method, target).await, ask(routed, method, target).await);
            assert_eq!(comparable(&one), comparable(&other), "{method} {target}");
        }
    }
}
