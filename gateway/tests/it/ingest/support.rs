//! What the ingest tests share: sources from TOML, deliveries from parts, and a gateway on a loopback port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::Bytes;
use hookcast::broker::memory::MemoryBroker;
use hookcast::broker::{Broker, Entry};
use hookcast::http::accept::{self, Door};
use hookcast::http::client::loopback;
use hookcast::ingest::code::Vendor;
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::handshake::Handshake;
use hookcast::ingest::hook::router;
use hookcast::ingest::inspect::Inspector;
use hookcast::ingest::key::KeyForm;
use hookcast::ingest::mac::Hash;
use hookcast::ingest::method::Scheme;
use hookcast::ingest::providers::{Catalogue, Provider};
use hookcast::ingest::public_key::{KeyShape, PublicAlgorithm};
use hookcast::ingest::publish::{self, Batch};
use hookcast::ingest::receive::Ingest;
use hookcast::ingest::sign::{Sample, SignedRequest, sign};
use hookcast::ingest::source::Source;
use hookcast::ingest::verify::Reason;
use hookcast::limits::{Limits, Retentions};
use hookcast::mistake::Mistake;
use hookcast::report::{NodeId, Reports};
use hookcast::secret::Secret;
use hookcast::topic::StreamName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A source from its TOML; secrets are plain texts.
pub fn parse(toml: &str) -> Result<Source, Vec<Mistake>> {
    let table: toml::Table = toml.parse().expect("the test's TOML");
    let secret = |value: &toml::Value| {
        value
            .as_str()
            .or_else(|| value.get("value")?.as_str())
            .map(Secret::new)
            .ok_or_else(|| Mistake::new("a secret is a text", "write a text"))
    };
    Source::parse(&table, &secret, &Catalogue::built_in())
}

pub fn source(toml: &str) -> Source {
    parse(toml).unwrap_or_else(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{toml}\n{told:#?}")
    })
}

/// A source of this provider with one secret, named `s`.
pub fn plain(provider: &str, secret: &str) -> Source {
    let verify_token = if provider == "meta" { "verify_token = 'verify-me'" } else { "" };
    source(&format!("name = 's'\nprovider = '{provider}'\nsecrets = ['{secret}']\n{verify_token}"))
}

/// A source of this provider, named `s`, with a secret of the kind that its first method takes; it can sign.
pub fn of_row(provider: &Provider) -> Source {
    let secrets = row_secret(provider);
    try_of_row(provider, secrets.as_slice()).unwrap_or_else(|told| panic!("{}: {told:#?}", provider.slug))
}

/// A secret of the kind that the first method of a row takes, if it takes any.
pub fn row_secret(provider: &Provider) -> Option<String> {
    let method = &provider.row.methods[0];
    let text = match (&method.scheme, method.key.form) {
        (Scheme::None, _) => None,
        (Scheme::Code(vendor, _), _) => Some(match vendor {
            Vendor::Adyen => "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056".into(),
            Vendor::Braintree => "public:private".into(),
            _ => "a secret of some length".into(),
        }),
        (Scheme::Jws(_), _) if method.key.shape != KeyShape::Raw => {
            Some(private_key(PublicAlgorithm::Rsa(Hash::Sha256), method.key.shape))
        }
        (Scheme::PublicKey(algorithm), _) if method.key.shape != KeyShape::Raw => {
            Some(private_key(*algorithm, method.key.shape))
        }
        (Scheme::PublicKey(_), KeyForm::Base64) => Some(
            "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==".into(),
        ),
        (Scheme::PublicKey(_), _) => Some(ED25519_PAIR.to_owned()),
        (_, KeyForm::Utf8 | KeyForm::Sha1) => Some("a secret of some length".into()),
        (_, KeyForm::Hex) => Some("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056".into()),
        (_, KeyForm::Base64) => Some("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()),
    };
    let prefix = method.key.only.first().map(String::as_str).unwrap_or_default();
    text.map(|text| format!("{prefix}{text}"))
}

/// A source of this provider with these secrets, or its mistakes.
pub fn try_of_row(provider: &Provider, secrets: &[String]) -> Result<Source, Vec<String>> {
    let secrets: Vec<String> = secrets.iter().map(|secret| format!("'''{secret}'''")).collect();
    let needs_token = provider.row.handshakes.iter().any(Handshake::needs_verify_token);
    let verify_token = if needs_token { "verify_token = 'v'" } else { "" };
    let secrets =
        if secrets.is_empty() { String::new() } else { format!("secrets = [{}]", secrets.join(", ")) };
    parse(&format!("name = 's'\nprovider = '{}'\n{secrets}\n{verify_token}", provider.slug))
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

/// A private key where the row says the public one goes: it verifies, and signs samples.
fn private_key(algorithm: PublicAlgorithm, shape: KeyShape) -> String {
    let pem = match algorithm {
        PublicAlgorithm::Ed25519 => include_str!("keys/ed25519.pem"),
        PublicAlgorithm::EcdsaP256(_) => include_str!("keys/p256.pem"),
        PublicAlgorithm::Rsa(_) => include_str!("keys/rsa.pem"),
    };
    match shape {
        KeyShape::Pem => pem.to_owned(),
        KeyShape::Raw | KeyShape::Der => pem.lines().filter(|line| !line.starts_with("--")).collect(),
    }
}

/// A source of a provider that is not built in: the provider's rows, and the source's own keys.
pub fn of_rows(rows: &str, toml: &str) -> Source {
    let rows: toml::Table = rows.parse().expect("the test's rows");
    let catalogue = Catalogue::built_in().with_user_rows(&rows).unwrap_or_else(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{told:#?}")
    });
    let table: toml::Table = toml.parse().expect("the test's TOML");
    let secret = |value: &toml::Value| {
        value.as_str().map(Secret::new).ok_or_else(|| Mistake::new("a secret is a text", "write a text"))
    };
    Source::parse(&table, &secret, &catalogue).unwrap_or_else(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{toml}\n{told:#?}")
    })
}

pub fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn delivery(
    source: &Source,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
    now: SystemTime,
) -> Delivery {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap());
    }
    let uri = "/hooks/s".parse().unwrap();
    Delivery::new(Method::POST, uri, map, body.into(), now, source.row().delivery.body.clone())
}

