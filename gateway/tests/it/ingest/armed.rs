//! Secrets that providers send themselves, across reloads: who is believed, for how long, and what is told of it.

use std::time::Duration;

use hookcast::ingest::source::Source;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::*;

const ARMED: &str = "name = 's'\nprovider = 'asana'\ncapture = true";
const DISARMED: &str = "name = 's'\nprovider = 'asana'\nsecrets = ['the operator wrote this']";
const OFFER: &str = "b537207f20cbfa02357cf448134da559";
/// `hmac.new(OFFER, b"{}", sha256)` of Python.
const SIGNED: [(&str, &str); 1] =
    [("x-hook-signature", "cfe05c6e787ec80375eae3b6a2babe8248398417e86d0dad5582a9c75bc6c331")];

fn captured(gateway: &Gateway) -> Option<Vec<u8>> {
    gateway.ingest.source("s").unwrap().captured().map(|secret| secret.expose().to_vec())
}

async fn offer(gateway: &Gateway, secret: &str) -> u16 {
    gateway.post("/hooks/s", &[("x-hook-secret", secret)], b"{}").await.status
}

/// Offers a secret to an armed source, which is replaced before the last byte of the offer comes.
async fn offer_across(after: Option<Source>) -> (Gateway, u16) {
    let gateway = Gateway::start(vec![source(ARMED)]).await;
    let mut stream = gateway.connect().await;
    let head = format!(
        "POST /hooks/s HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\nx-hook-secret: {OFFER}\r\ncontent-length: 2\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The gateway asks for the body once it has found the source.
    let mut go_on = [0; 25];
    let asked = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut go_on));
    asked.await.expect("an answer in time").unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    gateway.ingest.replace(after.into_iter().collect());
    stream.write_all(b"{}").await.unwrap();
    let status = read_answer(&mut stream).await.status;
    (gateway, status)
}

#[tokio::test]
async fn an_offer_that_ends_after_a_reload_is_judged_by_the_source_of_now() {
    let (gateway, status) = offer_across(Some(source(DISARMED))).await;
    assert_eq!((status, captured(&gateway)), (403, None), "no longer armed");
    assert_eq!(gateway.post("/hooks/s", &SIGNED, b"{}").await.status, 401);

    let other = source("name = 's'\nprovider = 'notion'\ncapture = true");
    let (gateway, status) = offer_across(Some(other)).await;
    assert_eq!((status, captured(&gateway)), (403, None), "another provider's source");

    let (_, status) = offer_across(None).await;
    assert_eq!(status, 403, "the source is gone");

    let (gateway, status) = offer_across(Some(source(ARMED))).await;
    assert_eq!((status, captured(&gateway)), (200, Some(OFFER.into())), "still armed");
}

#[tokio::test]
async fn a_secret_that_came_outlives_a_reload_while_the_source_is_armed() {
    let gateway = Gateway::start(vec![source(ARMED)]).await;
    assert_eq!(offer(&gateway, OFFER).await, 200);
    // Whatever else changes in it, the same is believed as before.
    for more in ["", "expect = '10m'", "secrets = ['the operator wrote this']"] {
        gateway.ingest.replace(vec![source(&format!("{ARMED}\n{more}"))]);
        assert_eq!(captured(&gateway), Some(OFFER.into()), "{more}");
        assert_eq!(offer(&gateway, "another").await, 403, "the first counts: {more}");
        assert_eq!(offer(&gateway, OFFER).await, 200, "{more}");
        let signed = gateway.post("/hooks/s", &SIGNED, b"{}").await;
        assert_eq!(signed.status, 200, "{more}: {signed:?}");
    }
    gateway.ingest.replace(vec![source(DISARMED)]);
    assert_eq!(captured(&gateway), None, "no longer armed");
    assert_eq!(gateway.post("/hooks/s", &SIGNED, b"{}").await.status, 401);
    gateway.ingest.replace(vec![source(ARMED)]);
    assert_eq!(captured(&gateway), None, "what was forgotten does not come back");
    assert_eq!(offer(&gateway, "another").await, 200);
    gateway.ingest.replace(vec![source("name = 's'\nprovider = 'notion'\ncapture = true")]);
    assert_eq!(captured(&gateway), None, "another provider's source");
}

#[tokio::test]
async fn a_second_offer_is_told_from_one_that_nobody_waits_for() {
    let gateway = Gateway::start(vec![source(ARMED)]).await;
    assert_eq!(offer(&gateway, OFFER).await, 200);
    assert_eq!(offer(&gateway, "another").await, 403);
    gateway.ingest.replace(vec![source(DISARMED)]);
    assert_eq!(offer(&gateway, "another").await, 403);
    let reports = gateway.reports(3).await;
    let told = |index: usize| {
        let (_, report) = &reports[index];
        (report["data"]["reason"].as_str().unwrap().to_owned(), report.to_string())
    };
    let (reason, report) = told(1);
    assert_eq!(reason, "captured_another");
    assert!(report.contains("another came first") && report.contains("take capture away"), "{report}");
    let (reason, report) = told(2);
    assert_eq!(reason, "not_armed");
    assert!(report.contains("this source takes none"), "{report}");
    assert!(!format!("{reports:?}").contains(OFFER));
}
