//! How a verb ends that did not succeed: what happened, the mend, the exit code.

use std::process::ExitCode;

use super::terminal::Terminal;
use crate::config::report::Report;

/// The exit codes that scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Fine = 0,
    Failed = 1,
    /// Wrong usage or configuration (`EX_USAGE`).
    Usage = 64,
    /// The gateway cannot be reached (`EX_UNAVAILABLE`).
    Unreachable = 69,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[derive(Debug)]
pub(super) enum Failure {
    /// Something to say: what, and how to mend it.
    Told { exit: Exit, message: String, mend: String },
    /// A configuration with mistakes.
    Config(Box<Report>),
    /// Everything was said already.
    Silent(Exit),
    /// Nobody reads our output any more, as in `hookcast listen … | head`: no failure.
    PipeClosed,
}

impl Failure {
    pub(super) fn failed(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Told { exit: Exit::Failed, message: message.into(), mend: mend.into() }
    }

    pub(super) fn usage(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Told { exit: Exit::Usage, message: message.into(), mend: mend.into() }
    }

    pub(super) fn unreachable(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Told { exit: Exit::Unreachable, message: message.into(), mend: mend.into() }
    }

    /// Says it on stderr.
    pub(super) fn report(self, terminal: Terminal) -> Exit {
        match self {
            Self::Told { exit, message, mend } => {
                terminal.error(&message, &mend);
                exit
            }
            Self::Config(report) => {
                terminal.report(&report);
                Exit::Usage
            }
            Self::Silent(exit) => exit,
            Self::PipeClosed => Exit::Fine,
        }
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::Config(Box::new(report))
    }
}
