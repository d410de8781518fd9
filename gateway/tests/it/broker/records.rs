//! What a node keeps beside the logs, for each broker; and that what should last lasts.

use hookcast::broker::Broker as _;
use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::records::{Bound, RecordError, Shelf};
use hookcast::limits::{Limits, Retentions};

use super::{Bench, Kind, conformance, folder};

conformance!(
    a_record_is_kept_read_listed_and_removed,
    a_record_is_put_in_the_place_of_the_one_that_was_read,
    a_shelf_and_a_record_have_their_bound
);

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

async fn a_record_is_put_in_the_place_of_the_one_that_was_read(kind: Kind) {
    let bench = Bench::open(kind);
    let kept = bench.broker.records();
    let swap = |before: Option<&str>, after: Option<&str>| {
        kept.swap(Shelf::Boards, "k", before.map(str::to_owned), after.map(str::to_owned))
    };
    assert_eq!(swap(Some("one"), Some("two")).await, Ok(false), "there is none");
    assert_eq!(swap(None, Some("one")).await, Ok(true));
    assert_eq!(swap(None, Some("two")).await, Ok(false), "somebody was here first");
    assert_eq!(swap(Some("one"), Some("two")).await, Ok(true));
    assert_eq!(swap(Some("one"), None).await, Ok(false));
    assert_eq!(kept.get(Shelf::Boards, "k").await, Ok(Some("two".into())));
    assert_eq!(kept.get(Shelf::Links, "k").await, Ok(None), "another shelf");
    assert_eq!(swap(Some("two"), None).await, Ok(true));
    assert!(kept.all(Shelf::Boards).await.unwrap().is_empty());

    let Bound { records, bytes_each } = Shelf::Boards.bound();
    let too_long = Some("x".repeat(bytes_each + 1));
    assert_eq!(kept.swap(Shelf::Boards, "k", None, too_long).await, Err(RecordError::Full));
    for number in 0..records {
        let filled = kept.swap(Shelf::Boards, &number.to_string(), None, Some("x".into())).await;
        assert_eq!(filled, Ok(true));
    }
    assert_eq!(swap(None, Some("one more")).await, Err(RecordError::Full));
}

async fn a_shelf_and_a_record_have_their_bound(kind: Kind) {
    let bench = Bench::open(kind);
    let kept = bench.broker.records();
    let Bound { records, bytes_each } = Shelf::Links.bound();
    let too_long = "x".repeat(bytes_each + 1);
    assert_eq!(kept.put(Shelf::Links, "k", too_long).await, Err(RecordError::Full));
    for number in 0..records {
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
