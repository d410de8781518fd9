//! The journal: what was answered since the store's file was last synced. A transaction is one frame here, written and synced
//! in one place; the store's tables get it later, and are in memory alone until so much has come that the file itself is synced and
//! the journal begins again. What opens the store after a crash puts the journal's frames into the tables first.
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
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How frames are written; a build that writes them otherwise reads none of these.
const FORMAT: u8 = 1;
/// What disks write as a whole.
const BLOCK_BYTES: usize = 4_096;
const CHECKSUM_BYTES: usize = 16;
const HEAD_BYTES: usize = CHECKSUM_BYTES + size_of::<u32>();
/// A buffer that grew beyond this for one transaction is let go.
const FRAME_KEPT_MAX: usize = 1024 * 1024;

/// Tells frames written since the store's file was last synced from all others.
pub(super) type Generation = u64;

#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Room for frames; when the next finds none, the store's file is synced instead.
    bytes: usize,
    generation: Generation,
    /// Where the next frame goes.
    end: usize,
    frame: Vec<u8>,
}

impl Journal {
    pub(super) fn path(dir: &Path) -> PathBuf {
        dir.join("hookcast.journal")
    }

    /// Opens the file, made or made longer if need be.
    pub(super) fn open(path: &Path, bytes: usize) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path)?;
        let found = file.metadata()?.len();
        let bytes = bytes.max(usize::try_from(found).unwrap_or(usize::MAX)).next_multiple_of(BLOCK_BYTES);
        if bytes as u64 > found {
            // Written and not just made longer: a frame then never wants room, and a sync has no more to write than the frame.
            let zeros = vec![0; bytes - found as usize];
            file.write_all_at(&zeros, found)?;
            file.sync_all()?;
            File::open(path.parent().unwrap_or(path))?.sync_all()?;
        }
        Ok(Self { file, bytes, generation: 0, end: bytes, frame: Vec::new() })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    /// The contents of this generation's frames, in the order in which they were written. Only the last can have been cut short,
    /// for none is begun before the one before it is synced.
    pub(super) fn read(&self, generation: Generation) -> io::Result<Vec<Vec<u8>>> {
        let mut bytes = vec![0; self.bytes];
        self.file.read_exact_at(&mut bytes, 0)?;
        let mut contents = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(content) = content_of(generation, rest) {
            contents.push(content.to_vec());
            rest = rest.get(frame_bytes(content.len())..).unwrap_or_default();
        }
        let is_frame = |at: usize| content_of(generation, &rest[at..]).is_some();
        if (0..rest.len()).step_by(BLOCK_BYTES).any(is_frame) {
            let place = self.bytes - rest.len();
            let cause =
                format!("what was written at byte {place} is damaged, and more was answered after it");
            return Err(io::Error::new(ErrorKind::InvalidData, cause));
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
    pub(super) fn write(&mut self, content: &[u8]) -> io::Result<bool> {
        let length = content.len();
        if self.end + frame_bytes(length) > self.bytes {
            return Ok(false);
        }
        self.frame.clear();
        self.frame.resize(HEAD_BYTES, 0);
        self.frame.extend_from_slice(content);
        let (head, content) = self.frame.split_at_mut(HEAD_BYTES);
        head[..CHECKSUM_BYTES].copy_from_slice(&checksum(self.generation, content));
        head[CHECKSUM_BYTES..].copy_from_slice(&(length as u32).to_be_bytes());
        self.frame.resize(frame_bytes(length), 0);
        self.file.write_all_at(&self.frame, self.end as u64)?;
        self.file.sync_data()?;
        self.end += self.frame.len();
        if self.frame.len() > FRAME_KEPT_MAX {
            self.frame = Vec::new();
        }
        Ok(true)
    }
}

fn frame_bytes(content_bytes: usize) -> usize {
    (HEAD_BYTES + content_bytes).next_multiple_of(BLOCK_BYTES)
}

fn checksum(generation: Generation, content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[FORMAT]).update(&generation.to_be_bytes()).update(content);
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

    const BYTES: usize = 256 * 1024;

    fn open(dir: &Path) -> Journal {
        Journal::open(&Journal::path(dir), BYTES).unwrap()
    }

    fn begun(dir: &Path) -> Journal {
        let mut journal = open(dir);
        journal.begin(1);
        journal
    }

    fn write(journal: &mut Journal, content: &[u8]) -> bool {
        journal.write(content).unwrap()
    }

    #[test]
    fn frames_are_read_back_in_order_and_none_of_another_generation() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path());
        assert!(!write(&mut journal, b"before it has begun"));
        journal.begin(1);
        let long = vec![7; 3 * BLOCK_BYTES];
        for content in [b"one".as_slice(), &long, b"three"] {
            assert!(write(&mut journal, content));
        }
        let mut journal = open(dir.path());
        assert_eq!(journal.read(1).unwrap(), [b"one".to_vec(), long.clone(), b"three".to_vec()]);
        assert!(journal.read(2).unwrap().is_empty());
        journal.begin(2);
        assert!(write(&mut journal, b"four"));
        assert_eq!(journal.read(2).unwrap(), [b"four".to_vec()], "what lies behind it is of before");
    }

    #[test]
    fn a_last_frame_that_was_cut_short_is_none_and_one_in_the_midst_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = begun(dir.path());
        let content = vec![1; 2 * BLOCK_BYTES];
        (0..2).for_each(|_| assert!(write(&mut journal, &content)));
        // The last block of the second frame never reached the disk.
        let second = frame_bytes(content.len()) as u64;
        journal.file.write_all_at(&[0; BLOCK_BYTES], second + 2 * BLOCK_BYTES as u64).unwrap();
        assert_eq!(journal.read(1).unwrap().len(), 1);
        assert!(write(&mut journal, &content));
        let damaged = journal.read(1).unwrap_err();
        assert!(damaged.to_string().contains("at byte 12288 is damaged"), "{damaged}");
    }

    #[test]
    fn what_finds_no_room_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = begun(dir.path());
        assert!(!write(&mut journal, &vec![0; BYTES]));
        let mut frames = 0;
        while write(&mut journal, &vec![0; 30_000]) {
            frames += 1;
        }
        assert_eq!((frames, journal.read(1).unwrap().len()), (8, 8));
    }

    #[test]
    fn a_longer_one_of_before_keeps_its_length() {
        let dir = tempfile::tempdir().unwrap();
        let path = Journal::path(dir.path());
        for bytes in [2 * BYTES, BYTES] {
            assert_eq!(Journal::open(&path, bytes).unwrap().bytes(), 2 * BYTES as u64);
        }
    }
}
