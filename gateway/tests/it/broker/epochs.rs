//! Epochs and positions: what a head says of a history, and where a reader goes on.

use hookcast::position::{Position, Resumption};

use super::{Bench, Kind, conformance, stream};

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
