//! A race for the leaderboard: each player has a form of the day that drifts, so that places change.

use fastrand::Rng;
use serde_json::json;

use super::{Happening, Story};

const PLAYERS: &[&str] = &["Nimbus", "Vesper", "Quill", "Bramble", "Juno", "Pixel"];

pub(super) struct Scores {
    /// Points a round, on average.
    form: [f64; PLAYERS.len()],
}

impl Default for Scores {
    fn default() -> Self {
        Self { form: [14.0; PLAYERS.len()] }
    }
}

impl Story for Scores {
    fn next(&mut self, random: &mut Rng) -> Happening {
        let player = random.usize(..PLAYERS.len());
        let form = &mut self.form[player];
        *form = (*form + (random.f64() - 0.5) * 8.0).clamp(4.0, 30.0);
        // A round is worth half to one and a half times the form.
        let points = *form * (0.5 + random.f64());
        Happening {
            kind: "score",
            payload: json!({ "type": "score", "player": PLAYERS[player], "points": points.round() as i64 }),
        }
    }
}