pub fn published(
    source: &Source,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
    now: SystemTime,
) -> Batch {
    let verified = source.verify(delivery(source, headers, body, now), None);
    publish::events(source, &verified.unwrap_or_else(|refusal| panic!("{refusal}")), 1_000).unwrap()
}

pub fn refused(source: &Source, headers: &[(&str, &str)], body: impl Into<Bytes>, now: SystemTime) -> Reason {
    source.verify(delivery(source, headers, body, now), None).expect_err("must be refused").reason
}

/// The record of a batch's only event.
pub fn record(batch: &Batch) -> serde_json::Value {
    assert_eq!(batch.events.len(), 1, "{batch:?}");
    serde_json::from_slice(&batch.events[0].new.as_ref().expect("accepted").body).unwrap()
}

pub fn topic(batch: &Batch) -> &str {
    batch.events[0].new.as_ref().expect("accepted").topic.as_str()
}

/// Reports go into this broker for as long as the test's runtime lives.
pub fn inspector(broker: &Arc<dyn Broker>) -> Inspector {
    let node = NodeId::random();
    let (reports, writer) = Reports::new(&node, Arc::clone(broker));
    tokio::spawn(writer.run(CancellationToken::new()));
    Inspector::new(node, reports)
}

/// A gateway's ingest on a loopback port, over the broker in memory. Ends with the test's runtime.
pub struct Gateway {
    pub address: SocketAddr,
    pub broker: Arc<dyn Broker>,
    pub ingest: Arc<Ingest>,
}

impl Gateway {
    pub async fn start(sources: Vec<Source>) -> Self {
        Self::with(sources, Limits::default()).await
    }

    pub async fn with(sources: Vec<Source>, limits: Limits) -> Self {
        let broker: Arc<dyn Broker> = Arc::new(MemoryBroker::new(Retentions::default(), &limits));
        Self::over(sources, limits, broker).await
    }

    pub async fn over(sources: Vec<Source>, limits: Limits, broker: Arc<dyn Broker>) -> Self {
        let inspector = inspector(&broker);
        let ingest = Ingest::new(sources, Arc::clone(&broker), &limits, None, inspector);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let parts = (Some(ingest.clone()), router(ingest.clone()));
        let door = Door::new(limits.connections_per_address, loopback().into(), [].into());
        tokio::spawn(accept::serve(listener, parts, Arc::new(limits), door, CancellationToken::new()));
        Self { address, broker, ingest }
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Posts, and reads the whole answer.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.request("POST", path, headers, body).await
    }

    pub async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        let length = body.len();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n"
        );
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        read_answer(&mut stream).await
    }

    pub async fn send(&self, source: &Source, request: &SignedRequest) -> Answer {
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&format!("/hooks/{}{query}", source.name()), &headers, &request.body).await
    }

    /// What the log holds of a stream.
    pub async fn log(&self, stream: &str) -> Vec<Entry> {
        self.broker.read(&StreamName::parse(stream).unwrap(), 1, 256).await.unwrap().entries
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// Reads until the peer closes.
pub async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let all = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes));
    all.await.expect("an answer within 30 s").expect("an answer, not a reset");
    parse_answer(&bytes)
}

pub fn parse_answer(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// The provider's own sample, signed now.
pub fn signed_sample(source: &Source, id: &str) -> SignedRequest {
    let sample = &source.row().sample;
    let sample = Sample { event_type: sample.event_type.clone(), body: sample.body.clone().into() };
    sign(source, &sample, SystemTime::now(), id).unwrap()
}

/// A key pair whose public half is the published Discord test key's kind: 64 bytes, hex.
pub const ED25519_PAIR: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
