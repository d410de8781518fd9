//! `[auth]`: whose tokens are taken. Keys, key sets and issuers as they are written, checked against each other.

use std::path::{Path, PathBuf};

use jsonwebtoken::Algorithm;
use toml::{Table, Value};

use super::AuthConfig;
use super::document::{Document, steps};
use super::environment::Environment;
use super::{secrets, value};
use crate::auth::claims::{ClaimReader, OWN_CLAIM};
use crate::auth::issuer::Settings;
use crate::auth::jwks::Place;
use crate::auth::key::{self, Key};
use crate::auth::signer::OWN_ISSUER;
use crate::mistake::Mistake;

type Mistakes = Vec<Mistake>;

/// Reads the whole section.
pub(super) fn read(document: &mut Document) -> AuthConfig {
    let reading = Reading { folder: document.folder.clone(), environment: document.environment.clone() };
    let before = document.mistakes.len();
    let anonymous = document.read_all("auth.anonymous", |list| value::list(list, value::grant));
    let secrets = document.read_all("auth.secrets", |list| {
        value::list(list, |item| secrets::signing_secret(item, &reading.folder, &reading.environment))
    });
    let section = document.values.get("auth").and_then(Value::as_table).cloned();
    let mut auth = AuthConfig {
        secrets: secrets.unwrap_or_default(),
        anonymous: anonymous.unwrap_or_default(),
        ..AuthConfig::default()
    };
    let Some(section) = section else { return auth };
    let mut mistakes = Vec::new();
    let iss = match section.get("issuer") {
        Some(Value::Array(_)) | None => None,
        Some(text) => note(value::text(text).map_err(|it| it.under("issuer")), &mut mistakes),
    };
    auth.main = reading.settings(&section, iss, &mut mistakes);
    auth.issuers = reading.issuers(&section, &mut mistakes);
    if auth.main.jwks.is_some() || auth.main.keys.iter().any(|key| !key.is_shared()) {
        let shared = if auth.secrets.is_empty() { "key" } else { "secrets" };
        if !auth.secrets.is_empty() || auth.main.keys.iter().any(Key::is_shared) {
            let mend = "give the public keys an [[auth.issuer]] of their own, with its `iss`";
            let message = "a shared secret must not stand beside public keys of the same issuer";
            mistakes.push(Mistake::new(message, mend).under(shared));
        }
    }
    for mistake in mistakes {
        document.note_below(&steps("auth"), mistake);
    }
    if auth.is_open() && document.mistakes.len() == before {
        let mend = "write secrets = [{ env = \"HOOKCAST_AUTH_SECRET\" }], or leave [auth] out on loopback";
        let message = "nobody could read: no secret, no key, and nothing is anonymous";
        document.note_below(&steps("auth"), Mistake::new(message, mend));
    }
    auth
}

/// What is relative to what.
struct Reading {
    folder: PathBuf,
    environment: Environment,
}

impl Reading {
    /// What `[auth]` and `[[auth.issuer]]` have in common.
    fn settings(&self, table: &Table, iss: Option<String>, mistakes: &mut Mistakes) -> Settings {
        let mut text = |name: &str| {
            let found = table.get(name)?;
            note(value::text(found).map_err(|mistake| mistake.under(name)), mistakes)
        };
        let (audience, pointer, prefix) = (text("audience"), text("claim"), text("prefix"));
        let jwks = text("jwks").and_then(|text| note(place(&text, &self.folder), mistakes));
        if let Some(pointer) = pointer.as_ref().filter(|pointer| !pointer.starts_with('/')) {
            let mend = "write a JSON Pointer such as `/realm_access/roles`; a `/` within a name is `~1`";
            let message = format!("`{pointer}` does not begin with `/`");
            mistakes.push(Mistake::new(message, mend).under("claim"));
        }
        let ceiling = table.get("grants").and_then(|list| {
            value::list(list, value::grant)
                .map_err(|found| mistakes.extend(found.into_iter().map(|it| it.under("grants"))))
                .ok()
        });
        let claim = ClaimReader { pointer: pointer.unwrap_or_else(|| OWN_CLAIM.into()), prefix };
        Settings { iss, audience, keys: self.keys(table, mistakes), jwks, ceiling, claim }
    }

