//! What happens to nodes.

use fastrand::Rng;

use crate::chaos::node::NodeAct;
use crate::chaos::plan::{Step, step};

const AN_HOUR: i32 = 3_600;

/// One, two, or once in eight times all of them, for up to three seconds.
pub(super) fn kill(random: &mut Rng, nodes: usize) -> Vec<Step<NodeAct>> {
    let mut order: Vec<_> = (0..nodes).collect();
    random.shuffle(&mut order);
    let count = if random.u8(..8) == 0 { nodes } else { random.usize(1..=2).min(nodes) };
    let killed = order.iter().take(count);
    let down = killed.clone().map(|node| step(random.u64(0..400), NodeAct::Kill(*node))).collect::<Vec<_>>();
    let up = killed.map(|node| step(random.u64(100..1_500), NodeAct::Start(*node)));
    down.into_iter().chain(up.collect::<Vec<_>>()).collect()
}

/// Mostly for moments, sometimes for so long that its clients leave and its connections are given up.
pub(super) fn pause(random: &mut Rng, nodes: usize) -> Vec<Step<NodeAct>> {
    let node = random.usize(..nodes);
    let length = if random.u8(..3) == 0 { random.u64(8_000..20_000) } else { random.u64(200..5_000) };
    vec![step(random.u64(0..500), NodeAct::Pause(node)), step(length, NodeAct::Resume(node))]
}

/// An hour ahead or behind, then right again.
pub(super) fn clock(random: &mut Rng, nodes: usize) -> Vec<Step<NodeAct>> {
    let node = random.usize(..nodes);
    let seconds = if random.bool() { AN_HOUR } else { -AN_HOUR };
    vec![step(0, NodeAct::Clock(node, seconds)), step(random.u64(3_000..8_000), NodeAct::Clock(node, 0))]
}
