//! What happens when: episodes of faults on two tracks, nodes and store, made from a seed alone, so that the same seed is
//! the same run as far as a schedule can make it one.

use std::time::Duration;

use super::fault::{Episode, FAULTS, Fault};
use super::node::NodeAct;
use super::store::{Kind, StoreAct};

/// Something that happens, so long after what came before it on its track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step<A> {
    pub(crate) after: Duration,
    pub(crate) act: A,
}

pub(crate) fn step<A>(after_ms: u64, act: A) -> Step<A> {
    Step { after: Duration::from_millis(after_ms), act }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) store: Kind,
    pub(crate) nodes: Vec<Step<NodeAct>>,
    pub(crate) stores: Vec<Step<StoreAct>>,
}

/// Between two episodes all is well for so long.
const CALM_MS: std::ops::Range<u64> = 300..1_500;

impl Plan {
    /// One fault again and again.
    pub(crate) fn of(fault: &Fault, seed: u64, nodes: usize, length: Duration) -> Self {
        Self::from_episodes(fault.store, &[fault], seed, nodes, length)
    }

    /// Whatever can happen to a pair of Redis servers and to nodes, one of each at a time.
    pub(crate) fn mixed(seed: u64, nodes: usize, length: Duration) -> Self {
        let mixed: Vec<_> = FAULTS.iter().filter(|fault| fault.is_mixed).collect();
        Self::from_episodes(Kind::Pair, &mixed, seed, nodes, length)
    }

    fn from_episodes(store: Kind, faults: &[&Fault], seed: u64, nodes: usize, length: Duration) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let of_nodes: Vec<_> = faults
            .iter()
            .filter_map(|fault| match fault.episode {
                Episode::Nodes(episode) => Some(episode),
                Episode::Store(_) => None,
            })
            .collect();
        let of_store: Vec<_> = faults
            .iter()
            .filter_map(|fault| match fault.episode {
                Episode::Store(episode) => Some(episode),
                Episode::Nodes(_) => None,
            })
            .collect();
        let mut node_random = random.fork();
        let node_track =
            track(&mut node_random.clone(), length, &of_nodes, |episode| episode(&mut node_random, nodes));
        let mut store_random = random.fork();
        let store_track =
            track(&mut store_random.clone(), length, &of_store, |episode| episode(&mut store_random));
        Self { store, nodes: node_track, stores: store_track }
    }
}

/// Random episodes one after another, each begun before `length` is over.
fn track<A, E>(
    random: &mut fastrand::Rng,
    length: Duration,
    episodes: &[E],
    mut play: impl FnMut(&E) -> Vec<Step<A>>,
) -> Vec<Step<A>> {
    let (mut steps, mut taken) = (Vec::new(), Duration::ZERO);
    while let Some(episode) = random.choice(episodes)
        && taken < length
    {
        let mut next = play(episode);
        if let Some(first) = next.first_mut() {
            first.after += Duration::from_millis(random.u64(CALM_MS));
        }
        taken += next.iter().map(|step| step.after).sum::<Duration>();
        steps.extend(next);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_schedule() {
        let length = Duration::from_secs(60);
        for fault in FAULTS {
            let plan = Plan::of(fault, 7, 3, length);
            assert_eq!(plan, Plan::of(fault, 7, 3, length), "{}", fault.name);
            assert_ne!(plan, Plan::of(fault, 8, 3, length), "{}", fault.name);
            assert!(!plan.nodes.is_empty() || !plan.stores.is_empty(), "{}", fault.name);
        }
        let mixed = Plan::mixed(7, 3, length);
        assert!(mixed == Plan::mixed(7, 3, length) && !mixed.nodes.is_empty() && !mixed.stores.is_empty());
    }

    #[test]
    fn what_is_mixed_can_happen_to_a_pair() {
        for fault in FAULTS.iter().filter(|fault| fault.is_mixed) {
            assert!(fault.store != Kind::Cluster, "{}", fault.name);
        }
    }
}
