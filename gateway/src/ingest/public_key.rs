//! Public keys of providers that sign with private ones: Ed25519, ECDSA on P-256 and RSA (PKCS#1 v1.5). Where a private key
//! is configured in the public one's place it verifies all the same, and signs samples.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey as EdSigningKey, VerifyingKey as EdKey};
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p256::ecdsa::{Signature as EcSignature, SigningKey as EcSigningKey, VerifyingKey as EcKey};
use rsa::pkcs1::{DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};

use crate::mistake::Mistake;

use super::mac::{Hash, Hasher};
use super::signature::Encoding;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicAlgorithm {
    Ed25519,
    /// Signatures in DER; [`PublicKey::verify_fixed`] takes the 64 bytes that JWS writes.
    EcdsaP256(Hash),
    /// PKCS#1 v1.5.
    Rsa(Hash),
}

impl PublicAlgorithm {
    fn message(self) -> Message {
        match self {
            Self::Ed25519 => Message::Whole(Vec::new()),
            Self::EcdsaP256(hash) | Self::Rsa(hash) => Message::Hashed(hash, Box::new(Hasher::new(hash))),
        }
    }
}

/// How a key is written down once its text is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShape {
    /// The bare point or key: 32 bytes of Ed25519, or a SEC 1 point.
    Raw,
    /// DER `SubjectPublicKeyInfo`, or PKCS#8 where it is private.
    Der,
    Pem,
}

/// RSA below this is broken; above the other bound it only costs us time, and the library reads none.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=RsaPublicKey::MAX_SIZE;

#[derive(Clone)]
pub struct PublicKey {
    algorithm: PublicAlgorithm,
    key: Key,
}

#[derive(Clone)]
enum Key {
    Ed25519(Box<EdKey>, Option<Box<EdSigningKey>>),
    EcdsaP256(Box<EcKey>, Option<Box<EcSigningKey>>),
    Rsa(Box<RsaPublicKey>, Option<Box<RsaPrivateKey>>),
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({:?})", self.algorithm)
    }
}

fn wrong(what: &str) -> Mistake {
    Mistake::new(what, "copy the whole public key again from the provider's page")
}

impl PublicKey {
    /// Reads a key; the message names what was expected, never the key.
    pub fn read(algorithm: PublicAlgorithm, shape: KeyShape, bytes: &[u8]) -> Result<Self, Mistake> {
        let text = || std::str::from_utf8(bytes).map(str::trim).map_err(|_| wrong("a PEM key is a text"));
        let key = match (algorithm, shape) {
            (PublicAlgorithm::Ed25519, KeyShape::Raw) => ed25519(bytes)?,
            (PublicAlgorithm::Ed25519, KeyShape::Der) => ed25519_der(bytes)?,
            (PublicAlgorithm::Ed25519, KeyShape::Pem) => ed25519_der(&der_of(text()?)?)?,
            (PublicAlgorithm::EcdsaP256(_), KeyShape::Raw) => {
                let key = EcKey::from_sec1_bytes(bytes);
                Key::EcdsaP256(Box::new(key.map_err(|_| wrong("these bytes are no point on P-256"))?), None)
            }
            (PublicAlgorithm::EcdsaP256(_), KeyShape::Der) => p256_der(bytes)?,
            (PublicAlgorithm::EcdsaP256(_), KeyShape::Pem) => p256_der(&der_of(text()?)?)?,
            (PublicAlgorithm::Rsa(_), KeyShape::Raw) => {
                return Err(Mistake::new(
                    "an RSA key is no bare number",
                    "write key = \"pem\" or key = \"spki-base64\"",
                ));
            }
            (PublicAlgorithm::Rsa(_), KeyShape::Der) => rsa_der(bytes)?,
            (PublicAlgorithm::Rsa(_), KeyShape::Pem) => rsa_der(&der_of(text()?)?)?,
        };
        Ok(Self { algorithm, key })
    }

    /// An RSA key as its two numbers.
    pub fn of_rsa(hash: Hash, modulus: &[u8], exponent: &[u8]) -> Result<Self, Mistake> {
        let number = rsa::BigUint::from_bytes_be;
        let public = RsaPublicKey::new(number(modulus), number(exponent));
        let key = bounded(public.map_err(|_| wrong("these numbers are no RSA public key"))?, None)?;
        Ok(Self { algorithm: PublicAlgorithm::Rsa(hash), key })
    }

    /// The check of one message, which is given run by run.
    pub fn message(&self) -> Message {
        self.algorithm.message()
    }

