//! Keys that tokens are checked with: each has its own list of algorithms, so a token never chooses how it is read. Pure.

use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

/// What a modulus of RSA has at least (RFC 7518 §3.3).
const RSA_BYTES_MIN: usize = 2_048 / 8;
/// More cost the time of a whole page of events to check.
const RSA_BYTES_MAX: usize = 4_096 / 8;

/// Every algorithm that a key may list.
pub const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// The algorithm of this name.
pub fn algorithm(name: &str) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

pub fn is_shared(algorithm: Algorithm) -> bool {
    algorithm.family() == AlgorithmFamily::Hmac
}

/// One key.
#[derive(Clone)]
pub struct Key {
    pub(super) kid: Option<String>,
    /// At least one, all of one family.
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("kid", &self.kid)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// A key that both sides know.
    pub fn shared(kid: Option<String>, algorithms: Vec<Algorithm>, secret: &[u8]) -> Self {
        Self { kid, algorithms, decoding: DecodingKey::from_secret(secret) }
    }

    /// A public key as PEM.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn of_pem(kid: Option<String>, algorithms: Vec<Algorithm>, pem: &[u8]) -> Result<Self, String> {
        if pem.windows(11).any(|at| at == b"PRIVATE KEY") {
            return Err("this is a private key; a gateway needs the public one alone".into());
        }
        let family = algorithms.first().ok_or("a key needs an algorithm")?.family();
        let decoding = match family {
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem),
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem),
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem(pem),
            AlgorithmFamily::Hmac => return Err("a public key is no secret of HS256".into()),
        };
        let decoding =
            decoding.map_err(|error| format!("this is no public key of {:?}: {error}", algorithms[0]))?;
        Self { kid, algorithms, decoding }.checked()
    }

    /// A key of a set, with the algorithms that it names, or those of its kind.
    ///
    /// # Errors
    /// Why it cannot be used: a shared secret, another use, a kind that we do not read.
    pub(super) fn of_jwk(jwk: &Jwk) -> Result<Self, String> {
        if matches!(&jwk.common.public_key_use, Some(purpose) if *purpose != PublicKeyUse::Signature) {
            return Err("it is not for signatures".into());
        }
        let possible: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => AlgorithmFamily::Rsa.algorithms(),
            AlgorithmParameters::EllipticCurve(it) if it.curve == EllipticCurve::P256 => &[Algorithm::ES256],
            AlgorithmParameters::EllipticCurve(it) if it.curve == EllipticCurve::P384 => &[Algorithm::ES384],
            AlgorithmParameters::OctetKeyPair(it) if it.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            AlgorithmParameters::OctetKey(_) => return Err("a shared secret has no place in a set".into()),
            _ => return Err("its kind or curve is not supported".into()),
        };
        let algorithms: Vec<_> = match jwk.common.key_algorithm {
            None => possible.to_vec(),
            Some(named) => possible.iter().copied().filter(|it| KeyAlgorithm::from(*it) == named).collect(),
        };
        if algorithms.is_empty() {
            return Err("its `alg` is not one of its kind".into());
        }
        let decoding = DecodingKey::from_jwk(jwk).map_err(|error| error.to_string())?;
        Self { kid: jwk.common.key_id.clone(), algorithms, decoding }.checked()
    }

    /// The public key of our own signatures.
    pub(super) fn of_ed25519(kid: String, public: &[u8; 32]) -> Self {
        let decoding = DecodingKey::from_ed_der(public);
        Self { kid: Some(kid), algorithms: vec![Algorithm::EdDSA], decoding }
    }

    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether whoever checks with it could sign with it.
    pub fn is_shared(&self) -> bool {
        self.algorithms.iter().copied().any(is_shared)
    }

    /// A key of the wrong size would fail with every token, or panic in the library (Ed25519 below 32 bytes): found here.
    fn checked(self) -> Result<Self, String> {
        let as_jwk = Jwk::from_decoding_key(&self.decoding, None);
        match as_jwk.map_err(|error| error.to_string())?.algorithm {
            AlgorithmParameters::RSA(key) => {
                let bytes = key.n.len() * 3 / 4;
                if !(RSA_BYTES_MIN..=RSA_BYTES_MAX).contains(&bytes) {
                    return Err(format!(
                        "a key of RSA has 2048 to 4096 bits, but this one has {}",
                        bytes * 8
                    ));
                }
            }
            AlgorithmParameters::EllipticCurve(key) => {
                let curve = match key.curve {
                    EllipticCurve::P256 => Algorithm::ES256,
                    EllipticCurve::P384 => Algorithm::ES384,
                    _ => return Err("its curve is not supported".into()),
                };
                if self.algorithms.iter().any(|it| *it != curve) {
                    return Err(format!("this key's curve is that of {curve:?}"));
                }
            }
            _ => {}
        }
        for algorithm in &self.algorithms {
            // A signature of nothing is false, but a key that cannot be used is an error.
            if let Err(error) = jsonwebtoken::crypto::verify("AA", b"", &self.decoding, *algorithm)
                && !matches!(error.kind(), jsonwebtoken::errors::ErrorKind::InvalidSignature)
            {
                return Err(format!("it cannot be used for {algorithm:?}: {error}"));
            }
        }
        Ok(self)
    }
}
