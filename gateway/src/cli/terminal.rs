//! What people see: lines on stdout, errors and logs on stderr, colour only where it shows.

use std::fmt;
use std::io::{self, IsTerminal, Write as _};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tracing_subscriber::EnvFilter;

use super::failure::Failure;
use crate::config::environment::Environment;
use crate::config::report::Report;

/// How soon a closed pipe is noticed; a person waits for it.
const UNREAD_LOOK: Duration = Duration::from_millis(200);

/// Whether people look at stdout, and where colour shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    pub(super) is_interactive: bool,
    has_colour: bool,
    has_colour_on_stderr: bool,
}

/// Colours by what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Note,
    Bad,
    Quiet,
    Strong,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Note => "33",
            Self::Bad => "31",
            Self::Quiet => "2",
            Self::Strong => "1",
        }
    }
}

impl Terminal {
    pub(super) fn new(environment: &Environment) -> Self {
        let is_colour_wanted =
            environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb");
        let is_interactive = io::stdout().is_terminal();
        Self {
            is_interactive,
            has_colour: is_colour_wanted && is_interactive,
            has_colour_on_stderr: is_colour_wanted && io::stderr().is_terminal(),
        }
    }

    /// Logs go to stderr; `loudness` 0 tells what an operator wants to know.
    pub(super) fn start_logs(self, loudness: i16) {
        let filter = match loudness {
            ..=-2 => "error",
            -1 => "warn",
            0 => "info,hyper=warn,memory_serve=warn,reqwest=warn,rustls=warn",
            1 => "info,hookcast=debug",
            2.. => "trace",
        };
        let logs = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_writer(io::stderr)
            .with_ansi(self.has_colour_on_stderr)
            .with_target(loudness > 0);
        // A second subscriber can only be one that a test installed: it may keep its place.
        let _ = logs.try_init();
    }

    pub(super) fn error(self, message: &str, mend: &str) {
        let error = if self.has_colour_on_stderr { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
        aside(format!("{error}: {message}\n = {mend}"));
    }

    pub(super) fn report(self, report: &Report) {
        aside(if self.has_colour_on_stderr { report.coloured() } else { report.to_string() });
    }

    /// A line for people on stderr, in this tone.
    pub(super) fn aside(self, tone: Tone, text: impl fmt::Display) {
        if self.has_colour_on_stderr {
            aside(format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()));
        } else {
            aside(text);
        }
    }

    /// A text for stdout in this tone, or plain where colour does not show.
    pub(super) fn tone(self, tone: Tone, text: impl fmt::Display) -> String {
        if self.has_colour { format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()) } else { text.to_string() }
    }
}

/// Until nobody reads stdout any more; for ever where it is no pipe. The kernel is asked now and then: a thread that waits
/// for its answer would outlive us.
pub(super) async fn unread() {
    let mut look = tokio::time::interval(UNREAD_LOOK);
    loop {
        look.tick().await;
        let stdout = io::stdout();
        let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
        let is_answered = poll(&mut asked, Some(&Timespec::default())).is_ok();
        if is_answered && asked[0].revents().contains(PollFlags::ERR) {
            return;
        }
    }
}

/// A line on stdout, at once.
///
/// # Errors
/// When nobody reads it any more.
pub(super) fn line(line: impl fmt::Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::PipeClosed,
        _ => Failure::failed(format!("cannot write to stdout: {error}"), "free some room"),
    })
}

/// A line for people on stderr.
pub(super) fn aside(line: impl fmt::Display) {
    // There is nowhere left to say that stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A text from a payload as it may be printed: one line, without the controls that could drive a terminal.
pub(super) fn printable(text: &str, characters_max: usize) -> String {
    let mut printed = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == characters_max {
            printed.push('…');
            break;
        }
        // Bidirectional overrides reorder what stands beside them.
        let is_bidi =
            matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || is_bidi {
            printed.extend(character.escape_unicode());
        } else {
            printed.push(character);
        }
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[31m\n\u{202e}b", 80), "a\\u{1b}[31m\\u{a}\\u{202e}b");
        assert_eq!(printable("länger", 3), "län…");
    }
}
