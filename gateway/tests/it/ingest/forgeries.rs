//! Forgeries by question: what anybody can have signed by asking for it is never taken as a delivery.

use hookcast::ingest::sign::{Sample, sign};

use super::support::*;

/// Braintree signs the text of a base64 field, in which XML stands; a challenge decodes to no such thing.
#[tokio::test]
async fn braintrees_payload_is_xml_or_refused() {
    let source = plain("braintree", "public:private");
    let gateway = Gateway::start(vec![plain("braintree", "public:private")]).await;
    for (body, status) in [
        ("<notification/>", 200),
        ("\n  <notification/>", 200),
        ("", 401),
        ("{}", 401),
        ("notification", 401),
    ] {
        let sample = Sample { event_type: String::new(), body: body.into() };
        let signed = sign(&source, &sample, std::time::SystemTime::now(), "1").unwrap();
        assert_eq!(gateway.send(&source, &signed).await.status, status, "{body}");
    }
}
