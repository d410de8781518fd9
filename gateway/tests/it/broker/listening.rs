//! What listeners hear: order, what a full queue does, and that nobody waits for them.

use hookcast::broker::{Entry, Listener, PUSHES_WAITING_MAX, Push};

use tokio::sync::watch;

use super::{Bench, Kind, conformance, event, stream};

conformance!(
    every_later_append_is_heard_in_order,
    only_what_was_accepted_is_heard,
    a_slow_listener_delays_nobody_and_is_told_that_it_missed,
    a_listener_that_left_does_no_harm,
);

async fn heard(listener: &mut Listener) -> Vec<Entry> {
    match listener.pushes.recv().await.unwrap() {
        Push::Entries { entries, .. } => entries.to_vec(),
        Push::Missed | Push::Grown { .. } => panic!("nothing was missed, and small entries are pushed whole"),
    }
}

/// A listener that takes every push at once and tells how far it got. It listens last, so that what it has heard all
/// others have heard or missed: an answer may come before its push.
struct Witness(watch::Receiver<u64>);

impl Witness {
    async fn begin(bench: &Bench) -> Self {
        let mut listener = bench.broker.listen(&stream()).await.unwrap();
        let (seen, heard) = watch::channel(0);
        tokio::spawn(async move {
            while let Some(push) = listener.pushes.recv().await {
                if let Push::Entries { entries, .. } = push {
                    seen.send_replace(entries.last().unwrap().offset);
                }
            }
        });
        Self(heard)
    }

    async fn hears(&mut self, offset: u64) {
        self.0.wait_for(|seen| *seen >= offset).await.unwrap();
    }
}

async fn every_later_append_is_heard_in_order(kind: Kind) {
    let bench = Bench::open(kind);
    let mut early = Witness::begin(&bench).await;
    bench.append_each(0..3).await;
    early.hears(3).await;
    let mut listeners = Vec::new();
    for _ in 0..3 {
        listeners.push(bench.broker.listen(&stream()).await.unwrap());
    }
    let senders: Vec<_> = (1..=8u64)
        .map(|sender| {
            let broker = bench.broker.clone();
            tokio::spawn(async move {
                for turn in 0..20 {
                    let number = sender * 1_000 + turn * 2;
                    broker.append(super::append(vec![event(number), event(number + 1)])).await.unwrap();
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let kept = bench.all().await;
    for listener in &mut listeners {
        let mut entries = Vec::new();
        while entries.len() < 320 {
            entries.extend(heard(listener).await);
        }
        assert!(entries == kept[3..], "{:?}", entries.iter().map(|entry| entry.offset).collect::<Vec<_>>());
        assert!(listener.pushes.try_recv().is_err(), "nothing is heard twice");
    }
}

async fn only_what_was_accepted_is_heard(kind: Kind) {
    let bench = Bench::open(kind);
    let mut listener = bench.broker.listen(&stream()).await.unwrap();
    let mut witness = Witness::begin(&bench).await;
    bench.append(vec![event(1)]).await;
    bench.append(vec![event(1)]).await;
    let appended = bench.append(vec![event(1), event(2)]).await;
    witness.hears(2).await;
    assert_eq!(heard(&mut listener).await[0].offset, 1);
    let Push::Entries { epoch, entries } = listener.pushes.recv().await.unwrap() else {
        panic!("not missed")
    };
    assert_eq!(epoch, appended.position.epoch);
    assert_eq!(
        entries.iter().map(|entry| (entry.offset, entry.key)).collect::<Vec<_>>(),
        [(2, super::key(2))]
    );
    assert!(listener.pushes.try_recv().is_err());
}

async fn a_slow_listener_delays_nobody_and_is_told_that_it_missed(kind: Kind) {
    let bench = Bench::open(kind);
    let mut slow = bench.broker.listen(&stream()).await.unwrap();
    let mut witness = Witness::begin(&bench).await;
    let waiting_max = PUSHES_WAITING_MAX as u64;
    // Each of these is answered although nobody takes a push; the last two find the queue full.
    bench.append_each(0..waiting_max + 2).await;
    witness.hears(waiting_max + 2).await;
    for offset in 1..=waiting_max {
        assert_eq!(heard(&mut slow).await[0].offset, offset);
    }
    assert!(slow.pushes.try_recv().is_err());
    let next = 10_000;
    bench.append_each(next..next + 2).await;
    assert!(matches!(slow.pushes.recv().await.unwrap(), Push::Missed));
    // Once told, the listener hears all that follows.
    assert_eq!(heard(&mut slow).await[0].offset, waiting_max + 4);
}

async fn a_listener_that_left_does_no_harm(kind: Kind) {
    let bench = Bench::open(kind);
    let left = bench.broker.listen(&stream()).await.unwrap();
    let mut stays = bench.broker.listen(&stream()).await.unwrap();
    drop(left);
    bench.append_each(0..2).await;
    assert_eq!(heard(&mut stays).await[0].offset, 1);
    assert_eq!(heard(&mut stays).await[0].offset, 2);
}
