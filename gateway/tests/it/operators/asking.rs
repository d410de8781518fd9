//! One HTTP request to a node, and its answer.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::subscribers::node::{Node, PATIENCE};

/// A status and a body, which is JSON where there is one.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Asks as whoever has these grants.
pub async fn ask_as(node: &Node, grants: &[&str], method: &str, path: &str) -> Answer {
    let token = node.token(grants);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let asking = async {
        let mut stream = TcpStream::connect(node.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await.expect("an answer in time");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
        unchunked(body)
    } else {
        body.into()
    };
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() };
    Answer { status: head[9..12].parse().unwrap(), body }
}

/// Asks as an operator.
pub async fn ask(node: &Node, method: &str, path: &str) -> Answer {
    ask_as(node, &["**", "hookcast/**"], method, path).await
}

/// Asks as an operator for what there is.
pub async fn get(node: &Node, path: &str) -> Value {
    let answer = ask(node, "GET", path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Asks again and again until a claim holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let mut look = tokio::time::interval(std::time::Duration::from_millis(10));
    let looking = async {
        while !holds().await {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it comes true in time");
}
