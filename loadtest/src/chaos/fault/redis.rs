//! What happens to Redis itself.

use fastrand::Rng;

use crate::chaos::plan::{Step, step};
use crate::chaos::store::{Loses, StoreAct};

/// Away for a moment, or for longer than a node waits with one append.
fn away_ms(random: &mut Rng) -> u64 {
    if random.u8(..4) == 0 { random.u64(3_000..8_000) } else { random.u64(50..1_500) }
}

fn killed(random: &mut Rng, loses: Loses) -> Vec<Step<StoreAct>> {
    let before = random.u64(500..3_000);
    vec![step(before, StoreAct::Kill(loses)), step(away_ms(random), StoreAct::Start)]
}

pub(super) fn kill(random: &mut Rng) -> Vec<Step<StoreAct>> {
    killed(random, Loses::Nothing)
}

pub(super) fn power_cut(random: &mut Rng) -> Vec<Step<StoreAct>> {
    let tail_ms = random.u64(100..1_000);
    killed(random, Loses::Tail(tail_ms))
}

pub(super) fn kill_empty(random: &mut Rng) -> Vec<Step<StoreAct>> {
    killed(random, Loses::All)
}

pub(super) fn failover(random: &mut Rng) -> Vec<Step<StoreAct>> {
    vec![
        step(random.u64(500..3_000), StoreAct::CatchUp),
        step(random.u64(0..100), StoreAct::Promote),
        step(random.u64(200..2_000), StoreAct::Rejoin),
    ]
}

/// The tail that is lost: what was answered between the cut and the promotion.
pub(super) fn failover_tail_lost(random: &mut Rng) -> Vec<Step<StoreAct>> {
    vec![
        step(random.u64(500..3_000), StoreAct::CutReplica),
        step(random.u64(50..1_500), StoreAct::Promote),
        step(random.u64(200..2_000), StoreAct::Rejoin),
    ]
}

/// What a gateway that did not know of this would do: the proof that the checker sees it.
pub(super) fn control(random: &mut Rng) -> Vec<Step<StoreAct>> {
    vec![
        step(random.u64(1_000..2_000), StoreAct::CutReplica),
        step(1_000, StoreAct::PromoteUnnoticed),
        step(random.u64(200..2_000), StoreAct::Rejoin),
    ]
}

pub(super) fn memory(random: &mut Rng) -> Vec<Step<StoreAct>> {
    let length = away_ms(random);
    vec![step(random.u64(0..1_000), StoreAct::FillMemory), step(length, StoreAct::LiftMemory)]
}

pub(super) fn scripts(random: &mut Rng) -> Vec<Step<StoreAct>> {
    let count = random.usize(1..6);
    (0..count).map(|_| step(random.u64(0..300), StoreAct::FlushScripts)).collect()
}
