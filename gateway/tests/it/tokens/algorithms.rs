//! Every algorithm with keys of openssl: the good token, and every way to make a bad one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hookcast::auth::{Auth, AuthError};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{ED25519, P256, P384, Pair, RSA, auth, claims, config};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn is_invalid(auth: &Auth, token: &str) -> bool {
    matches!(auth.verify(token), Err(AuthError::Invalid(_)))
}

fn hmac(algorithm: Algorithm, kid: Option<&str>, secret: &[u8], claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

#[test]
fn every_public_algorithm_takes_its_own_key_and_nothing_else() {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let kinds = [
        (RSA, &[RS256, RS384, RS512, PS256, PS384, PS512][..]),
        (P256, &[ES256]),
        (P384, &[ES384]),
        (ED25519, &[EdDSA]),
    ];
    for (kind, algorithms) in kinds {
        let (good, other) = (Pair::new(kind), Pair::new(kind));
        for algorithm in algorithms.iter().copied() {
            let text = format!(
                "[[auth.key]]\nkid = \"one\"\nalgorithms = [\"{algorithm:?}\"]\npublic_key = {{ file = \"key.pem\" }}\n"
            );
            let auth = auth(&text, &[("key.pem", &good.public)]);
            let token = good.sign(algorithm, Some("one"), &claims());
            assert_eq!(auth.verify(&token).unwrap().subject(), Some("ann"), "{algorithm:?}");
            assert!(auth.verify(&good.sign(algorithm, None, &claims())).is_ok(), "{algorithm:?} without kid");
            let bad = [
                ("another key", other.sign(algorithm, Some("one"), &claims())),
                ("another kid", good.sign(algorithm, Some("two"), &claims())),
                ("cut", token[..token.len() - 8].to_owned()),
                ("no signature", format!("{}.", token.rsplit_once('.').unwrap().0)),
                ("two parts", token.rsplit_once('.').unwrap().0.to_owned()),
                ("the key as secret", hmac(Algorithm::HS256, Some("one"), good.public.as_bytes(), &claims())),
                (
                    "the key as secret, no kid",
                    hmac(Algorithm::HS512, None, good.public.as_bytes(), &claims()),
                ),
                ("none", unsigned("none")),
                ("None", unsigned("None")),
                ("other claims", swapped(&token)),
            ];
            for (what, token) in bad {
                assert!(is_invalid(&auth, &token), "{algorithm:?}: {what}");
            }
            if let Some(sibling) = algorithms.iter().copied().find(|it| *it != algorithm) {
                let token = good.sign(sibling, Some("one"), &claims());
                assert!(is_invalid(&auth, &token), "{sibling:?} is not listed, {algorithm:?} is");
            }
        }
    }
}

/// A token without a signature.
fn unsigned(algorithm: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(json!({ "alg": algorithm, "typ": "JWT" })), part(claims()))
}

