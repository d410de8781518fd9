//! Pages, single entries and the search by time, also while the log is trimmed.

use std::time::Duration;

use hookcast::limits::Retention;

use super::{Bench, Kind, START_MS, conformance, event, stream};

conformance!(
    a_stream_that_nobody_appended_to_is_empty,
    a_page_starts_and_ends_where_it_was_asked_to,
    get_leaves_out_what_is_gone_or_not_there_yet,
    seek_finds_the_first_at_or_after_a_time,
    pages_stay_whole_while_the_log_is_trimmed,
);

async fn a_stream_that_nobody_appended_to_is_empty(kind: Kind) {
    let bench = Bench::open(kind);
    let page = bench.broker.read(&stream(), 1, 10).await.unwrap();
    assert_eq!((page.head.top, page.head.first, page.entries.len()), (0, 1, 0));
    assert_eq!(bench.broker.get(&stream(), &[1]).await.unwrap().entries, []);
    assert_eq!(bench.broker.seek(&stream(), 0).await.unwrap(), (page.head.clone(), 1));
    assert_eq!(bench.broker.topics(&stream()).await.unwrap(), (page.head.clone(), vec![]));
    // The epoch that an empty stream showed is the one in which it goes on.
    assert_eq!(bench.broker.check(&stream()).await.unwrap(), page.head);
    assert_eq!(bench.append(vec![event(1)]).await.position.epoch, page.head.epoch);
}

async fn a_page_starts_and_ends_where_it_was_asked_to(kind: Kind) {
    let retention = Retention { events: 300, ..Retention::default() };
    let bench = Bench::open_keeping(kind, retention);
    bench.append((0..200).map(event).collect()).await;
    bench.append((200..400).map(event).collect()).await;
    for (from, limit, expected) in [
        (1, 10, 101..=110),
        (101, 1, 101..=101),
        (140, 256, 140..=395),
        (150, 256, 150..=400),
        (300, 256, 300..=400),
        (400, 10, 400..=400),
    ] {
        let page = bench.broker.read(&stream(), from, limit).await.unwrap();
        let offsets: Vec<u64> = page.entries.iter().map(|entry| entry.offset).collect();
        assert_eq!(offsets, expected.collect::<Vec<u64>>(), "from {from}, at most {limit}");
        assert_eq!((page.head.first, page.head.top), (101, 400));
    }
    for (from, limit) in [(401, 10), (u64::MAX, 10), (150, 0)] {
        let page = bench.broker.read(&stream(), from, limit).await.unwrap();
        assert_eq!(page.entries, [], "from {from}, at most {limit}");
    }
    assert_eq!(bench.broker.read(&stream(), 0, 1_000).await.unwrap().entries.len(), 256, "a page's bound");
}

async fn get_leaves_out_what_is_gone_or_not_there_yet(kind: Kind) {
    let bench = Bench::open_keeping(kind, Retention { events: 5, ..Retention::default() });
    bench.append_each(0..10).await;
    let page = bench.broker.get(&stream(), &[0, 1, 5, 6, 8, 10, 11, u64::MAX]).await.unwrap();
    let offsets: Vec<u64> = page.entries.iter().map(|entry| entry.offset).collect();
    assert_eq!(offsets, [6, 8, 10]);
    assert_eq!((page.head.first, page.head.top), (6, 10));
    assert_eq!(page.entries[0].key, super::key(5));
}

async fn seek_finds_the_first_at_or_after_a_time(kind: Kind) {
    let bench = Bench::open_keeping(kind, Retention { events: 6, ..Retention::default() });
    for number in 0..8 {
        bench.append(vec![event(number)]).await;
        if number % 2 == 1 {
            bench.hand.advance(Duration::from_secs(10));
        }
    }
    // Kept: 3 and 4 at 10 s, 5 and 6 at 20 s, 7 and 8 at 30 s.
    for (after_s, expected) in [(0, 3), (10, 3), (11, 5), (20, 5), (21, 7), (30, 7), (31, 9)] {
        let (head, found) = bench.broker.seek(&stream(), START_MS + after_s * 1_000).await.unwrap();
        assert_eq!(found, expected, "{after_s} s after the start");
        assert_eq!((head.first, head.top), (3, 8));
    }
}

/// Readers page through a log of 40 entries while a sender pushes 2,000 through it.
async fn pages_stay_whole_while_the_log_is_trimmed(kind: Kind) {
    let bench = Bench::open_keeping(kind, Retention { events: 40, ..Retention::default() });
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let broker = bench.broker.clone();
            tokio::spawn(async move {
                let (mut next, mut pages) = (1, 0);
                while next <= 2_000 {
                    let page = broker.read(&stream(), next, 16).await.unwrap();
                    let start = next.max(page.head.first);
                    let count = 16.min(page.head.top + 1 - start);
                    let offsets = page.entries.iter().map(|entry| entry.offset);
                    assert!(offsets.eq(start..start + count), "from {next}: {:?}", page.head);
                    next = start + count;
                    pages += 1;
                    tokio::task::yield_now().await;
                }
                pages
            })
        })
        .collect();
    for start in (0..2_000).step_by(20) {
        bench.append((start..start + 20).map(event).collect()).await;
        tokio::task::yield_now().await;
    }
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
}
