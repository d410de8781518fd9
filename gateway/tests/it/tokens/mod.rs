//! Whose tokens are taken: algorithms, key sets, issuers, and what a client on the socket is told.

mod algorithms;
mod key_sets;
mod provider;
mod refusals;

use std::path::Path;
use std::process::Command;

use hookcast::auth::Auth;
use hookcast::auth::keyring::{Keyring, Pace};
use hookcast::auth::rulebook::Rules;
use hookcast::config::environment::Environment;
use hookcast::config::{Config, Overrides};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;

const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
const ED25519: &[&str] = &["-algorithm", "ED25519"];

/// A pair of keys, made by openssl.
struct Pair {
    private: Vec<u8>,
    public: String,
}

impl Pair {
    fn new(kind: &[&str]) -> Self {
        let private = openssl(&[&["genpkey"], kind].concat(), &[]);
        let public = openssl(&["pkey", "-pubout"], &private);
        Self { private, public: String::from_utf8(public).unwrap() }
    }

    fn encoding(&self, algorithm: Algorithm) -> EncodingKey {
        let read = match format!("{algorithm:?}").as_bytes()[0] {
            b'R' | b'P' => EncodingKey::from_rsa_pem,
            b'E' if algorithm == Algorithm::EdDSA => EncodingKey::from_ed_pem,
            _ => EncodingKey::from_ec_pem,
        };
        read(&self.private).unwrap()
    }

    fn sign(&self, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, &self.encoding(algorithm)).unwrap()
    }

    /// Its public half as one key of a set.
    fn jwk(&self, algorithm: Algorithm, kid: &str) -> Value {
        let jwk = Jwk::from_encoding_key(&self.encoding(algorithm), algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = kid.into();
        jwk
    }
}

fn openssl(arguments: &[&str], stdin: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

/// Claims of a token that is good for a minute.
fn claims() -> Value {
    json!({ "exp": hookcast::auth::now_seconds() + 60, "sub": "ann", "hookcast": { "subscribe": ["github/**"] } })
}

/// Reads a configuration with these files beside it.
fn config(text: &str, files: &[(&str, &str)]) -> (Result<Config, String>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    (read(text, folder.path()), folder)
}

fn read(text: &str, folder: &Path) -> Result<Config, String> {
    Config::of_text("hookcast.toml", text, folder, &Overrides::default(), Environment::default())
        .map_err(|report| report.to_string())
}

/// The keeper of tokens that a configuration describes. Fetches as often as it is asked to.
fn auth(text: &str, files: &[(&str, &str)]) -> Auth {
    let config = config(text, files).0.unwrap_or_else(|report| panic!("{report}"));
    auth_at(config, Pace::default())
}

fn auth_at(config: Config, pace: Pace) -> Auth {
    let rules = Rules {
        secrets: config.auth.secrets,
        main: config.auth.main,
        issuers: config.auth.issuers,
        anonymous: config.auth.anonymous,
        token_bytes: 8 * 1024,
        ..Rules::default()
    };
    let client = hookcast::outbound::client().unwrap();
    Auth::of_rules(rules, |issuer| Some(Keyring::new(issuer.jwks.clone()?, client.clone(), pace)))
}
