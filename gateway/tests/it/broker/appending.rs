//! Order, atomicity, dedupe and the bound on streams.

use std::collections::BTreeMap;
use std::time::Duration;

use hookcast::broker::{BrokerError, Outcome};
use hookcast::topic::{StreamName, Topic};

use super::{
    Bench, Kind, LIFETIME, append, append_living, conformance, event, event_of_bytes, key, offsets, stream,
};

conformance!(
    numbers_rise_by_one_and_appends_stay_whole,
    a_repeat_in_the_same_append_is_a_duplicate,
    a_repeat_in_a_later_append_is_a_duplicate,
    a_key_lives_as_long_as_its_own_append_said,
    a_duplicate_does_not_lengthen_the_life_of_its_key,
    keys_beyond_the_bound_go_soonest_to_end_first,
    of_many_keys_the_newest_are_known_and_those_of_long_ago_are_not,
    time_in_the_log_never_runs_backwards,
    one_stream_knows_nothing_of_another,
    a_stream_too_many_is_refused_and_the_others_go_on,
    what_is_appended_reads_back_to_the_byte,
    an_append_of_nothing_answers_the_position,
    once_closed_every_call_is_unavailable,
);

/// 64 senders, 12 appends of 1 to 5 events each.
async fn numbers_rise_by_one_and_appends_stay_whole(kind: Kind) {
    let bench = Bench::open(kind);
    let senders = (0..64u64).map(|sender| {
        let broker = bench.broker.clone();
        tokio::spawn(async move {
            let mut runs = Vec::new();
            for turn in 0..12u64 {
                let count = 1 + (sender + turn) % 5;
                let numbers: Vec<u64> = (0..count).map(|index| sender * 1_000 + turn * 10 + index).collect();
                let events = numbers.iter().map(|&number| event(number)).collect();
                let appended = broker.append(append(events)).await.unwrap();
                runs.push((numbers, offsets(&appended), appended.position));
            }
            runs
        })
    });
    let mut expected = BTreeMap::new();
    for sender in senders.collect::<Vec<_>>() {
        for (numbers, offsets, position) in sender.await.unwrap() {
            assert_eq!(offsets.len(), numbers.len());
            assert!(offsets.windows(2).all(|pair| pair[1] == pair[0] + 1), "one run: {offsets:?}");
            assert!(position.offset >= *offsets.last().unwrap());
            expected.extend(offsets.into_iter().zip(numbers));
        }
    }
    let found: BTreeMap<u64, _> =
        bench.all().await.into_iter().map(|entry| (entry.offset, entry.key)).collect();
    assert_eq!(found, expected.into_iter().map(|(offset, number)| (offset, key(number))).collect());
    assert!(found.keys().copied().eq(1..=found.len() as u64), "no holes");
}

async fn a_repeat_in_the_same_append_is_a_duplicate(kind: Kind) {
    let bench = Bench::open(kind);
    let appended = bench.append(vec![event(1), event(2), event(1), event(3)]).await;
    assert_eq!(
        appended.outcomes,
        [
            Outcome::Accepted { offset: 1 },
            Outcome::Accepted { offset: 2 },
            Outcome::Duplicate,
            Outcome::Accepted { offset: 3 },
        ]
    );
    assert_eq!(bench.all().await.len(), 3);
}

async fn a_repeat_in_a_later_append_is_a_duplicate(kind: Kind) {
    let bench = Bench::open(kind);
    bench.append(vec![event(1), event(2)]).await;
    let again = bench.append(vec![event(2), event(1)]).await;
    assert_eq!(again.outcomes, [Outcome::Duplicate; 2]);
    assert_eq!(again.position.offset, 2);
    let mixed = bench.append(vec![event(1), event(3)]).await;
    assert_eq!(mixed.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 3 }]);
}