/// The same header and signature around more grants.
fn swapped(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = claims();
    claims["hookcast"]["subscribe"] = json!(["hookcast/**"]);
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

#[test]
fn shared_secrets_have_lists_of_their_own() {
    let text = format!(
        "[auth]\nsecrets = [\"{SECRET}\"]\n[[auth.key]]\nkid = \"long\"\nalgorithms = [\"HS384\", \"HS512\"]\nsecret = \"{SECRET}x\"\n"
    );
    let auth = auth(&text, &[]);
    let long = format!("{SECRET}x");
    for (algorithm, kid, secret, expected) in [
        (Algorithm::HS256, None, SECRET, true),
        (Algorithm::HS512, Some("long"), long.as_str(), true),
        (Algorithm::HS384, None, &long, true),
        (Algorithm::HS256, Some("long"), &long, false),
        (Algorithm::HS512, None, SECRET, false),
    ] {
        let token = hmac(algorithm, kid, secret.as_bytes(), &claims());
        assert_eq!(auth.verify(&token).is_ok(), expected, "{algorithm:?} {kid:?}");
    }
    let own = auth.sign(None, &["a/**"], std::time::Duration::from_mins(1)).unwrap();
    assert!(auth.verify(&own).is_ok());
}

#[test]
fn times_audience_and_issuer_are_checked() {
    let text = format!("[auth]\nsecrets = [\"{SECRET}\"]\naudience = \"hookcast\"\nissuer = \"me\"\n");
    let auth = auth(&text, &[]);
    let now = hookcast::auth::now_seconds();
    let check = |change: Value| {
        let mut claims = claims();
        claims["aud"] = json!(["other", "hookcast"]);
        claims["iss"] = "me".into();
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        auth.verify(&hmac(Algorithm::HS256, None, SECRET.as_bytes(), &claims)).map(|_| ())
    };
    for good in [
        json!({}),
        json!({ "aud": "hookcast" }),
        json!({ "exp": now - 20 }),
        json!({ "nbf": now + 20 }),
        json!({ "exp": (now + 60) as f64 + 0.5 }),
        json!({ "exp": now + 24 * 3_600 }),
    ] {
        assert_eq!(check(good.clone()), Ok(()), "{good}");
    }
    assert_eq!(check(json!({ "exp": now - 40 })), Err(AuthError::Expired));
    assert_eq!(check(json!({ "exp": now + 25 * 3_600 })), Err(AuthError::LivesTooLong));
    for bad in [
        json!({ "nbf": now + 60 }),
        json!({ "nbf": "soon" }),
        json!({ "exp": null }),
        json!({ "exp": "never" }),
        json!({ "aud": "other" }),
        json!({ "aud": ["other"] }),
        json!({ "aud": null }),
        json!({ "iss": "you" }),
        json!({ "iss": null }),
    ] {
        assert!(matches!(check(bad.clone()), Err(AuthError::Invalid(_))), "{bad}");
    }
}

#[test]
fn a_token_with_extensions_that_must_be_understood_is_refused() {
    let text = format!("[auth]\nsecrets = [\"{SECRET}\"]\n");
    let header = Header { crit: Some(vec!["b64".into()]), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    assert!(is_invalid(&auth(&text, &[]), &token));
}

#[test]
fn keys_that_could_not_be_right_are_told_with_their_line() {
    let (pair, small) =
        (Pair::new(P256), Pair::new(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]));
    let files = [
        ("p256.pem", pair.public.as_str()),
        ("private.pem", std::str::from_utf8(&pair.private).unwrap()),
        ("small.pem", &small.public),
    ];
    let key = |text: &str| format!("[[auth.key]]\n{text}\n");
    let file = |name: &str| format!("public_key = {{ file = \"{name}\" }}");
    for (text, expected) in [
        (key(&format!("algorithms = [\"none\"]\n{}", file("p256.pem"))), "`none` is no algorithm"),
        (key(&format!("algorithms = [\"ES512\"]\n{}", file("p256.pem"))), "ES512 is not supported"),
        (
            key(&format!("algorithms = [\"ES384\"]\n{}", file("p256.pem"))),
            "this key's curve is that of ES256",
        ),
        (key(&format!("algorithms = [\"RS256\"]\n{}", file("p256.pem"))), "no public key of RS256"),
        (key(&format!("algorithms = [\"RS256\"]\n{}", file("small.pem"))), "2048 to 4096 bits"),
        (key(&format!("algorithms = [\"ES256\"]\n{}", file("private.pem"))), "this is a private key"),
        (key(&format!("algorithms = [\"HS256\"]\n{}", file("p256.pem"))), "a key of HS256 is a `secret`"),
        (key(&format!("algorithms = [\"ES256\", \"HS256\"]\n{}", file("p256.pem"))), "one kind of algorithm"),
        (key(&format!("algorithms = []\n{}", file("p256.pem"))), "the list is empty"),
        (key(&file("p256.pem")), "a key needs the algorithms"),
        (key("algorithms = [\"HS256\"]\nsecret = \"short\""), "at least 32 bytes"),
        (
            format!(
                "[auth]\nsecrets = [\"{SECRET}\"]\n{}",
                key(&format!("algorithms = [\"ES256\"]\n{}", file("p256.pem")))
            ),
            "a shared secret must not stand beside public keys",
        ),
        (
            format!("[auth]\nsecrets = [\"{SECRET}\"]\njwks = \"https://idp.example.com/keys\"\n"),
            "a shared secret must not stand beside public keys",
        ),
        (
            key(&format!("kid = \"a\"\nalgorithms = [\"ES256\"]\n{}", file("p256.pem"))).repeat(2),
            "a key of this `kid` above",
        ),
        ("[auth]\njwks = \"http://idp.example.com/keys\"\n".into(), "changed on their way"),
        ("[auth]\njwks = \"keys.json\"\nclaim = \"scope\"\n".into(), "does not begin with `/`"),
        ("[[auth.issuer]]\njwks = \"keys.json\"\n".into(), "an issuer needs the `iss`"),
        ("[[auth.issuer]]\niss = \"hookcast\"\njwks = \"keys.json\"\n".into(), "is the gateway itself"),
        ("[[auth.issuer]]\niss = \"a\"\n".into(), "an issuer needs keys"),
        ("[[auth.issuer]]\niss = \"a\"\njwks = \"k\"\n".repeat(2), "there is an issuer `a` above"),
        (
            "[[auth.issuer]]\niss = \"a\"\njwks = \"k\"\ngrants = [\"*/a\"]\n".into(),
            "begins with the name of its one stream",
        ),
        ("[[auth.issuer]]\niss = \"a\"\njkws = \"k\"\n".into(), "did you mean `jwks`?"),
    ] {
        let report = config(&text, &files).0.expect_err(&text);
        assert!(report.contains(expected), "{expected}:\n{report}");
        assert!(report.contains("hookcast.toml:"), "{report}");
        assert!(!report.contains(SECRET), "{report}");
    }
}
