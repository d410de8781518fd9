//! What the load sends: signed deliveries whose body carries a sequence number, and tokens for its sessions.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

/// The source that the load posts to, which is also its stream.
pub(crate) const SOURCE: &str = "load";
/// Every event is about this topic; ten patterns of `PATTERNS` cover it.
pub(crate) const TOPIC: &str = "load/eu/west/reading";
pub(crate) const AUDIENCE: &str = "hookcast";
/// A token outlives every run, and stays below the 24 hours that a gateway accepts.
const TOKEN_SECONDS: u64 = 12 * 3600;

/// Ten patterns that all match `TOPIC`; the first is what a run without `--patterns` uses.
pub(crate) const PATTERNS: [&str; 10] = [
    "load/**",
    "load/*/**",
    "load/eu/**",
    "load/*/*/*",
    "load/eu/*/*",
    "load/*/west/*",
    "load/*/*/reading",
    "load/eu/west/*",
    "load/eu/*/reading",
    "load/eu/west/reading",
];

/// Writes deliveries of one size under one key. The key schedule of HMAC is made once.
pub(crate) struct DeliveryWriter {
    mac: Hmac<Sha256>,
    /// Tells this run's delivery ids from those of another on the same store.
    run: String,
    body_bytes: usize,
    body: Vec<u8>,
}

impl DeliveryWriter {
    pub(crate) fn new(source_secret: &str, body_bytes: usize) -> Self {
        let mac = Hmac::new_from_slice(source_secret.as_bytes()).expect("HMAC takes a key of any length");
        Self { mac, run: format!("{:016x}", fastrand::u64(..)), body_bytes, body: Vec::new() }
    }

    /// Replaces `out` with the whole HTTP request for the event `seq`. The same `seq` is the same delivery.
    pub(crate) fn write(&mut self, seq: u64, out: &mut Vec<u8>) {
        self.write_of("eu", seq, out);
    }

    /// The same for an event of this region, which stands in its topic.
    pub(crate) fn write_of(&mut self, region: &str, seq: u64, out: &mut Vec<u8>) {
        self.body.clear();
        write!(self.body, r#"{{"seq":{seq},"region":"{region}","zone":"west","pad":""#)
            .expect("memory is writable");
        self.body.resize((self.body_bytes - 2).max(self.body.len()), b'x');
        self.body.extend_from_slice(br#""}"#);
        let mut mac = self.mac.clone();
        mac.update(&self.body);
        let mut hex = [0; 64];
        write_hex(&mac.finalize().into_bytes(), &mut hex);
        out.clear();
        write!(
            out,
            "POST /hooks/{SOURCE} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             x-event: reading\r\nx-delivery-id: {run}-{seq}\r\nx-signature: sha256={hex}\r\n\
             content-length: {length}\r\n\r\n",
            run = self.run,
            hex = str::from_utf8(&hex).expect("hex is ASCII"),
            length = self.body.len(),
        )
        .expect("memory is writable");
        out.extend_from_slice(&self.body);
    }
}

fn write_hex(bytes: &[u8], out: &mut [u8; 64]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(out.as_chunks_mut::<2>().0) {
        *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    }
}

/// An HS256 token that grants the load's stream. `subject` differs per session: a gateway caps sessions per subject.
pub(crate) fn token(auth_secret: &str, subject: &str, now: u64) -> String {
    let claims = json!({
        "aud": AUDIENCE, "sub": subject, "exp": now + TOKEN_SECONDS,
        "hookcast": {"subscribe": [format!("{SOURCE}/**")]},
    });
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(json!({"alg": "HS256", "typ": "JWT"})), encode(claims));
    let mut mac =
        Hmac::<Sha256>::new_from_slice(auth_secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(seq: u64, body_bytes: usize) -> String {
        let mut out = Vec::new();
        DeliveryWriter::new("Jefe", body_bytes).write(seq, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_body_is_json_of_the_size_asked_for() {
        for seq in [1, 99_999, 10_000_000] {
            let request = written(seq, 256);
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert_eq!(body.len(), 256);
            assert!(head.contains("content-length: 256"));
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(json["seq"], seq);
        }
    }

    #[test]
    fn the_signature_is_the_hmac_of_the_body() {
        // RFC 4231, test case 2, through the same hex and key.
        let mut mac = DeliveryWriter::new("Jefe", 0).mac;
        mac.update(b"what do ya want for nothing?");
        let mut hex = [0; 64];
        write_hex(&mac.finalize().into_bytes(), &mut hex);
        assert_eq!(&hex, b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_retry_is_the_same_delivery_and_another_run_is_not() {
        let mut writer = DeliveryWriter::new("s", 100);
        let (mut first, mut again, mut other) = (Vec::new(), Vec::new(), Vec::new());
        writer.write(1, &mut first);
        writer.write(1, &mut again);
        DeliveryWriter::new("s", 100).write(1, &mut other);
        assert_eq!(first, again);
        assert_ne!(first, other);
    }

    #[test]
    fn a_token_has_three_parts_and_its_claims() {
        let token = token("secret", "load-7", 1_000);
        let parts: Vec<_> = token.split('.').collect();
        let claims: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!((parts.len(), &claims["sub"], &claims["exp"]), (3, &json!("load-7"), &json!(44_200)));
    }
}
