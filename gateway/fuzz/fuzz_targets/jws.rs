//! Compact JWS, before anything of it is proven.
#![no_main]

use hookcast::ingest::compact::Compact;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(token) = Compact::parse(text) else { return };
    assert!(token.signed.len() < text.len());
    let _ = (token.header("alg"), token.claim("iss"), token.text("aud"), token.moment("iat"));
    if let Some(kid) = token.kid() {
        assert!(!kid.contains(['/', '.', '%']), "a key's name is no path");
    }
});
