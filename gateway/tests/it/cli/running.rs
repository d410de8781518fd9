//! A process that keeps running: its lines as they come, and signals to it.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

/// Far more than anything here takes; only a broken build waits so long.
const DEADLINE: Duration = Duration::from_secs(30);

/// Killed when dropped.
pub(super) struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    pub(super) fn start(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let readers = streams.map(|stream| {
            let sender = sender.clone();
            spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    // The test may have ended and stopped listening.
                    let _ = sender.send(line);
                }
            })
        });
        Self { child, lines, seen: Vec::new(), readers: readers.into() }
    }

    /// The next line, of either stream, with this text in it.
    #[track_caller]
    pub(super) fn line_with(&mut self, text: &str) -> String {
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(error) => panic!("no line with `{text}` ({error}) in {:#?}", self.seen),
            }
        }
    }

    /// Where a gateway says that it listens.
    #[track_caller]
    pub(super) fn url(&mut self) -> String {
        let line = self.line_with("hookcast listening on ");
        line.split("listening on ").nth(1).unwrap().to_owned()
    }

    #[track_caller]
    pub(super) fn interrupt(self) -> ExitStatus {
        self.signal("-INT");
        self.ended()
    }

    /// Asks for an orderly end.
    #[track_caller]
    pub(super) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Asks to read the configuration again.
    #[track_caller]
    pub(super) fn hang_up(&self) {
        self.signal("-HUP");
    }

    #[track_caller]
    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    #[track_caller]
    pub(super) fn ended(mut self) -> ExitStatus {
        // Whoever is not gone by then keeps its output open, and the readers never end.
        while self.lines.recv_timeout(DEADLINE).is_ok() {}
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
