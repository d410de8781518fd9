//! A key as its vendor gave it: in a key set, as a PEM or in a certificate. Pure; what it proves, `public_key` knows.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::ingest::mac::Hash;
use crate::ingest::public_key::{KeyShape, PublicAlgorithm, PublicKey};

#[derive(Debug, Clone)]
pub struct VendorKey {
    /// What the vendor calls it, where a place holds several.
    pub kid: Option<String>,
    /// With a hash that each delivery's claim may replace.
    pub public: PublicKey,
    /// Good from and to, of a certificate.
    pub validity: Option<(SystemTime, SystemTime)>,
}

/// A key of a set (RFC 7517), as far as we read it.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Plaid: when the vendor withdrew it.
    #[serde(default)]
    expired_at: Option<serde_json::Value>,
}

impl VendorKey {
    /// A key of a set; none where it is withdrawn, for another use, or of a kind that we do not read.
    pub fn of_jwk(value: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        if jwk.purpose.is_some_and(|purpose| purpose != "sig")
            || jwk.expired_at.is_some_and(|at| !at.is_null())
        {
            return None;
        }
        let bytes = |text: Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text?).ok();
        let public = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => PublicKey::of_rsa(Hash::Sha256, &bytes(jwk.n)?, &bytes(jwk.e)?),
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(jwk.x)?, bytes(jwk.y)?);
                let is_whole = x.len() == 32 && y.len() == 32;
                let point = is_whole.then(|| [&[4][..], &x, &y].concat())?;
                PublicKey::read(PublicAlgorithm::EcdsaP256(Hash::Sha256), KeyShape::Raw, &point)
            }
            _ => return None,
        };
        Some(Self { kid: jwk.kid, public: public.ok()?, validity: None })
    }

    /// A key on P-256 as its PEM.
    pub fn of_p256_pem(kid: &str, pem: &str) -> Option<Self> {
        let algorithm = PublicAlgorithm::EcdsaP256(Hash::Sha1);
        let public = PublicKey::read(algorithm, KeyShape::Pem, pem.as_bytes()).ok()?;
        Some(Self { kid: Some(kid.to_owned()), public, validity: None })
    }

    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        self.validity.is_none_or(|(from, to)| from <= now && now <= to)
    }
}
