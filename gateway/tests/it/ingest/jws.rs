//! `scheme = "jws"`: tokens made by the packages `jsonwebtoken` (npm) and by Python, and those that a forger would write.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, sign_for};
use hookcast::ingest::source::Source;
use hookcast::ingest::verify::{Reason, Refusal};
use sha2::Sha256;

use super::support::*;

const BODY: &str = r#"{"id":"1","state":"ready"}"#;
const NOW: u64 = 1_700_000_000;
const URL: Option<&str> = Some("https://x.example");

const NETLIFY: &str =
    "algorithm = 'HS256'\nsignature = { header = 'X-S' }\nclaims = { iss = 'netlify', body-hash = 'sha256' }";
const VONAGE: &str = "algorithm = 'HS256'\nsignature = { header = 'Authorization', strip = 'Bearer ' }\nclaims = { iss = 'Vonage', body-hash = 'payload_hash', max-age = '5m' }";
const LIVEKIT: &str = "algorithm = 'HS256'\nsignature = { header = 'Authorization' }\nclaims = { body-hash = 'sha256', hash-encoding = 'base64' }";
const BIRD: &str = "algorithm = 'HS256'\nsignature = { header = 'X-S' }\nclaims = { iss = 'MessageBird', body-hash = 'payload_hash', url-hash = 'url_hash' }";
const CONNECT: &str =
    "algorithm = 'HS256'\nsignature = { header = 'Authorization', strip = 'JWT ' }\nclaims = { qsh = true }";
const IN_BODY: &str =
    "algorithm = ['RS256', 'ES256']\nkey = 'pem'\nsignature = { body = true }\n[p.delivery]\nbody = 'jws'";

fn of(row: &str, secret: &str) -> Source {
    let row = format!("[p.verify]\nscheme = 'jws'\n{row}");
    of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{q}{secret}{q}']", q = "''"))
}

fn judged(source: &Source, header: (&str, &str), body: &str, seconds: u64) -> Result<bool, Refusal> {
    let mut delivery = delivery(source, &[header], body.to_owned(), at(seconds));
    delivery.uri = "/hooks/s?a=1".parse().unwrap();
    source.verify(delivery, URL).map(|verified| verified.proof().covers_body)
}

fn why(source: &Source, header: (&str, &str), body: &str, seconds: u64) -> Reason {
    judged(source, header, body, seconds).expect_err("must be refused").reason
}

#[test]
fn a_hash_of_the_body_binds_it() {
    let netlify = of(NETLIFY, "netlify secret");
    assert_eq!(judged(&netlify, ("x-s", TOKEN_NETLIFY), BODY, NOW), Ok(true));
    assert_eq!(why(&netlify, ("x-s", TOKEN_NETLIFY), "{}", NOW), Reason::Mismatch);
    assert_eq!(why(&of(NETLIFY, "other"), ("x-s", TOKEN_NETLIFY), BODY, NOW), Reason::Mismatch);
    assert_eq!(why(&netlify, ("x-s", OTHER_ISSUER), BODY, NOW), Reason::Mismatch);
    assert_eq!(why(&netlify, ("x-other", TOKEN_NETLIFY), BODY, NOW), Reason::Missing);
    assert_eq!(why(&netlify, ("x-s", "a.b"), BODY, NOW), Reason::Malformed);
}

#[test]
fn a_token_does_not_choose_how_it_is_read() {
    let netlify = of(NETLIFY, "netlify secret");
    assert_eq!(why(&netlify, ("x-s", ALG_NONE), BODY, NOW), Reason::Malformed, "`none`");
    assert_eq!(why(&netlify, ("x-s", CRITICAL), BODY, NOW), Reason::Malformed, "`crit`");
    let in_body = of(IN_BODY, include_str!("keys/rsa.pub.pem"));
    for confused in [CONFUSION, CONFUSION_TRIMMED] {
        assert_eq!(why(&in_body, ("x", "y"), confused, NOW), Reason::Malformed, "a public key is no secret");
    }
    let rows = "[p.verify]\nscheme = 'jws'\nalgorithm = ['HS256', 'RS256']\nsignature = { header = 'X-S' }";
    let mistakes = Catalogue::built_in().with_user_rows(&rows.parse().unwrap()).unwrap_err();
    assert!(mistakes[0].to_string().contains("a shared secret and a public key at once"), "{mistakes:?}");
    let rows = "[p.verify]\nscheme = 'jws'\nalgorithm = 'none'\nsignature = { header = 'X-S' }";
    assert!(Catalogue::built_in().with_user_rows(&rows.parse().unwrap()).is_err());
}

