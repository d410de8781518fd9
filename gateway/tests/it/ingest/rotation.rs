//! Several secrets of one source: which of them fitted, told by its label, and what a label may be.

use std::time::SystemTime;

use hookcast::ingest::sign::{Sample, sign};
use hookcast::ingest::source::Source;

use super::support::{Gateway, parse, source};

const TWO: &str =
    "name = 's'\nprovider = 'github'\nsecrets = [{ value = 'new one', label = '2026-11' }, 'old one']";

/// What each secret is called and whether it ever fitted.
fn used(gateway: &Gateway) -> Vec<(String, bool)> {
    let (_, pulse) = gateway.ingest.pulses().remove(0);
    pulse.secrets().map(|(label, last)| (label.to_owned(), last.is_some())).collect()
}

async fn send(gateway: &Gateway, secret: &str, id: &str) -> u16 {
    let signer: Source = source(&format!("name = 's'\nprovider = 'github'\nsecrets = ['{secret}']"));
    let sample = Sample { event_type: "push".into(), body: "{}".into() };
    let signed = sign(&signer, &sample, SystemTime::now(), id).unwrap();
    gateway.send(&signer, &signed).await.status
}

#[tokio::test]
async fn each_delivery_notes_which_secret_fitted_and_a_reload_keeps_the_note() {
    let gateway = Gateway::start(vec![source(TWO)]).await;
    assert_eq!(used(&gateway), [("2026-11".into(), false), ("2".into(), false)]);
    assert_eq!(send(&gateway, "old one", "1").await, 202);
    assert_eq!(send(&gateway, "neither", "2").await, 401);
    assert_eq!(used(&gateway), [("2026-11".into(), false), ("2".into(), true)], "a refused one uses none");
    assert_eq!(send(&gateway, "new one", "3").await, 202);
    assert_eq!(used(&gateway), [("2026-11".into(), true), ("2".into(), true)]);

    gateway.ingest.replace(vec![source(&TWO.replace("old one", "newest"))]);
    assert_eq!(
        used(&gateway),
        [("2026-11".into(), true), ("2".into(), false)],
        "another secret, the same number"
    );
    gateway.ingest.replace(vec![source("name = 's'\nprovider = 'none'")]);
    assert_eq!(used(&gateway), []);
}

#[test]
fn a_label_is_short_plain_and_of_one_secret_alone() {
    let of = |secrets: &str| parse(&format!("name = 's'\nprovider = 'github'\nsecrets = {secrets}"));
    for (secrets, at) in [
        ("[{ value = 'a', label = 'x' }, { value = 'b', label = 'x' }]", "secrets[1].label"),
        ("[{ value = 'a', label = '' }]", "secrets[0].label"),
        ("[{ value = 'a', label = 7 }]", "secrets[0].label"),
        ("[{ value = 'a', label = \"x\\ny\" }]", "secrets[0].label"),
    ] {
        let mistakes = of(secrets).unwrap_err();
        assert!(mistakes[0].to_string().starts_with(at), "{secrets}: {mistakes:?}");
    }
    let labels: Vec<_> = of("[{ value = 'a', label = '2' }, 'b', 'c']").unwrap().labels().to_vec();
    assert_eq!(labels.iter().map(|label| label.text.as_str()).collect::<Vec<_>>(), ["2", "2 (2)", "3"]);
}
