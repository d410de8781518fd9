//! The rights that docs/redis.md lists are enough for all that a node asks Redis for.

use std::time::Duration;

use hookcast::broker::records::Shelf;
use hookcast::broker::{Broker, Push};

use super::redis_server::RedisServer;
use super::redis_trouble::broker;
use super::{append, event, offsets, stream};

/// The line that an operator copies, in its words.
fn documented() -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/redis.md")).unwrap();
    let line = page.lines().find(|line| line.starts_with("ACL SETUSER hookcast")).expect("the page has it");
    line.replace("PASSWORD", "sesame").split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn the_documented_rights_are_enough_for_all_that_a_node_does() {
    let server = RedisServer::start(&[]);
    let grant = documented();
    let words: Vec<&str> = grant.iter().map(String::as_str).collect();
    assert_eq!(server.command(&words), "+OK");
    let broker = broker(&server.url().replace("redis://", "redis://hookcast:sesame@"));
    let mut listener = broker.listen(&stream()).await.unwrap();
    assert_eq!(offsets(&broker.append(append((0..300).map(event).collect())).await.unwrap()).len(), 300);
    let pushed = tokio::time::timeout(Duration::from_secs(20), listener.pushes.recv()).await.unwrap();
    assert!(matches!(pushed, Some(Push::Entries { .. } | Push::Missed)), "{pushed:?}");
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!(broker.read(&stream(), head.top, 10).await.unwrap().entries.len(), 1);
    assert_eq!(broker.get(&stream(), &[head.top]).await.unwrap().entries.len(), 1);
    assert_eq!(broker.seek(&stream(), 0).await.unwrap().1, head.first);
    assert!(!broker.topics(&stream()).await.unwrap().1.is_empty());
    assert!(broker.now_ms().await.is_ok());
    broker.records().put(Shelf::Links, "k", "one".into()).await.unwrap();
    assert_eq!(broker.records().get(Shelf::Links, "k").await, Ok(Some("one".into())));
    assert_eq!(broker.records().remove(Shelf::Links, "k").await, Ok(true));
    for (before, after) in [(None, Some("one")), (Some("one"), Some("two")), (Some("two"), None)] {
        let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
        assert_eq!(broker.records().swap(Shelf::Boards, "k", before, after).await, Ok(true));
    }
    assert_eq!(server.command(&["SCRIPT", "FLUSH"]), "+OK");
    assert_eq!(offsets(&broker.append(append(vec![event(1_000)])).await.unwrap()), [head.top + 1]);
    drop(listener);
    broker.close().await;
    assert_eq!(server.command(&["ACL", "LOG"]), "*0", "nothing was asked for in vain");
}
