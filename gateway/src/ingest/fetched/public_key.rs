//! Public keys that were fetched, and what can be checked with them: RSA (PKCS #1 v1.5) and ECDSA on P-256. Pure.

use std::fmt;
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::pkcs8::DecodePublicKey as _;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use sha1::{Digest as _, Sha1};

/// What a vendor may sign with. The key's kind and this must agree, so a delivery never chooses how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    RsaSha1,
    RsaSha256,
    /// Two numbers of 32 bytes, as in a JWS.
    Es256,
    /// In DER.
    EcdsaSha1,
}

/// The key itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// The point, uncompressed.
    P256(Vec<u8>),
}

/// A key as its vendor gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// What the vendor calls it, where a place holds several.
    pub kid: Option<String>,
    pub material: Material,
    /// Good from and to, of a certificate.
    pub validity: Option<(SystemTime, SystemTime)>,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PublicKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A key of a set (RFC 7517), as far as we read it.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Plaid: when the vendor withdrew it.
    #[serde(default)]
    expired_at: Option<serde_json::Value>,
}

impl PublicKey {
    /// A key of a set; none where it is withdrawn, for another use, or of a kind that we do not read.
    pub fn of_jwk(value: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        if jwk.purpose.is_some_and(|purpose| purpose != "sig")
            || jwk.expired_at.is_some_and(|at| !at.is_null())
        {
            return None;
        }
        let bytes = |text: Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text?).ok();
        let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Material::Rsa { modulus: bytes(jwk.n)?, exponent: bytes(jwk.e)? },
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(jwk.x)?, bytes(jwk.y)?);
                let is_whole = x.len() == 32 && y.len() == 32;
                Material::P256(is_whole.then(|| [&[4][..], &x, &y].concat())?)
            }
            _ => return None,
        };
        Some(Self { kid: jwk.kid, material, validity: None })
    }

    /// A key on P-256 as its PEM.
    pub fn of_p256_pem(kid: &str, pem: &str) -> Option<Self> {
        let key = p256::PublicKey::from_public_key_pem(pem).ok()?;
        let point = p256::ecdsa::VerifyingKey::from(key).to_encoded_point(false);
        let material = Material::P256(point.as_bytes().to_vec());
        Some(Self { kid: Some(kid.to_owned()), material, validity: None })
    }

    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        self.validity.is_none_or(|(from, to)| from <= now && now <= to)
    }

    /// Whether this signature of this message was made by the key's owner. Nothing here is secret, so time tells nothing.
    pub fn proves(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (&self.material, algorithm) {
            (Material::Rsa { modulus, exponent }, Algorithm::RsaSha256 | Algorithm::RsaSha1) => {
                let parameters = match algorithm {
                    Algorithm::RsaSha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                    _ => &RSA_PKCS1_2048_8192_SHA256,
                };
                let key = RsaPublicKeyComponents { n: modulus.as_slice(), e: exponent.as_slice() };
                key.verify(parameters, message, signature).is_ok()
            }
            (Material::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            (Material::P256(point), Algorithm::EcdsaSha1) => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = p256::ecdsa::Signature::from_der(signature);
                let (Ok(key), Ok(signature)) = (key, signature) else { return false };
                key.verify_prehash(&Sha1::digest(message), &signature).is_ok()
            }
            _ => false,
        }
    }
}
