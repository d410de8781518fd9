//! The Redis broker when Redis, or what lies between, does not do as it should. Every wait is for a condition.

use std::time::Duration;

use hookcast::broker::redis::RedisBroker;
use hookcast::broker::redis::url::RedisUrl;
use hookcast::broker::rules::Rules;
use hookcast::broker::{Broker, BrokerError, Listener, Outcome, Push};
use hookcast::limits::{Limits, Retentions};

use super::redis_server::{RedisServer, until};
use super::{append, event, event_of_bytes, offsets, stream};

fn rules() -> Rules {
    Rules::new(Retentions::default(), &Limits::default())
}

pub fn broker(url: &str) -> RedisBroker {
    RedisBroker::open(RedisUrl::parse(url).unwrap(), rules(), 0)
}

async fn next(listener: &mut Listener) -> Push {
    tokio::time::timeout(Duration::from_secs(20), listener.pushes.recv())
        .await
        .expect("a push comes")
        .unwrap()
}

async fn hears_offset(listener: &mut Listener, offset: u64) {
    loop {
        if let Push::Entries { entries, .. } = next(listener).await
            && entries.iter().any(|entry| entry.offset == offset)
        {
            return;
        }
    }
}

async fn is_told_that_it_missed(listener: &mut Listener) {
    while !matches!(next(listener).await, Push::Missed) {}
}

#[tokio::test]
async fn two_nodes_share_one_log_and_hear_each_other() {
    let server = RedisServer::start(&[]);
    let (one, other) = (broker(&server.url()), broker(&server.url()));
    let mut listener = other.listen(&stream()).await.unwrap();
    let first = one.append(append(vec![event(1)])).await.unwrap();
    hears_offset(&mut listener, 1).await;
    let again = other.append(append(vec![event(1), event(2)])).await.unwrap();
    assert_eq!(again.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 2 }]);
    assert_eq!(again.position.epoch, first.position.epoch);
    assert_eq!(one.read(&stream(), 1, 10).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn what_comes_while_redis_is_away_waits_and_is_appended_once() {
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let broker = std::sync::Arc::new(broker(&server.url()));
    broker.append(append(vec![event(0)])).await.unwrap();
    let mut listener = broker.listen(&stream()).await.unwrap();
    server.kill();
    let waiting: Vec<_> = (1..=5)
        .map(|number| {
            let broker = broker.clone();
            tokio::spawn(async move { broker.append(append(vec![event(number)])).await })
        })
        .collect();
    // A read does not wait: whoever catches up is told at once.
    assert!(matches!(broker.read(&stream(), 1, 10).await, Err(BrokerError::Unavailable(_))));
    server.start_again();
    let mut found = Vec::new();
    for one in waiting {
        found.extend(offsets(&one.await.unwrap().unwrap()));
    }
    found.sort_unstable();
    assert_eq!(found, [2, 3, 4, 5, 6]);
    is_told_that_it_missed(&mut listener).await;
    broker.append(append(vec![event(9)])).await.unwrap();
    hears_offset(&mut listener, 7).await;
}

#[tokio::test]
async fn an_append_whose_asker_has_left_is_not_done() {
    let mut server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let broker = std::sync::Arc::new(broker(&server.url()));
    broker.append(append(vec![event(0)])).await.unwrap();
    server.kill();
    let asker = tokio::spawn({
        let broker = broker.clone();
        async move { broker.append(append(vec![event(1)])).await }
    });
    tokio::task::yield_now().await;
    asker.abort();
    assert!(asker.await.unwrap_err().is_cancelled());
    server.start_again();
    let after = broker.append(append(vec![event(2)])).await.unwrap();
    assert_eq!(offsets(&after), [2]);
}

#[tokio::test]
async fn more_than_may_wait_is_refused_at_once() {
    let mut server = RedisServer::start(&[]);
    let rules = Rules { append_bytes_waiting_max: 1_000, ..rules() };
    let broker = std::sync::Arc::new(RedisBroker::open(RedisUrl::parse(&server.url()).unwrap(), rules, 0));
    server.kill();
    let waiting = tokio::spawn({
        let broker = broker.clone();
        async move { broker.append(append(vec![event_of_bytes(1, 900)])).await }
    });
    tokio::task::yield_now().await;
    let refused = broker.append(append(vec![event_of_bytes(2, 900)])).await;
    assert!(matches!(refused, Err(BrokerError::Full)), "{refused:?}");
    waiting.abort();
}

#[tokio::test]
async fn scripts_that_redis_forgot_are_taught_again() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    for number in 0..5 {
        assert_eq!(server.command(&["SCRIPT", "FLUSH"]), "+OK");
        assert_eq!(offsets(&broker.append(append(vec![event(number)])).await.unwrap()), [number + 1]);
        assert_eq!(server.command(&["SCRIPT", "FLUSH"]), "+OK");
        assert_eq!(broker.read(&stream(), 1, 10).await.unwrap().head.top, number + 1);
    }
}

#[tokio::test]
async fn a_lost_subscription_is_made_again_and_told() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    let mut listener = broker.listen(&stream()).await.unwrap();
    broker.append(append(vec![event(1)])).await.unwrap();
    hears_offset(&mut listener, 1).await;
    assert_eq!(server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]), ":1");
    is_told_that_it_missed(&mut listener).await;
    broker.append(append(vec![event(2)])).await.unwrap();
    hears_offset(&mut listener, 2).await;
}

#[tokio::test]
async fn a_channel_that_nobody_wants_any_more_is_left() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    let listener = broker.listen(&stream()).await.unwrap();
    let count = || server.command(&["EVAL", "return #redis.call('PUBSUB', 'SHARDCHANNELS')", "0"]);
    assert_eq!(count(), ":1");
    drop(listener);
    until("the channel is left", || count() == ":0").await;
    let mut listener = broker.listen(&stream()).await.unwrap();
    broker.append(append(vec![event(1)])).await.unwrap();
    hears_offset(&mut listener, 1).await;
}

