//! What an append costs: the memory broker's in nanoseconds, the embedded broker's against what this disk and a bare redb
//! can do. `cargo run --release --example broker_cost [folder]`. Prints; asserts nothing, as a machine's speed is no fact.

use std::fs::OpenOptions;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::memory::MemoryBroker;
use hookcast::broker::{Append, Broker, DedupeKey, NewEvent};
use hookcast::limits::{Limits, Retentions};
use hookcast::topic::{StreamName, Topic};
use redb::{Database, Durability, TableDefinition};
use sha2::{Digest, Sha256};

const SENDERS: u64 = 64;
const BODY_BYTES: usize = 600;
const TIME: Duration = Duration::from_secs(3);

fn append(number: u64) -> Append {
    let stream = StreamName::parse("bench").expect("a stream's name");
    let event = NewEvent {
        key: DedupeKey(Sha256::digest(number.to_be_bytes()).into()),
        topic: Topic::from_values(&stream, &[&format!("t{}", number % 50)]),
        body: Bytes::from(vec![b'x'; BODY_BYTES]),
    };
    Append { stream, events: vec![event], dedupe: Duration::from_hours(72) }
}

/// How often a second something can be done, from doing it for a while.
fn rate(mut once: impl FnMut(u64)) -> f64 {
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        once(count);
        count += 1;
    }
    count as f64 / start.elapsed().as_secs_f64()
}

/// Pages written and synced one by one.
fn sync_rate(dir: &Path) -> f64 {
    let file =
        OpenOptions::new().create(true).write(true).truncate(true).open(dir.join("sync")).expect("a file");
    file.set_len(4 << 20).expect("room for it");
    let page = [7; 4096];
    rate(|count| {
        file.write_all_at(&page, (count % 1024) * 4096).expect("a write");
        file.sync_data().expect("a sync");
    })
}

/// Commits of some bare records each, with nothing of ours around them.
fn bare_redb_rate(dir: &Path, records: u64) -> f64 {
    let path = dir.join(format!("bare-{records}.redb"));
    let database = Database::create(path).expect("a database");
    let table = TableDefinition::<u64, &[u8]>::new("log");
    let record = [7; BODY_BYTES];
    rate(|count| {
        let mut txn = database.begin_write().expect("a transaction");
        txn.set_durability(Durability::Immediate).expect("no savepoint");
        txn.set_quick_repair(true);
        let mut log = txn.open_table(table).expect("a table");
        for index in 0..records {
            log.insert(count * records + index, record.as_slice()).expect("an insert");
        }
        drop(log);
        txn.commit().expect("a commit");
    })
}

async fn senders_rate(broker: Arc<dyn Broker>) -> f64 {
    let is_over = Arc::new(AtomicBool::new(false));
    let start = Instant::now();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (broker, is_over) = (broker.clone(), is_over.clone());
            tokio::spawn(async move {
                let mut count = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let number = sender << 32 | count;
                    broker.append(append(number)).await.expect("an append");
                    count += 1;
                }
                count
            })
        })
        .collect();
    tokio::time::sleep(TIME).await;
    is_over.store(true, Ordering::Relaxed);
    let mut count = 0;
    for sender in senders {
        count += sender.await.expect("a sender");
    }
    count as f64 / start.elapsed().as_secs_f64()
}

async fn memory_append_ns() -> f64 {
    let broker = MemoryBroker::new(Retentions::default(), &Limits::default());
    let (mut took, mut count) = (Duration::ZERO, 0);
    // Made shortly before, as a receiver would, and more in all than the log and its dedupe keys hold.
    for first in (0..300_000).step_by(100) {
        let appends: Vec<_> = (first..first + 100).map(append).collect();
        let start = Instant::now();
        for append in appends {
            black_box(broker.append(append).await.expect("an append"));
            count += 1;
        }
        took += start.elapsed();
    }
    took.as_nanos() as f64 / f64::from(count)
}

#[tokio::main]
async fn main() {
    let dir = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = dir.join(format!("hookcast-broker-cost-{}", std::process::id()));
    std::fs::create_dir(&dir).expect("a folder to measure in");
    println!("memory: an append takes {:.0} ns", memory_append_ns().await);
    let syncs = sync_rate(&dir);
    println!("disk: {syncs:.0} syncs a second");
    let single = bare_redb_rate(&dir, 1);
    println!("bare redb: {single:.0} commits of 1 record a second");
    let grouped = bare_redb_rate(&dir, SENDERS);
    println!(
        "bare redb: {grouped:.0} commits of {SENDERS} records, {:.0} records a second",
        grouped * SENDERS as f64
    );
    let broker = EmbeddedBroker::open(&dir.join("store"), Retentions::default(), &Limits::default());
    let embedded = senders_rate(Arc::new(broker.expect("a store"))).await;
    println!("embedded: {embedded:.0} appends a second from {SENDERS} senders");
    println!("  {:.1} times as many as single commits", embedded / single);
    println!("  {:.2} of the records of bare grouped commits", embedded / (grouped * SENDERS as f64));
    println!("  {:.1} appends a sync", embedded / syncs);
    std::fs::remove_dir_all(&dir).expect("the folder just made");
}
