//! How a vendor is asked: answers that are none, and floods of forged deliveries. Requests are counted.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookcast::ingest::fetched::store::Pace;

use super::sns::{notification, signed, toml, vendor};
use super::vendor::{Answer, RSA, Vendor};
use super::{Case, eager};

const PATH: &str = "/a.pem";

fn delivery(vendor: &Vendor, path: &str) -> String {
    let mut body = notification(vendor, SystemTime::now());
    body["SigningCertURL"] = vendor.url(path).into();
    signed(body, &RSA)
}

#[tokio::test]
async fn answers_that_are_no_certificate_leave_the_delivery_without_one() {
    let vendor = vendor().await;
    let elsewhere = Vendor::start().await;
    elsewhere.gives(PATH, RSA.certificate());
    let case = Case::new(&toml(&vendor), eager());
    let body = delivery(&vendor, PATH);
    for answer in [
        Answer::Text(500, RSA.certificate()),
        Answer::Text(204, String::new()),
        Answer::Text(200, "<html>".into()),
        Answer::Text(200, RSA.public_pem()),
        Answer::Text(200, super::vendor::P256.certificate()),
        Answer::Text(200, format!("{}{}", RSA.certificate(), "\n".repeat(1024 * 1024))),
        Answer::Redirect(elsewhere.url(PATH)),
    ] {
        let before = vendor.count();
        vendor.says(PATH, answer.clone());
        assert!(case.fate(&[], &body, SystemTime::now()).await.is_keyless(), "{answer:?}");
        assert_eq!(vendor.count(), before + 1, "{answer:?}");
    }
    assert_eq!(elsewhere.count(), 0, "nobody is sent to");
    vendor.gives(PATH, RSA.certificate());
    case.fate(&[], &body, SystemTime::now()).await.record();
}

#[tokio::test]
async fn a_vendor_that_hangs_holds_nobody_for_ever() {
    let vendor = vendor().await;
    vendor.says(PATH, Answer::Hang);
    let case = Case::new(&toml(&vendor), Pace { deadline: Duration::from_millis(50), ..eager() });
    assert!(case.fate(&[], &delivery(&vendor, PATH), SystemTime::now()).await.is_keyless());
}

#[tokio::test]
async fn two_hundred_forged_deliveries_are_one_question_and_a_minute_has_ten() {
    let vendor = vendor().await;
    let case = Arc::new(Case::new(&toml(&vendor), Pace::default()));
    let body = delivery(&vendor, "/none.pem");
    let waiting: Vec<_> = (0..200)
        .map(|_| {
            let (case, body) = (case.clone(), body.clone());
            tokio::spawn(async move { case.fate(&[], &body, SystemTime::now()).await.is_keyless() })
        })
        .collect();
    for waiter in waiting {
        assert!(waiter.await.unwrap());
    }
    assert_eq!(vendor.count(), 1, "the others wait, and then rest");
    let mut forged = notification(&vendor, SystemTime::now());
    forged["Signature"] = "AAAA".into();
    for number in 0..200 {
        forged["SigningCertURL"] = vendor.url(&format!("/{number}.pem")).into();
        assert!(case.fate(&[], &forged.to_string(), SystemTime::now()).await.is_keyless());
    }
    assert_eq!(vendor.count(), 10);
}

#[tokio::test]
async fn no_flood_pushes_out_a_good_certificate() {
    let vendor = vendor().await;
    let case = Case::new(&toml(&vendor), Pace { places_max: 4, ..eager() });
    let good = signed(notification(&vendor, SystemTime::now()), &RSA);
    case.fate(&[], &good, SystemTime::now()).await.record();
    let mut forged = notification(&vendor, SystemTime::now());
    forged["Signature"] = "AAAA".into();
    for number in 0..20 {
        forged["SigningCertURL"] = vendor.url(&format!("/{number}.pem")).into();
        assert!(case.fate(&[], &forged.to_string(), SystemTime::now()).await.is_keyless());
    }
    let before = vendor.count();
    case.fate(&[], &good, SystemTime::now()).await.record();
    assert_eq!(vendor.count(), before);
}