#[tokio::test]
async fn a_message_of_a_later_schema_makes_the_listener_look() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    let mut listener = broker.listen(&stream()).await.unwrap();
    for message in ["2 whatever comes then", "", "1 abcd0123 x"] {
        server.command(&["SPUBLISH", "hc1:{s}:live", message]);
        assert!(matches!(next(&mut listener).await, Push::Missed), "{message}");
    }
}

#[tokio::test]
async fn a_body_too_large_to_push_is_read_from_the_log() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    let mut listener = broker.listen(&stream()).await.unwrap();
    let appended =
        broker.append(append(vec![event_of_bytes(1, 64 * 1024 + 1), event_of_bytes(2, 64 * 1024)])).await;
    let epoch = appended.unwrap().position.epoch;
    assert!(matches!(next(&mut listener).await, Push::Grown { epoch: it, top: 1 } if it == epoch));
    assert!(
        matches!(next(&mut listener).await, Push::Entries { entries, .. } if entries[0].body.len() == 64 * 1024)
    );
    let page = broker.read(&stream(), 1, 1).await.unwrap();
    assert_eq!(page.entries[0].body.len(), 64 * 1024 + 1);
}

#[tokio::test]
async fn a_page_of_large_entries_comes_in_several_answers_and_whole() {
    let server = RedisServer::start(&[]);
    let broker = broker(&server.url());
    for number in 0..50 {
        broker.append(append(vec![event_of_bytes(number, 512 * 1024)])).await.unwrap();
    }
    server.command(&["CONFIG", "RESETSTAT"]);
    let page = broker.read(&stream(), 3, 256).await.unwrap();
    assert!(page.entries.iter().map(|entry| entry.offset).eq(3..=50));
    assert!(page.entries.iter().all(|entry| entry.body.len() == 512 * 1024));
    let calls = server.command(&["INFO", "commandstats"]);
    assert!(calls.contains("cmdstat_eval") && !calls.contains("cmdstat_evalsha:calls=1,"), "{calls}");
    let offsets: Vec<u64> = (1..=50).collect();
    assert_eq!(broker.get(&stream(), &offsets).await.unwrap().entries.len(), 50);
    assert_eq!(broker.get(&stream(), &[]).await.unwrap().head.top, 50);
}

#[tokio::test]
async fn when_memory_is_full_appends_are_refused_whole_and_the_rest_goes_on() {
    let server = RedisServer::start(&["--maxmemory-policy", "noeviction"]);
    let broker = broker(&server.url());
    broker.append(append(vec![event(1)])).await.unwrap();
    assert_eq!(server.command(&["CONFIG", "SET", "maxmemory", "1"]), "+OK");
    let refused = broker.append(append(vec![event(2), event(3)])).await;
    assert!(
        matches!(&refused, Err(BrokerError::Unavailable(why)) if why.contains("raise maxmemory")),
        "{refused:?}"
    );
    assert_eq!(broker.check(&stream()).await.unwrap().top, 1);
    assert_eq!(broker.read(&stream(), 1, 10).await.unwrap().entries.len(), 1);
    assert_eq!(server.command(&["CONFIG", "SET", "maxmemory", "0"]), "+OK");
    let appended = broker.append(append(vec![event(2), event(3)])).await.unwrap();
    assert_eq!(offsets(&appended), [2, 3]);
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_with_its_mend() {
    let server = RedisServer::start(&[]);
    let grant = ["ACL", "SETUSER", "app", "on", ">secret", "~hc1:*", "&hc1:*", "+@all"];
    assert_eq!(server.command(&grant), "+OK");
    let url = server.url().replace("redis://", "redis://app:secret@");
    let granted = broker(&url);
    assert_eq!(offsets(&granted.append(append(vec![event(1)])).await.unwrap()), [1]);
    for right in ["-xadd", "-info", "-evalsha"] {
        assert_eq!(server.command(&["ACL", "SETUSER", "app", "+@all", right]), "+OK");
        let refused = granted.append(append(vec![event(2)])).await;
        assert!(
            matches!(&refused, Err(BrokerError::Unavailable(why)) if why.contains("rights that docs/redis.md lists")),
            "{right}: {refused:?}"
        );
    }
    let wrong = broker(&server.url().replace("redis://", "redis://app:wrong@"));
    let refused = wrong.read(&stream(), 1, 1).await;
    assert!(
        matches!(&refused, Err(BrokerError::Unavailable(why)) if why.contains("user and password") && !why.contains("wrong")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_event_is_answered_once_so_many_replicas_have_it() {
    let master = RedisServer::start(&["--repl-diskless-sync-delay", "0"]);
    let broker = RedisBroker::open(RedisUrl::parse(&master.url()).unwrap(), rules(), 1);
    let refused = broker.append(append(vec![event(1)])).await;
    assert!(
        matches!(&refused, Err(BrokerError::Unavailable(why)) if why.contains("0 of the 1 replicas")),
        "{refused:?}"
    );
    let port = master.port().to_string();
    let replica = RedisServer::start(&["--replicaof", "127.0.0.1", &port]);
    let is_online = || master.command(&["INFO", "replication"]).contains("state=online");
    until("the replica follows", is_online).await;
    // The repeat finds the first as a duplicate, and is answered because the replica has that one by now.
    let again = broker.append(append(vec![event(1), event(2)])).await.unwrap();
    assert_eq!(again.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 2 }]);
    assert_eq!(replica.command(&["XLEN", "hc1:{s}:log"]), ":2");
}
