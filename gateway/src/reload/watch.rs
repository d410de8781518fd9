//! When to read the configuration again: on SIGHUP, or when one of its files has changed. Files are looked at rather than
//! watched: a look works on every file system, and sees Kubernetes exchange the link to a mounted folder.

use std::path::PathBuf;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::config::origin::{Looks, look};

/// Between two looks. A file counts as changed when two looks in a row find the same change: nobody is still writing it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A file system that is away must not keep a signal waiting for ever.
const LOOK_DEADLINE: Duration = Duration::from_secs(10);

/// Why the configuration is read again, as the log says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Signal,
    Change,
    /// Somebody changed it through the node itself.
    Asked,
}

impl Cause {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Change => "change",
            Self::Asked => "interface",
        }
    }
}

/// Hears the signal and looks at the files.
#[derive(Debug)]
pub(super) struct Watch {
    hangups: Option<Signal>,
    look_every: Duration,
    /// The files of the configuration in use.
    taken: Vec<PathBuf>,
    /// The files as they were when they were last read.
    read: Looks,
    /// As they were at the last look.
    seen: Looks,
}

impl Watch {
    /// From here on no SIGHUP ends the process.
    pub(super) fn new(read: Looks) -> Self {
        // Where no handler can be set the signal's default action stays.
        let hangups = signal(SignalKind::hangup()).ok();
        Self {
            hangups,
            look_every: LOOK_EVERY,
            taken: read.keys().cloned().collect(),
            seen: read.clone(),
            read,
        }
    }

    /// Until there is a cause to read it all again. Nothing is lost if this is dropped and called again.
    pub(super) async fn changed(&mut self) -> Cause {
        loop {
            tokio::select! {
                () = hung_up(&mut self.hangups) => return Cause::Signal,
                () = sleep(self.look_every) => {}
            }
            let files: Vec<_> = self.read.keys().cloned().collect();
            let looking = timeout(LOOK_DEADLINE, spawn_blocking(move || look(files))).await;
            let Ok(Ok(looks)) = looking else { continue };
            let is_settled = looks == self.seen;
            self.seen = looks;
            if is_settled && self.seen != self.read {
                return Cause::Change;
            }
        }
    }

    /// These were read: what differs from them now is a change.
    pub(super) fn read(&mut self, files: Looks) {
        self.taken = files.keys().cloned().collect();
        self.seen = files.clone();
        self.read = files;
    }

    /// These were read and refused. A change of those in use, or of these, may be what mends it.
    pub(super) fn refused(&mut self, files: Looks) {
        let as_seen = |file: &PathBuf| (file.clone(), self.seen.get(file).copied().flatten());
        self.read = self.taken.iter().map(as_seen).chain(files).collect();
        self.seen = self.read.clone();
    }
}

async fn hung_up(hangups: &mut Option<Signal>) {
    let heard = match hangups {
        Some(hangups) => hangups.recv().await,
        None => None,
    };
    if heard.is_none() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_written_made_taken_away_or_behind_another_link_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let (config, link) = (file("config"), file("data"));
        for name in ["one", "two"] {
            std::fs::create_dir(file(name)).unwrap();
            std::fs::write(file(name).join("config"), "same").unwrap();
        }
        std::os::unix::fs::symlink("one", &link).unwrap();
        std::os::unix::fs::symlink("data/config", &config).unwrap();
        let mut watch = Watch::new(look([config.clone()]));
        watch.look_every = Duration::from_millis(5);
        assert!(timeout(watch.look_every * 20, watch.changed()).await.is_err(), "nothing has changed");

        // As Kubernetes does it: a new link takes the place of the old one.
        std::os::unix::fs::symlink("two", file("new")).unwrap();
        std::fs::rename(file("new"), &link).unwrap();
        assert_eq!(watch.changed().await, Cause::Change);
        for change in ["longer than before", ""] {
            watch.read(look([config.clone()]));
            match change {
                "" => std::fs::remove_file(&config).unwrap(),
                _ => std::fs::write(&config, change).unwrap(),
            }
            assert_eq!(watch.changed().await, Cause::Change, "`{change}`");
        }
    }
}
