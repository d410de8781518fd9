//! An identity provider on port 0, whose answers a test chooses and counts; and tokens as real ones write them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use hookcast::topic::Pattern;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::{P256, Pair, auth, claims};

/// What the provider says next.
#[derive(Debug, Clone)]
pub enum Answer {
    Keys(Value),
    Status(u16),
    Text(String),
    Redirect(String),
}

#[derive(Debug)]
struct Held {
    answer: Mutex<Answer>,
    requests: Mutex<usize>,
    /// A permit for each answer that may go out.
    gate: Semaphore,
}

pub struct Provider {
    pub address: SocketAddr,
    held: Arc<Held>,
}

impl Provider {
    pub async fn start(answer: Answer) -> Self {
        let gate = Semaphore::new(Semaphore::MAX_PERMITS);
        let held = Arc::new(Held { answer: Mutex::new(answer), requests: Mutex::default(), gate });
        let router = Router::new().route("/keys", get(say)).with_state(held.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, held }
    }

    pub fn url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    pub fn says(&self, answer: Answer) {
        *self.held.answer.lock().unwrap() = answer;
    }

    pub fn requests(&self) -> usize {
        *self.held.requests.lock().unwrap()
    }

    /// Answers wait from now on.
    pub async fn shut(&self) {
        self.held.gate.acquire_many(u32::MAX >> 4).await.unwrap().forget();
        self.held.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn open(&self) {
        self.held.gate.add_permits(1_000);
    }
}

async fn say(State(held): State<Arc<Held>>) -> (StatusCode, HeaderMap, String) {
    *held.requests.lock().unwrap() += 1;
    held.gate.acquire().await.unwrap().forget();
    let answer = held.answer.lock().unwrap().clone();
    let mut headers = HeaderMap::new();
    let (status, body) = match answer {
        Answer::Keys(keys) => (200, json!({ "keys": keys }).to_string()),
        Answer::Status(status) => (status, String::new()),
        Answer::Text(text) => (200, text),
        Answer::Redirect(url) => {
            headers.insert("location", url.parse().unwrap());
            (302, String::new())
        }
    };
    (StatusCode::from_u16(status).unwrap(), headers, body)
}

/// docs/tokens.md shows these.
#[test]
fn the_tokens_of_identity_providers_are_read_as_the_page_says() {
    let pair = Pair::new(P256);
    let shapes = [
        (
            "claim = \"/https:~1~1example.com~1hookcast\"",
            json!({ "https://example.com/hookcast": ["github/acme/**"] }),
        ),
        (
            "claim = \"/scope\"\nprefix = \"hookcast:\"",
            json!({ "scope": "openid profile hookcast:github/acme/**" }),
        ),
        (
            "claim = \"/realm_access/roles\"\nprefix = \"hookcast:\"",
            json!({ "realm_access": { "roles": ["offline_access", "hookcast:github/acme/**"] } }),
        ),
        ("", json!({ "hookcast": { "subscribe": ["github/acme/**"] } })),
    ];
    for (keys, extra) in shapes {
        let text = format!(
            "[[auth.issuer]]\niss = \"https://idp.example.com/\"\naudience = \"hookcast\"\ngrants = [\"github/**\"]\n{keys}\n\
             key = [{{ algorithms = [\"ES256\"], public_key = {{ file = \"idp.pem\" }} }}]\n"
        );
        let auth = auth(&text, &[("idp.pem", &pair.public)]);
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("hookcast");
        claims["iss"] = "https://idp.example.com/".into();
        claims["aud"] = json!(["account", "hookcast"]);
        claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let identity = auth.verify(&pair.sign(Algorithm::ES256, None, &claims)).expect(keys);
        assert!(identity.grants.covers(&Pattern::parse("github/acme/*/push").unwrap()), "{keys}");
        assert!(!identity.grants.covers(&Pattern::parse("github/**").unwrap()), "{keys}");
    }
}

#[test]
fn no_issuer_speaks_for_another_and_none_beyond_its_ceiling() {
    let (one, two) = (Pair::new(P256), Pair::new(P256));
    let issuer = |name: &str, ceiling: &str| {
        format!(
            "[[auth.issuer]]\niss = \"{name}\"\ngrants = [\"{ceiling}\"]\n\
             key = [{{ algorithms = [\"ES256\"], public_key = {{ file = \"{name}.pem\" }} }}]\n"
        )
    };
    let text = issuer("one", "github/**") + &issuer("two", "shop/*");
    let auth = auth(&text, &[("one.pem", &one.public), ("two.pem", &two.public)]);
    let signed = |pair: &Pair, iss: Value, grants: Value| {
        let mut claims = claims();
        claims["iss"] = iss;
        claims["hookcast"]["subscribe"] = grants;
        auth.verify(&pair.sign(Algorithm::ES256, None, &claims))
    };
    let covers = |grants: Value, pattern: &str| {
        signed(&one, "one".into(), grants).unwrap().grants.covers(&Pattern::parse(pattern).unwrap())
    };
    assert!(covers(json!(["**"]), "github/a"), "what reaches beyond is cut to the ceiling");
    assert!(!covers(json!(["**"]), "shop/a"));
    assert!(!covers(json!(["shop/*"]), "shop/a") && !covers(json!(["hookcast/**"]), "hookcast/**"));
    for (pair, iss) in
        [(&one, json!("two")), (&two, json!("one")), (&one, json!("three")), (&one, json!(null))]
    {
        assert!(signed(pair, iss.clone(), json!(["github/**"])).is_err(), "{iss}");
    }
    assert!(signed(&two, json!(["two"]), json!(["shop/a"])).is_err(), "a list is no name");
}
