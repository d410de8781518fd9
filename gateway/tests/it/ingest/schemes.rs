//! Every scheme that a row can name, each over signatures that somebody else's code made: a vendor's test, or OpenSSL.

use hookcast::ingest::sign::{Sample, sign};
use hookcast::ingest::verify::Reason;

use super::support::*;

const BODY: &str = r#"{"n":1}"#;

/// One way to sign: what the row says beside where the signature stands, the source's secret, and a signature over [`BODY`].
struct Case {
    verify: &'static str,
    secret: &'static str,
    signature: &'static str,
}

const TIMED: &str = "message = '{header:X-Time}{body}'";

#[test]
fn public_keys_verify_what_openssl_signed() {
    let rsa = include_str!("keys/rsa.pub.pem");
    let p256 = include_str!("keys/p256.pub.pem");
    for (verify, secret, signature) in [
        ("algorithm = 'rsa-sha256'\nkey = 'pem'", rsa, RSA_SHA256),
        ("algorithm = 'rsa-sha1'\nkey = 'pem'", rsa, RSA_SHA1),
        ("algorithm = 'ecdsa-p256-sha256'\nkey = 'pem'", p256, P256_SHA256),
        ("algorithm = 'ecdsa-p256-sha1'\nkey = 'pem'", p256, P256_SHA1),
        ("algorithm = 'ecdsa-p256-sha256'\nkey = 'spki-base64'", P256_SPKI, P256_SHA256),
        ("algorithm = 'ecdsa-p256-sha256'\nkey = 'raw-hex'", P256_POINT, P256_SHA256),
        ("key = 'pem'", include_str!("keys/ed25519.pub.pem"), ED25519),
    ] {
        let row = format!(
            "[p.verify]\nscheme = 'public-key'\nencoding = 'base64'\nsignature = {{ header = 'X-S' }}\n{TIMED}\n{verify}"
        );
        let source = of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['''{secret}''']"));
        let headers = [("x-s", signature), ("x-time", "1700000000")];
        published(&source, &headers, BODY, at(0));
        assert_eq!(refused(&source, &headers, r#"{"n":2}"#, at(0)), Reason::Mismatch, "{verify}");
        let late = [("x-s", signature), ("x-time", "1700000001")];
        assert_eq!(refused(&source, &late, BODY, at(0)), Reason::Mismatch, "{verify}");
        let unsigned = sign(&source, &Sample { event_type: String::new(), body: BODY.into() }, at(0), "1");
        assert!(unsigned.is_err(), "a public key does not sign: {verify}");
        if verify.contains("'pem'") {
            // As it stands in a variable that lost its line breaks.
            let pasted = secret.trim().replace('\n', " ");
            let source = of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['''{pasted}''']"));
            published(&source, &headers, BODY, at(0));
            // The same row with the vendor's key in it needs no secret.
            let row = format!("{row}\npublic-key = '''{secret}'''");
            published(&of_rows(&row, "name = 's'\nprovider = 'p'"), &headers, BODY, at(0));
        }
    }
}

#[test]
fn private_keys_sign_samples_that_verify() {
    for (algorithm, key) in [
        ("rsa-sha256", include_str!("keys/rsa.pem")),
        ("rsa-sha1", include_str!("keys/rsa.pem")),
        ("ecdsa-p256-sha256", include_str!("keys/p256.pem")),
        ("ecdsa-p256-sha1", include_str!("keys/p256.pem")),
        ("ed25519", include_str!("keys/ed25519.pem")),
    ] {
        let row = format!(
            "[p.verify]\nscheme = 'public-key'\nalgorithm = '{algorithm}'\nkey = 'pem'\nsignature = {{ header = 'X-S' }}\n{TIMED}"
        );
        let source = of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['''{key}''']"));
        let signed = sign(&source, &Sample { event_type: String::new(), body: BODY.into() }, at(0), "1");
        let signed = signed.unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        let headers: Vec<_> =
            signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        published(&source, &headers, signed.body, at(0));
    }
}

#[test]
fn broken_public_keys_are_refused_with_the_configuration() {
    let rows = "[p.verify]\nscheme = 'public-key'\nalgorithm = 'rsa-sha256'\nkey = 'pem'\nsignature = { header = 'X-S' }\npublic-key = 'no key'";
    let rows: toml::Table = rows.parse().unwrap();
    let mistakes = hookcast::ingest::providers::Catalogue::built_in().with_user_rows(&rows).unwrap_err();
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with("p.verify.public-key: this key is no PEM"), "{told:#?}");
}

/// sendgrid-nodejs: packages/eventwebhook/src/eventwebhook.spec.js
#[test]
fn sendgrids_published_vector_verifies() {
    let row = "[p.verify]\nscheme = 'public-key'\nalgorithm = 'ecdsa-p256-sha256'\nkey = 'spki-base64'\nencoding = 'base64'\nsignature = { header = 'X-Twilio-Email-Event-Webhook-Signature' }\nmessage = '{ts}{body}'\ntime = { header = 'X-Twilio-Email-Event-Webhook-Timestamp' }";
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==";
    let source = of_rows(row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{key}']"));
    let headers = [
        (
            "x-twilio-email-event-webhook-signature",
            "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=",
        ),
        ("x-twilio-email-event-webhook-timestamp", "1588788367"),
    ];
    let body = r#"{"category":"example_payload","event":"test_event","message_id":"message_id"}"#;
    published(&source, &headers, body, at(1_588_788_367));
    assert_eq!(refused(&source, &headers, "payload", at(1_588_788_367)), Reason::Mismatch);
    assert_eq!(refused(&source, &headers, body, at(1_588_789_000)), Reason::Stale);
}

#[test]
fn hubspots_plain_hashes_and_an_hmac_of_md5_verify() {
    let hubspot = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    for Case { verify, secret, signature } in [
        Case {
            verify: "scheme = 'digest'\nmessage = '{secret}{body}'",
            secret: hubspot,
            signature: "4009d150d02919095f4ce12e1a3ab6c86e9a7c9b8ad92ad655dbb96943dc5250",
        },
        Case { verify: "algorithm = 'md5'", secret: "s", signature: "e7813437205c1159e9dbe6eaa85bb609" },
    ] {
        let row = format!("[p.verify]\nsignature = {{ header = 'X-S' }}\n{verify}");
        let source = of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['other', '{secret}']"));
        published(&source, &[("x-s", signature)], BODY, at(0));
        assert_eq!(refused(&source, &[("x-s", signature)], r#"{"n":2}"#, at(0)), Reason::Mismatch);
    }
}

/// hubspot-api-nodejs: test/unit/signature.spec.ts
#[test]
fn hubspots_published_vectors_verify() {
    let secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    let row = "[p.verify]\nscheme = 'digest'\nmessage = '{secret}{body}'\nsignature = { header = 'X-HubSpot-Signature' }";
    let source = of_rows(row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{secret}']"));
    let body = r#"[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]"#;
    let signature = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de";
    published(&source, &[("x-hubspot-signature", signature)], body, at(0));
}

#[test]
fn a_form_is_signed_by_its_fields_in_their_order() {
    let row = "[p.verify]\nalgorithm = 'sha1'\nencoding = 'base64'\nmessage = '{url}{form-sorted}'\nsignature = { header = 'X-S' }";
    let source = of_rows(row, "name = 's'\nprovider = 'p'\nsecrets = ['s']");
    let headers =
        [("x-s", "U1DqeEEUhGjRWwrEHxpYNPr6B84="), ("content-type", "application/x-www-form-urlencoded")];
    let of = |body: &'static str| {
        source.verify(delivery(&source, &headers, body, at(0)), Some("https://x.example"))
    };
    of("b=2&a=1").unwrap();
    of("a=1&b=2").unwrap();
    assert_eq!(of("a=2&b=1").unwrap_err().reason, Reason::Mismatch);
    assert_eq!(of("").unwrap_err().reason, Reason::WrongContent);
}

#[test]
fn an_optional_time_counts_where_it_is() {
    let row = "[p.verify]\nscheme = 'token'\nsignature = { header = 'X-S' }\ntime = { header = 'X-Time', optional = true }";
    let source = of_rows(row, "name = 's'\nprovider = 'p'\nsecrets = ['s']");
    published(&source, &[("x-s", "s")], BODY, at(1_000));
    published(&source, &[("x-s", "s"), ("x-time", "1000")], BODY, at(1_000));
    assert_eq!(refused(&source, &[("x-s", "s"), ("x-time", "10")], BODY, at(1_000)), Reason::Stale);
    assert_eq!(refused(&source, &[("x-s", "s"), ("x-time", "x")], BODY, at(1_000)), Reason::Malformed);
}

const RSA_SHA256: &str = "h0L/3ZncnQ2WAdhWOWhzAFsZjhu5OZLCpUo6qR6jMlRmxVFYpsD+ij4MwEPbd9FJv1MMZ9i1O0Y+FK37LkUZF5oK/otd3wPKHyz23fd+xyEgCR2Wu35vZ5YSlrTa9mdUUyMDT0QGerV0SNv0Fx5zMS/94aebRdifJ3Gjz0ojuBa+7QAOpUrcqVd9hmsEQJ8iKuxHZCPUyWjM05ByV48FsPXBMsX5Couhkquhdez4T0KpgNhTuujLkPP4bixWIR8TtFM9V2D0sNIfKztwB7fQeDHdh65nUD8FjgUiR0MFKsY6/iotKiZykH+oL8LWYHVMVTRX4QbiEuUbCAhawAud6Q==";
const RSA_SHA1: &str = "3rfhauNG/7jH3iqKwU2cxe52mYltbRk0fSrUtmix5LhUgkb7kqzjAM10TfSe8MacH68swS0bhntCW+LahLZt6jamD2yj/gs95sM5HvtpQsTQqAfIoWNya0Kws4PuUzX7h1ONv7f5kkfUsxyHDzU70nlyRtQ3HZy5k/4SkjaWc/zgJmw7QKeCYVrQVTSmulxBS+E25ffpzOecHCUiUedB4YRHmWvYBH/NNhPQ+nCzigxNcDXUg+Xckg9H2SbMel84I2kWqlS5FiYUrHDVSyQd+ghIbQKRK4liHQcc7CWeodbXL2fucVuuLbkdHWO31D8ovfntDKDOWMRRkifcSvMMYA==";
const P256_SHA256: &str =
    "MEQCIFkM5ibvIIpXpMgGnWUQB6HVHu0MQTCD2om2BZtqXog/AiAaWksrCTcTrgqDFKy5BO+Lu3pEfNkVraeceLiTlekJMw==";
const P256_SHA1: &str =
    "MEUCIQDeZPgirMNOhi+RncL7acFxlZOaTSUZNBvYqT8MUjlGDgIgIO97AfScGdyNzEA/LG7oqFmJ89//iYbjBoFRf8/jJCg=";
const ED25519: &str =
    "ApuNw5BGQAd8NAfh4BuIYhHZPsO3MzniIWa7J1mlvpqDCNB5PLXnRZG9dHPC+GmnsO1mNl9TeCCgOr5XbTfaCQ==";
const P256_SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdY1bzdcueNDjl5HJpIADCs69Pyk8swAvZtwB9lSyTCPBJ3Bx/GvsQOreqYEo4IA0FsCf+5uRmngSKQNUIr1hWQ==";
const P256_POINT: &str = "04758d5bcdd72e78d0e39791c9a480030acebd3f293cb3002f66dc01f654b24c23c1277071fc6bec40eadea98128e0803416c09ffb9b919a781229035422bd6159";
