//! The keys of one method, ready to use, and the one comparison of what was signed with what came.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::code::CodeKey;
use super::handshake::SigningKey;
use super::jws::JwsKey;
use super::mac::{Hash, Hasher, Hmacs};
use super::method::{MethodRule, Scheme};
use super::public_key::PublicKey;
use super::signature::Candidates;
use super::template::{Absent, Reading, Template};

#[derive(Clone)]
pub enum Keys {
    Hmac(Vec<Hmacs>),
    Public(Vec<PublicKey>),
    /// A plain hash with the secret somewhere in it.
    Digest(Hash, Vec<Secret>),
    /// The tokens, and their SHA-256: digests are compared, so that length tells nothing.
    Token(Vec<(Secret, [u8; 32])>),
    Jws(Vec<JwsKey>),
    Code(Vec<CodeKey>),
    /// What a vendor whose key is fetched is verified with.
    Fetched(Vec<Secret>),
    None,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(…)")
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Compared {
    /// The place of a candidate that fits.
    pub fitted: Option<usize>,
    pub signed_bytes: usize,
}

impl Keys {
    /// The keys of those secrets that are meant for this method; none where none is.
    ///
    /// # Errors
    /// What cannot be a key, at the secret's index.
    pub fn prepare(rule: &MethodRule, secrets: &[Secret]) -> Result<Option<Self>, Vec<Mistake>> {
        if rule.scheme == Scheme::None {
            return Ok(Some(Self::None));
        }
        let mut mistakes = Vec::new();
        let mut keys = Vec::new();
        for (index, secret) in secrets.iter().enumerate().filter(|(_, secret)| rule.key.takes(secret)) {
            match rule.key.key(secret) {
                Ok(key) => keys.push((index, key)),
                Err(mistake) => mistakes.push(mistake.at_index(index)),
            }
        }
        let all = || keys.iter().map(|(_, key)| key);
        let prepared = match &rule.scheme {
            Scheme::Hmac(hash) => Self::Hmac(all().map(|key| Hmacs::new(*hash, key)).collect()),
            Scheme::Digest(hash) => Self::Digest(*hash, all().map(|key| Secret::new(key.clone())).collect()),
            Scheme::Token => {
                let token = |key: &Vec<u8>| (Secret::new(key.clone()), Sha256::digest(key).into());
                Self::Token(all().map(token).collect())
            }
            Scheme::PublicKey(algorithm) => {
                let shape = rule.key.shape;
                let read = read(&keys, &mut mistakes, |key| PublicKey::read(*algorithm, shape, key));
                // What the operator configures takes the place of the vendor's own: a sandbox has another key.
                Self::Public(if read.is_empty() { rule.public_keys.clone() } else { read })
            }
            Scheme::Jws(jws) => {
                let all = read(&keys, &mut mistakes, |key| jws.keys(rule.key.shape, key));
                Self::Jws(all.into_iter().flatten().collect())
            }
            Scheme::Code(vendor, _) => {
                let code = vendor.code();
                Self::Code(read(&keys, &mut mistakes, |key| code.key(&Secret::new(key))))
            }
            Scheme::Fetched => Self::Fetched(read(&keys, &mut mistakes, |key| {
                let secret = Secret::new(key);
                match &rule.fetched {
                    Some(rule) => rule.check_secret(&secret).map(|()| secret),
                    None => Ok(secret),
                }
            })),
            Scheme::None => Self::None,
        };
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok((!keys.is_empty() || !rule.public_keys.is_empty()).then_some(prepared))
    }

    /// The one spelling of a signature that fits.
    pub fn canonical(&self, signature: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Public(keys) => keys.first().map_or_else(Vec::new, |key| key.canonical(&signature)),
            _ => signature,
        }
    }

    /// The first key that could sign an answer.
    pub fn signing(&self) -> Option<SigningKey<'_>> {
        match self {
            Self::Hmac(keys) => keys.first().map(|mac| SigningKey { name: "", mac }),
            Self::Code(keys) => keys.first().map(|key| SigningKey { name: &key.name, mac: &key.mac }),
            _ => None,
        }
    }

    /// Tries every candidate against every key, whether or not one fitted before.
    ///
    /// # Errors
    /// When the message cannot be made because a part of it is absent.
    pub fn compare(
        &self,
        message: &Template,
        reading: &Reading<'_>,
        candidates: &Candidates,
    ) -> Result<Compared, Absent> {
        let mut compared = Compared::default();
        let decoded = || candidates.decoded.iter().enumerate();
        match self {
            Self::Hmac(keys) => {
                for key in keys {
                    let mut mac = key.clone();
                    compared.signed_bytes = 0;
                    message.feed(reading, |run| {
                        compared.signed_bytes += run.len();
                        mac.update(run);
                    })?;
                    let digest = mac.finish();
                    for (index, candidate) in decoded() {
                        let fits: bool = digest.as_bytes().ct_eq(candidate).into();
                        // The last candidate that fits, whichever key it fits: an event may be told apart by it.
                        compared.note(fits && compared.fitted <= Some(index), index);
                    }
                }
            }
            Self::Digest(hash, secrets) => {
                for secret in secrets {
                    let reading = Reading { secret: Some(secret.expose()), ..*reading };
                    let mut hasher = Hasher::new(*hash);
                    compared.signed_bytes = 0;
                    message.feed(&reading, |run| {
                        compared.signed_bytes += run.len();
                        hasher.update(run);
                    })?;
                    let digest = hasher.finish();
                    for (index, candidate) in decoded() {
                        compared.note(digest.as_bytes().ct_eq(candidate).into(), index);
                    }
                }
            }
            Self::Public(keys) => compared.public(keys, message, reading, candidates)?,
            Self::Token(tokens) => {
                for (index, candidate) in decoded() {
                    let digest: [u8; 32] = Sha256::digest(candidate).into();
                    for (_, token) in tokens {
                        compared.note(digest.ct_eq(token).into(), index);
                    }
                }
            }
            Self::Jws(_) | Self::Code(_) | Self::Fetched(_) | Self::None => {}
        }
        Ok(compared)
    }
}

/// Reads each secret's bytes as a key; what is none is a mistake at the secret's index.
fn read<K>(
    keys: &[(usize, Vec<u8>)],
    mistakes: &mut Vec<Mistake>,
    read: impl Fn(&[u8]) -> Result<K, Mistake>,
) -> Vec<K> {
    let mut all = Vec::new();
    for (index, key) in keys {
        match read(key) {
            Ok(key) => all.push(key),
            Err(mistake) => mistakes.push(mistake.at_index(*index)),
        }
    }
    all
}

impl Compared {
    fn note(&mut self, fits: bool, index: usize) {
        if fits {
            self.fitted = Some(index);
        }
    }

    fn public(
        &mut self,
        keys: &[PublicKey],
        message: &Template,
        reading: &Reading<'_>,
        candidates: &Candidates,
    ) -> Result<(), Absent> {
        // All keys of a method have its algorithm: the message is the same for each.
        let Some(mut signed) = keys.first().map(PublicKey::message) else { return Ok(()) };
        message.feed(reading, |run| {
            self.signed_bytes += run.len();
            signed.update(run);
        })?;
        let signed = signed.finish();
        for (index, candidate) in candidates.decoded.iter().enumerate() {
            for key in keys {
                self.note(key.verifies(&signed, candidate), index);
            }
        }
        Ok(())
    }
}
