//! The embedded broker killed at any instant: what it answered is kept, once; what it did not answer may be repeated.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::{Broker, DedupeKey, Entry, Outcome};
use hookcast::position::{Position, Resumption};

use super::embedded_child::{NUMBERS_OF_A_TASK, TASKS, appender, rules};
use super::{append, event, event_of_bytes, folder, key, stream};

const KILLS: u64 = 100;

/// What a child said was appended: number → offset, and its last position.
#[derive(Default)]
struct Acknowledged {
    offsets: BTreeMap<u64, u64>,
    newest: Option<Position>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_nothing_answered_is_lost_or_doubled() {
    let dir = folder();
    let mut offset_of: HashMap<DedupeKey, u64> = HashMap::new();
    let mut killed_at_work = 0;
    for round in 0..KILLS {
        let start = round * TASKS * NUMBERS_OF_A_TASK;
        let acknowledged = run_and_kill(dir.path(), start, random_below(60));
        killed_at_work += u64::from(!acknowledged.offsets.is_empty());
        let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
        for (number, offset) in &acknowledged.offsets {
            assert!(offset_of.insert(key(*number), *offset).is_none(), "{number} was answered twice");
        }
        check_kept(&broker, &offset_of, &acknowledged).await;
        repeat_unanswered(&broker, start, &acknowledged, &mut offset_of).await;
        let kept = all(&broker).await;
        assert_eq!(kept.len(), offset_of.len(), "each event is in the log once");
        assert!(kept.iter().all(|entry| offset_of[&entry.key] == entry.offset));
        broker.close().await;
    }
    assert!(killed_at_work > KILLS / 2, "most were killed while appending: {killed_at_work}");
}

/// Between two syncs of the file the journal alone has what was answered, and here it begins again every few appends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_folder_has_all_that_was_answered_wherever_the_journal_stands() {
    const BYTES: usize = 6_000;
    let dir = folder();
    let broker = EmbeddedBroker::open_with_rules(dir.path(), rules()).unwrap();
    let length = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().len();
    let journal_bytes = length("hookcast.journal");
    let mut copies = 0;
    for number in 0..300 {
        broker.append(append(vec![event_of_bytes(number, BYTES)])).await.unwrap();
        if number % 23 != 0 {
            continue;
        }
        let copy = folder();
        for name in ["hookcast.redb", "hookcast.journal"] {
            std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        let reopened = EmbeddedBroker::open_with_rules(copy.path(), rules()).unwrap();
        let head = reopened.check(&stream()).await.unwrap();
        assert_eq!(head.top, number + 1);
        let newest = reopened.read(&stream(), number + 1, 1).await.unwrap().entries;
        assert_eq!(newest[0].key, key(number));
        let (_, topics) = reopened.topics(&stream()).await.unwrap();
        assert_eq!(topics.iter().map(|(_, offset)| *offset).max(), Some(number + 1));
        for again in [0, number / 2, number] {
            let outcomes =
                reopened.append(append(vec![event_of_bytes(again, BYTES)])).await.unwrap().outcomes;
            assert_eq!(outcomes, [Outcome::Duplicate], "{again} of {number}");
        }
        copies += 1;
    }
    assert!(copies > 10 && 300 * BYTES as u64 > 10 * journal_bytes, "{journal_bytes} bytes begin again");
    assert_eq!(length("hookcast.journal"), journal_bytes, "its length never changes");
}

/// Kills the child once it has said this much; zero is while it starts.
fn run_and_kill(dir: &Path, start: u64, lines_max: usize) -> Acknowledged {
    let mut child = appender(dir, start).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Acknowledged::default();
    while acknowledged.offsets.len() < lines_max {
        let Some(line) = lines.next() else { break };
        acknowledged.hear(&line.unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts; a last line that was cut in two does not.
    for line in lines {
        acknowledged.hear(&line.unwrap());
    }
    acknowledged
}

impl Acknowledged {
    fn hear(&mut self, line: &str) {
        let Some((_, said)) = line.split_once("ack ") else { return };
        let mut words = said.split(' ');
        let (Some(number), Some(offset), Some(epoch)) = (words.next(), words.next(), words.next()) else {
            return;
        };
        let Ok(epoch) = epoch.parse() else { return };
        let offset = offset.parse().unwrap();
        self.offsets.insert(number.parse().unwrap(), offset);
        self.newest = Some(Position { epoch, offset });
    }
}

async fn check_kept(
    broker: &EmbeddedBroker,
    offset_of: &HashMap<DedupeKey, u64>,
    acknowledged: &Acknowledged,
) {
    let kept: HashMap<DedupeKey, u64> =
        all(broker).await.into_iter().map(|entry| (entry.key, entry.offset)).collect();
    for (key, offset) in offset_of {
        assert_eq!(kept.get(key), Some(offset), "{key:?} was answered");
    }
    if let Some(newest) = acknowledged.newest {
        let head = broker.check(&stream()).await.unwrap();
        assert_ne!(head.epoch, newest.epoch);
        assert_eq!(head.resume(newest), Resumption::After(newest.offset), "turned over silently");
    }
}

/// Sends again what each task may have had under way, as a sender without an answer would.
async fn repeat_unanswered(
    broker: &EmbeddedBroker,
    start: u64,
    acknowledged: &Acknowledged,
    offset_of: &mut HashMap<DedupeKey, u64>,
) {
    let before: HashMap<DedupeKey, u64> =
        all(broker).await.into_iter().map(|entry| (entry.key, entry.offset)).collect();
    for task in 0..TASKS {
        let first = start + task * NUMBERS_OF_A_TASK;
        let own = acknowledged.offsets.range(first..first + NUMBERS_OF_A_TASK);
        let next = own.last().map_or(first, |(number, _)| number + 1);
        // An append is three events at most; all of one whose last lines were not heard are repeated too.
        for number in next..next + 6 {
            let outcome = broker.append(append(vec![event(number)])).await.unwrap().outcomes[0];
            let offset = match (outcome, before.get(&key(number))) {
                (Outcome::Duplicate, Some(&offset)) | (Outcome::Accepted { offset }, None) => offset,
                (outcome, before) => panic!("{number}: {outcome:?}, but before {before:?}"),
            };
            offset_of.insert(key(number), offset);
        }
    }
}

async fn all(broker: &EmbeddedBroker) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let page = broker.read(&stream(), entries.len() as u64 + 1, 256).await.unwrap();
        if page.entries.is_empty() {
            return entries;
        }
        entries.extend(page.entries);
    }
}

fn random_below(end: usize) -> usize {
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    usize::from_le_bytes(random) % end
}
