//! The Redis broker on a cluster of three masters: streams in different slots, and a slot that moves under load.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hookcast::broker::{Append, Broker, Push};
use hookcast::topic::{StreamName, Topic};

use super::redis_server::{RedisServer, until};
use super::redis_trouble::broker;
use super::{LIFETIME, event, offsets};

/// Three masters that share the slots.
struct Cluster(Vec<RedisServer>);

impl Cluster {
    async fn start() -> Self {
        let settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
        let servers: Vec<RedisServer> = (0..3).map(|_| RedisServer::start(&settings)).collect();
        let addresses = servers.iter().map(|it| format!("127.0.0.1:{}", it.port()));
        let mut command = Command::new("redis-cli");
        command.args(["--cluster", "create"]).args(addresses).args([
            "--cluster-replicas",
            "0",
            "--cluster-yes",
        ]);
        let status =
            command.stdout(Stdio::null()).status().expect("redis-cli is installed with redis-server");
        assert!(status.success(), "the cluster is made");
        for server in &servers {
            until("the cluster is up", || server.command(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
                .await;
        }
        Self(servers)
    }

    fn url(&self) -> String {
        let hosts: Vec<String> = self.0.iter().map(|it| format!("127.0.0.1:{}", it.port())).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// The master that has this stream's keys.
    fn home(&self, stream: &StreamName) -> usize {
        let key = format!("hc1:{{{stream}}}:meta");
        self.0.iter().position(|it| it.command(&["EXISTS", &key]) == ":1").expect("some master has it")
    }

    /// Moves a stream's slot to another master, key by key, as an operator's tool does.
    fn move_slot(&self, stream: &StreamName, to: usize) {
        let from = self.home(stream);
        let (source, target) = (&self.0[from], &self.0[to]);
        let slot = source.command(&["CLUSTER", "KEYSLOT", &format!("hc1:{{{stream}}}:meta")]);
        let slot = slot.trim_start_matches(':');
        let (source_id, target_id) =
            (source.command(&["CLUSTER", "MYID"]), target.command(&["CLUSTER", "MYID"]));
        assert_eq!(target.command(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &source_id]), "+OK");
        assert_eq!(source.command(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &target_id]), "+OK");
        let port = target.port().to_string();
        let keys = ["meta", "log", "ids", "last"].map(|name| format!("hc1:{{{stream}}}:{name}"));
        let mut migrate = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
        migrate.extend(keys.iter().map(String::as_str));
        assert_eq!(source.command(&migrate), "+OK");
        for server in [target, source].into_iter().chain(self.0.iter()) {
            server.command(&["CLUSTER", "SETSLOT", slot, "NODE", &target_id]);
        }
    }
}

fn to(stream: &StreamName, number: u64) -> Append {
    let mut event = event(number);
    event.topic = Topic::from_values(stream, &["t"]);
    Append { stream: stream.clone(), events: vec![event], dedupe: LIFETIME }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_live_on_different_masters_and_a_slot_may_move_while_events_come() {
    let cluster = Cluster::start().await;
    let broker = Arc::new(broker(&cluster.url()));
    let streams: Vec<StreamName> =
        ["a", "b", "c", "d", "e", "f"].map(|it| StreamName::parse(it).unwrap()).into();
    let mut homes = HashMap::new();
    for stream in &streams {
        assert_eq!(offsets(&broker.append(to(stream, 0)).await.unwrap()), [1]);
        homes.insert(stream.clone(), cluster.home(stream));
    }
    assert!(homes.values().any(|home| *home != homes[&streams[0]]), "more than one master is in use");

    let moved = streams[0].clone();
    let mut listener = broker.listen(&moved).await.unwrap();
    let sender = tokio::spawn({
        let (broker, moved) = (broker.clone(), moved.clone());
        async move {
            for number in 1..=300 {
                broker.append(to(&moved, number)).await.unwrap();
            }
        }
    });
    while broker.check(&moved).await.unwrap().top < 50 {
        tokio::task::yield_now().await;
    }
    cluster.move_slot(&moved, (homes[&moved] + 1) % 3);
    sender.await.unwrap();
    assert_ne!(cluster.home(&moved), homes[&moved]);
    let head = broker.check(&moved).await.unwrap();
    assert_eq!(head.top, 301, "each was appended once");
    let page = broker.read(&moved, 100, 256).await.unwrap();
    assert!(page.entries.iter().map(|entry| entry.offset).eq(100..=301));

    // The subscription was ended by the move: it is made again, the listener told, and later events come.
    let mut has_missed = false;
    broker.append(to(&moved, 1_000)).await.unwrap();
    let mut number = 1_001;
    loop {
        let push = tokio::time::timeout(Duration::from_secs(1), listener.pushes.recv()).await;
        match push {
            Ok(Some(Push::Missed)) => has_missed = true,
            Ok(Some(Push::Entries { entries, .. })) if entries[0].offset > 302 => break,
            Ok(Some(_)) => {}
            Ok(None) => panic!("the listening ended"),
            Err(_) => {
                broker.append(to(&moved, number)).await.unwrap();
                number += 1;
            }
        }
    }
    assert!(has_missed);
}
