//! What comes over the channel that this version cannot read.

use fastrand::Rng;

use crate::chaos::plan::{Step, step};
use crate::chaos::store::StoreAct;

pub(super) fn strange(random: &mut Rng) -> Vec<Step<StoreAct>> {
    (0..random.usize(1..5)).map(|_| step(random.u64(0..400), StoreAct::SayStrangeThings)).collect()
}
