//! Where the nodes keep their events, and all that can happen to it: one Redis, a pair with a replica, a cluster of three
//! masters, or a folder of the node's own. One Redis and a pair are reached through a proxy, which is both the network
//! that fails and the name that points at the master of the day.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::bell::Bell;
use super::cluster;
use super::ports;
use super::proxy::{Proxy, Rule};
use super::redis::{Persistence, Redis};
use super::resp::Reply;

use crate::delivery::SOURCE;

/// A replica is in step within this, or the machine is broken.
const SYNC_DEADLINE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The node's own folder; a fault of nodes needs no Redis.
    Embedded,
    Single(Persistence),
    Pair,
    Cluster,
}

/// What a killed Redis comes back without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loses {
    Nothing,
    /// So many milliseconds before its end.
    Tail(u64),
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreAct {
    Kill(Loses),
    Start,
    /// The replica hears nothing more.
    CutReplica,
    /// Writes wait until the replica has all.
    CatchUp,
    /// The master is killed, the replica promoted, the proxy points at it.
    Promote,
    /// The same, and the new master is made to believe that it is the old one: no epoch ends.
    PromoteUnnoticed,
    /// The killed master comes back as the replica of the new one.
    Rejoin,
    Link(Rule),
    CloseLinks,
    FillMemory,
    LiftMemory,
    FlushScripts,
    MoveSlot,
    /// Messages that this version cannot read.
    SayStrangeThings,
}

#[derive(Debug)]
pub(crate) struct Store {
    kind: Kind,
    pub(super) servers: Vec<Redis>,
    pub(super) master: usize,
    /// Between the nodes and the master.
    front: Option<Proxy>,
    /// Between master and replica.
    link: Option<Proxy>,
}

impl Store {
    pub(crate) fn start(kind: Kind, folder: &Path) -> Result<Self> {
        let (count, persistence) = match kind {
            Kind::Embedded => (0, Persistence::None),
            Kind::Single(persistence) => (1, persistence),
            Kind::Pair => (2, Persistence::EverySecond),
            Kind::Cluster => (3, Persistence::EverySecond),
        };
        let ports = ports::free(count * 2)?;
        let mut servers = Vec::new();
        for (number, pair) in ports.chunks(2).enumerate() {
            let server = Redis::new(folder.join(format!("redis{number}")), pair[0], persistence);
            let mut server = if kind == Kind::Cluster { server.in_cluster(pair[1]) } else { server };
            server.start()?;
            servers.push(server);
        }
        let mut store = Self { kind, servers, master: 0, front: None, link: None };
        if matches!(kind, Kind::Single(_) | Kind::Pair) {
            store.front = Some(Proxy::start(store.servers[0].port)?);
        }
        if kind == Kind::Pair {
            store.link = Some(Proxy::start(store.servers[0].port)?);
            store.follow()?;
        }
        if kind == Kind::Cluster {
            cluster::join(&store.servers)?;
        }
        Ok(store)
    }

    /// What a node is given as its broker.
    pub(crate) fn url(&self) -> String {
        match (&self.front, self.kind) {
            (Some(front), _) => format!("redis://127.0.0.1:{}", front.port),
            (None, Kind::Cluster) => {
                let nodes: Vec<_> = self.servers.iter().map(|it| format!("127.0.0.1:{}", it.port)).collect();
                format!("redis+cluster://{}", nodes.join(","))
            }
            (None, _) => "file:./data".to_owned(),
        }
    }

    fn master(&mut self) -> Result<&mut Redis> {
        self.servers.get_mut(self.master).context("this store has no Redis")
    }

    fn replica(&self) -> Result<&Redis> {
        self.servers.get(1 - self.master.min(1)).context("this store has no replica")
    }

    pub(crate) fn apply(&mut self, act: StoreAct) -> Result<()> {
        match act {
            StoreAct::Kill(loses) => self.kill(loses),
            StoreAct::Start => self.master()?.start(),
            StoreAct::CutReplica => self.set_link(Rule::StallBoth),
            StoreAct::CatchUp => self.catch_up(),
            StoreAct::Promote => self.promote(),
            StoreAct::PromoteUnnoticed => self.promote_unnoticed(),
            StoreAct::Rejoin => self.rejoin(),
            StoreAct::Link(rule) => {
                self.front.as_ref().context("no proxy here")?.set(rule);
                Ok(())
            }
            StoreAct::CloseLinks => {
                self.front.as_ref().context("no proxy here")?.close_all();
                Ok(())
            }
            StoreAct::FillMemory => self.tell_all(&["CONFIG", "SET", "maxmemory", "1mb"]),
            StoreAct::LiftMemory => self.tell_all(&["CONFIG", "SET", "maxmemory", "0"]),
            StoreAct::FlushScripts => self.tell_all(&["SCRIPT", "FLUSH"]),
            StoreAct::MoveSlot => cluster::move_to_next(&self.servers),
            StoreAct::SayStrangeThings => self.say_strange_things(),
        }
    }

