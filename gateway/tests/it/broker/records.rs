//! What a node keeps beside the logs, for each broker; and that what should last lasts.

use hookcast::broker::Broker as _;
use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::records::{RECORD_BYTES_MAX, RECORDS_MAX, RecordError, Shelf};
use hookcast::limits::{Limits, Retentions};

use super::{Bench, Kind, conformance, folder};

conformance!(a_record_is_kept_read_listed_and_removed, a_shelf_and_a_record_have_their_bound);

async fn a_record_is_kept_read_listed_and_removed(kind: Kind) {
    let bench = Bench::open(kind);
    let kept = bench.broker.records();
    assert_eq!(kept.get(Shelf::Links, "k").await, Ok(None));
    assert!(kept.all(Shelf::Links).await.unwrap().is_empty());
    assert_eq!(kept.remove(Shelf::Links, "k").await, Ok(false));
    kept.put(Shelf::Links, "k", "one".into()).await.unwrap();
    kept.put(Shelf::Links, "other", "\u{e9}\"\n".into()).await.unwrap();
    kept.put(Shelf::Links, "k", "two".into()).await.unwrap();
    assert_eq!(kept.get(Shelf::Links, "k").await, Ok(Some("two".into())));
    let all = kept.all(Shelf::Links).await.unwrap();
    assert_eq!(all, [("k", "two"), ("other", "\u{e9}\"\n")].map(|(k, v)| (k.into(), v.into())).into());
    assert_eq!(kept.remove(Shelf::Links, "k").await, Ok(true));
    assert_eq!(kept.get(Shelf::Links, "k").await, Ok(None));
}

async fn a_shelf_and_a_record_have_their_bound(kind: Kind) {
    let bench = Bench::open(kind);
    let kept = bench.broker.records();
    let too_long = "x".repeat(RECORD_BYTES_MAX + 1);
    assert_eq!(kept.put(Shelf::Links, "k", too_long).await, Err(RecordError::Full));
    for number in 0..RECORDS_MAX {
        kept.put(Shelf::Links, &number.to_string(), "x".into()).await.unwrap();
    }
    assert_eq!(kept.put(Shelf::Links, "one more", "x".into()).await, Err(RecordError::Full));
    kept.put(Shelf::Links, "7", "again".into()).await.unwrap();
    assert_eq!(kept.get(Shelf::Links, "7").await, Ok(Some("again".into())));
}

#[tokio::test]
async fn embedded_records_outlive_the_process_and_a_file_that_is_none_is_told() {
    let dir = folder();
    let open = || EmbeddedBroker::open(dir.path(), Retentions::default(), &Limits::default()).unwrap();
    open().records().put(Shelf::Links, "k", "one".into()).await.unwrap();
    assert_eq!(open().records().get(Shelf::Links, "k").await, Ok(Some("one".into())));
    std::fs::write(dir.path().join("records.json"), "no json").unwrap();
    let error = open().records().get(Shelf::Links, "k").await.unwrap_err();
    assert!(error.to_string().contains("records.json"), "{error}");
}
