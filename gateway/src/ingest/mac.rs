//! HMAC over the hash functions that providers use. The key is prepared once, when the configuration is read.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// A keyed HMAC that has read some bytes. Clone the prepared one for each message.
#[derive(Clone)]
pub enum Hmacs {
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
            Hash::Sha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(bytes),
            Self::Sha256(mac) => mac.update(bytes),
            Self::Sha384(mac) => mac.update(bytes),
            Self::Sha512(mac) => mac.update(bytes),
        }
    }

    pub fn finish(self) -> Digest {
        match self {
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
