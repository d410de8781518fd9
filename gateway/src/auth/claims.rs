//! Where a token says what its owner may hear: our own claim, or one of an identity provider's. Pure.

use serde_json::Value;

use super::AuthError;
use crate::topic::Grant;

/// Our own claim.
pub const OWN_CLAIM: &str = "/hookcast/subscribe";

/// How to find grants in a token: a list of strings, or one string with spaces between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimReader {
    /// A JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What a grant begins with there; what does not is not for us. None: everything there is a grant.
    pub prefix: Option<String>,
}

impl Default for ClaimReader {
    fn default() -> Self {
        Self { pointer: OWN_CLAIM.into(), prefix: None }
    }
}

impl ClaimReader {
    pub(super) fn read(&self, claims: &Value) -> Result<Vec<Grant>, AuthError> {
        let bad = |why: &str| AuthError::BadGrant(format!("{}: {why}", self.pointer));
        let found = claims.pointer(&self.pointer).ok_or_else(|| bad("there is nothing"))?;
        let texts: Vec<&str> = match found {
            Value::String(text) => text.split_ascii_whitespace().collect(),
            Value::Array(items) => {
                let texts = items.iter().map(Value::as_str).collect::<Option<_>>();
                texts.ok_or_else(|| bad("a list of strings is expected"))?
            }
            _ => return Err(bad("a string or a list of strings is expected")),
        };
        let ours = texts.into_iter().filter_map(|text| match &self.prefix {
            Some(prefix) => text.strip_prefix(prefix.as_str()),
            None => Some(text),
        });
        ours.map(Grant::parse).collect::<Result<_, _>>().map_err(|error| bad(&error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn grants_are_found_in_the_shapes_of_identity_providers() {
        let token = json!({
            "hookcast": { "subscribe": ["a/**"] },
            "scope": "openid profile hookcast:a/b hookcast:a/c",
            "https://example.com/hookcast": ["a/**"],
            "realm_access": { "roles": ["offline_access", "hookcast:a/**"] },
            "mixed": ["a/**", 7], "number": 7, "words": ["no grant"],
        });
        let read = |pointer: &str, prefix: Option<&str>| {
            let reader = ClaimReader { pointer: pointer.into(), prefix: prefix.map(str::to_owned) };
            reader.read(&token).map(|grants| grants.len())
        };
        assert_eq!(read(OWN_CLAIM, None), Ok(1));
        assert_eq!(read("/scope", Some("hookcast:")), Ok(2));
        assert_eq!(read("/https:~1~1example.com~1hookcast", None), Ok(1));
        assert_eq!(read("/realm_access/roles", Some("hookcast:")), Ok(1));
        assert_eq!(read("/scope", Some("other:")), Ok(0));
        for (pointer, prefix) in
            [("/scope", None), ("/mixed", None), ("/number", None), ("/words", None), ("/absent", None)]
        {
            assert!(matches!(read(pointer, prefix), Err(AuthError::BadGrant(_))), "{pointer}");
        }
    }
}
