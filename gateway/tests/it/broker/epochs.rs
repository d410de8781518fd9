//! Epochs and positions: what a head says of a history, and where a reader goes on.

use std::path::Path;

use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::{Broker, Outcome};
use hookcast::position::{PAST_EPOCHS_MAX, Position, Resumption};

use super::{Bench, Kind, append, conformance, event, folder, stream};

conformance!(an_epoch_stays_while_the_broker_runs, two_histories_never_share_an_epoch);

async fn an_epoch_stays_while_the_broker_runs(kind: Kind) {
    let bench = Bench::open(kind);
    let before = bench.broker.check(&stream()).await.unwrap();
    bench.append_each(0..3).await;
    let head = bench.broker.check(&stream()).await.unwrap();
    assert_eq!(head.epoch, before.epoch);
    assert_eq!(head.resume(before.position()), Resumption::After(0));
    assert_eq!(head.resume(head.position()), Resumption::After(3));
    assert_eq!(head.resume(Position { epoch: head.epoch, offset: 4 }), Resumption::Beyond);
}

async fn two_histories_never_share_an_epoch(kind: Kind) {
    let (one, other) = (Bench::open(kind), Bench::open(kind));
    one.append_each(0..3).await;
    other.append_each(0..2).await;
    let theirs = one.broker.check(&stream()).await.unwrap().position();
    let ours = other.broker.check(&stream()).await.unwrap();
    assert_eq!(ours.resume(theirs), Resumption::Lost { after: 0 });
}

/// Opens the folder of a bench again.
fn reopen(dir: &Path) -> EmbeddedBroker {
    EmbeddedBroker::open_with_rules(dir, super::embedded_child::rules()).unwrap()
}

#[tokio::test]
async fn an_embedded_store_turns_over_silently_each_time_it_is_opened() {
    let dir = folder();
    let mut newest: Vec<Position> = Vec::new();
    for round in 0..40 {
        let broker = reopen(dir.path());
        assert!(broker.turns_over_silently());
        let appended = broker.append(append(vec![event(0), event(100 + round)])).await.unwrap();
        let is_first = round == 0;
        assert_eq!(appended.outcomes.contains(&Outcome::Duplicate), !is_first, "keys outlive the process");
        let head = broker.check(&stream()).await.unwrap();
        assert_eq!(head.top, round + 2, "offsets go on");
        for (age, &position) in newest.iter().rev().enumerate() {
            let expected = if age < PAST_EPOCHS_MAX {
                Resumption::After(position.offset)
            } else {
                Resumption::Lost { after: 0 }
            };
            assert_eq!(head.resume(position), expected, "{age} openings ago");
        }
        newest.push(head.position());
        broker.close().await;
    }
}

#[tokio::test]
async fn a_stream_that_was_only_looked_at_keeps_its_history() {
    let dir = folder();
    let broker = reopen(dir.path());
    let looked = broker.check(&stream()).await.unwrap().position();
    broker.close().await;
    let broker = reopen(dir.path());
    let appended = broker.append(append(vec![event(1)])).await.unwrap();
    assert_eq!(appended.position.offset, 1);
    assert_eq!(broker.check(&stream()).await.unwrap().resume(looked), Resumption::After(0));
}

#[tokio::test]
async fn a_restored_backup_shows_in_every_position_that_it_does_not_hold() {
    let dir = folder();
    let (store, backup) = (dir.path().join("hookcast.redb"), dir.path().join("backup"));
    let broker = reopen(dir.path());
    let kept = broker.append(append(vec![event(1), event(2)])).await.unwrap().position;
    broker.close().await;
    std::fs::copy(&store, &backup).unwrap();
    let broker = reopen(dir.path());
    let forgotten = broker.append(append(vec![event(3), event(4)])).await.unwrap().position;
    broker.close().await;
    std::fs::copy(&backup, &store).unwrap();
    let broker = reopen(dir.path());
    broker.append(append(vec![event(5)])).await.unwrap();
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!(head.top, 3, "the backup's history goes on");
    assert_eq!(head.resume(kept), Resumption::After(2));
    // Its offset 4 lies beyond this top, and its 3 is another event: a gap says so, not silence.
    assert_eq!(head.resume(forgotten), Resumption::Lost { after: 0 });
    let beyond = Position { offset: kept.offset + 1, ..kept };
    assert_eq!(head.resume(beyond), Resumption::Lost { after: 2 });
}
