//! A vendor on port 0 that says what a test wants and counts what it is asked; and keys as vendors have them, by openssl.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, Uri};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use tokio::net::TcpListener;

#[derive(Debug, Clone)]
pub enum Answer {
    Text(u16, String),
    Redirect(String),
    /// Begins, and never ends.
    Hang,
}

#[derive(Default)]
struct Held {
    answers: Mutex<HashMap<String, Answer>>,
    /// Path with query, and body, of each request.
    asked: Mutex<Vec<(String, String)>>,
}

pub struct Vendor {
    pub address: SocketAddr,
    held: Arc<Held>,
}

impl Vendor {
    pub async fn start() -> Self {
        let held = Arc::new(Held::default());
        let router = Router::new().fallback(say).with_state(held.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, held }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn says(&self, path: &str, answer: Answer) {
        self.held.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    pub fn gives(&self, path: &str, text: impl Into<String>) {
        self.says(path, Answer::Text(200, text.into()));
    }

    pub fn asked(&self) -> Vec<(String, String)> {
        self.held.asked.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.held.asked.lock().unwrap().len()
    }
}

async fn say(State(held): State<Arc<Held>>, uri: Uri, body: Bytes) -> Response<Body> {
    let asked = (uri.to_string(), String::from_utf8_lossy(&body).into_owned());
    held.asked.lock().unwrap().push(asked);
    let answer = held.answers.lock().unwrap().get(uri.path()).cloned();
    let response = Response::builder();
    match answer {
        None => response.status(404).body(Body::empty()),
        Some(Answer::Text(status, text)) => response.status(status).body(Body::from(text)),
        Some(Answer::Redirect(to)) => response.status(302).header("location", to).body(Body::empty()),
        Some(Answer::Hang) => {
            response.body(Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>()))
        }
    }
    .unwrap()
}

pub fn openssl(arguments: &[&str], stdin: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A private key in a file, as openssl wants it.
pub struct Pair {
    folder: tempfile::TempDir,
}

pub static RSA: LazyLock<Pair> =
    LazyLock::new(|| Pair::new(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]));
pub static OTHER_RSA: LazyLock<Pair> =
    LazyLock::new(|| Pair::new(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]));
pub static P256: LazyLock<Pair> =
    LazyLock::new(|| Pair::new(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]));

impl Pair {
    pub fn new(kind: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let private = openssl(&[&["genpkey"], kind].concat(), &[]);
        std::fs::write(folder.path().join("key.pem"), private).unwrap();
        Self { folder }
    }

    fn path(&self) -> String {
        self.folder.path().join("key.pem").display().to_string()
    }

    /// A certificate of a year, from now.
    pub fn certificate(&self) -> String {
        let arguments =
            ["req", "-x509", "-new", "-key", &self.path(), "-subj", "/CN=vendor.example.com", "-days", "365"];
        String::from_utf8(openssl(&arguments, &[])).unwrap()
    }

    pub fn public_pem(&self) -> String {
        String::from_utf8(openssl(&["pkey", "-pubout", "-in", &self.path()], &[])).unwrap()
    }

    /// `-sha1` or `-sha256`; for P-256 in DER.
    pub fn sign(&self, hash: &str, message: &[u8]) -> Vec<u8> {
        openssl(&["dgst", hash, "-sign", &self.path()], message)
    }

    pub fn sign_base64(&self, hash: &str, message: &[u8]) -> String {
        BASE64_STANDARD.encode(self.sign(hash, message))
    }

    fn encoding_key(&self, is_rsa: bool) -> jsonwebtoken::EncodingKey {
        let pem = std::fs::read(self.path()).unwrap();
        if is_rsa {
            jsonwebtoken::EncodingKey::from_rsa_pem(&pem).unwrap()
        } else {
            jsonwebtoken::EncodingKey::from_ec_pem(&pem).unwrap()
        }
    }

    /// A JWT with this key's `kid`.
    pub fn token(&self, algorithm: jsonwebtoken::Algorithm, kid: &str, claims: &serde_json::Value) -> String {
        let header =
            jsonwebtoken::Header { kid: Some(kid.to_owned()), ..jsonwebtoken::Header::new(algorithm) };
        let is_rsa = algorithm == jsonwebtoken::Algorithm::RS256;
        jsonwebtoken::encode(&header, claims, &self.encoding_key(is_rsa)).unwrap()
    }

    pub fn jwk(&self, algorithm: jsonwebtoken::Algorithm, kid: &str) -> serde_json::Value {
        let key = self.encoding_key(algorithm == jsonwebtoken::Algorithm::RS256);
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = kid.into();
        jwk["use"] = "sig".into();
        jwk
    }
}

/// A token whose header was changed after it was signed.
pub fn with_header(token: &str, header: &serde_json::Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// Of an ECDSA signature (r, s) the other that fits as well: (r, n − s). Whoever has one can write it.
pub fn twin(signature: &p256::ecdsa::Signature) -> p256::ecdsa::Signature {
    let (r, s) = signature.split_scalars();
    p256::ecdsa::Signature::from_scalars(r, -s).unwrap()
}
