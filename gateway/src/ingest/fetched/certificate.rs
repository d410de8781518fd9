//! X.509 as far as a signature needs it: the RSA key of a certificate and how long it is good. Pure.
//!
//! Assumes that whoever serves the certificate vouches for it: it comes over https from a host that the row pins, so its
//! own chain is not followed.

use std::time::SystemTime;

use x509_cert::Certificate;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::oid::db::rfc5912::RSA_ENCRYPTION;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};

use super::public_key::{Material, PublicKey};

/// The first certificate of a PEM file, which is the signer's own where a chain follows.
///
/// # Errors
/// Why there is none that can be used.
pub fn parse(pem: &[u8]) -> Result<PublicKey, String> {
    let chain =
        Certificate::load_pem_chain(pem).map_err(|error| format!("this is no certificate: {error}"))?;
    let certificate = &chain.first().ok_or("there is no certificate in it")?.tbs_certificate;
    let info = &certificate.subject_public_key_info;
    if info.algorithm.oid != RSA_ENCRYPTION {
        return Err(format!("the certificate's key is no RSA key but {}", info.algorithm.oid));
    }
    let bytes = info.subject_public_key.as_bytes().ok_or("the certificate's key has half a byte")?;
    let (modulus, exponent) =
        rsa(bytes).map_err(|error| format!("the certificate's key is none: {error}"))?;
    let time = |time: &x509_cert::time::Time| SystemTime::from(*time);
    let validity = &certificate.validity;
    Ok(PublicKey {
        kid: None,
        material: Material::Rsa { modulus, exponent },
        validity: Some((time(&validity.not_before), time(&validity.not_after))),
    })
}

/// RFC 8017's `RSAPublicKey`: modulus and exponent.
fn rsa(bytes: &[u8]) -> x509_cert::der::Result<(Vec<u8>, Vec<u8>)> {
    let mut reader = SliceReader::new(bytes)?;
    let key = reader.sequence(|inner| {
        let (modulus, exponent) = (UintRef::decode(inner)?, UintRef::decode(inner)?);
        Ok((modulus.as_bytes().to_vec(), exponent.as_bytes().to_vec()))
    })?;
    reader.finish(key)
}
