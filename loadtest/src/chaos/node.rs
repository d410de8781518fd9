//! The gateway's nodes: processes of one configuration, killed, stopped, and started again on the same port.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::bell::Bell;
use super::config::{Secrets, config};
use super::ports;
use crate::http;

const READY_DEADLINE: Duration = Duration::from_secs(30);
const METRICS_DEADLINE: Duration = Duration::from_secs(1);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeAct {
    Kill(usize),
    Start(usize),
    /// Started anew with a clock that is off by so many seconds.
    Clock(usize, i32),
    Pause(usize),
    Resume(usize),
}

#[derive(Debug)]
struct Node {
    name: String,
    port: u16,
    metrics_port: u16,
    folder: PathBuf,
    child: Option<Child>,
    is_paused: bool,
    /// Should run; one that ended by itself is started again, as a supervisor does.
    is_wanted: bool,
    clock_off: i32,
    /// Of the lives before this one, as of their last reading.
    put_back_before: u64,
    put_back: u64,
}

#[derive(Debug)]
pub(crate) struct Nodes {
    binary: PathBuf,
    members: Vec<Node>,
    /// How often a node ended that nobody had killed.
    pub(crate) ended_by_themselves: u64,
}

impl Nodes {
    pub(crate) fn start(
        count: usize,
        binary: &Path,
        folder: &Path,
        broker: &str,
        secrets: &Secrets,
    ) -> Result<Self> {
        let ports = ports::free(count * 2)?;
        let mut nodes = Self { binary: binary.to_owned(), members: Vec::new(), ended_by_themselves: 0 };
        for (number, pair) in ports.chunks(2).enumerate() {
            let name = format!("node{number}");
            let folder = folder.join(&name);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("hookcast.toml"), config(pair[0], pair[1], broker, secrets))?;
            let (port, metrics_port) = (pair[0], pair[1]);
            let (is_paused, is_wanted, clock_off, put_back_before, put_back) = (false, true, 0, 0, 0);
            let child = None;
            nodes.members.push(Node {
                name,
                port,
                metrics_port,
                folder,
                child,
                is_paused,
                is_wanted,
                clock_off,
                put_back_before,
                put_back,
            });
        }
        for node in &mut nodes.members {
            node.start(&nodes.binary)?;
        }
        nodes.wait_until_ready()?;
        Ok(nodes)
    }

    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.members.iter().map(|node| local(node.port)).collect()
    }

    pub(crate) fn apply(&mut self, act: NodeAct) -> Result<()> {
        let (NodeAct::Kill(index)
        | NodeAct::Start(index)
        | NodeAct::Clock(index, _)
        | NodeAct::Pause(index)
        | NodeAct::Resume(index)) = act;
        let node = &mut self.members[index];
        match act {
            NodeAct::Kill(_) => node.end(),
            NodeAct::Start(_) => node.start(&self.binary)?,
            NodeAct::Clock(_, seconds) => {
                node.end();
                node.clock_off = seconds;
                node.start(&self.binary)?;
            }
            NodeAct::Pause(_) => node.signal(Signal::SIGSTOP)?,
            NodeAct::Resume(_) => node.signal(Signal::SIGCONT)?,
        }
        Ok(())
    }

    /// Reads what the nodes count, and starts again whoever ended unasked.
    pub(crate) fn tend(&mut self) -> Result<()> {
        for node in &mut self.members {
            node.read_metrics();
            let has_ended = node.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))));
            if node.is_wanted && has_ended {
                self.ended_by_themselves += 1;
                node.start(&self.binary)?;
            }
        }
        Ok(())
    }

    /// Every node runs, and says that it is ready.
    pub(crate) fn heal(&mut self) -> Result<()> {
        for node in &mut self.members {
            if node.is_paused {
                node.signal(Signal::SIGCONT)?;
            }
            if node.child.is_none() {
                node.start(&self.binary)?;
            }
        }
        self.wait_until_ready()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let mut waiting = String::new();
        let is_ready = Bell::default().wait_until(READY_DEADLINE, || {
            // A node that could not reach its store ends, and a supervisor would start it again.
            let _ = self.tend();
            let late = self
                .members
                .iter()
                .find(|node| get(node.port, "/readyz").is_none_or(|(status, _)| status != 200));
            waiting = late
                .map(|node| format!("{}: its log says:\n{}", node.name, node.log_tail()))
                .unwrap_or_default();
            late.is_none()
        });
        ensure!(is_ready, "not ready within {READY_DEADLINE:?}: {waiting}");
        Ok(())
    }

    /// Events that nodes appended again because Redis had lost them.
    pub(crate) fn put_back(&mut self) -> u64 {
        self.members
            .iter_mut()
            .map(|node| {
                node.read_metrics();
                node.put_back_before + node.put_back
            })
            .sum()
    }
}

impl Node {
    fn start(&mut self, binary: &Path) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.folder.join("gateway.log"))?;
        let mut command = Command::new(binary);
        if self.clock_off != 0 {
            command.env("LD_PRELOAD", faketime()?);
            command.env("FAKETIME", format!("{:+}s", self.clock_off));
            // Clocks that only run, and never tell the time, are right everywhere.
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.args(["serve", "--config", "hookcast.toml"]).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.child = Some(command.spawn().with_context(|| format!("start {}", binary.display()))?);
        (self.is_wanted, self.is_paused) = (true, false);
        Ok(())
    }

    fn end(&mut self) {
        self.read_metrics();
        self.put_back_before += std::mem::take(&mut self.put_back);
        (self.is_wanted, self.is_paused) = (false, false);
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; either way it is gone after `wait`.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn signal(&mut self, signal: Signal) -> Result<()> {
        let Some(child) = &self.child else { return Ok(()) };
        kill(Pid::from_raw(child.id().cast_signed()), signal)
            .with_context(|| format!("{signal} to {}", self.name))?;
        self.is_paused = signal == Signal::SIGSTOP;
        Ok(())
    }

    fn read_metrics(&mut self) {
        if self.is_paused || self.child.is_none() {
            return;
        }
        let Some((200, text)) = get(self.metrics_port, "/metrics") else { return };
        let values = text.lines().filter(|line| line.starts_with("hookcast_events_put_back_total"));
        self.put_back = values.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.folder.join("gateway.log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The library that shifts a process's clock.
pub(crate) fn faketime() -> Result<PathBuf> {
    let folders = fs::read_dir("/usr/lib")?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    libraries.find(|library| library.exists()).context("no libfaketime: apt-get install faketime")
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Status and body; `None` where nobody answers in time.
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&local(port), METRICS_DEADLINE).ok()?;
    stream.set_read_timeout(Some(METRICS_DEADLINE)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let answer = http::answer(&bytes).ok()??;
    Some((answer.status, String::from_utf8_lossy(answer.body).into_owned()))
}
