//! A cluster: how it is made, which master has the slot of the load's stream, and how that moves to another while it is
//! written to.

use std::time::Duration;

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::bell::Bell;
use super::redis::Redis;
use super::resp::Reply;
use crate::delivery::SOURCE;

/// Between two keys: long enough that appends find some keys here and some there.
const STEP: Duration = Duration::from_millis(150);

const JOIN_DEADLINE: Duration = Duration::from_secs(20);

pub(super) fn join(servers: &[Redis]) -> Result<()> {
    let mut command = Command::new("redis-cli");
    command.args(["--cluster", "create"]);
    command.args(servers.iter().map(|server| format!("127.0.0.1:{}", server.port)));
    let output = command.arg("--cluster-yes").stdin(Stdio::null()).output().context("start redis-cli")?;
    ensure!(
        output.status.success(),
        "redis-cli --cluster create: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    let is_up = |server: &Redis| {
        let state = server.ask(&["CLUSTER", "INFO"]).and_then(Reply::text);
        state.is_ok_and(|state| state.contains("cluster_state:ok"))
    };
    if !Bell::default().wait_until(JOIN_DEADLINE, || servers.iter().all(is_up)) {
        bail!("the cluster does not come up");
    }
    Ok(())
}

fn slot(server: &Redis) -> Result<String> {
    server.ask(&["CLUSTER", "KEYSLOT", &format!("hc1:{{{SOURCE}}}:meta")])?.text()
}

/// The index of the master that has the stream's slot.
pub(super) fn owner(servers: &[Redis]) -> Result<usize> {
    let first = servers.first().context("no cluster here")?;
    let slot: u32 = slot(first)?.parse()?;
    for (index, server) in servers.iter().enumerate() {
        // `… myself,master - 0 0 1 connected 0-5460 [5461->-id]`
        let nodes = server.ask(&["CLUSTER", "NODES"])?.text()?;
        let mine = nodes.lines().find(|line| line.contains("myself")).unwrap_or_default().to_owned();
        let has = mine.split_whitespace().skip(8).filter(|range| !range.starts_with('[')).any(|range| {
            let (low, high) = range.split_once('-').unwrap_or((range, range));
            matches!((low.parse::<u32>(), high.parse::<u32>()), (Ok(low), Ok(high)) if (low..=high).contains(&slot))
        });
        if has {
            return Ok(index);
        }
    }
    bail!("no master has slot {slot}")
}

/// As `redis-cli --cluster reshard` does it, key by key and slowly.
pub(super) fn move_to_next(servers: &[Redis]) -> Result<()> {
    let from = owner(servers)?;
    let to = (from + 1) % servers.len();
    let (source, target) = (&servers[from], &servers[to]);
    let slot = slot(source)?;
    let id = |server: &Redis| server.ask(&["CLUSTER", "MYID"]).and_then(Reply::text);
    let (source_id, target_id) = (id(source)?, id(target)?);
    target.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source_id])?;
    source.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target_id])?;
    let (pause, port) = (Bell::default(), target.port.to_string());
    loop {
        let Reply::List(keys) = source.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "1"])? else {
            bail!("GETKEYSINSLOT gave no list");
        };
        let Some(key) = keys.into_iter().next() else { break };
        source.ask(&["MIGRATE", "127.0.0.1", &port, &key.text()?, "0", "5000"])?;
        pause.pause(STEP);
    }
    // The target first, or for a moment nobody would have the slot.
    target.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id])?;
    for server in servers.iter().filter(|server| server.port != target.port) {
        server.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id])?;
    }
    Ok(())
}
