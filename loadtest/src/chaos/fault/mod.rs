//! The table of faults: one row each. An episode begins and ends with all well, so that episodes can follow each other.

mod cluster;
mod message;
mod network;
mod node;
mod redis;

use super::node::NodeAct;
use super::plan::Step;
use super::redis::Persistence;
use super::store::{Kind, StoreAct};

pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// What it needs.
    pub(crate) store: Kind,
    /// Whether it is among those of `--mixed`, which has a pair.
    pub(crate) is_mixed: bool,
    pub(crate) episode: Episode,
}

#[derive(Clone, Copy)]
pub(crate) enum Episode {
    /// Given how many nodes there are.
    Nodes(fn(&mut fastrand::Rng, usize) -> Vec<Step<NodeAct>>),
    Store(fn(&mut fastrand::Rng) -> Vec<Step<StoreAct>>),
}

const SINGLE: Kind = Kind::Single(Persistence::EverySecond);
const ALWAYS: Kind = Kind::Single(Persistence::Always);
const FORGETFUL: Kind = Kind::Single(Persistence::None);
const PAIR: Kind = Kind::Pair;
const CLUSTER: Kind = Kind::Cluster;

const fn nodes(
    name: &'static str,
    about: &'static str,
    store: Kind,
    episode: fn(&mut fastrand::Rng, usize) -> Vec<Step<NodeAct>>,
) -> Fault {
    Fault { name, about, store, is_mixed: true, episode: Episode::Nodes(episode) }
}

const fn store(
    name: &'static str,
    about: &'static str,
    store: Kind,
    is_mixed: bool,
    episode: fn(&mut fastrand::Rng) -> Vec<Step<StoreAct>>,
) -> Fault {
    Fault { name, about, store, is_mixed, episode: Episode::Store(episode) }
}

/// In the order of what dies: nodes, Redis, the network, Redis's own troubles.
#[rustfmt::skip]
pub(crate) const FAULTS: &[Fault] = &[
    nodes("node-kill", "nodes are killed, one or several, and started again", SINGLE, node::kill),
    nodes("node-pause", "a node is stopped for up to 20 s, and goes on", SINGLE, node::pause),
    nodes("node-clock", "a node is started with a clock that is an hour off", SINGLE, node::clock),
    Fault { is_mixed: false, ..nodes("node-alone", "a node with its own store is killed", Kind::Embedded, node::kill) },
    store("redis-kill-always", "Redis is killed; its disk has all", ALWAYS, false, redis::kill),
    store("redis-kill-everysec", "Redis is killed; its disk has all but what was not flushed", SINGLE, true, redis::kill),
    store("redis-power-cut", "Redis comes back without up to its last second", SINGLE, true, redis::power_cut),
    store("redis-kill-empty", "Redis is killed and keeps nothing on disk", FORGETFUL, true, redis::kill_empty),
    store("failover", "the master is killed, a replica that has all is promoted", PAIR, true, redis::failover),
    store("failover-tail-lost", "the same with a replica that was cut off before", PAIR, true, redis::failover_tail_lost),
    store("network-cut", "connections to Redis are closed, or refused for a while", SINGLE, true, network::cut),
    store("network-stall", "one direction or both stand still, then go on or are closed", SINGLE, true, network::stall),
    store("network-slow", "each piece is late, or comes in splinters", SINGLE, true, network::slow),
    store("redis-memory", "Redis is out of memory for a while", SINGLE, true, redis::memory),
    store("scripts-flushed", "Redis forgets its scripts, again and again", SINGLE, true, redis::scripts),
    store("strange-messages", "messages of a higher schema, and garbage, on the channel", SINGLE, true, message::strange),
    store("slot-move", "the stream's slot moves to another master of a cluster", CLUSTER, false, cluster::slot_move),
];

/// Must fail, or the checker sees nothing.
pub(crate) const CONTROL: Fault =
    store("control", "a lost tail that no epoch tells of: this run must FAIL", PAIR, false, redis::control);