    /// Whether this key's owner signed the message so. Of whoever says the algorithm with each delivery only the hash is
    /// believed: that it is one for such a key is seen to here.
    pub fn proves(&self, algorithm: PublicAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        let is_of_kind = std::mem::discriminant(&algorithm) == std::mem::discriminant(&self.algorithm);
        let mut runs = algorithm.message();
        runs.update(message);
        is_of_kind && self.verifies(&runs.finish(), signature)
    }

    pub fn algorithm(&self) -> PublicAlgorithm {
        self.algorithm
    }

    pub fn can_sign(&self) -> bool {
        match &self.key {
            Key::Ed25519(_, key) => key.is_some(),
            Key::EcdsaP256(_, key) => key.is_some(),
            Key::Rsa(_, key) => key.is_some(),
        }
    }
}

/// What is signed, as far as the algorithm needs it: RSA and ECDSA take its hash, so a large body is not copied.
#[derive(Debug, Clone)]
pub enum Message {
    Whole(Vec<u8>),
    Hashed(Hash, Box<Hasher>),
}

impl Message {
    pub fn update(&mut self, run: &[u8]) {
        match self {
            Self::Whole(bytes) => bytes.extend_from_slice(run),
            Self::Hashed(_, hasher) => hasher.update(run),
        }
    }

    pub fn finish(self) -> Finished {
        match self {
            Self::Whole(bytes) => Finished { hash: None, bytes },
            Self::Hashed(hash, hasher) => {
                Finished { hash: Some(hash), bytes: hasher.finish().as_bytes().to_vec() }
            }
        }
    }
}

/// A whole message or its digest.
#[derive(Debug, Clone)]
pub struct Finished {
    hash: Option<Hash>,
    bytes: Vec<u8>,
}

impl PublicKey {
    pub fn verifies(&self, message: &Finished, signature: &[u8]) -> bool {
        match &self.key {
            Key::Ed25519(key, _) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(&message.bytes, &signature).is_ok()),
            Key::EcdsaP256(key, _) => EcSignature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&message.bytes, &signature).is_ok()),
            Key::Rsa(key, _) => padding(message.hash)
                .is_some_and(|padding| key.verify(padding, &message.bytes, signature).is_ok()),
        }
    }

    /// The one spelling of a signature that fits. Of ECDSA there are two, and whoever has one can write the other: an old
    /// delivery would look new.
    pub fn canonical(&self, signature: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::EcdsaP256(..) => EcSignature::from_der(signature).map_or_else(
                |_| signature.to_vec(),
                |signature| signature.normalize_s().unwrap_or(signature).to_bytes().to_vec(),
            ),
            Key::Ed25519(..) | Key::Rsa(..) => signature.to_vec(),
        }
    }

    /// As [`Self::verifies`], with ECDSA's signature as JWS has it: the two numbers one after the other.
    pub fn verifies_fixed(&self, message: &Finished, signature: &[u8]) -> bool {
        match &self.key {
            Key::EcdsaP256(key, _) => EcSignature::from_slice(signature)
                .is_ok_and(|signature| key.verify_prehash(&message.bytes, &signature).is_ok()),
            _ => self.verifies(message, signature),
        }
    }

    /// A signature, where a private key is configured.
    pub fn sign(&self, message: &Finished) -> Option<Vec<u8>> {
        match &self.key {
            Key::Ed25519(_, key) => Some(key.as_ref()?.sign(&message.bytes).to_bytes().to_vec()),
            Key::EcdsaP256(..) => Some(self.ecdsa(message)?.to_der().as_bytes().to_vec()),
            Key::Rsa(_, key) => key.as_ref()?.sign(padding(message.hash)?, &message.bytes).ok(),
        }
    }

    /// As [`Self::sign`], in JWS's form.
    pub fn sign_fixed(&self, message: &Finished) -> Option<Vec<u8>> {
        match &self.key {
            Key::EcdsaP256(..) => Some(self.ecdsa(message)?.to_bytes().to_vec()),
            _ => self.sign(message),
        }
    }

    fn ecdsa(&self, message: &Finished) -> Option<EcSignature> {
        let Key::EcdsaP256(_, Some(key)) = &self.key else { return None };
        key.sign_prehash(&message.bytes).ok()
    }
}

/// ECDSA's signature in DER, from the two numbers that a JWS writes one after the other.
pub fn der_of_fixed(signature: &[u8]) -> Option<Vec<u8>> {
    EcSignature::from_slice(signature).ok().map(|signature| signature.to_der().as_bytes().to_vec())
}

