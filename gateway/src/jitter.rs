//! Chance for every timer that many peers share, so that they do not all fire at once.

/// From 0 to 1. Where the system has no randomness, 0: then timers fire together, which is all that is lost.
pub fn share() -> f64 {
    let mut random = [0; 2];
    let _ = getrandom::fill(&mut random);
    f64::from(u16::from_le_bytes(random)) / 65_535.0
}
