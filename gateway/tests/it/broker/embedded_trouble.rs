//! What the embedded broker says when its folder, its file or its volume is not as it should be.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::open_error::OpenError;
use hookcast::broker::{Append, Broker, BrokerError, Outcome};
use hookcast::limits::Retention;
use hookcast::topic::StreamName;
use redb::{Database, ReadableDatabase, TableDefinition, TableError};

use super::embedded_child::{command, rules};
use super::{Bench, Kind, append, event, event_of_bytes, folder, stream};

fn open_error(dir: &Path) -> OpenError {
    match EmbeddedBroker::open_with_rules(dir, rules()) {
        Ok(_) => panic!("{} opened", dir.display()),
        Err(error) => error,
    }
}

/// A store with a few events, closed.
async fn closed_store() -> tempfile::TempDir {
    let dir = folder();
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    for number in 0..20 {
        broker.append(append(vec![event(number)])).await.unwrap();
    }
    broker.close().await;
    dir
}

#[tokio::test]
async fn the_folder_and_the_file_are_for_this_user_alone() {
    let base = folder();
    let dir = base.path().join("a/b");
    EmbeddedBroker::open_with_rules(&dir, rules()).unwrap().close().await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join("hookcast.redb")), 0o600);
}

/// sysfs takes no new files from anybody: unlike a folder's mode, that also holds for root.
#[test]
fn a_folder_that_takes_no_files_is_named() {
    let error = open_error(Path::new("/sys"));
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().starts_with("cannot write in /sys: "), "{error}");
    assert!(error.to_string().ends_with("(let this user write there, or name another folder)"), "{error}");
}

