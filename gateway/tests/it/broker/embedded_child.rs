//! This test binary started once more as another process, for what only another process can show. Each role's name comes
//! in the environment; without one the entry below has nothing to do.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::rules::Rules;
use hookcast::broker::{Broker, BrokerError, Push};
use hookcast::limits::{Limits, Retention, Retentions};

use super::{append, event, event_of_bytes, offsets, stream};

const ROLE: &str = "HOOKCAST_TEST_ROLE";
const DIR: &str = "HOOKCAST_TEST_DIR";
const START: &str = "HOOKCAST_TEST_START";

/// Tasks of the appending child.
pub(super) const TASKS: u64 = 4;
/// Numbers that one task of one child may use.
pub(super) const NUMBERS_OF_A_TASK: u64 = 1_000_000;

/// This binary, told to play one role on one folder.
pub(super) fn command(role: &str, dir: &Path) -> Command {
    // A file that grows beyond its limit sends a signal that kills; a shell can have it ignored, we may not (no `unsafe`).
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "broker::embedded_child::plays_its_role", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role).env(DIR, dir);
    command
}

/// The appending child of one round, which uses numbers of its own.
pub(super) fn appender(dir: &Path, start: u64) -> Command {
    let mut command = command("append", dir);
    command.env(START, start.to_string());
    command
}

/// Keeps all that a test appends.
pub(super) fn rules() -> Rules {
    let mut rules = Rules::new(Retentions::default(), &Limits::default());
    rules.free_bytes_min = 0;
    // Full after sixteen appends, so that it begins again all the time.
    rules.journal_bytes = 64 * 1024;
    rules.retentions.0.insert(stream(), Retention { events: 1_000_000, ..Retention::default() });
    rules
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plays_its_role() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's own child is told its role by nobody's configuration"
    )]
    let read = |name| std::env::var(name).ok();
    let Some(role) = read(ROLE) else { return };
    let dir = PathBuf::from(read(DIR).unwrap());
    match role.as_str() {
        "append" => append_until_killed(&dir, read(START).unwrap().parse().unwrap()).await,
        "open" => match EmbeddedBroker::open_with_rules(&dir, rules()) {
            Ok(_) => println!("says opened"),
            Err(error) => println!("says {error}"),
        },
        "run out" => run_out_of_room_and_recover(&dir).await,
        role => panic!("no such role: {role}"),
    }
}

/// Prints a line for each event of each append, after the answer; has far more to say than it lives for.
async fn append_until_killed(dir: &Path, start: u64) {
    let broker = Arc::new(EmbeddedBroker::open_with_rules(dir, rules()).unwrap());
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let broker = broker.clone();
            tokio::spawn(async move {
                let mut next = start + task * NUMBERS_OF_A_TASK;
                for _ in 0..NUMBERS_OF_A_TASK / 3 {
                    let numbers: Vec<u64> = (next..next + 1 + next % 3).collect();
                    next += numbers.len() as u64;
                    let events = numbers.iter().map(|&number| event(number)).collect();
                    let appended = broker.append(append(events)).await.unwrap();
                    let offsets = offsets(&appended);
                    assert_eq!(offsets.len(), numbers.len());
                    for (number, offset) in numbers.iter().zip(offsets) {
                        println!("ack {number} {offset} {}", appended.position.epoch);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Lets the file grow no further, as a full volume would, then lets it grow again.
async fn run_out_of_room_and_recover(dir: &Path) {
    let broker = EmbeddedBroker::open_with_rules(dir, rules()).unwrap();
    let before = broker.append(append(vec![event(0)])).await.unwrap();
    let mut listener = broker.listen(&stream()).await.unwrap();
    let (_, hard) = rlimit::getrlimit(rlimit::Resource::FSIZE).unwrap();
    let length = std::fs::metadata(dir.join("hookcast.redb")).unwrap().len();
    rlimit::setrlimit(rlimit::Resource::FSIZE, length, hard).unwrap();
    let mut answered = vec![0];
    let failed = loop {
        let number = answered.len() as u64;
        assert!(number < 1_000, "64 KiB each must fill the file");
        match broker.append(append(vec![event_of_bytes(number, 64 * 1024)])).await {
            Ok(_) => answered.push(number),
            Err(error) => break (number, error),
        }
    };
    let (number, BrokerError::Unavailable(cause)) = failed else { panic!("{failed:?}") };
    rlimit::setrlimit(rlimit::Resource::FSIZE, hard, hard).unwrap();
    let after = broker.append(append(vec![event_of_bytes(number, 64 * 1024), event(999)])).await.unwrap();
    assert_ne!(after.position.epoch, before.position.epoch, "the store was opened again");
    let head = broker.check(&stream()).await.unwrap();
    assert_eq!(head.resume(before.position), hookcast::position::Resumption::After(1));
    answered.extend([number, 999]);
    let mut keys = Vec::new();
    let mut heard_missed = false;
    for offset in 1..=after.position.offset {
        let page = broker.read(&stream(), offset, 1).await.unwrap();
        keys.push(page.entries[0].key);
    }
    while let Ok(push) = listener.pushes.try_recv() {
        heard_missed |= matches!(push, Push::Missed);
    }
    assert_eq!(keys, answered.iter().map(|&number| super::key(number)).collect::<Vec<_>>());
    assert!(heard_missed, "a listener is told to look");
    println!("says recovered from: {cause}");
}
