//! Epochs on Redis: whatever may have lost what was answered turns one over, and positions tell what survived.

use hookcast::broker::{Broker, Outcome};
use hookcast::position::{Position, Resumption};

use super::redis_server::{RedisServer, until};
use super::redis_trouble::broker;
use super::{append, event, offsets, stream};

const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

#[tokio::test]
async fn a_restart_with_everything_kept_turns_over_and_loses_no_position() {
    let mut server = RedisServer::start(&DURABLE);
    let broker = broker(&server.url());
    assert!(!broker.turns_over_silently());
    let before = broker.append(append(vec![event(1), event(2)])).await.unwrap().position;
    server.kill();
    server.start_again();
    let after = broker.append(append(vec![event(2), event(3)])).await.unwrap();
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!(head.epoch, after.position.epoch);
    assert_ne!(head.epoch, before.epoch);
    assert_eq!(head.past, [(before.epoch, 2)]);
    assert_eq!(after.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 3 }], "keys survive too");
    assert_eq!(head.resume(before), Resumption::After(2));
    assert_eq!(broker.check(&stream()).await.unwrap().epoch, head.epoch, "once a restart");
}

#[tokio::test]
async fn a_store_that_came_back_empty_is_another_history_from_one_on() {
    let mut server = RedisServer::start(&["--appendonly", "no"]);
    let broker = broker(&server.url());
    let before = broker.append(append(vec![event(1), event(2)])).await.unwrap().position;
    server.kill();
    server.start_again();
    let after = broker.append(append(vec![event(2)])).await.unwrap();
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!((offsets(&after), head.past.len()), (vec![1], 0));
    assert_eq!(head.resume(before), Resumption::Lost { after: 0 });
}

/// The master dies before its last writes reach the replica, which is promoted and hands their numbers out again.
#[tokio::test]
async fn a_failover_that_loses_the_tail_is_seen_by_whoever_was_ahead() {
    let master = RedisServer::start(&["--repl-diskless-sync-delay", "0"]);
    let port = master.port().to_string();
    let replica = RedisServer::start(&["--replicaof", "127.0.0.1", &port]);
    // A first replica is another epoch of its own; the loss is to be the only one here.
    until("the replica follows", || master.command(&["INFO", "replication"]).contains("state=online")).await;
    let broker_before = broker(&master.url());
    broker_before.append(append((0..5).map(event).collect())).await.unwrap();
    until("the replica has it", || replica.command(&["XLEN", "hc1:{s}:log"]) == ":5").await;
    assert_eq!(replica.command(&["REPLICAOF", "NO", "ONE"]), "+OK");
    let lost = broker_before.append(append(vec![event(5), event(6)])).await.unwrap().position;
    let broker_after = broker(&replica.url());
    broker_after.append(append(vec![event(100)])).await.unwrap();
    let after = broker_after.check(&stream()).await.unwrap();
    assert_eq!((after.top, after.past.as_slice()), (6, [(lost.epoch, 5)].as_slice()));
    assert_eq!(after.resume(lost), Resumption::Lost { after: 5 });
    assert_eq!(after.resume(Position { offset: 5, ..lost }), Resumption::After(5));
    // What a node saw of the lost ones, it appends again under the same keys, once.
    let again = broker_after.append(append(vec![event(4), event(5), event(6)])).await.unwrap();
    assert_eq!(offsets(&again), [7, 8]);
}

#[tokio::test]
async fn a_server_that_became_a_replica_is_waited_for_and_another_history_after() {
    let server = RedisServer::start(&[]);
    let broker = std::sync::Arc::new(broker(&server.url()));
    let before = broker.append(append(vec![event(1)])).await.unwrap().position;
    assert_eq!(server.command(&["REPLICAOF", "127.0.0.1", "1"]), "+OK");
    let waiting = tokio::spawn({
        let broker = broker.clone();
        async move { broker.append(append(vec![event(2)])).await }
    });
    assert!(broker.read(&stream(), 1, 1).await.is_err(), "a replica may be behind: it is not read");
    assert_eq!(server.command(&["REPLICAOF", "NO", "ONE"]), "+OK");
    let after = waiting.await.unwrap().unwrap();
    assert_eq!(offsets(&after), [2]);
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!(head.past, [(before.epoch, 1)]);
}

/// Redis gives its memory another name when the first replica asks for it: nothing is lost, and nobody can know.
#[tokio::test]
async fn a_first_replica_turns_over_and_loses_no_position() {
    let master = RedisServer::start(&["--repl-diskless-sync-delay", "0"]);
    let broker = broker(&master.url());
    let before = broker.append(append(vec![event(1)])).await.unwrap().position;
    let port = master.port().to_string();
    let _replica = RedisServer::start(&["--replicaof", "127.0.0.1", &port]);
    until("the replica follows", || master.command(&["INFO", "replication"]).contains("state=online")).await;
    let after = broker.append(append(vec![event(1), event(2)])).await.unwrap();
    assert_eq!(after.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 2 }]);
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!(head.past, [(before.epoch, 1)]);
    assert_eq!(head.resume(before), Resumption::After(1));
}

#[tokio::test]
async fn no_more_than_32_past_epochs_are_kept() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    let first = broker.append(append(vec![event(0)])).await.unwrap().position;
    for number in 1..=33 {
        // Another run's name is what a restart leaves.
        server.command(&["HSET", "hc1:{s}:meta", "run", &format!("{number:040x}")]);
        broker.append(append(vec![event(number)])).await.unwrap();
    }
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!((head.top, head.past.len()), (34, 32));
    assert_eq!(head.past[0].1, 33);
    assert_eq!(head.resume(first), Resumption::Lost { after: 0 });
}
