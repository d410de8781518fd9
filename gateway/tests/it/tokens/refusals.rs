//! What a client with a bad token is told, on a whole node: 4501 after the upgrade, 401 with a code over HTTP.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hookcast::gateway::Gateway;
use hookcast::shutdown::Shutdown;
use jsonwebtoken::Algorithm::{ES256, HS256};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::provider::{Answer, Provider};
use super::{P256, Pair, claims, config};

const PATIENCE: Duration = Duration::from_secs(20);

/// A whole node on port 0, in memory.
pub struct Node {
    pub address: std::net::SocketAddr,
    shutdown: Shutdown,
    running: JoinHandle<()>,
}

impl Node {
    pub async fn start(text: &str) -> Self {
        let (config, _folder) = config(&format!("[broker]\nurl = \"memory:\"\n{text}"), &[]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Gateway::start(config.unwrap(), listener).await.unwrap();
        let shutdown = Shutdown::new();
        let running = tokio::spawn(gateway.run(shutdown.clone()));
        Self { address, shutdown, running }
    }

    pub async fn end(self) {
        self.shutdown.end_now();
        tokio::time::timeout(PATIENCE, self.running).await.expect("it ends").unwrap();
    }

    /// Says these at once, the token in the handshake if there is one; answers the types of what came and the close code.
    async fn talk(&self, token: Option<&str>, says: &[Value]) -> (Vec<String>, Option<u16>) {
        let mut request = format!("ws://{}/ws", self.address).into_client_request().unwrap();
        let protocol =
            token.map_or("hookcast.v1".into(), |token| format!("hookcast.v1, hookcast.token.{token}"));
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        let (mut socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "hookcast.v1", "the token is not echoed");
        for message in says {
            socket.send(Message::text(message.to_string())).await.unwrap();
        }
        let mut types = Vec::new();
        loop {
            match tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time").unwrap().unwrap() {
                Message::Close(close) => return (types, close.map(|close| close.code.into())),
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    types.push(message["type"].as_str().unwrap().to_owned());
                    if ["live", "error"].contains(&types.last().unwrap().as_str()) {
                        return (types, None);
                    }
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn every_bad_token_is_unauthorized_and_stays_away() {
    let (pair, other) = (Pair::new(P256), Pair::new(P256));
    let provider = Provider::start(Answer::Keys(json!([pair.jwk(ES256, "one")]))).await;
    let node =
        Node::start(&format!("[auth]\naudience = \"hookcast\"\njwks = \"{}\"\n", provider.url())).await;
    let mut right = claims();
    right["aud"] = "hookcast".into();
    right["hookcast"]["subscribe"] = json!(["hookcast/**"]);
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        pair.sign(ES256, Some("one"), &claims)
    };
    let header = Header { kid: Some("one".into()), ..Header::new(HS256) };
    let confused = EncodingKey::from_secret(pair.public.as_bytes());
    let bad = [
        ("bad signature", other.sign(ES256, Some("one"), &right)),
        ("wrong alg", jsonwebtoken::encode(&header, &right, &confused).unwrap()),
        ("expired", with("exp", json!(hookcast::auth::now_seconds() - 60))),
        ("wrong aud", with("aud", json!("another"))),
        ("unknown kid", pair.sign(ES256, Some("two"), &right)),
        ("nonsense", "nonsense".into()),
    ];
    let board = format!("http://{}/api/v1/boards/home", node.address);
    let http = hookcast::outbound::client().unwrap();
    for (what, token) in &bad {
        assert_eq!(node.talk(Some(token), &[]).await, (vec![], Some(4501)), "{what}, in the handshake");
        let auth = json!({ "type": "auth", "token": token });
        assert_eq!(node.talk(None, &[auth]).await, (vec![], Some(4501)), "{what}, as a message");
        let response = http.get(&board).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 401, "{what}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(problem["code"], "unauthorized", "{what}");
    }
    assert_eq!(provider.requests(), 1, "none of them made us ask again");
    let good = pair.sign(ES256, Some("one"), &right);
    let subscribe = json!({ "type": "subscribe", "id": "a", "pattern": "hookcast/**", "since": "now" });
    let (types, close) = node.talk(Some(&good), &[subscribe]).await;
    assert_eq!((types, close), (vec!["welcome".into(), "subscribed".into(), "live".into()], None));
    assert_eq!(http.get(&board).bearer_auth(&good).send().await.unwrap().status(), 200);
    node.end().await;
}

#[tokio::test]
async fn what_a_client_says_behind_its_token_waits_for_the_key() {
    let pair = Pair::new(P256);
    let provider = Provider::start(Answer::Keys(json!([pair.jwk(ES256, "one")]))).await;
    provider.shut().await;
    let node = Node::start(&format!("[auth]\njwks = \"{}\"\n", provider.url())).await;
    let mut claims = claims();
    claims["hookcast"]["subscribe"] = json!(["hookcast/**"]);
    let token = pair.sign(ES256, Some("one"), &claims);
    let says = [
        json!({ "type": "auth", "token": token }),
        json!({ "type": "ping" }),
        json!({ "type": "subscribe", "id": "a", "pattern": "hookcast/**", "since": "now" }),
    ];
    let talking = node.talk(None, &says);
    let opening = async {
        let mut look = tokio::time::interval(Duration::from_millis(2));
        while provider.requests() == 0 {
            look.tick().await;
        }
        provider.open();
    };
    let ((types, close), ()) = tokio::join!(talking, opening);
    assert_eq!(types, ["welcome", "pong", "subscribed", "live"]);
    assert_eq!(close, None);
    node.end().await;
}
