//! From a configured secret to the key's bytes. What cannot be a key is refused when the configuration is read.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::mac::{Hash, Hasher};
use super::public_key::KeyShape;

/// Vendors give base64 keys with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// The text itself.
    Utf8,
    Hex,
    Base64,
    /// The SHA-1 of the text, as Braintree makes its key.
    Sha1,
}

/// How a secret becomes a key, and which of a source's secrets are meant for this method at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRule {
    pub form: KeyForm,
    /// What a public key is once its text is decoded; other methods do not ask.
    pub shape: KeyShape,
    /// Prefixes that are no part of the key; the first that fits is taken off.
    pub strip: Vec<String>,
    /// Only secrets with one of these prefixes; none: all.
    pub only: Vec<String>,
    /// No secret with one of these prefixes.
    pub unless: Vec<String>,
}

impl KeyRule {
    pub fn plain(form: KeyForm) -> Self {
        Self { form, shape: KeyShape::Raw, strip: Vec::new(), only: Vec::new(), unless: Vec::new() }
    }

    /// Whether this secret is meant for the method that has this rule.
    pub fn takes(&self, secret: &Secret) -> bool {
        let begins = |prefix: &String| secret.expose().starts_with(prefix.as_bytes());
        (self.only.is_empty() || self.only.iter().any(begins)) && !self.unless.iter().any(begins)
    }

    pub fn key(&self, secret: &Secret) -> Result<Vec<u8>, Mistake> {
        let text = secret.expose();
        let stripped = self.strip.iter().find_map(|prefix| text.strip_prefix(prefix.as_bytes()));
        let text = stripped.unwrap_or(text);
        // The secret is never part of the message: a mistake is printed.
        let (decoded, expected) = match self.form {
            KeyForm::Utf8 => (Some(text.to_vec()), "a text"),
            KeyForm::Hex => (hex::decode(text).ok(), "hexadecimal digits"),
            KeyForm::Base64 => (BASE64.decode(text).ok(), "base64"),
            // Of nothing there is a SHA-1 too, but it would be a key that everybody knows.
            KeyForm::Sha1 if text.is_empty() => (Some(Vec::new()), "a text"),
            KeyForm::Sha1 => (Some(Hasher::of(Hash::Sha1, text).as_bytes().to_vec()), "a text"),
        };
        match decoded {
            Some(key) if key.is_empty() => Err(Mistake::new(
                "the secret is empty",
                "set the secret that the provider shows; check the variable or file that it comes from",
            )),
            Some(key) => Ok(key),
            None => Err(Mistake::new(
                format!("this provider's secret is {expected}, but this one cannot be decoded"),
                "copy the whole secret again, without quotes or spaces",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_become_keys_or_are_refused_at_load() {
        let base64 = KeyRule { strip: vec!["whsec_".into()], ..KeyRule::plain(KeyForm::Base64) };
        let hex = KeyRule::plain(KeyForm::Hex);
        let utf8 = KeyRule::plain(KeyForm::Utf8);
        let sha1 = KeyRule::plain(KeyForm::Sha1);
        for (rule, secret, expected) in [
            (&base64, "whsec_AAEC", Some(vec![0, 1, 2])),
            (&base64, "AAEC", Some(vec![0, 1, 2])),
            (&base64, "AA", Some(vec![0])),
            (&base64, "AA==", Some(vec![0])),
            (&base64, "whsec_", None),
            (&base64, "not base64!", None),
            (&hex, "00ff", Some(vec![0, 255])),
            (&hex, "0", None),
            (&utf8, "whsec_AAEC", Some(b"whsec_AAEC".to_vec())),
            (&utf8, "", None),
            (&sha1, "", None),
            (
                &sha1,
                "integration_private_key",
                Some(hex::decode("595532c81f425988ef0d0cdea466625e8723d60a").unwrap()),
            ),
        ] {
            let key = rule.key(&Secret::new(secret));
            assert_eq!(key.clone().ok(), expected, "{secret}");
            if let Err(mistake) = key {
                assert!(secret.len() < 3 || !mistake.to_string().contains(secret), "{mistake}");
            }
        }
    }
}
