//! X.509 as far as a signature needs it: the RSA key of a certificate and how long it is good. Pure.
//!
//! Assumes that whoever serves the certificate vouches for it: it comes over https from a host that the row pins, so its
//! own chain is not followed.

use std::time::SystemTime;

use x509_cert::Certificate;
use x509_cert::der::oid::db::rfc5912::RSA_ENCRYPTION;

use crate::ingest::mac::Hash;
use crate::ingest::public_key::{KeyShape, PublicAlgorithm, PublicKey};

use super::vendor_key::VendorKey;

/// The first certificate of a PEM file, which is the signer's own where a chain follows.
///
/// # Errors
/// Why there is none that can be used.
pub fn parse(pem: &[u8]) -> Result<VendorKey, String> {
    let chain =
        Certificate::load_pem_chain(pem).map_err(|error| format!("this is no certificate: {error}"))?;
    let certificate = &chain.first().ok_or("there is no certificate in it")?.tbs_certificate;
    let info = &certificate.subject_public_key_info;
    if info.algorithm.oid != RSA_ENCRYPTION {
        return Err(format!("the certificate's key is no RSA key but {}", info.algorithm.oid));
    }
    let bytes = info.subject_public_key.as_bytes().ok_or("the certificate's key has half a byte")?;
    let public = PublicKey::read(PublicAlgorithm::Rsa(Hash::Sha256), KeyShape::Der, bytes)
        .map_err(|mistake| format!("the certificate's key is none: {}", mistake.message))?;
    let time = |time: &x509_cert::time::Time| SystemTime::from(*time);
    let validity = &certificate.validity;
    Ok(VendorKey {
        kid: None,
        public,
        validity: Some((time(&validity.not_before), time(&validity.not_after))),
    })
}