async fn a_key_lives_as_long_as_its_own_append_said(kind: Kind) {
    let bench = Bench::open(kind);
    let (short, long) = (Duration::from_secs(10), Duration::from_secs(100));
    bench.broker.append(append_living(vec![event(1)], long)).await.unwrap();
    bench.broker.append(append_living(vec![event(2)], short)).await.unwrap();
    bench.hand.advance(Duration::from_millis(9_999));
    assert_eq!(bench.append(vec![event(1), event(2)]).await.outcomes, [Outcome::Duplicate; 2]);
    bench.hand.advance(Duration::from_millis(1));
    let after_short = bench.append(vec![event(1), event(2)]).await;
    assert_eq!(after_short.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 3 }]);
    bench.hand.advance(Duration::from_secs(90));
    let after_long = bench.append(vec![event(1), event(2)]).await;
    assert_eq!(after_long.outcomes, [Outcome::Accepted { offset: 4 }, Outcome::Duplicate]);
}

async fn a_duplicate_does_not_lengthen_the_life_of_its_key(kind: Kind) {
    let bench = Bench::open(kind);
    let life = Duration::from_secs(10);
    bench.broker.append(append_living(vec![event(1)], life)).await.unwrap();
    bench.hand.advance(life / 2);
    let again = bench.broker.append(append_living(vec![event(1)], life)).await.unwrap();
    assert_eq!(again.outcomes, [Outcome::Duplicate]);
    bench.hand.advance(life / 2);
    let at_end = bench.broker.append(append_living(vec![event(1)], life)).await.unwrap();
    assert_eq!(at_end.outcomes, [Outcome::Accepted { offset: 2 }]);
}

async fn keys_beyond_the_bound_go_soonest_to_end_first(kind: Kind) {
    let bench = Bench::open_with(kind, |rules| rules.dedupe_keys_max = 3);
    let short = Duration::from_secs(10);
    bench.append(vec![event(1), event(2)]).await;
    bench.broker.append(append_living(vec![event(3)], short)).await.unwrap();
    bench.hand.advance(Duration::from_millis(1));
    // The fourth key pushes out the third, which would have ended first; nothing else is forgotten.
    bench.append(vec![event(4)]).await;
    assert_eq!(bench.append(vec![event(1), event(2), event(4)]).await.outcomes, [Outcome::Duplicate; 3]);
    assert_eq!(bench.append(vec![event(3)]).await.outcomes, [Outcome::Accepted { offset: 5 }]);
    // That pushed out one of the two oldest, and one only.
    let again = bench.append(vec![event(4), event(3)]).await;
    assert_eq!(again.outcomes, [Outcome::Duplicate; 2]);
    let oldest = bench.append(vec![event(1), event(2)]).await;
    assert_eq!(offsets(&oldest).first(), Some(&6), "{:?}", oldest.outcomes);
}

/// A store that forgets many at a time still knows as many as it must, and hardly more.
async fn of_many_keys_the_newest_are_known_and_those_of_long_ago_are_not(kind: Kind) {
    const KEYS: u64 = 640;
    let bench = Bench::open_with(kind, |rules| rules.dedupe_keys_max = KEYS);
    for start in (0..1_500).step_by(50) {
        bench.append((start..start + 50).map(event).collect()).await;
        bench.hand.advance(Duration::from_millis(1));
    }
    // Which of those go that end together is not said.
    for start in (1_500 - KEYS + 240..1_500).step_by(160) {
        let newest = bench.append((start..1_500.min(start + 160)).map(event).collect()).await;
        assert!(newest.outcomes.iter().all(|outcome| *outcome == Outcome::Duplicate), "from {start} on");
    }
    for start in (0..600).step_by(200) {
        let oldest = bench.append((start..start + 200).map(event).collect()).await;
        assert_eq!(offsets(&oldest).len(), 200, "from {start} on");
    }
}

async fn time_in_the_log_never_runs_backwards(kind: Kind) {
    let bench = Bench::open(kind);
    bench.append(vec![event(1)]).await;
    bench.hand.set(super::START_MS - 5_000);
    bench.append(vec![event(2)]).await;
    bench.hand.set(super::START_MS + 5_000);
    bench.append(vec![event(3)]).await;
    let times: Vec<u64> = bench.all().await.iter().map(|entry| entry.at_ms).collect();
    assert_eq!(times, [super::START_MS, super::START_MS, super::START_MS + 5_000]);
}

