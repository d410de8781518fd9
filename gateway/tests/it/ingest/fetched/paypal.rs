//! PayPal: the five headers, the sum of the body, the webhook's id, the pinned host.

use std::time::{Duration, SystemTime};

use hookcast::ingest::verify::Reason;

use super::sns::rfc3339;
use super::vendor::{OTHER_RSA, Pair, RSA, Vendor};
use super::{Case, eager};

const CERTIFICATE: &str = "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77";
const WEBHOOK: &str = "9XL90610J3647323C";
const BODY: &str = "{\"id\":\"WH-9UG43882HX7271132\",\"event_type\":\"PAYMENT.SALE.COMPLETED\"}";

struct Sent {
    time: String,
    url: String,
    signature: String,
    algorithm: &'static str,
}

impl Sent {
    fn new(vendor: &Vendor, pair: &Pair, webhook: &str, at: SystemTime) -> Self {
        let time = rfc3339(at);
        let sum = crc32(BODY.as_bytes());
        let message = format!("d938e770-8046-11e6-8103-6b62a8a99ac4|{time}|{webhook}|{sum}");
        let signature = pair.sign_base64("-sha256", message.as_bytes());
        Self { time, url: vendor.url(CERTIFICATE), signature, algorithm: "SHA256withRSA" }
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        vec![
            ("paypal-transmission-id", "d938e770-8046-11e6-8103-6b62a8a99ac4"),
            ("paypal-transmission-time", &self.time),
            ("paypal-transmission-sig", &self.signature),
            ("paypal-cert-url", &self.url),
            ("paypal-auth-algo", self.algorithm),
            ("content-type", "application/json"),
        ]
    }
}

/// CRC-32 (IEEE 802.3), bit by bit: a second opinion.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

async fn set_up() -> (Vendor, Case) {
    let vendor = Vendor::start().await;
    vendor.gives(CERTIFICATE, RSA.certificate());
    let toml = format!(
        "name = 's'\nprovider = 'paypal'\nsecrets = ['OTHER0000', '{WEBHOOK}']\nverify = {{ hosts = ['http://{}'] }}",
        vendor.address
    );
    let case = Case::new(&toml, eager());
    (vendor, case)
}

#[tokio::test]
async fn a_transmission_is_verified_with_its_certificate() {
    let (vendor, case) = set_up().await;
    let now = SystemTime::now();
    let sent = Sent::new(&vendor, &RSA, WEBHOOK, now);
    let record = case.fate(&sent.headers(), BODY, now).await.record();
    assert_eq!(record["id"], "d938e770-8046-11e6-8103-6b62a8a99ac4");
    assert_eq!(record["type"], "PAYMENT.SALE.COMPLETED");
    let days = Duration::from_secs(86_400);
    let retried = Sent::new(&vendor, &RSA, WEBHOOK, now - 2 * days);
    case.fate(&retried.headers(), BODY, now).await.record();
    let stale = Sent::new(&vendor, &RSA, WEBHOOK, now - 4 * days);
    case.fate(&stale.headers(), BODY, now).await.is_refused(Reason::Stale, "");
    assert_eq!(vendor.count(), 1);
}

#[tokio::test]
async fn what_paypal_did_not_sign_for_this_webhook_is_refused() {
    let (vendor, case) = set_up().await;
    let now = SystemTime::now();
    let sent = Sent::new(&vendor, &RSA, WEBHOOK, now);
    case.fate(&sent.headers(), "{}", now).await.is_refused(Reason::Mismatch, "");
    for forged in [Sent::new(&vendor, &OTHER_RSA, WEBHOOK, now), Sent::new(&vendor, &RSA, "WEBHOOK_ID", now)]
    {
        case.fate(&forged.headers(), BODY, now).await.is_refused(Reason::Mismatch, "did not sign");
    }
    for left_out in 0..5 {
        let mut headers = sent.headers();
        headers.remove(left_out);
        case.fate(&headers, BODY, now).await.is_refused(Reason::Missing, "");
    }
    let weak = Sent { algorithm: "SHA1withRSA", ..Sent::new(&vendor, &RSA, WEBHOOK, now) };
    case.fate(&weak.headers(), BODY, now).await.is_refused(Reason::Malformed, "");
}

#[tokio::test]
async fn certificates_come_from_paypal_alone() {
    let (vendor, _) = set_up().await;
    let real = Case::new(&format!("name = 's'\nprovider = 'paypal'\nsecrets = ['{WEBHOOK}']"), eager());
    let now = SystemTime::now();
    for url in [
        vendor.url(CERTIFICATE),
        format!("https://api.paypal.com.evil.example.com{CERTIFICATE}"),
        format!("http://api.paypal.com{CERTIFICATE}"),
        "https://api.paypal.com/v1/oauth2/token".to_owned(),
        format!("https://www.paypal.com{CERTIFICATE}"),
    ] {
        let sent = Sent { url, ..Sent::new(&vendor, &RSA, WEBHOOK, now) };
        real.fate(&sent.headers(), BODY, now).await.is_refused(Reason::Malformed, "certificate lies where");
    }
    assert_eq!(vendor.count(), 0);
}