/// PKCS#1's `DigestInfo` in front of the digest: RFC 8017, 9.2, note 1.
fn padding(hash: Option<Hash>) -> Option<Pkcs1v15Sign> {
    let (hash_len, prefix): (usize, &[u8]) = match hash? {
        Hash::Md5 => return None,
        Hash::Sha1 => (20, b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"),
        Hash::Sha256 => (32, b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"),
        Hash::Sha384 => (48, b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"),
        Hash::Sha512 => (64, b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"),
    };
    Some(Pkcs1v15Sign { hash_len: Some(hash_len), prefix: prefix.into() })
}

/// What stands between the two lines of a PEM. Pasted into a variable it often has its line breaks as spaces, or as `\n`
/// spelt out.
fn der_of(pem: &str) -> Result<Vec<u8>, Mistake> {
    let unescaped = pem.replace("\\n", "\n");
    let inner = unescaped
        .split_once("-----BEGIN ")
        .and_then(|(_, rest)| rest.split_once("-----"))
        .and_then(|(_, rest)| rest.split_once("-----END "));
    let text = inner.map(|(inner, _)| inner.split_whitespace().collect::<String>());
    text.and_then(|text| Encoding::Base64.decode(&text))
        .ok_or_else(|| wrong("this key is no PEM, which begins with -----BEGIN PUBLIC KEY-----"))
}

/// 32 bytes are a public key. 64 are a private key and its public one: these sign too, which `send` and the demo need.
fn ed25519(bytes: &[u8]) -> Result<Key, Mistake> {
    if let Ok(pair) = <&[u8; 64]>::try_from(bytes) {
        let signing = EdSigningKey::from_keypair_bytes(pair)
            .map_err(|_| wrong("the two halves of this Ed25519 key pair do not belong together"))?;
        return Ok(Key::Ed25519(Box::new(signing.verifying_key()), Some(Box::new(signing))));
    }
    let public = <&[u8; 32]>::try_from(bytes).map_err(|_| wrong("an Ed25519 public key has 32 bytes"))?;
    let key = EdKey::from_bytes(public).map_err(|_| wrong("these bytes are no Ed25519 public key"))?;
    Ok(Key::Ed25519(Box::new(key), None))
}

/// The DER around an Ed25519 key never varies (RFC 8410): what is before its 32 bytes says which of the two it is.
fn ed25519_der(der: &[u8]) -> Result<Key, Mistake> {
    const PUBLIC: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    const PRIVATE: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    if let Some(public) = der.strip_prefix(PUBLIC) {
        return ed25519(public);
    }
    let secret = der.strip_prefix(PRIVATE).and_then(|secret| <&[u8; 32]>::try_from(secret).ok());
    let signing = EdSigningKey::from_bytes(secret.ok_or_else(|| wrong("this is no Ed25519 public key"))?);
    Ok(Key::Ed25519(Box::new(signing.verifying_key()), Some(Box::new(signing))))
}

fn p256_der(der: &[u8]) -> Result<Key, Mistake> {
    if let Ok(key) = EcKey::from_public_key_der(der) {
        return Ok(Key::EcdsaP256(Box::new(key), None));
    }
    let secret = p256::SecretKey::from_pkcs8_der(der).or_else(|_| p256::SecretKey::from_sec1_der(der));
    let signing = EcSigningKey::from(secret.map_err(|_| wrong("this is no public key on the curve P-256"))?);
    Ok(Key::EcdsaP256(Box::new(EcKey::from(&signing)), Some(Box::new(signing))))
}

fn rsa_der(der: &[u8]) -> Result<Key, Mistake> {
    let public = RsaPublicKey::from_public_key_der(der).or_else(|_| RsaPublicKey::from_pkcs1_der(der));
    let (public, private) = if let Ok(public) = public {
        (public, None)
    } else {
        let private = RsaPrivateKey::from_pkcs8_der(der).or_else(|_| RsaPrivateKey::from_pkcs1_der(der));
        let private = private.map_err(|_| wrong("this is no RSA public key"))?;
        (private.to_public_key(), Some(Box::new(private)))
    };
    bounded(public, private)
}

fn bounded(public: RsaPublicKey, private: Option<Box<RsaPrivateKey>>) -> Result<Key, Mistake> {
    let bits = public.n().bits();
    if !RSA_BITS.contains(&bits) {
        let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
        return Err(wrong(&format!("an RSA key has {least} to {most} bits, but this one has {bits}")));
    }
    Ok(Key::Rsa(Box::new(public), private))
}
