//! `token`, read back by the library that the gateway reads tokens with.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use super::Hookcast;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn with_secret() -> Hookcast {
    Hookcast::with_config(&format!(
        "[auth]\nsecrets = [\"{SECRET}\", \"{SECRET}x\"]\naudience = \"hookcast\"\nissuer = \"here\"\n"
    ))
}

#[test]
fn a_token_is_signed_with_the_first_secret_and_says_what_was_asked() {
    let ran = with_secret().run(&[
        "token",
        "--subscribe",
        "github/**",
        "shop/*",
        "--subject",
        "wall",
        "--ttl",
        "15m",
    ]);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["hookcast"]);
    validation.set_issuer(&["here"]);
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let claims = decode::<Value>(ran.stdout.trim(), &key, &validation).unwrap().claims;
    assert_eq!(claims["hookcast"], json!({ "subscribe": ["github/**", "shop/*"] }));
    assert_eq!(claims["sub"], "wall");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 15 * 60);
}

#[test]
fn what_no_gateway_would_take_is_not_signed() {
    for (arguments, expected) in [
        (&["token", "--subscribe", "a/**", "--ttl", "25h"][..], "24 hours at most"),
        (&["token", "--subscribe", "*/a"], "a pattern begins with the name of its one stream"),
        (&["token", "--subscribe", "a/**", "--ttl", "soon"], "`soon` is no duration"),
        (&["token"], "--subscribe"),
    ] {
        let ran = with_secret().run(arguments);
        assert_eq!(ran.exit, 64, "{ran:?}");
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    let ran = Hookcast::new().run(&["token", "--subscribe", "a/**"]);
    assert_eq!(ran.exit, 64);
    assert!(ran.stderr.contains("no secret is configured"), "{}", ran.stderr);
}
