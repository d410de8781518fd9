//! What happens in a cluster.

use fastrand::Rng;

use crate::chaos::plan::{Step, step};
use crate::chaos::store::StoreAct;

pub(super) fn slot_move(random: &mut Rng) -> Vec<Step<StoreAct>> {
    vec![step(random.u64(1_000..3_000), StoreAct::MoveSlot)]
}
