//! What makes a second delivery harmless. The key holds the source, so that no source can silence another, and whatever of
//! id, signature and body an attacker with an old body could not choose freely.

use crate::broker::DedupeKey;

/// Of a whole body, made once however many events it holds.
pub type Digest = [u8; 32];

/// A proof has hashed the body once already, so this is a fast hash; as collision resistant as SHA-256. By itself: eight
/// chunks at a time are hashed side by side where they begin with the input.
pub fn digest(body: &[u8]) -> Digest {
    *blake3::hash(body).as_bytes()
}

/// What one event is told apart by.
#[derive(Debug, Clone, Copy)]
pub enum Identity<'a> {
    /// The provider's id, under the signature.
    SignedId(&'a str),
    /// An id that whoever holds an old signed body could change: the body counts too.
    UnsignedId { id: &'a str, body: &'a Digest },
    /// No id, but a proof over the body.
    Signature { signature: &'a [u8], body: &'a Digest },
    /// Nothing but the signature: what it binds has more than one spelling, or is not the body.
    Proof(&'a [u8]),
    /// The provider's row lets a body in once.
    Body(&'a Digest),
    /// No id and no proof over the body: two equal readings of a sensor are two events.
    Unique,
}

/// Room for what most keys are made of.
const FIELDS_BYTES: usize = 256;

/// The key of one event; `element` is its place in a batch whose id it shares.
pub fn key(source: &str, identity: Identity<'_>, element: Option<usize>) -> DedupeKey {
    // As one run: a hash that is fed field by field costs as much again as the hash.
    let mut fields = Vec::with_capacity(FIELDS_BYTES);
    // Lengths come first, so that no two lists of fields give the same bytes.
    let mut field = |bytes: &[u8]| {
        fields.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        fields.extend_from_slice(bytes);
    };
    field(source.as_bytes());
    match identity {
        Identity::SignedId(id) => {
            field(b"id");
            field(id.as_bytes());
        }
        Identity::UnsignedId { id, body } => {
            field(b"id+body");
            field(id.as_bytes());
            field(body);
        }
        Identity::Signature { signature, body } => {
            field(b"signature");
            field(signature);
            field(body);
        }
        Identity::Proof(signature) => {
            field(b"proof");
            field(signature);
        }
        Identity::Body(body) => {
            field(b"body");
            field(body);
        }
        Identity::Unique => {
            let mut random = [0; 32];
            getrandom::fill(&mut random).expect("the system has random bytes");
            field(&random);
        }
    }
    if let Some(element) = element {
        field(&(element as u64).to_be_bytes());
    }
    DedupeKey(digest(&fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsigned_id_does_not_let_an_old_body_take_a_coming_id() {
        let (new, old) = (digest(b"new"), digest(b"old"));
        let genuine = Identity::UnsignedId { id: "2", body: &new };
        let replayed = Identity::UnsignedId { id: "2", body: &old };
        assert_ne!(key("s", genuine, None), key("s", replayed, None));
        assert_eq!(key("s", genuine, None), key("s", genuine, None));
    }

    #[test]
    fn a_key_is_what_stores_hold_of_earlier_ones() {
        let long = "x".repeat(2_000);
        for (key, expected) in [
            (
                key("s", Identity::SignedId("1"), None),
                "3eb25b246bbb1104ebef841751a501a3c0c32b481a0412d2fd9f3cc33196af48",
            ),
            (
                key("s", Identity::UnsignedId { id: "1", body: &digest(b"{}") }, Some(2)),
                "9d14abb7487c51f9793875e93e2b03b7d255520097301f401cc24fbaff116e69",
            ),
            (
                key("s", Identity::Signature { signature: b"ab", body: &digest(b"{}") }, None),
                "a47cc5bc5c35355d2e4d4672ac54881c38c5169660bc58d61b768c0a3b6f080a",
            ),
            (
                key("s", Identity::Proof(b"ab"), None),
                "2191104f244ddc1adce5476461c25821b3a3c0f8226188fa36502f5d82ebca74",
            ),
            (
                key("s", Identity::Body(&digest(long.as_bytes())), Some(0)),
                "1b465b61d19fa1dfba48f814673db24b312ab5d136c5cfa2388bbd7d2cee74cc",
            ),
            (
                key("s", Identity::SignedId(&long), None),
                "79f41c23d9d7d2b0fa5466c667ad61c7fcc6c4e40e579e7a8a9a894f3be89ad5",
            ),
        ] {
            assert_eq!(hex::encode(key.0), expected);
        }
    }

    #[test]
    fn sources_elements_and_field_borders_stay_apart() {
        let id = Identity::SignedId("1");
        assert_ne!(key("a", id, None), key("b", id, None));
        assert_ne!(key("a", id, Some(0)), key("a", id, Some(1)));
        let signed = |signature, body| key("a", Identity::Signature { signature, body: &digest(body) }, None);
        assert_ne!(signed(b"ab", b"c"), signed(b"a", b"bc"));
        assert_ne!(key("a", Identity::Proof(b"1"), None), key("a", id, None));
        assert_ne!(key("a", Identity::Unique, None), key("a", Identity::Unique, None));
    }
}
