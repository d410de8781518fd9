//! A set of public keys (RFC 7517): where it lies and what is read of it. Pure; `keyring` fetches it.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jsonwebtoken::jwk::Jwk;
use reqwest::Url;
use serde::Deserialize;

use super::key::Key;

/// Largest set that is read.
pub(super) const BYTES_MAX: usize = 64 * 1024;
/// Keys of a set that are kept; a provider has two or three. More than these are told in the log and left out.
const KEYS_MAX: usize = 64;

/// Where a set lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Url(Url),
    File(PathBuf),
}

impl Place {
    /// An https URL, or a path relative to a folder. Plain http only to this machine: whoever can change the answer on its
    /// way makes keys of their own.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        if !text.contains("://") {
            return Ok(Self::File(folder.join(text)));
        }
        let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        match url.scheme() {
            "https" => Ok(Self::Url(url)),
            "http" if is_loopback(&url) => Ok(Self::Url(url)),
            _ => Err(format!("keys from `{text}` could be changed on their way")),
        }
    }
}

/// As the log shows it: what a URL's user, password or query may hold is nobody's to read.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(formatter, "{}{}", url.origin().ascii_serialization(), url.path()),
            Self::File(path) => path.display().fmt(formatter),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// The keys of a set that can check signatures. One that cannot be read is left out: sets hold keys for others too.
///
/// # Errors
/// Why it is no set, or holds no key for us: then the one before stays.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Key>, String> {
    if bytes.len() > BYTES_MAX {
        return Err(format!("a key set has at most {BYTES_MAX} bytes"));
    }
    let set: Set = serde_json::from_slice(bytes).map_err(|error| format!("this is no key set: {error}"))?;
    let mut keys = Vec::new();
    for entry in set.keys {
        let kid = entry["kid"].as_str().unwrap_or_default().to_owned();
        let key = serde_json::from_value::<Jwk>(entry).map_err(|error| error.to_string());
        match key.and_then(|jwk| Key::of_jwk(&jwk)) {
            Ok(key) if keys.len() < KEYS_MAX => keys.push(key),
            Ok(_) => tracing::warn!(kid, "a key set has more than {KEYS_MAX} keys; this one is left out"),
            Err(why) => tracing::debug!(kid, why, "a key of a set is left out"),
        }
    }
    if keys.is_empty() { Err("there is no key in it that checks signatures".into()) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_https_or_from_this_machine() {
        let parse = |text: &str| Place::parse(text, Path::new("/folder"));
        assert!(matches!(parse("https://idp.example.com/keys"), Ok(Place::Url(_))));
        assert!(matches!(parse("http://127.0.0.1:1/keys"), Ok(Place::Url(_))));
        assert!(matches!(parse("http://[::1]:1/keys"), Ok(Place::Url(_))));
        assert_eq!(parse("keys.json"), Ok(Place::File("/folder/keys.json".into())));
        for text in ["http://idp.example.com/keys", "http://127.0.0.1.example.com/", "ftp://a/b", "https://"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_log_says_where_keys_lie_and_not_with_which_password() {
        let place =
            Place::parse("https://ann:secret@idp.example.com/keys?code=secret", Path::new("/")).unwrap();
        assert_eq!(place.to_string(), "https://idp.example.com/keys");
    }

    #[test]
    fn only_public_keys_for_signatures_are_taken() {
        let rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}w"}}"#, "x".repeat(341));
        let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let count = |keys: &str| parse(format!(r#"{{"keys":[{keys}]}}"#).as_bytes()).map(|keys| keys.len());
        assert_eq!(count(&format!("{rsa},{ed}")), Ok(2));
        assert_eq!(count(&format!(r#"{{"kty":"oct","k":"AAAA"}},{{"kty":"new"}},7,{ed}"#)), Ok(1));
        for keys in [
            r#"{"kty":"oct","k":"AAAA"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAY"}"#,
            r#"{"kty":"RSA","e":"AQAB","n":"AAAA"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            &ed.replace(r#""x""#, r#""use":"enc","x""#),
            &ed.replace(r#""x""#, r#""alg":"HS256","x""#),
            "",
        ] {
            assert!(count(keys).is_err(), "{keys}");
        }
        assert!(parse(b"<html>").is_err() && parse(&vec![b' '; BYTES_MAX + 1]).is_err());
    }
}
