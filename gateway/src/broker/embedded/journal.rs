//! The journal: what was answered since the store's file was last synced. A transaction is one frame here, written and synced
//! in one place, and is in the store's memory alone until so much has come that the file itself is synced and the journal
//! begins again. What opens the store after a crash puts the journal's frames into it first.
//!
//! ```text
//! ┌ frame ────────────────────────────────┬ frame ──────────────────┬ of an earlier generation …
//! │ 16 checksum │ 4 length │ content │ ░░ │ …                    ░░ │
//! └ at a multiple of 4,096 bytes ─────────┴─────────────────────────┴─
//! ```
//!
//! The checksum covers the generation, which the store's file names: a frame is of it whole, or is none. A frame shares no
//! block with another, so that a write cut short by a power cut harms no frame that was answered.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// Room for frames; when the next finds none, the store's file is synced instead.
const JOURNAL_BYTES: usize = 8 * 1024 * 1024;
/// What disks write as a whole.
const BLOCK_BYTES: usize = 4_096;
const CHECKSUM_BYTES: usize = 16;
const HEAD_BYTES: usize = CHECKSUM_BYTES + size_of::<u32>();

/// Tells frames written since the store's file was last synced from all others.
pub(super) type Generation = u64;

#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    generation: Generation,
    /// Where the next frame goes.
    end: usize,
    frame: Vec<u8>,
}

impl Journal {
    /// Opens the file in this folder, made if need be.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(dir.join("hookcast.journal"))?;
        // Its length never changes again: a sync has no more to write than the frame.
        file.set_len(JOURNAL_BYTES as u64)?;
        file.sync_all()?;
        File::open(dir)?.sync_all()?;
        Ok(Self { file, generation: 0, end: JOURNAL_BYTES, frame: Vec::new() })
    }

    /// The contents of this generation's frames, in the order in which they were written.
    pub(super) fn read(&self, generation: Generation) -> io::Result<Vec<Vec<u8>>> {
        let mut bytes = vec![0; JOURNAL_BYTES];
        self.file.read_exact_at(&mut bytes, 0)?;
        let mut contents = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(content) = content_of(generation, rest) {
            contents.push(content.to_vec());
            rest = rest.get(frame_bytes(content.len())..).unwrap_or_default();
        }
        Ok(contents)
    }

    /// A name for the frames to come that none before had, also not in a folder that was put together from others.
    pub(super) fn fresh_generation() -> Generation {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("the system gives random bytes once it is up");
        Generation::from_be_bytes(random)
    }

    /// From here on: what was written before is in the store's file, and that names this generation.
    pub(super) fn begin(&mut self, generation: Generation) {
        self.generation = generation;
        self.end = 0;
    }

    /// Writes a transaction and waits until it is on disk. False where there is no room, and nothing was written.
    pub(super) fn write<'a>(&mut self, contents: impl Iterator<Item = &'a [u8]>) -> io::Result<bool> {
        self.frame.clear();
        self.frame.resize(HEAD_BYTES, 0);
        contents.for_each(|content| self.frame.extend_from_slice(content));
        let length = self.frame.len() - HEAD_BYTES;
        if self.end + frame_bytes(length) > JOURNAL_BYTES {
            return Ok(false);
        }
        let (head, content) = self.frame.split_at_mut(HEAD_BYTES);
        head[..CHECKSUM_BYTES].copy_from_slice(&checksum(self.generation, content));
        head[CHECKSUM_BYTES..].copy_from_slice(&(length as u32).to_be_bytes());
        self.frame.resize(frame_bytes(length), 0);
        self.file.write_all_at(&self.frame, self.end as u64)?;
        self.file.sync_data()?;
        self.end += self.frame.len();
        Ok(true)
    }
}

fn frame_bytes(content_bytes: usize) -> usize {
    (HEAD_BYTES + content_bytes).next_multiple_of(BLOCK_BYTES)
}

fn checksum(generation: Generation, content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&generation.to_be_bytes()).update(content);
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&hasher.finalize().as_bytes()[..CHECKSUM_BYTES]);
    checksum
}

/// The content of the frame that begins here, if it is whole and of this generation.
fn content_of(generation: Generation, bytes: &[u8]) -> Option<&[u8]> {
    let (expected, rest) = bytes.split_first_chunk::<CHECKSUM_BYTES>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let content = rest.get(..u32::from_be_bytes(*length) as usize)?;
    (checksum(generation, content) == *expected).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(journal: &mut Journal, content: &[u8]) -> bool {
        journal.write([content].into_iter()).unwrap()
    }

    #[test]
    fn frames_are_read_back_in_order_and_none_of_another_generation() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        assert!(!written(&mut journal, b"before it has begun"));
        journal.begin(1);
        let long = vec![7; 3 * BLOCK_BYTES];
        for content in [b"one".as_slice(), &long, b"three"] {
            assert!(written(&mut journal, content));
        }
        let journal = Journal::open(dir.path()).unwrap();
        assert_eq!(journal.read(1).unwrap(), [b"one".to_vec(), long.clone(), b"three".to_vec()]);
        assert!(journal.read(2).unwrap().is_empty());
        let mut journal = journal;
        journal.begin(2);
        assert!(written(&mut journal, b"four"));
        assert_eq!(journal.read(2).unwrap(), [b"four".to_vec()], "what lies behind it is of before");
    }

    #[test]
    fn a_frame_that_was_cut_short_ends_the_journal() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        journal.begin(1);
        let content = vec![1; 2 * BLOCK_BYTES];
        (0..3).for_each(|_| assert!(written(&mut journal, &content)));
        // The last block of the second frame never reached the disk.
        let second = frame_bytes(content.len()) as u64;
        journal.file.write_all_at(&[0; BLOCK_BYTES], second + 2 * BLOCK_BYTES as u64).unwrap();
        assert_eq!(journal.read(1).unwrap().len(), 1);
    }

    #[test]
    fn what_finds_no_room_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        journal.begin(1);
        assert!(!written(&mut journal, &vec![0; JOURNAL_BYTES]));
        let mut frames = 0;
        while written(&mut journal, &vec![0; 1_000_000]) {
            frames += 1;
        }
        assert_eq!((frames, journal.read(1).unwrap().len()), (8, 8));
        assert!(written(&mut journal, b"a small one fits"));
    }
}
