//! A livestream that says thank you: most donations succeed, some cards are refused.

use fastrand::Rng;
use serde_json::json;

use super::{FIRST_NAMES, Happening, Story, identifier, pick};

const MESSAGES: &[&str] = &[
    "Keep going!",
    "For the next chapter",
    "Greetings from the night shift",
    "This made my week",
    "Play the blue one again",
    "Coffee is on me",
    "Happy birthday to the stream",
    "Learned so much here",
    "",
];
const AMOUNTS: &[u32] = &[2, 3, 5, 5, 5, 10, 10, 15, 20, 25, 50, 100];

#[derive(Default)]
pub(super) struct Donations {
    told: u32,
}

impl Story for Donations {
    fn next(&mut self, random: &mut Rng) -> Happening {
        self.told += 1;
        // Every fifth or so fails, never the first: a screen that says nothing tells no story.
        let kind =
            if self.told > 1 && random.u32(..5) == 0 { "donation.failure" } else { "donation.success" };
        Happening {
            kind,
            payload: json!({
                "id": identifier("don_", 10, random),
                "event": kind,
                "name": pick(FIRST_NAMES, random),
                "amount": pick(AMOUNTS, random),
                "currency": "EUR",
                "message": pick(MESSAGES, random),
            }),
        }
    }
}
