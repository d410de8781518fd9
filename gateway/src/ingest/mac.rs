//! HMAC and plain hashes over the functions that providers use. A key is prepared once, when the configuration is read.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// Broken as a hash, but not yet as an HMAC; Patreon knows no other.
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// A keyed HMAC that has read some bytes. Clone the prepared one for each message.
#[derive(Clone)]
pub enum Hmacs {
    Md5(Hmac<Md5>),
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

/// The longest digest, in bytes.
const DIGEST_BYTES_MAX: usize = 64;

/// A finished HMAC.
pub struct Digest {
    bytes: [u8; DIGEST_BYTES_MAX],
    len: usize,
}

impl Digest {
    fn of(found: &[u8]) -> Self {
        let mut bytes = [0; DIGEST_BYTES_MAX];
        bytes[..found.len()].copy_from_slice(found);
        Self { bytes, len: found.len() }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Hmacs {
    pub fn new(hash: Hash, key: &[u8]) -> Self {
        const ANY_LENGTH: &str = "HMAC takes keys of any length";
        match hash {
            Hash::Md5 => Self::Md5(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
        }
    }

    pub fn hash(&self) -> Hash {
        match self {
            Self::Md5(_) => Hash::Md5,
            Self::Sha1(_) => Hash::Sha1,
            Self::Sha256(_) => Hash::Sha256,
            Self::Sha384(_) => Hash::Sha384,
            Self::Sha512(_) => Hash::Sha512,
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(mac) => mac.update(bytes),
            Self::Sha1(mac) => mac.update(bytes),
            Self::Sha256(mac) => mac.update(bytes),
            Self::Sha384(mac) => mac.update(bytes),
            Self::Sha512(mac) => mac.update(bytes),
        }
    }

    pub fn finish(self) -> Digest {
        match self {
            Self::Md5(mac) => Digest::of(&mac.finalize().into_bytes()),
            Self::Sha1(mac) => Digest::of(&mac.finalize().into_bytes()),
            Self::Sha256(mac) => Digest::of(&mac.finalize().into_bytes()),
            Self::Sha384(mac) => Digest::of(&mac.finalize().into_bytes()),
            Self::Sha512(mac) => Digest::of(&mac.finalize().into_bytes()),
        }
    }
}

impl std::fmt::Debug for Hmacs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Hmacs(…)")
    }
}

/// A plain hash that has read some bytes.
#[derive(Debug, Clone)]
pub enum Hasher {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    pub fn new(hash: Hash) -> Self {
        match hash {
            Hash::Md5 => Self::Md5(Md5::new()),
            Hash::Sha1 => Self::Sha1(Sha1::new()),
            Hash::Sha256 => Self::Sha256(Sha256::new()),
            Hash::Sha384 => Self::Sha384(Sha384::new()),
            Hash::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    pub fn finish(self) -> Digest {
        match self {
            Self::Md5(hash) => Digest::of(&hash.finalize()),
            Self::Sha1(hash) => Digest::of(&hash.finalize()),
            Self::Sha256(hash) => Digest::of(&hash.finalize()),
            Self::Sha384(hash) => Digest::of(&hash.finalize()),
            Self::Sha512(hash) => Digest::of(&hash.finalize()),
        }
    }

    /// The hash of one run of bytes.
    pub fn of(hash: Hash, bytes: &[u8]) -> Digest {
        let mut hasher = Self::new(hash);
        hasher.update(bytes);
        hasher.finish()
    }
}