    fn issuers(&self, section: &Table, mistakes: &mut Mistakes) -> Vec<Settings> {
        let Some(Value::Array(items)) = section.get("issuer") else { return Vec::new() };
        let mut issuers: Vec<Settings> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let mut found = Vec::new();
            let issuer = if let Some(table) = item.as_table() {
                self.issuer(table, &issuers, &mut found)
            } else {
                found.push(Mistake::new("an issuer is a table", "write it as [[auth.issuer]]"));
                Settings::default()
            };
            issuers.push(issuer);
            mistakes.extend(found.into_iter().map(|mistake| mistake.at_index(index).under("issuer")));
        }
        issuers
    }

    fn issuer(&self, table: &Table, before: &[Settings], mistakes: &mut Mistakes) -> Settings {
        let iss =
            table.get("iss").and_then(|text| note(value::text(text).map_err(|it| it.under("iss")), mistakes));
        match &iss {
            None if table.contains_key("iss") => {}
            None => {
                let mend = "write iss = \"https://idp.example.com/\", exactly as its tokens have it";
                mistakes.push(Mistake::new("an issuer needs the `iss` of its tokens", mend));
            }
            Some(iss) if iss == OWN_ISSUER => {
                let mend = "name the issuer otherwise; `hookcast token` needs [auth] secrets alone";
                mistakes.push(Mistake::new(format!("`{iss}` is the gateway itself"), mend).under("iss"));
            }
            Some(iss) if before.iter().any(|it| it.iss.as_ref() == Some(iss)) => {
                let mend = "put all its keys into one [[auth.issuer]]";
                mistakes.push(Mistake::new(format!("there is an issuer `{iss}` above"), mend).under("iss"));
            }
            Some(_) => {}
        }
        let settings = self.settings(table, iss, mistakes);
        let is_public = settings.jwks.is_some() || settings.keys.iter().any(|key| !key.is_shared());
        if is_public && settings.keys.iter().any(Key::is_shared) {
            let mend = "leave the secret out: whoever can check tokens with it can make them too";
            let message = "a shared secret must not stand beside public keys of the same issuer";
            mistakes.push(Mistake::new(message, mend).under("key"));
        }
        if !["jwks", "key"].iter().any(|name| table.contains_key(*name)) {
            let mend = "write jwks = \"https://…\", or an [[auth.issuer.key]]";
            mistakes.push(Mistake::new("an issuer needs keys to check its tokens with", mend));
        }
        settings
    }

    fn keys(&self, table: &Table, mistakes: &mut Mistakes) -> Vec<Key> {
        let items = match table.get("key") {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                let mend = "write [[auth.key]] with two brackets: there can be several";
                mistakes.push(Mistake::new("a key is an item of a list", mend).under("key"));
                return Vec::new();
            }
        };
        let mut keys: Vec<Key> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match value::table(item).and_then(|table| self.key(table)) {
                Ok(key) if key.kid().is_some() && keys.iter().any(|it| it.kid() == key.kid()) => {
                    let mend = "a token's `kid` names one key; give this one another, or remove it";
                    let mistake = Mistake::new("there is a key of this `kid` above", mend).under("kid");
                    mistakes.push(mistake.at_index(index).under("key"));
                }
                Ok(key) => keys.push(key),
                Err(mistake) => mistakes.push(mistake.at_index(index).under("key")),
            }
        }
        keys
    }

    fn key(&self, table: &Table) -> Result<Key, Mistake> {
        let kid = table.get("kid").map(value::text).transpose().map_err(|it| it.under("kid"))?;
        let algorithms = table.get("algorithms").ok_or_else(|| {
            let mend = "write algorithms = [\"ES256\"]: a token may not choose how it is read";
            Mistake::new("a key needs the algorithms that it may be used with", mend)
        })?;
        let algorithms = algorithms_of(algorithms).map_err(|it| it.under("algorithms"))?;
        let is_shared = key::is_shared(algorithms[0]);
        let (name, other) = if is_shared { ("secret", "public_key") } else { ("public_key", "secret") };
        let Some(found) = table.get(name).filter(|_| !table.contains_key(other)) else {
            let mend = format!("write {name} = {{ file = \"…\" }}, and no `{other}`");
            return Err(Mistake::new(format!("a key of {:?} is a `{name}`", algorithms[0]), mend));
        };
        let read = if is_shared { secrets::signing_secret } else { secrets::secret };
        let bytes = read(found, &self.folder, &self.environment).map_err(|it| it.under(name))?;
        if is_shared {
            return Ok(Key::shared(kid, algorithms, bytes.expose()));
        }
        Key::of_pem(kid, algorithms, bytes.expose()).map_err(|why| {
            let mend = "write the public key as PEM: `openssl pkey -in key.pem -pubout`";
            Mistake::new(why, mend).under(name)
        })
    }
}

/// One or more, all of one family.
fn algorithms_of(list: &Value) -> Result<Vec<Algorithm>, Mistake> {
    let one = |item: &Value| {
        let name = value::text(item)?;
        key::algorithm(&name).ok_or_else(|| {
            let message = match name.as_str() {
                "none" => "`none` is no algorithm: anybody could write such a token".to_owned(),
                "ES512" | "ES256K" => format!("{name} is not supported: no library of ours checks it"),
                _ => format!("`{name}` is no algorithm that we know"),
            };
            let known: Vec<_> = key::ALGORITHMS.iter().map(|(known, _)| *known).collect();
            Mistake::new(message, format!("write one of {}", known.join(", ")))
        })
    };
    let first = |mut mistakes: Vec<Mistake>| mistakes.swap_remove(0);
    let algorithms = value::list(list, one).map_err(first)?;
    let Some(family) = algorithms.first().map(|first| first.family()) else {
        return Err(Mistake::new(
            "the list is empty: no token would be good",
            "write [\"ES256\"], or another",
        ));
    };
    if algorithms.iter().any(|it| it.family() != family) {
        let mend = "write RS and PS together at most; another kind is another [[auth.key]]";
        return Err(Mistake::new("one key serves one kind of algorithm", mend));
    }
    Ok(algorithms)
}

fn place(text: &str, folder: &Path) -> Result<Place, Mistake> {
    let mend = "write an https URL, or the path of a file; http only to this machine";
    Place::parse(text, folder).map_err(|why| Mistake::new(why, mend).under("jwks"))
}

fn note<T>(read: Result<T, Mistake>, mistakes: &mut Mistakes) -> Option<T> {
    read.map_err(|mistake| mistakes.push(mistake)).ok()
}
