//! What is kept and for how long, and what the head and the indexes say of it.

use std::collections::HashMap;
use std::time::Duration;

use hookcast::limits::Retention;
use hookcast::topic::Topic;

use super::{Bench, Kind, conformance, event, event_of_bytes, stream};

conformance!(
    no_more_is_kept_than_the_count,
    no_more_is_kept_than_the_bytes,
    nothing_is_kept_beyond_its_age,
    a_long_backlog_goes_step_by_step,
    an_event_larger_than_all_that_is_kept_goes_at_once,
    offsets_go_on_after_everything_was_trimmed,
    topics_hold_the_newest_retained_offset_of_each,
);

const AGE: Duration = Duration::from_mins(1);

fn keep(events: u64, bytes: u64) -> Retention {
    Retention { events, bytes, age: AGE }
}

async fn no_more_is_kept_than_the_count(kind: Kind) {
    let bench = Bench::open_keeping(kind, keep(5, 1 << 20));
    bench.append_each(0..5).await;
    assert_eq!(bench.broker.check(&stream()).await.unwrap().first, 1);
    bench.append(vec![event(5), event(6)]).await;
    let head = bench.head().await;
    assert_eq!((head.first, head.top), (3, 7));
    let kept: Vec<u64> = bench.all().await.iter().map(|entry| entry.offset).collect();
    assert_eq!(kept, [3, 4, 5, 6, 7]);
}

async fn no_more_is_kept_than_the_bytes(kind: Kind) {
    // Topic `s/t0`, 32 bytes of key and 64 of body: 100 bytes each.
    let bench = Bench::open_keeping(kind, keep(1_000, 350));
    for number in 0..3 {
        bench.append(vec![event_of_bytes(number, 64)]).await;
    }
    assert_eq!(bench.broker.check(&stream()).await.unwrap().first, 1);
    bench.append(vec![event_of_bytes(3, 64)]).await;
    let head = bench.head().await;
    assert_eq!((head.first, head.top), (2, 4));
    // 200 bytes more push out two of 100 each.
    bench.append(vec![event_of_bytes(4, 164)]).await;
    let head = bench.head().await;
    assert_eq!((head.first, head.top), (4, 5));
}

async fn nothing_is_kept_beyond_its_age(kind: Kind) {
    let bench = Bench::open_keeping(kind, keep(1_000, 1 << 20));
    bench.append_each(0..3).await;
    bench.hand.advance(AGE / 2);
    bench.append_each(3..5).await;
    bench.hand.advance(AGE / 2);
    assert_eq!(bench.broker.check(&stream()).await.unwrap().first, 1, "just as old as allowed");
    bench.hand.advance(Duration::from_millis(1));
    assert_eq!(bench.broker.check(&stream()).await.unwrap().first, 4);
    bench.hand.advance(AGE);
    bench.append(vec![event(5)]).await;
    let head = bench.head().await;
    assert_eq!((head.first, head.top), (6, 6));
}

async fn a_long_backlog_goes_step_by_step(kind: Kind) {
    let bench = Bench::open_keeping(kind, keep(1_000, 1 << 20));
    for start in [0, 200, 400] {
        bench.append((start..start + 200).map(event).collect()).await;
    }
    bench.hand.advance(AGE * 2);
    let mut firsts = Vec::new();
    for _ in 0..4 {
        firsts.push(bench.broker.check(&stream()).await.unwrap().first);
    }
    assert_eq!(firsts, [257, 513, 601, 601]);
}

async fn an_event_larger_than_all_that_is_kept_goes_at_once(kind: Kind) {
    let bench = Bench::open_keeping(kind, keep(10, 50));
    let mut listener = bench.broker.listen(&stream()).await.unwrap();
    bench.append(vec![event_of_bytes(0, 64)]).await;
    let head = bench.head().await;
    assert_eq!((head.first, head.top), (2, 1));
    assert!(bench.all().await.is_empty());
    let push = listener.pushes.recv().await.unwrap();
    assert!(matches!(push, hookcast::broker::Push::Entries { entries, .. } if entries.len() == 1));
}

async fn offsets_go_on_after_everything_was_trimmed(kind: Kind) {
    let bench = Bench::open_keeping(kind, keep(1_000, 1 << 20));
    bench.append_each(0..4).await;
    bench.hand.advance(AGE * 2);
    let head = bench.broker.check(&stream()).await.unwrap();
    assert_eq!((head.first, head.top), (5, 4));
    assert_eq!(bench.broker.topics(&stream()).await.unwrap().1, []);
    assert_eq!(bench.broker.seek(&stream(), 0).await.unwrap().1, 5);
    assert_eq!(super::offsets(&bench.append(vec![event(4)]).await), [5]);
}

async fn topics_hold_the_newest_retained_offset_of_each(kind: Kind) {
    let bench = Bench::open_keeping(kind, keep(11, 1 << 20));
    bench.append_each(0..20).await;
    // Three more of topic t0, so that the only one left of t1, at 12, is the newest to go.
    bench.append(vec![event(100), event(200), event(300)]).await;
    let (head, topics) = bench.broker.topics(&stream()).await.unwrap();
    let mut expected: HashMap<Topic, u64> = HashMap::new();
    for entry in bench.all().await {
        expected.insert(entry.topic, entry.offset);
    }
    assert_eq!((head.first, head.top), (13, 23));
    assert_eq!(expected.len(), 9, "all ten but t1: {expected:?}");
    assert_eq!(topics.into_iter().collect::<HashMap<_, _>>(), expected);
}
