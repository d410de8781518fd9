//! One Redis of our own: a process with a folder and a port, which can be killed and started again on what it left.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::bell::Bell;
use super::resp::{self, Reply};

const START_DEADLINE: Duration = Duration::from_secs(20);

/// What Redis writes down before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    None,
    EverySecond,
    Always,
}

#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) port: u16,
    folder: PathBuf,
    persistence: Persistence,
    cluster_port: Option<u16>,
    child: Option<Child>,
}

impl Redis {
    pub(crate) fn new(folder: PathBuf, port: u16, persistence: Persistence) -> Self {
        Self { port, folder, persistence, cluster_port: None, child: None }
    }

    /// One of a cluster, whose members speak to each other on another port.
    pub(crate) fn in_cluster(mut self, cluster_port: u16) -> Self {
        self.cluster_port = Some(cluster_port);
        self
    }

    pub(crate) fn start(&mut self) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let (appendonly, fsync) = match self.persistence {
            Persistence::None => ("no", "everysec"),
            Persistence::EverySecond => ("yes", "everysec"),
            Persistence::Always => ("yes", "always"),
        };
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""])
            .args(["--appendonly", appendonly, "--appendfsync", fsync, "--repl-diskless-sync-delay", "0"])
            .arg("--dir")
            .arg(&self.folder);
        if let Some(port) = self.cluster_port {
            command.args(["--cluster-enabled", "yes", "--cluster-port", &port.to_string()]);
            command.args(["--cluster-node-timeout", "3000"]);
        }
        let log = File::options().create(true).append(true).open(self.folder.join("redis.log"))?;
        let spawned = command.stdin(Stdio::null()).stdout(log).stderr(Stdio::null()).spawn();
        self.child = Some(spawned.context("start redis-server; Debian's package is redis-server")?);
        let is_up = || self.ask(&["PING"]).is_ok_and(|reply| reply == Reply::Text("PONG".into()));
        ensure!(
            Bell::default().wait_until(START_DEADLINE, is_up),
            "Redis did not start on port {}; see {}",
            self.port,
            self.folder.join("redis.log").display()
        );
        Ok(())
    }

    pub(crate) fn is_running(&self) -> bool {
        self.child.is_some()
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; either way it is gone after `wait`.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(crate) fn ask(&self, words: &[&str]) -> Result<Reply> {
        resp::ask(self.port, &words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>())
    }

    /// Forgets all that it wrote down.
    pub(crate) fn wipe(&self) -> Result<()> {
        ensure!(!self.is_running(), "a running Redis is not wiped");
        fs::remove_dir_all(&self.folder)?;
        Ok(fs::create_dir_all(&self.folder)?)
    }

    /// How long the log of commands is now.
    pub(crate) fn log_bytes(&self) -> Result<u64> {
        Ok(fs::metadata(self.command_log()?)?.len())
    }

    /// Cuts the log of commands off there: what a power cut takes that came before the disk had it.
    pub(crate) fn forget_after(&self, bytes: u64) -> Result<()> {
        ensure!(!self.is_running(), "a running Redis writes on");
        Ok(File::options().write(true).open(self.command_log()?)?.set_len(bytes)?)
    }

    fn command_log(&self) -> Result<PathBuf> {
        let folder = self.folder.join("appendonlydir");
        let mut logs: Vec<_> = fs::read_dir(&folder)
            .with_context(|| format!("no log of commands in {}", folder.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with(".incr.aof"))
            .collect();
        logs.sort_by_key(|path: &PathBuf| fs::metadata(Path::new(path)).and_then(|it| it.modified()).ok());
        logs.pop().context("no log of commands")
    }

    /// A number of `INFO`.
    pub(crate) fn info(&self, section: &str, key: &str) -> Result<String> {
        let text = self.ask(&["INFO", section])?.text()?;
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        Ok(value.with_context(|| format!("INFO {section} without {key}"))?.trim().to_owned())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
