//! What happens between nodes and Redis.

use fastrand::Rng;

use crate::chaos::plan::{Step, step};
use crate::chaos::proxy::Rule;
use crate::chaos::store::StoreAct;

pub(super) fn cut(random: &mut Rng) -> Vec<Step<StoreAct>> {
    if random.bool() {
        return vec![step(random.u64(0..500), StoreAct::CloseLinks)];
    }
    vec![
        step(random.u64(0..500), StoreAct::Link(Rule::Refuse)),
        step(0, StoreAct::CloseLinks),
        step(random.u64(100..4_000), StoreAct::Link(Rule::Pass)),
    ]
}

/// For a moment, or for longer than a node believes in a silent connection.
pub(super) fn stall(random: &mut Rng) -> Vec<Step<StoreAct>> {
    let rule = random.choice([Rule::StallUp, Rule::StallDown, Rule::StallBoth]).unwrap_or(Rule::StallBoth);
    let length = if random.u8(..4) == 0 { random.u64(6_000..15_000) } else { random.u64(100..3_000) };
    let mut steps = vec![step(random.u64(0..500), StoreAct::Link(rule))];
    if random.bool() {
        steps.push(step(length, StoreAct::CloseLinks));
        steps.push(step(random.u64(0..200), StoreAct::Link(Rule::Pass)));
    } else {
        steps.push(step(length, StoreAct::Link(Rule::Pass)));
    }
    steps
}

pub(super) fn slow(random: &mut Rng) -> Vec<Step<StoreAct>> {
    let rule = if random.bool() { Rule::Delay(random.u64(5..200)) } else { Rule::Split(random.usize(1..40)) };
    vec![step(0, StoreAct::Link(rule)), step(random.u64(1_000..4_000), StoreAct::Link(Rule::Pass))]
}