#[test]
fn times_are_judged_on_both_sides() {
    let vonage = of(VONAGE, "vonage secret");
    let header = ("authorization", &*format!("Bearer {TOKEN_VONAGE}"));
    assert_eq!(judged(&vonage, header, BODY, NOW + 299), Ok(true));
    assert_eq!(why(&vonage, header, BODY, NOW + 301), Reason::Stale);
    assert_eq!(why(&vonage, header, BODY, NOW - 61), Reason::Future);
    let livekit = of(LIVEKIT, "livekit secret");
    let header = ("authorization", TOKEN_LIVEKIT);
    assert_eq!(judged(&livekit, header, BODY, NOW + 300), Ok(true));
    assert_eq!(why(&livekit, header, BODY, NOW + 361), Reason::Stale);
    assert_eq!(why(&livekit, header, BODY, NOW - 61), Reason::Future);
}

/// An end that cannot be read is not no end, and one that lies before all time is only very late.
#[test]
fn a_time_that_is_there_is_a_time() {
    let source = of("algorithm = 'HS256'\nsignature = { header = 'X-S' }", "secret");
    let token = |claims: &str| {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", encode(br#"{"alg":"HS256"}"#), encode(claims.as_bytes()));
        let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", encode(&mac.finalize().into_bytes()))
    };
    let verdict = |claims: &str| judged(&source, ("x-s", &token(claims)), BODY, NOW).map_err(|no| no.reason);
    for good in ["{}", r#"{"exp":1700000001}"#, r#"{"exp":"1700000001"}"#, r#"{"exp":1700000001.5,"iat":1}"#]
    {
        assert!(verdict(good).is_ok(), "{good}");
    }
    for claim in ["exp", "nbf", "iat"] {
        for bad in ["1e3", "\"soon\"", "[1]", "{}", "null", "true", "99999999999999999999", "\"1.x\""] {
            let claims = format!(r#"{{"{claim}":{bad}}}"#);
            assert_eq!(verdict(&claims), Err(Reason::Malformed), "{claims}");
        }
    }
    assert_eq!(verdict(r#"{"exp":-9223372036854775}"#), Err(Reason::Stale));
    assert_eq!(verdict(r#"{"nbf":9223372036854775}"#), Err(Reason::Future));
    assert_eq!(verdict(r#"{"iat":9223372036854775}"#), Err(Reason::Future));
}

#[test]
fn a_url_and_a_request_can_be_bound() {
    let bird = of(BIRD, "bird secret");
    assert_eq!(judged(&bird, ("x-s", TOKEN_BIRD), BODY, NOW), Ok(true));
    assert_eq!(why(&bird, ("x-s", TOKEN_BIRD), "{}", NOW), Reason::Mismatch);
    assert_eq!(judged(&bird, ("x-s", TOKEN_BIRD_EMPTY), "", NOW), Ok(true), "no body, no hash of it");
    assert_eq!(why(&bird, ("x-s", TOKEN_BIRD_EMPTY), BODY, NOW), Reason::Mismatch);
    let elsewhere = delivery(&bird, &[("x-s", TOKEN_BIRD)], BODY, at(NOW));
    assert_eq!(bird.verify(elsewhere, URL).unwrap_err().reason, Reason::Mismatch);

    let connect = of(CONNECT, "connect");
    let header = ("authorization", &*format!("JWT {TOKEN_QSH}"));
    assert_eq!(judged(&connect, header, BODY, NOW), Ok(false), "the body is not bound");
    let elsewhere = delivery(&connect, &[header], BODY, at(NOW));
    assert_eq!(connect.verify(elsewhere, URL).unwrap_err().reason, Reason::Mismatch);
}

#[test]
fn a_token_can_be_for_one_url() {
    let row = "algorithm = 'HS256'\nsignature = { header = 'X-S' }\nclaims = { aud = 'url' }";
    let source = of(row, "s");
    let sample = Sample { event_type: String::new(), body: BODY.into() };
    assert!(sign_for(&source, &sample, None, at(NOW), "1").is_err(), "nobody said which URL it is");
    for (audience, is_taken) in [
        ("https://x.example", true),
        ("https://x.example/", true),
        ("https://y.example", false),
        ("https://x.example/other", false),
    ] {
        let signed = sign_for(&source, &sample, Some(audience), at(NOW), "1").unwrap();
        let token = &signed.headers.iter().find(|(name, _)| name == "x-s").unwrap().1;
        let verdict = judged(&source, ("x-s", token), BODY, NOW);
        assert_eq!(verdict.is_ok(), is_taken, "{audience}: {verdict:?}");
    }
    assert_eq!(why(&source, ("x-s", TOKEN_NETLIFY), BODY, NOW), Reason::Mismatch, "another secret");
}

#[test]
fn a_body_that_is_a_token_is_its_payload() {
    let rsa = of(IN_BODY, include_str!("keys/rsa.pub.pem"));
    let ec = of(IN_BODY, include_str!("keys/p256.pub.pem"));
    let headers = [("content-type", "application/jwt")];
    for (source, token) in [(&rsa, TOKEN_RS256), (&ec, TOKEN_ES256)] {
        let record = record(&published(source, &headers, token, at(NOW)));
        assert_eq!(record["type"], "user.created");
        assert_eq!(record["data"]["id"], "u1");
        let changed = token.replacen("eyJ0eXBlIjoi", "eyJ0eXBlIjoj", 1);
        assert_ne!(changed, token);
        source.verify(delivery(source, &headers, changed, at(NOW)), None).unwrap_err();
    }
    assert_eq!(refused(&rsa, &headers, TOKEN_ES256, at(NOW)), Reason::Mismatch);
}

/// ECDSA has two signatures for each that was made: with the other an old delivery must not look new.
#[test]
fn the_other_spelling_of_a_signature_is_a_duplicate() {
    let ec = of(IN_BODY, include_str!("keys/p256.pub.pem"));
    let key = |token: &'static str| {
        let verified = ec.verify(delivery(&ec, &[], token, at(NOW)), None).unwrap();
        publish::events(&ec, &verified, 10).unwrap().events.remove(0).new.unwrap().key
    };
    assert_eq!(key(TOKEN_ES256), key(TOKEN_ES256_OTHER));
}

#[test]
fn what_each_rule_signs_it_verifies() {
    for (row, secret) in [
        (NETLIFY, "s"),
        (VONAGE, "s"),
        (LIVEKIT, "s"),
        (BIRD, "s"),
        (CONNECT, "s"),
        (IN_BODY, include_str!("keys/rsa.pem")),
        (IN_BODY, include_str!("keys/p256.pem")),
    ] {
        let source = of(row, secret);
        let sample = Sample { event_type: String::new(), body: BODY.into() };
        let signed =
            sign_for(&source, &sample, URL, at(NOW), "1").unwrap_or_else(|error| panic!("{row}: {error}"));
        let headers: Vec<_> =
            signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let delivery = delivery(&source, &headers, signed.body.clone(), at(NOW));
        source.verify(delivery, URL).unwrap_or_else(|refusal| panic!("{row}: {refusal}"));
    }
}

const TOKEN_NETLIFY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiMWI2ZGY2NWU5ZTFjMjUyYWIxMTU3YTQ1NTEwNWI0MGUxYzcxNjIzOWVkYjRiYTQyZWNiOWZhYjk1ZGU5ZGZmZiJ9.PvLiNfLGt4m505Up3DNnahQrbvV4P8FAfO7_gzD3ExI";
const ALG_NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiMWI2ZGY2NWU5ZTFjMjUyYWIxMTU3YTQ1NTEwNWI0MGUxYzcxNjIzOWVkYjRiYTQyZWNiOWZhYjk1ZGU5ZGZmZiJ9.";
const CRITICAL: &str = "eyJhbGciOiAiSFMyNTYiLCAiY3JpdCI6IFsiYjY0Il0sICJiNjQiOiBmYWxzZX0.eyJpc3MiOiAibmV0bGlmeSIsICJzaGEyNTYiOiAiMWI2ZGY2NWU5ZTFjMjUyYWIxMTU3YTQ1NTEwNWI0MGUxYzcxNjIzOWVkYjRiYTQyZWNiOWZhYjk1ZGU5ZGZmZiJ9.KGwnJXMTDJQilIWl_v1tUH97qNYzq6Apa6DnmkKKF-A";
const OTHER_ISSUER: &str = "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiAib3RoZXIiLCAic2hhMjU2IjogIjFiNmRmNjVlOWUxYzI1MmFiMTE1N2E0NTUxMDViNDBlMWM3MTYyMzllZGI0YmE0MmVjYjlmYWI5NWRlOWRmZmYifQ.oocpocAFZDc0kUN1wSVDNM1J1SdOOeH0V1JkK7ZmJik";
const TOKEN_VONAGE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJWb25hZ2UiLCJwYXlsb2FkX2hhc2giOiIxYjZkZjY1ZTllMWMyNTJhYjExNTdhNDU1MTA1YjQwZTFjNzE2MjM5ZWRiNGJhNDJlY2I5ZmFiOTVkZTlkZmZmIiwiaWF0IjoxNzAwMDAwMDAwfQ._BLc8SSqfuhB8nBY1BPiNSY3TnMz3hjLPgKA3guC1U4";
const TOKEN_LIVEKIT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUElrZXkiLCJzaGEyNTYiOiJHMjMyWHA0Y0pTcXhGWHBGVVFXMERoeHhZam50dExwQzdMbjZ1VjNwMy84PSIsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMzAwfQ.p5VyPuDyIQs1ClsKROp-GdBECkQjm9tn5FcUt1C3efg";
const TOKEN_BIRD: &str = "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiAiTWVzc2FnZUJpcmQiLCAibmJmIjogMTcwMDAwMDAwMCwgImV4cCI6IDE3MDAwMDAwNjAsICJwYXlsb2FkX2hhc2giOiAiMWI2ZGY2NWU5ZTFjMjUyYWIxMTU3YTQ1NTEwNWI0MGUxYzcxNjIzOWVkYjRiYTQyZWNiOWZhYjk1ZGU5ZGZmZiIsICJ1cmxfaGFzaCI6ICJkMDkzMTY1ZTRiYjFiZTVmZjA0ZTBjZWJkNWE0YjFkNDlmNTlhZjE2NWQ5OGY1Nzk5M2NiN2QxMTUzYjMzNjJkIn0.jx2se8K8OxNgPuKYSV2tYei2MEEP-qa7Gz9id6xf6nk";
const TOKEN_BIRD_EMPTY: &str = "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiAiTWVzc2FnZUJpcmQiLCAibmJmIjogMTcwMDAwMDAwMCwgImV4cCI6IDE3MDAwMDAwNjAsICJ1cmxfaGFzaCI6ICJkMDkzMTY1ZTRiYjFiZTVmZjA0ZTBjZWJkNWE0YjFkNDlmNTlhZjE2NWQ5OGY1Nzk5M2NiN2QxMTUzYjMzNjJkIn0._x9D0zpL3xdPtfmVbymQTYYIq3lYVkLhmvMl6GgtKp4";
const TOKEN_QSH: &str = "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiAiamlyYSIsICJpYXQiOiAxNzAwMDAwMDAwLCAiZXhwIjogMTcwMDAwMDE4MCwgInFzaCI6ICJkYzc4ZTRmYTdkMThmZWJkNzZjYzFiNzUyYmNhMzI2YzIyZDE2ZGQ0ODdkZjIwMDM3OTFlMWZmYmYzOGIwZGIwIn0.i8BdEoaPQl8F1ojn508td-yNOb4Z7xRRjle9lUfhrnw";
const TOKEN_RS256: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0eXBlIjoidXNlci5jcmVhdGVkIiwiaWQiOiJ1MSJ9.P5xVE0esFM0YunITf7sNojKABCTuS2sagPv9EMk9syTJhec3YWYHLcoTAZR9AcE88NuznfoyqLS9ncMwQXjFREzDOTtxChYKMOL9E5Bwoo0iX03WErdGNvnOu49ccFXR09-74js2Rj1WLWziuDDY9JFYG427yvYkLwOxzyaWTvAZ7JorC4WDFfBqk6QXr6_niB_rxdVrxsGpaPIqIRpB1orDGhUr9yR80_INq8paWwIBk1ypfSS14rsAOdBQoHuV0aaplYDOGI_7H9O_UZOsBPCVLpvImXb4rskTzsIMxHEv_4kT-wSgcmspbF0x1ASIqDTLbKqF_TiL1jpCLxO8-g";
const TOKEN_ES256: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0eXBlIjoidXNlci5jcmVhdGVkIiwiaWQiOiJ1MSJ9.y-nDSrmNz28yO3hmCvtrt0quYoPscCw7UxISZnUaKQKHsQFEGTBsVt6yJVJ35WgTz5ADfdjXeXBaMZlc9SeqgA";
const TOKEN_ES256_OTHER: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0eXBlIjoidXNlci5jcmVhdGVkIiwiaWQiOiJ1MSJ9.y-nDSrmNz28yO3hmCvtrt0quYoPscCw7UxISZnUaKQJ4Tv665s-TqiFN2q2IGpfr7Vb3L85AJRSZiDFmBzt60Q";
const CONFUSION: &str =
    "eyJhbGciOiAiSFMyNTYifQ.eyJ0eXBlIjogImV2aWwifQ.IiRiRNDcM6TzPVV8kv9ShMeQccwmPX0WSFr7cvlon_Y";
const CONFUSION_TRIMMED: &str =
    "eyJhbGciOiAiSFMyNTYifQ.eyJ0eXBlIjogImV2aWwifQ.LrKJBqM7jO-bgZXXhj7Svyv10Cc5aMV0dHPIacoGvpM";