    fn kill(&mut self, loses: Loses) -> Result<()> {
        let master = self.master()?;
        match loses {
            Loses::Nothing => master.kill(),
            Loses::All => {
                master.kill();
                master.wipe()?;
            }
            Loses::Tail(ms) => {
                let bytes = master.log_bytes()?;
                Bell::default().pause(Duration::from_millis(ms));
                master.kill();
                master.forget_after(bytes)?;
            }
        }
        Ok(())
    }

    fn set_link(&self, rule: Rule) -> Result<()> {
        self.link.as_ref().context("no replica here")?.set(rule);
        Ok(())
    }

    /// Makes the other server the master's replica, and waits until it has all.
    fn follow(&self) -> Result<()> {
        let link = self.link.as_ref().context("no replica here")?;
        link.set(Rule::Pass);
        let replica = self.replica()?;
        replica.ask(&["REPLICAOF", "127.0.0.1", &link.port.to_string()])?;
        let is_in_step =
            || replica.info("replication", "master_link_status").is_ok_and(|status| status == "up");
        ensure!(Bell::default().wait_until(SYNC_DEADLINE, is_in_step), "the replica does not get in step");
        Ok(())
    }

    fn catch_up(&mut self) -> Result<()> {
        let master = self.master()?;
        master.ask(&["CLIENT", "PAUSE", "5000", "WRITE"])?;
        let written = master.info("replication", "master_repl_offset")?;
        let replica = self.replica()?;
        let has_all = || {
            let offset = |text: &str| text.parse::<u64>().unwrap_or_default();
            replica.info("replication", "slave_repl_offset").is_ok_and(|has| offset(&has) >= offset(&written))
        };
        ensure!(Bell::default().wait_until(SYNC_DEADLINE, has_all), "the replica does not catch up");
        Ok(())
    }

    fn promote(&mut self) -> Result<()> {
        self.master()?.kill();
        self.replica()?.ask(&["REPLICAOF", "NO", "ONE"])?;
        self.master = 1 - self.master;
        let port = self.master()?.port;
        self.front.as_ref().context("no proxy here")?.point_at(port);
        Ok(())
    }

    fn promote_unnoticed(&mut self) -> Result<()> {
        self.master()?.kill();
        let replica = self.replica()?;
        replica.ask(&["REPLICAOF", "NO", "ONE"])?;
        let run = replica.info("replication", "master_replid")?;
        replica.ask(&["HSET", &format!("hc1:{{{SOURCE}}}:meta"), "run", &run])?;
        self.promote()
    }

    fn rejoin(&mut self) -> Result<()> {
        let port = self.master()?.port;
        let replica = self.servers.get_mut(1 - self.master).context("this store has no replica")?;
        replica.wipe()?;
        replica.start()?;
        self.link.as_ref().context("no replica here")?.point_at(port);
        self.follow()
    }

    fn tell_all(&self, words: &[&str]) -> Result<()> {
        let mut running = self.servers.iter().filter(|server| server.is_running());
        running.try_for_each(|server| server.ask(words).map(drop))
    }

    /// Of a higher schema, with and without sense in it, and no message at all.
    fn say_strange_things(&mut self) -> Result<()> {
        let channel = format!("hc1:{{{SOURCE}}}:live");
        let long = format!("2 {}", "x".repeat(70_000));
        let strange =
            ["2 k3f9a0zq 7 load/eu/west/reading", "2", "", "1", "garbage", "1 x y z", &long, "9999999 \u{1}"];
        let server = match self.kind {
            Kind::Cluster => &self.servers[cluster::owner(&self.servers)?],
            _ => self.master()?,
        };
        for text in strange {
            let heard = server.ask(&["SPUBLISH", &channel, text])?;
            ensure!(matches!(heard, Reply::Number(_)), "SPUBLISH was answered {heard:?}");
        }
        Ok(())
    }

    /// Undoes whatever a plan left undone.
    pub(crate) fn heal(&mut self) -> Result<()> {
        if let Some(front) = &self.front {
            front.set(Rule::Pass);
        }
        if self.servers.is_empty() {
            return Ok(());
        }
        if !self.master()?.is_running() {
            self.master()?.start()?;
        }
        self.tell_all(&["CONFIG", "SET", "maxmemory", "0"])
    }
}
