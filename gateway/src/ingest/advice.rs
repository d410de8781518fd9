//! What is no mistake in a source, but weaker than whoever wrote it may think: told when the configuration is checked and when a
//! secret is exchanged, and nothing is refused for it. Says how long a secret is, never anything of it.

use toml::Table;

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::checks::places;
use super::key::{KeyForm, KeyRule};
use super::method::{MethodRule, Scheme};
use super::providers::Provider;
use super::providers::secret::Chooser;
use super::public_key::KeyShape;
use super::source::Source;

/// As 16 hexadecimal digits are 64 bits. What is shorter is tried out in days: whoever has one signed delivery need not even ask us.
const SECRET_CHARACTERS_MIN: usize = 16;

impl Source {
    /// What to think over in this source, read from `table`; each with its place in it.
    pub fn advice(&self, provider: &Provider, table: &Table) -> Vec<Mistake> {
        let mut all = Vec::new();
        let is_list = table.get("secrets").is_some_and(toml::Value::is_array);
        for (index, secret) in self.secrets().iter().enumerate() {
            if let Some(short) = short_secret(provider, &self.row().methods, secret) {
                let short = if is_list { short.at_index(index) } else { short };
                all.push(short.under("secrets"));
            }
        }
        // What the catalogue says of a vendor is how that vendor sends; an operator may have thought that both are asked for.
        let key = if table.contains_key("verify") { "verify" } else { "provider" };
        if key == "verify" || provider.is_own() {
            let ways: Vec<_> = self.verifier.methods().iter().map(|method| &method.rule).collect();
            all.extend(either(&ways).map(|advice| advice.under(key)));
        }
        all
    }
}

/// Whether a secret is so short that it can be guessed, and what to use.
pub fn short_secret(provider: &Provider, methods: &[MethodRule], secret: &Secret) -> Option<Mistake> {
    let rule = &methods.iter().find(|rule| rule.key.takes(secret) && is_proven_by_secret(rule))?.key;
    let characters = characters(rule, secret, provider.row.secret.starts_with("user:password"));
    if characters >= SECRET_CHARACTERS_MIN {
        return None;
    }
    let title = &provider.row.title;
    let mend = match provider.chooser() {
        Chooser::Operator => {
            let form = if rule.form == KeyForm::Base64 { "-base64" } else { "-hex" };
            let prefix = rule.only.first().or(rule.strip.first()).filter(|_| rule.form == KeyForm::Base64);
            let behind = prefix.map(|prefix| format!(", behind {prefix}")).unwrap_or_default();
            format!("make one with `openssl rand {form} 32`{behind}, and give it to the sender too")
        }
        _ => format!(
            "{title} makes it: copy it again, whole; if it is as short there, it can stay, but ask for a longer one"
        ),
    };
    let s = if characters == 1 { "" } else { "s" };
    Some(Mistake::new(
        format!(
            "a secret of {characters} character{s} may be guessed: {SECRET_CHARACTERS_MIN} are the least that is safe"
        ),
        mend,
    ))
}

/// A public key is no secret, and what a fetched key is looked up by is none.
fn is_proven_by_secret(rule: &MethodRule) -> bool {
    match rule.scheme {
        Scheme::Hmac(_) | Scheme::Digest(_) | Scheme::Token | Scheme::Code(..) => true,
        Scheme::Jws(_) => rule.key.shape == KeyShape::Raw,
        Scheme::PublicKey(_) | Scheme::Fetched | Scheme::None => false,
    }
}

/// Without a prefix that everybody knows, and of a user and password the password alone.
fn characters(rule: &KeyRule, secret: &Secret, has_user: bool) -> usize {
    let text = String::from_utf8_lossy(secret.expose());
    let mut known = rule.strip.iter().chain(&rule.only);
    let text = known.find_map(|prefix| text.strip_prefix(prefix.as_str())).unwrap_or(&text);
    let password = text.split_once(':').map(|(_, password)| password).filter(|_| has_user);
    password.unwrap_or(text).chars().count()
}

/// Several ways to prove a delivery are never all asked for.
fn either(ways: &[&MethodRule]) -> Option<Mistake> {
    let tokens: Vec<_> = ways.iter().copied().filter(|way| way.scheme == Scheme::Token).collect();
    if tokens.is_empty() {
        return None;
    }
    if ways.iter().any(|way| way.is_signed()) {
        let message = "a token alone proves a delivery here, without the signature: one of several ways that fits is enough";
        let mend = "if every delivery is signed, take the way with the token out: both cannot be asked for";
        return Some(Mistake::new(message, mend));
    }
    let places = places(tokens);
    if places.len() < 2 {
        return None;
    }
    let message = format!("a token in {} is enough: no delivery has to show both", places.join(" or in "));
    let mend = "if the sender always shows two, name the place of the better kept one alone: both cannot be asked for";
    Some(Mistake::new(message, mend))
}
