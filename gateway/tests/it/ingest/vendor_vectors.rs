//! Vectors that vendors publish for requests of which more than the body is signed, or whose key is a public one: each through
//! the vendor's own row. Those of one header and one body are in `vectors`.

use hookcast::ingest::source::Source;
use hookcast::ingest::verify::{Reason, Refusal, Verified};

use super::support::*;

struct Vector {
    /// Where it is published.
    published: &'static str,
    provider: &'static str,
    secret: &'static str,
    url: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    now: u64,
    /// What is signed of the body: a word, and another in its place.
    changed: (&'static str, &'static str),
}

impl Vector {
    fn source(&self) -> Source {
        source(&format!(
            "name = 's'\nprovider = '{}'\nsecrets = [\'\'\'{}\'\'\']",
            self.provider, self.secret
        ))
    }

    fn verify(&self, source: &Source, url: &str, body: &str) -> Result<Verified, Refusal> {
        let mut delivery = delivery(source, self.headers, body.to_owned(), at(self.now));
        let (origin, uri) = url.split_at(url[8..].find('/').unwrap() + 8);
        delivery.uri = uri.parse().unwrap();
        source.verify(delivery, Some(origin))
    }
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HUBSPOT: &str = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
const ANY: &str = "https://gateway.example.com/hooks/s";

const VECTORS: &[Vector] = &[
    Vector {
        published: "Twilio's PHP library, its documentation",
        provider: "twilio",
        secret: "12345",
        url: "https://mycompany.com/myapp.php?foo=1&bar=2",
        headers: &[FORM, ("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")],
        body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
        now: 0,
        changed: ("Digits=1234", "Digits=1235"),
    },
    Vector {
        published: "twilio-python, its tests",
        provider: "twilio",
        secret: "12345",
        url: "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        headers: &[
            ("content-type", "application/json"),
            ("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4="),
        ],
        body: r#"{"property": "value", "boolean": true}"#,
        now: 0,
        changed: ("true", "null"),
    },
    Vector {
        published: "hubspot-api-nodejs, test/unit/signature.spec.ts",
        provider: "hubspot-v1",
        secret: HUBSPOT,
        url: ANY,
        headers: &[(
            "x-hubspot-signature",
            "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de",
        )],
        body: r#"[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]"#,
        now: 0,
        changed: ("123,", "124,"),
    },
    Vector {
        published: "hubspot-api-nodejs, test/unit/signature.spec.ts",
        provider: "hubspot-v2",
        secret: HUBSPOT,
        url: "https://www.example.com/webhook_uri",
        headers: &[(
            "x-hubspot-signature",
            "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
        )],
        body: r#"{"example_field":"example_value"}"#,
        now: 0,
        changed: ("_value", "_other"),
    },
    Vector {
        published: "Square's SDK",
        provider: "square",
        secret: "asdf1234",
        url: "https://example.com/webhook",
        headers: &[("x-square-hmacsha256-signature", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")],
        body: r#"{"hello":"world"}"#,
        now: 0,
        changed: ("world", "wall"),
    },
    Vector {
        published: "Adyen's documentation",
        provider: "adyen",
        secret: "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
        url: ANY,
        headers: &[],
        body: r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},"amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","pspReference":"7914073381342284","success":"true"}}]}"#,
        now: 0,
        changed: ("1130", "1131"),
    },
    Vector {
        published: "adyen-node-api-library, its tests",
        provider: "adyen",
        secret: "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00",
        url: ANY,
        headers: &[],
        body: r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"ZNBPtI+oDyyRrLyD1XirkKnQgIAlFc07Vj27TeHsDRE="},"amount":{"currency":"EUR","value":1000},"eventCode":"REPORT_AVAILABLE","merchantAccountCode":"merchantAccount","merchantReference":"reference","originalReference":"originalReference","pspReference":"pspReference","success":"true"}}]}"#,
        now: 0,
        changed: (r#""success":"true""#, r#""success":"false""#),
    },
    Vector {
        published: "transferwise/digital-signatures-examples, with the sandbox's key",
        provider: "wise",
        secret: "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpb91cEYuyJNQepZAVfP
ZIlPZfNUefH+n6w9SW3fykqKu938cR7WadQv87oF2VuT+fDt7kqeRziTmPSUhqPU
ys/V2Q1rlfJuXbE+Gga37t7zwd0egQ+KyOEHQOpcTwKmtZ81ieGHynAQzsn1We3j
wt760MsCPJ7GMT141ByQM+yW1Bx+4SG3IGjXWyqOWrcXsxAvIXkpUD/jK/L958Cg
nZEgz0BSEh0QxYLITnW1lLokSx/dTianWPFEhMC9BgijempgNXHNfcVirg1lPSyg
z7KqoKUN0oHqWLr2U1A+7kqrl6O2nx3CKs1bj1hToT1+p4kcMoHXA7kA+VBLUpEs
VwIDAQAB
-----END PUBLIC KEY-----",
        url: ANY,
        headers: &[(
            "x-signature-sha256",
            "wKcKCYXAzxNgiu7xmoDm943NUni7Rz33QN8JkEA9dWSGebgndonabgSj18Y4C08OrwVmueGsED2s00M7DtJVcYKOS1i3G4TMVx+mgM3aL9djMBkQtiYNBFUd6wrPI7ZUNHv/TrlKSjTMc+6JFvUvJ7owY3z85e3I4jLRLJowMFvO8kvCJ60+1pY9wDwZvtZ//WS93LrwGjk9Dvwzpmu0w+P4J75tETT5qC3Uv0y5G2yO8SEoO3yNP/tg/BOli02niHb53vEOUWUb9bly6thnfMoXoiV/osoGxgF20R58RlvkAmezyyl1Sv542TfS2DpiwVnmjjjkCyXeSUcKookYLQ==",
        )],
        body: r#"{"data":{"resource":{"id":49983981,"profile_id":16055450,"account_id":14124090,"type":"transfer"},"current_state":"incoming_payment_waiting","previous_state":null,"occurred_at":"2021-08-23T10:12:50Z"},"subscription_id":"90aa8e14-4ef1-4a56-861c-f3c9cde097ea","event_type":"transfers#state-change","schema_version":"2.0.0","sent_at":"2021-08-23T10:12:50Z"}"#,
        now: 0,
        changed: ("49983981", "49983982"),
    },
    Vector {
        published: "go-pagerduty, webhookv3/webhookv3_test.go",
        provider: "pagerduty",
        secret: "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK",
        url: ANY,
        headers: &[(
            "x-pagerduty-signature",
            "v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd",
        )],
        body: r#"{"event":{"id":"01BWDWL3NYY7LUFPZCC28QUCMK","event_type":"incident.priority_updated","resource_type":"incident","occurred_at":"2021-04-26T17:36:27.458Z","agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV","self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Tenex Engineer","type":"user_reference"},"client":null,"data":{"id":"PGR0VU2","type":"incident","self":"https://api.pagerduty.com/incidents/PGR0VU2","html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","number":2,"status":"triggered","title":"A little bump in the road","service":{"html_url":"https://acme.pagerduty.com/services/PF9KMXH","id":"PF9KMXH","self":"https://api.pagerduty.com/services/PF9KMXH","summary":"API Service","type":"service_reference"},"assignees":[{"html_url":"https://acme.pagerduty.com/users/PTUXL6G","id":"PTUXL6G","self":"https://api.pagerduty.com/users/PTUXL6G","summary":"User 123","type":"user_reference"}],"escalation_policy":{"html_url":"https://acme.pagerduty.com/escalation_policies/PUS0KTE","id":"PUS0KTE","self":"https://api.pagerduty.com/escalation_policies/PUS0KTE","summary":"Default","type":"escalation_policy_reference"},"teams":[{"html_url":"https://acme.pagerduty.com/teams/PFCVPS0","id":"PFCVPS0","self":"https://api.pagerduty.com/teams/PFCVPS0","summary":"Engineering","type":"team_reference"}],"priority":{"html_url":"https://acme.pagerduty.com/account/incident_priorities","id":"PSO75BM","self":"https://api.pagerduty.com/priorities/PSO75BM","summary":"P1","type":"priority_reference"},"urgency":"high","conference_bridge":{"conference_number":1000,"conference_url":"https://example.com"},"resolve_reason":null}}}"#,
        now: 0,
        changed: ("high", "low"),
    },
    Vector {
        published: "docs.qonto.com, webhooks, setup",
        provider: "qonto",
        secret: "test-secret",
        url: ANY,
        headers: &[(
            "x-qonto-signature",
            "t=1704110400,v1=56aff06dc227db80d6568a5070f912c601c31f20451745d257cbc0b5dfa93805",
        )],
        body: r#"{"test":"data"}"#,
        now: 1_704_110_400,
        changed: ("data", "date"),
    },
    Vector {
        published: "messagebird/go-rest-api, signature_jwt/testdata/reference.json",
        provider: "messagebird",
        secret: "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb",
        url: "https://example.com/path?bar=1&foo=2",
        headers: &[(
            "messagebird-signature-jwt",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NTAwNi1hMGU4LTQ1MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2giOiJkZmZkNjAyMWJiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgxYzdmNzBhNGIyODY4OGEzNjIxODI5ODZmIn0._H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I",
        )],
        body: "Hello, World!",
        now: 1_625_479_230,
        changed: ("World", "Wall"),
    },
];

