//! The command line at the process boundary: the real binary, its exit codes and what it prints.

mod boards;
mod configuration;
mod deliveries;
mod ending;
mod gateway;
mod inspector;
mod link;
mod nodes;
mod providers;
mod redis;
mod reloading;
mod running;
mod screens;
mod sources;
mod token;
mod usage;

use std::process::{Command, Output};

use tempfile::TempDir;

/// A gateway in memory that asks for tokens, with one source.
const GATEWAY: &str = r#"
[server]
listen = "127.0.0.1:0"
[broker]
url = "memory:"
[auth]
secrets = ["0123456789abcdef0123456789abcdef"]
[[source]]
name = "github"
provider = "github"
secrets = ["secret of github"]
"#;

/// The binary in an empty folder and an empty environment.
struct Hookcast {
    folder: TempDir,
}

impl Hookcast {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn with_config(text: &str) -> Self {
        let hookcast = Self::new();
        std::fs::write(hookcast.folder.path().join("hookcast.toml"), text).unwrap();
        hookcast
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookcast"));
        command.args(arguments).env_clear().current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }
}

/// What became of a process.
#[derive(Debug)]
struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
