//! Signatures that vendors published or their own packages made: the proof that we verify what they sign.

use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::verify::Reason;

use super::support::*;

const SLACK_BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

struct Vector {
    source: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    now: u64,
}

/// What CircleCI's documentation gives for a verifier to be tried with.
const fn circleci(
    source: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> Vector {
    Vector { source, headers, body, now: 0 }
}

const VECTORS: &[Vector] = &[
    Vector {
        source: "provider = 'github'\nsecrets = [\"It's a Secret to Everybody\"]",
        headers: &[(
            "x-hub-signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        )],
        body: "Hello, World!",
        now: 0,
    },
    Vector {
        source: "provider = 'github'\nsecrets = ['mysecret']",
        headers: &[(
            "x-hub-signature-256",
            "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3",
        )],
        body: r#"{"foo":"bar"}"#,
        now: 0,
    },
    Vector {
        source: "provider = 'slack'\nsecrets = ['8f742231b10e8888abcd99yyyzzz85a5']",
        headers: &[
            ("x-slack-request-timestamp", "1531420618"),
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ("content-type", "application/x-www-form-urlencoded"),
        ],
        body: SLACK_BODY,
        now: 1_531_420_618,
    },
    Vector {
        source: "provider = 'standard-webhooks'\nsecrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']",
        headers: &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        body: r#"{"test": 2432232314}"#,
        now: 1_614_265_330,
    },
    Vector {
        source: "provider = 'standard-webhooks'\nsecrets = ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']",
        headers: &[
            ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("svix-timestamp", "1614265330"),
            ("svix-signature", "v1a,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        body: r#"{"test": 2432232314}"#,
        now: 1_614_265_330,
    },
    // GitLab signs with its signing token exactly as Standard Webhooks says.
    Vector {
        source: "provider = 'gitlab'\nsecrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'plain token']",
        headers: &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ],
        body: r#"{"test": 2432232314}"#,
        now: 1_614_265_330,
    },
    Vector {
        source: "provider = 'discord'\nsecrets = ['79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664']",
        headers: &[
            ("x-signature-timestamp", "1610000000"),
            (
                "x-signature-ed25519",
                "50db4086e890c41c26b539f0dd95af18b4d8b03d2f4203964d238b4946943ee2cc6fd52c47ddb355d267086a8c4e299d1054d3d655dba6e0f237a779f634800d",
            ),
        ],
        body: r#"{"type":1}"#,
        now: 0,
    },
    Vector {
        source: "provider = 'line'\nsecrets = ['test_secret']",
        headers: &[("x-line-signature", "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM=")],
        body: r#"{"hello":"world"}"#,
        now: 0,
    },
    Vector {
        source: "provider = 'razorpay'\nsecrets = ['123456']",
        headers: &[(
            "x-razorpay-signature",
            "2fe04e22977002e6c7cb553adab8b460cb9e2a4970d5953cb27a8472752e3bbc",
        )],
        body: r#"{"a":1,"b":2,"c":{"d":3}}"#,
        now: 0,
    },
    Vector {
        source: "provider = 'bitbucket'\nsecrets = [\"It's a Secret to Everybody\"]",
        headers: &[(
            "x-hub-signature",
            "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        )],
        body: "Hello World!",
        now: 0,
    },
    circleci(
        "provider = 'circleci'\nsecrets = ['secret']",
        &[("circleci-signature", "v1=734cc62f32841568f45715aeb9f4d7891324e6d948e4c6c60c0621cdac48623a")],
        "hello world",
    ),
    circleci(
        "provider = 'circleci'\nsecrets = ['another-secret']",
        &[("circleci-signature", "v1=daa220016c8f29a8b214fbfc3671aeec2145cfb1e6790184ffb38b6d0425fa00")],
        "lalala",
    ),
    circleci(
        "provider = 'circleci'\nsecrets = ['hunter123']",
        &[("circleci-signature", "v1=9be2242094a9a8c00c64306f382a7f9d691de910b4a266f67bd314ef18ac49fa")],
        "an-important-request-payload",
    ),
    circleci(
        "provider = 'circleci'\nsecrets = ['secret']",
        &[("circleci-signature", "v1=773ba44693c7553d6ee20f61ea5d2757a9a4f4a44d2841ae4e95b52e4cd62db4")],
        "foo",
    ),
    Vector {
        source: "provider = 'sanity'\nsecrets = ['test']",
        headers: &[(
            "sanity-webhook-signature",
            "t=1633519811129,v1=tLa470fx7qkLLEcMOcEUFuBbRSkGujyskxrNXcoh0N0",
        )],
        body: r#"{"_id":"resume"}"#,
        now: 1_633_519_811,
    },
    Vector {
        source: "provider = 'sanity'\nsecrets = ['try-me']",
        headers: &[(
            "sanity-webhook-signature",
            "t=1633518820676,v1=e7C9h2sfbFfc4V7TEz7PSOp4IoNzl0UdVsBV-1wgdeA",
        )],
        body: r#"{"title":"GROQ-Hooks are neat"}"#,
        now: 1_633_518_820,
    },
    // checkr/webhook-verification-examples: the same in six languages.
    Vector {
        source: "provider = 'checkr'\nsecrets = ['test-secret']",
        headers: &[(
            "x-checkr-signature",
            "b7412f05e981a473b5ecbdb5393afaea02a679db6d7c8e56803512ec4ba98151",
        )],
        body: r#"{"monday":"75F","tuesday":"80F"}"#,
        now: 0,
    },
    // Authorize.Net publishes no key with a signature. This is its page's recipe, done with openssl over the page's kind of body. That
    // the digits of the key count as text is what deliveries show that merchants posted, with their keys, in the vendor's forum:
    // those keys are theirs and stay there.
    Vector {
        source: "provider = 'authorize-net'\nsecrets = ['0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF']",
        headers: &[(
            "x-anet-signature",
            "sha512=82E15D99AF99A628C889CCD4EF688E6081D137F35268C421EA89924F0803764BD56246883FD02E10DA62CCE664A75CB7DC41690AB2A654063619DF064143E38C",
        )],
        body: r#"{"notificationId":"2b6f1e5c-7b53-4a7e-9d0a-3f5a5d0c4e11","eventType":"net.authorize.payment.authcapture.created","eventDate":"2030-03-05T10:00:00.0000000Z","webhookId":"9c1d4b7e-60a2-4c7f-8a35-0e2f7c9b1d42","payload":{"responseCode":1,"avsResponse":"P","authAmount":1.10,"entityName":"transaction","id":"40000000001"}}"#,
        now: 0,
    },
];

#[test]
fn published_vectors_verify_and_one_flipped_byte_does_not() {
    for vector in VECTORS {
        let source = source(&format!("name = 's'\n{}", vector.source));
        let now = at(vector.now);
        let verified = source.verify(delivery(&source, vector.headers, vector.body, now), None);
        assert!(verified.is_ok(), "{}: {}", vector.source, verified.unwrap_err());
        let mut flipped = vector.body.as_bytes().to_vec();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        assert_eq!(refused(&source, vector.headers, flipped, now), Reason::Mismatch, "{}", vector.source);
        assert_eq!(refused(&source, &[], vector.body, now), Reason::Missing, "{}", vector.source);
    }
}

#[test]
fn the_url_that_the_sender_was_given_can_be_signed() {
    let source = source(
        "name = 's'\nprovider = 'hmac'\nsecrets = ['asdf1234']\nheader = 'x-square-hmacsha256-signature'\nverify = { message = '{url}{body}', encoding = 'base64' }",
    );
    let headers = [("x-square-hmacsha256-signature", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")];
    let uri = "/webhook".parse().unwrap();
    let mut square = delivery(&source, &headers, r#"{"hello":"world"}"#, at(0));
    square.uri = uri;
    assert!(source.verify(square, Some("https://example.com/")).is_ok());
}

/// Standard Webhooks' public-key scheme: `v1a`, with the key pair of RFC 8032's first test.
#[test]
fn standard_webhooks_are_signed_and_verified_with_ed25519() {
    use base64::Engine as _;
    let pair = hex::decode(ED25519_PAIR).unwrap();
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let signer = plain("standard-webhooks", &format!("whsk_{}", encode(&pair)));
    let receiver = plain("standard-webhooks", &format!("whpk_{}", encode(&pair[32..])));
    let signed = signed_sample(&signer, "msg_1");
    let headers: Vec<(&str, &str)> =
        signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let now = std::time::SystemTime::now();
    assert!(headers.iter().any(|(name, value)| *name == "webhook-signature" && value.starts_with("v1a,")));
    assert_eq!(record(&published(&receiver, &headers, signed.body.clone(), now))["id"], "msg_1");
    assert_eq!(refused(&receiver, &headers, "{}", now), Reason::Mismatch);
    let catalogue = Catalogue::built_in();
    let sample = hookcast::ingest::sign::Sample {
        event_type: String::new(),
        body: catalogue.get("standard-webhooks").unwrap().row.sample.body.clone().into(),
    };
    let cannot = hookcast::ingest::sign::sign(&receiver, &sample, now, "x");
    assert_eq!(cannot, Err(hookcast::ingest::sign::SignError::NoPrivateKey));
}