#[test]
fn a_file_where_the_folder_should_be_is_named() {
    let base = folder();
    let file = base.path().join("data");
    std::fs::write(&file, "not a folder").unwrap();
    for dir in [file.clone(), file.join("below")] {
        let error = open_error(&dir);
        assert!(matches!(error, OpenError::NotCreated { .. }), "{error:?}");
        assert!(error.to_string().contains("data"), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder", "and left as it was");
}

#[tokio::test]
async fn a_second_opening_is_told_that_the_store_is_in_use() {
    let dir = closed_store().await;
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    assert!(matches!(open_error(dir.path()), OpenError::InUse { .. }), "in this process");
    let elsewhere = command("open", dir.path()).output().unwrap();
    let said = String::from_utf8(elsewhere.stdout).unwrap();
    assert!(said.contains("hookcast.redb is used by another process (stop the other process"), "{said}");
    assert_eq!(
        broker.append(append(vec![event(20)])).await.unwrap().position.offset,
        21,
        "the first goes on"
    );
    broker.close().await;
    let elsewhere = command("open", dir.path()).output().unwrap();
    assert!(String::from_utf8(elsewhere.stdout).unwrap().contains("says opened"), "once it has let go");
}

#[tokio::test]
async fn a_file_that_is_no_store_or_cut_short_is_called_damaged_and_left_alone() {
    let dir = closed_store().await;
    let path = dir.path().join("hookcast.redb");
    let whole = std::fs::read(&path).unwrap();
    let garbage: Vec<u8> =
        (0..100_000u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (what, content) in [
        ("text", b"this is not a store".to_vec()),
        ("garbage", garbage),
        ("half a store", whole[..whole.len() / 2].to_vec()),
        ("a store's first page", whole[..4_096].to_vec()),
    ] {
        std::fs::write(&path, &content).unwrap();
        let error = open_error(dir.path());
        assert!(matches!(error, OpenError::Corrupt { .. }), "{what}: {error:?}");
        assert!(error.to_string().contains("move the file away or put a backup in its place"), "{error}");
    }
    std::fs::write(&path, whole).unwrap();
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    assert_eq!(broker.check(&stream()).await.unwrap().top, 20);
}

#[tokio::test]
async fn a_store_of_a_later_schema_is_not_opened() {
    let dir = closed_store().await;
    let path = dir.path().join("hookcast.redb");
    change(&path, TableDefinition::<&str, u64>::new("meta"), "schema", 3);
    let error = open_error(dir.path());
    assert!(matches!(error, OpenError::Newer { found: 3, known: 2, .. }), "{error:?}");
    assert!(error.to_string().contains("its schema is 3, this build knows 2"), "{error}");
}

/// What schema 1 had: a table of keys beside the ends, and no journal.
#[tokio::test]
async fn a_store_of_schema_1_is_taken_over() {
    let dir = closed_store().await;
    let path = dir.path().join("hookcast.redb");
    let keys = TableDefinition::<&[u8; 32], u64>::new("keys:s");
    change(&path, keys, &[7; 32], 9);
    change(&path, TableDefinition::<&str, u64>::new("meta"), "schema", 1);
    std::fs::remove_file(dir.path().join("hookcast.journal")).unwrap();
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    let appended = broker.append(append(vec![event(3), event(20)])).await.unwrap();
    assert_eq!(appended.outcomes, [Outcome::Duplicate, Outcome::Accepted { offset: 21 }]);
    broker.close().await;
    let database = Database::open(&path).unwrap();
    let gone = database.begin_read().unwrap().open_table(keys).err();
    assert!(matches!(gone, Some(TableError::TableDoesNotExist(_))), "{gone:?}");
}

/// A copy taken while it runs needs its journal; one of a store that was closed does not.
#[tokio::test]
async fn a_journal_that_is_needed_and_not_there_or_damaged_is_named() {
    let dir = folder();
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    for number in 0..3 {
        broker.append(append(vec![event(number)])).await.unwrap();
    }
    let copy = folder();
    let copied = |name: &str| std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    let journal = copy.path().join("hookcast.journal");
    for name in ["hookcast.redb", "hookcast.journal"] {
        copied(name);
    }
    let mode = std::fs::metadata(dir.path().join("hookcast.journal")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let mut damaged = std::fs::read(&journal).unwrap();
    damaged[30] ^= 1;
    std::fs::write(&journal, &damaged).unwrap();
    let error = open_error(copy.path());
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("hookcast.journal is no store of ours or is damaged"), "{error}");
    std::fs::write(&journal, &damaged[..4_096]).unwrap();
    assert!(matches!(open_error(copy.path()), OpenError::NoJournal { .. }));
    std::fs::remove_file(&journal).unwrap();
    for _ in 0..2 {
        let error = open_error(copy.path());
        assert!(matches!(error, OpenError::NoJournal { .. }), "{error:?}");
        assert!(error.to_string().contains("hookcast.journal is missing or cut short"), "{error}");
        assert!(!journal.exists(), "nobody puts one there that looks whole");
    }
    std::fs::write(&journal, "").unwrap();
    let without = EmbeddedBroker::open_with_rules(copy.path(), rules()).unwrap();
    assert_eq!(without.check(&stream()).await.unwrap().top, 0, "what the file had when it was synced");
    without.close().await;

    broker.close().await;
    copied("hookcast.redb");
    std::fs::remove_file(&journal).unwrap();
    let whole = EmbeddedBroker::open_with_rules(copy.path(), rules()).unwrap();
    assert_eq!(whole.check(&stream()).await.unwrap().top, 3);
}

/// Marks one entry of the stream `s` as written by a later build.
fn make_unreadable(path: &Path, offset: u64) {
    let log = TableDefinition::<u64, &[u8]>::new("log:s");
    let mut record = {
        let database = Database::open(path).unwrap();
        let record = database.begin_read().unwrap().open_table(log).unwrap().get(offset).unwrap().unwrap();
        record.value().to_vec()
    };
    record[0] = 2;
    change(path, log, offset, record.as_slice());
}

#[tokio::test]
async fn a_record_of_a_later_schema_is_not_guessed_at() {
    let dir = closed_store().await;
    make_unreadable(&dir.path().join("hookcast.redb"), 5);
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    let read = broker.read(&stream(), 1, 10).await;
    assert!(matches!(&read, Err(BrokerError::Corrupt(cause)) if cause.contains("later build")), "{read:?}");
    assert_eq!(broker.read(&stream(), 6, 10).await.unwrap().entries.len(), 10, "what is not of it reads on");
}

/// The oldest entry is looked at by each append, to see whether it must go.
#[tokio::test]
async fn a_stream_that_cannot_be_read_harms_no_other() {
    let dir = closed_store().await;
    make_unreadable(&dir.path().join("hookcast.redb"), 1);
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    let mut elsewhere = append(vec![event(100)]);
    elsewhere.stream = StreamName::parse("s2").unwrap();
    let epoch = broker.append(elsewhere).await.unwrap().position.epoch;
    for number in 101..110 {
        let mut elsewhere = append(vec![event(number)]);
        elsewhere.stream = StreamName::parse("s2").unwrap();
        // Together, so that they may well share a transaction.
        let (refused, done) =
            tokio::join!(broker.append(append(vec![event(number)])), broker.append(elsewhere));
        assert!(matches!(refused, Err(BrokerError::Corrupt(_))), "{refused:?}");
        assert_eq!(done.unwrap().position.epoch, epoch, "nothing was opened again for that");
    }
}

/// The entry that cannot be read is not the oldest, so it is met only when it is to be trimmed: after events were answered.
#[tokio::test]
async fn what_was_answered_is_kept_though_the_stream_turns_out_unreadable() {
    let dir = closed_store().await;
    make_unreadable(&dir.path().join("hookcast.redb"), 3);
    let mut rules = rules();
    rules.retentions.0.insert(stream(), Retention { events: 20, ..Retention::default() });
    let open = || EmbeddedBroker::open_with_rules(dir.path(), rules.clone()).unwrap();
    let mut answered = Vec::new();
    let broker = open();
    let refused = loop {
        let number = 100 + answered.len() as u64;
        assert!(number < 200, "the entry is met after two have gone");
        match broker.append(append(vec![event(number)])).await {
            Ok(appended) => answered.push((appended.position.offset, super::key(number))),
            Err(error) => break error,
        }
        // A reader waits until the tables have it, and they are trimmed with it.
        let (offset, key) = *answered.last().unwrap();
        assert_eq!(broker.read(&stream(), offset, 1).await.unwrap().entries[0].key, key);
    };
    assert!(matches!(&refused, BrokerError::Corrupt(cause) if cause.contains("later build")), "{refused:?}");
    assert!(answered.len() >= 2, "{answered:?}");
    broker.close().await;
    let broker = open();
    for (offset, key) in &answered {
        assert_eq!(broker.read(&stream(), *offset, 1).await.unwrap().entries[0].key, *key);
    }
}

/// The file's head of `s` is set back by one, so that what the journal has of it leaves a hole.
#[tokio::test]
async fn a_stream_that_does_not_take_what_the_journal_has_is_left_out_and_the_journal_is_kept() {
    let dir = closed_store().await;
    let elsewhere =
        |number| Append { stream: StreamName::parse("s2").unwrap(), ..append(vec![event(number)]) };
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    broker.append(append(vec![event(20)])).await.unwrap();
    broker.append(elsewhere(100)).await.unwrap();
    let copy = folder();
    for name in ["hookcast.redb", "hookcast.journal"] {
        std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    let path = copy.path().join("hookcast.redb");
    let heads = TableDefinition::<&str, &[u8]>::new("heads");
    let mut head = {
        let database = Database::open(&path).unwrap();
        let head = database.begin_read().unwrap().open_table(heads).unwrap().get("s").unwrap().unwrap();
        head.value().to_vec()
    };
    // Behind the schema's byte and the epoch stands the top.
    assert_eq!(head[9..17], 20u64.to_be_bytes());
    head[9..17].copy_from_slice(&19u64.to_be_bytes());
    change(&path, heads, "s", head.as_slice());

    let broker = EmbeddedBroker::open_with_rules(copy.path(), rules()).unwrap();
    let refused = broker.append(append(vec![event(21)])).await;
    assert!(
        matches!(&refused, Err(BrokerError::Corrupt(cause)) if cause.contains("comes after 19")),
        "{refused:?}"
    );
    assert_eq!(
        broker.append(elsewhere(100)).await.unwrap().outcomes,
        [Outcome::Duplicate],
        "the other has it"
    );
    assert_eq!(broker.append(elsewhere(101)).await.unwrap().outcomes, [Outcome::Accepted { offset: 2 }]);
    let of_before = std::fs::read(dir.path().join("hookcast.journal")).unwrap();
    assert!(std::fs::read(copy.path().join("hookcast.journal.kept")).unwrap() == of_before);
}

fn change<K: redb::Key + 'static, V: redb::Value + 'static>(
    path: &Path,
    table: TableDefinition<K, V>,
    key: K::SelfType<'_>,
    value: V::SelfType<'_>,
) {
    let database = Database::open(path).unwrap();
    let txn = database.begin_write().unwrap();
    txn.open_table(table).unwrap().insert(key, value).unwrap();
    txn.commit().unwrap();
}

#[tokio::test]
async fn a_volume_short_of_room_stops_appends_and_nothing_else() {
    let bench = Bench::open_with(Kind::Embedded, |rules| rules.free_bytes_min = u64::MAX);
    let dir = bench.dir.as_ref().unwrap().path().display().to_string();
    let refused = bench.broker.append(append(vec![event(1)])).await.unwrap_err();
    let BrokerError::Unavailable(cause) = &refused else { panic!("{refused:?}") };
    assert!(cause.contains(&dir) && cause.contains("MiB free") && cause.contains("make room"), "{cause}");
    assert_eq!(bench.broker.check(&stream()).await.unwrap().top, 0);
    assert!(bench.all().await.is_empty());
}

/// The child's file may not grow, so its commits fail as on a full volume; then it may again.
#[test]
fn after_a_failed_commit_the_store_is_opened_again_and_goes_on() {
    let dir = folder();
    let child = command("run out", dir.path()).output().unwrap();
    let (said, complaints) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(said.contains("says recovered from: "), "{said}\n{complaints}");
    assert!(said.contains("File too large"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_may_wait_is_refused_as_full_and_the_rest_is_done() {
    let bench = Bench::open_with(Kind::Embedded, |rules| rules.append_bytes_waiting_max = 10_000);
    // Larger than all the room: it waits alone.
    bench.append(vec![event_of_bytes(0, 20_000)]).await;
    let (mut accepted, mut full) = (1, 0);
    // Each round sends five times what may wait; how many are refused is a matter of timing, that some are is not.
    for round in 0..20 {
        let broker = Arc::clone(&bench.broker);
        let sends = (1..=20u64).map(|number| {
            let broker = broker.clone();
            tokio::spawn(async move {
                broker.append(append(vec![event_of_bytes(round * 20 + number, 2_490)])).await
            })
        });
        for send in sends.collect::<Vec<_>>() {
            match send.await.unwrap() {
                Ok(_) => accepted += 1,
                Err(BrokerError::Full) => full += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(full > 0, "{accepted} were accepted");
    assert_eq!(bench.all().await.len(), accepted);
}