async fn one_stream_knows_nothing_of_another(kind: Kind) {
    let bench = Bench::open(kind);
    let other = StreamName::parse("s2").unwrap();
    bench.append(vec![event(1), event(2)]).await;
    let mut elsewhere = append(vec![event(2)]);
    elsewhere.stream = other.clone();
    elsewhere.events[0].topic = Topic::from_values(&other, &["t"]);
    let appended = bench.broker.append(elsewhere).await.unwrap();
    assert_eq!(appended.outcomes, [Outcome::Accepted { offset: 1 }]);
    assert_eq!(bench.broker.check(&stream()).await.unwrap().top, 2);
    assert_eq!(bench.broker.topics(&other).await.unwrap().1, [(Topic::parse("s2/t").unwrap(), 1)]);
}

async fn a_stream_too_many_is_refused_and_the_others_go_on(kind: Kind) {
    let bench = Bench::open_with(kind, |rules| rules.streams_max = 1);
    bench.append(vec![event(1)]).await;
    let mut elsewhere = append(vec![event(2)]);
    elsewhere.stream = StreamName::parse("s2").unwrap();
    let refused = bench.broker.append(elsewhere.clone()).await;
    assert!(
        matches!(&refused, Err(BrokerError::Unavailable(why)) if why.contains("1 streams")),
        "{refused:?}"
    );
    assert!(bench.broker.check(&elsewhere.stream).await.is_err());
    assert_eq!(bench.broker.read(&elsewhere.stream, 1, 10).await.unwrap().entries, []);
    assert_eq!(bench.append(vec![event(2)]).await.position.offset, 2);
}

async fn what_is_appended_reads_back_to_the_byte(kind: Kind) {
    let bench = Bench::open(kind);
    let sent = vec![event(1), event_of_bytes(2, 0), event_of_bytes(3, 1024 * 1024), event(4)];
    bench.append(sent.clone()).await;
    let found = bench.all().await;
    assert_eq!(found.len(), sent.len());
    for (entry, event) in found.iter().zip(&sent) {
        assert_eq!((entry.key, &entry.topic), (event.key, &event.topic));
        assert!(entry.body == event.body, "the body of {}", entry.offset);
        assert_eq!(entry.at_ms, super::START_MS);
    }
}

async fn an_append_of_nothing_answers_the_position(kind: Kind) {
    let bench = Bench::open(kind);
    let empty = bench.append(vec![]).await;
    assert_eq!((empty.position.offset, empty.outcomes.len(), bench.head().await.first), (0, 0, 1));
    bench.append(vec![event(1)]).await;
    let again = bench.append(vec![]).await.position;
    assert_eq!(again, bench.broker.check(&stream()).await.unwrap().position());
}

async fn once_closed_every_call_is_unavailable(kind: Kind) {
    let bench = Bench::open(kind);
    bench.append(vec![event(1)]).await;
    let mut listener = bench.broker.listen(&stream()).await.unwrap();
    bench.broker.close().await;
    bench.broker.close().await;
    let is_unavailable = |error: BrokerError| matches!(error, BrokerError::Unavailable(_));
    let late = append_living(vec![event(2)], LIFETIME);
    assert!(is_unavailable(bench.broker.append(late).await.unwrap_err()));
    assert!(is_unavailable(bench.broker.check(&stream()).await.unwrap_err()));
    assert!(is_unavailable(bench.broker.read(&stream(), 1, 1).await.unwrap_err()));
    assert!(is_unavailable(bench.broker.get(&stream(), &[1]).await.unwrap_err()));
    assert!(is_unavailable(bench.broker.seek(&stream(), 0).await.unwrap_err()));
    assert!(is_unavailable(bench.broker.topics(&stream()).await.unwrap_err()));
    assert!(is_unavailable(bench.broker.listen(&stream()).await.unwrap_err()));
    // The one append may have been answered before its push; then the listener sees the end.
    while listener.pushes.recv().await.is_some() {}
}