/// Those whose URL is signed, by themselves or by the row.
fn signs_its_url(vector: &Vector) -> bool {
    vector.url != ANY
}

#[test]
fn vectors_that_vendors_publish_verify_by_their_own_rows_and_a_changed_word_does_not() {
    for vector in VECTORS {
        let (told, body) = (vector.published, vector.body);
        let source = vector.source();
        let verified = vector.verify(&source, vector.url, body);
        assert!(verified.is_ok(), "{told}: {}", verified.unwrap_err());
        let changed = body.replacen(vector.changed.0, vector.changed.1, 1);
        assert_ne!(changed, body, "{told}");
        let refusal = vector.verify(&source, vector.url, &changed).map(drop).unwrap_err();
        assert_eq!(refusal.reason, Reason::Mismatch, "{told}: {refusal}");
    }
}

#[test]
fn vectors_whose_url_is_signed_do_not_verify_under_another() {
    let of_urls: Vec<_> = VECTORS.iter().filter(|vector| signs_its_url(vector)).collect();
    assert_eq!(of_urls.len(), 5);
    for vector in of_urls {
        let source = vector.source();
        for other in [vector.url.replacen(".com", ".net", 1), format!("{}/", vector.url)] {
            let refusal = vector.verify(&source, &other, vector.body).map(drop).unwrap_err();
            assert_eq!(refusal.reason, Reason::Mismatch, "{}: {other}: {refusal}", vector.published);
        }
    }
}
