//! Who thinks up a provider's secret, and one that it takes where that is the operator. A row tells people where its secret
//! comes from; the same sentence decides here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Provider;
use crate::ingest::key::KeyForm;
use crate::ingest::method::Scheme;

/// Of random bytes: as strong as any key that follows from them, and in hexadecimal within what forms take (64 letters).
const RANDOM_BYTES: usize = 24;
/// As Standard Webhooks asks (24 to 64), and what a base64 key of HMAC-SHA256 has.
const KEY_BYTES: usize = 32;

/// What a row says where it is the operator who thinks the secret up.
const OPERATORS_WORDS: [&str; 19] = [
    "of that call,",
    "of that call.",
    "of that call:",
    "of that command,",
    "you enter",
    "you choose",
    "you chose",
    "you make up",
    "you made up",
    "make up a",
    "of yours",
    "given in that call",
    "given there",
    "given or made",
    "that the sender signs with",
    "that the sender puts",
    "The text under Secret",
    "The token. For",
    "the prefix may be missing",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chooser {
    Operator,
    Vendor,
    /// Nothing is secret here.
    Nobody,
}

impl Provider {
    pub fn chooser(&self) -> Chooser {
        if !self.needs_secret() {
            return Chooser::Nobody;
        }
        let is_operators =
            self.is_own() || OPERATORS_WORDS.iter().any(|words| self.row.secret.contains(words));
        let first = self.row.methods.first().map(|method| &method.scheme);
        let can_be_made = matches!(first, Some(Scheme::Hmac(_) | Scheme::Digest(_) | Scheme::Token));
        if is_operators && can_be_made && !self.captures() { Chooser::Operator } else { Chooser::Vendor }
    }

    /// A secret that nobody knows yet, in the form that the row's first method takes.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn fresh_secret(&self) -> Result<String, getrandom::Error> {
        let Some(rule) = self.row.methods.first().map(|method| &method.key) else { return fresh_word() };
        let prefix = rule.only.first().or(rule.strip.first()).map_or("", String::as_str);
        Ok(match rule.form {
            KeyForm::Base64 => format!("{prefix}{}", STANDARD.encode(random::<KEY_BYTES>()?)),
            KeyForm::Hex => format!("{prefix}{}", hex::encode(random::<KEY_BYTES>()?)),
            // Basic authentication has a name too.
            KeyForm::Utf8 if self.row.secret.starts_with("user:password") => {
                format!("hookcast:{}", fresh_word()?)
            }
            KeyForm::Utf8 | KeyForm::Sha1 => {
                format!("{}{}", rule.only.first().map_or("", String::as_str), fresh_word()?)
            }
        })
    }
}

/// A word of letters and digits that nobody guesses.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh_word() -> Result<String, getrandom::Error> {
    Ok(hex::encode(random::<RANDOM_BYTES>()?))
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::providers::Catalogue;

    #[test]
    fn who_thinks_up_the_secret_is_what_the_row_tells_people() {
        let catalogue = Catalogue::built_in();
        for (name, chooser) in [
            ("github", Chooser::Operator),
            ("standard-webhooks", Chooser::Operator),
            ("hmac", Chooser::Operator),
            ("token", Chooser::Operator),
            ("twitch", Chooser::Operator),
            ("svix", Chooser::Vendor),
            ("stripe", Chooser::Vendor),
            ("shopify", Chooser::Vendor),
            ("discord", Chooser::Vendor),
            ("notion", Chooser::Vendor),
            ("none", Chooser::Nobody),
        ] {
            assert_eq!(catalogue.get(name).unwrap().chooser(), chooser, "{name}");
        }
    }

    #[test]
    fn a_fresh_secret_is_one_that_its_provider_takes() {
        let mut made = 0;
        for provider in Catalogue::built_in().iter().filter(|it| it.chooser() == Chooser::Operator) {
            let secret = provider.fresh_secret().unwrap();
            assert_ne!(secret, provider.fresh_secret().unwrap());
            let secret = crate::secret::Secret::new(secret);
            assert!(provider.row.verifier(&[secret]).is_ok(), "{}", provider.slug);
            made += 1;
        }
        assert!(made > 50, "{made}");
        let whsec = Catalogue::built_in().get("standard-webhooks").unwrap().fresh_secret().unwrap();
        assert!(whsec.starts_with("whsec_") && whsec.len() == 50, "{whsec}");
    }
}
