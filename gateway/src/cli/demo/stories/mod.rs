//! The stories that the demo tells: one file a source, all of one shape. A new story is a file, a row here and a
//! `[[source]]` in `demo.toml`. Pure but for the random numbers it is lent.

use fastrand::Rng;
use serde_json::Value;

mod donations;
mod orders;
mod parcels;
mod payments;
mod pushes;
mod readings;
mod schedule;
mod scores;

/// What happens next at one source.
#[derive(Debug)]
pub(super) struct Happening {
    /// The type as the provider names it.
    pub(super) kind: &'static str,
    pub(super) payload: Value,
}

/// A source whose events follow from those before.
pub(super) trait Story: Send {
    fn next(&mut self, random: &mut Rng) -> Happening;
}

/// A story, the source that tells it, and how often of all turns it is told.
pub(super) struct Telling {
    pub(super) source: &'static str,
    weight: u32,
    pub(super) story: Box<dyn Story>,
}

/// Every story at its beginning.
pub(super) fn all() -> Vec<Telling> {
    fn telling(source: &'static str, weight: u32, story: impl Story + 'static) -> Telling {
        Telling { source, weight, story: Box::new(story) }
    }
    vec![
        telling("donations", 3, donations::Donations::default()),
        telling("github", 2, pushes::Pushes::default()),
        telling("shop", 3, orders::Orders::default()),
        telling("payments", 2, payments::Payments::default()),
        telling("parcels", 3, parcels::Parcels::default()),
        telling("scores", 3, scores::Scores::default()),
        telling("sensors", 5, readings::Readings::default()),
        telling("conference", 2, schedule::Schedule::default()),
    ]
}

/// The index of whose turn it is, by weight.
pub(super) fn choose(tellings: &[Telling], random: &mut Rng) -> usize {
    let weights: u32 = tellings.iter().map(|telling| telling.weight).sum();
    let mut ticket = random.u32(..weights);
    for (index, telling) in tellings.iter().enumerate() {
        if ticket < telling.weight {
            return index;
        }
        ticket -= telling.weight;
    }
    unreachable!("a ticket is below the sum of the weights")
}

const FIRST_NAMES: &[&str] = &[
    "Mira", "Jonas", "Aiko", "Priya", "Tomás", "Leila", "Noah", "Zuri", "Elif", "Oskar", "Inês", "Kofi",
    "Hana", "Mateo", "Sofia", "Ravi", "Freya", "Omar", "Lucía", "Emeka",
];

fn pick<T: Copy>(choices: &[T], random: &mut Rng) -> T {
    choices[random.usize(..choices.len())]
}

/// Identifiers as providers make them: letters and digits after a prefix.
fn identifier(prefix: &str, length: usize, random: &mut Rng) -> String {
    let letters = std::iter::repeat_with(|| random.alphanumeric()).take(length);
    prefix.chars().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_story_goes_on_and_varies() {
        let mut random = Rng::with_seed(1);
        for mut telling in all() {
            let told: Vec<_> =
                (0..200).map(|_| telling.story.next(&mut random).payload.to_string()).collect();
            let distinct: std::collections::BTreeSet<_> = told.iter().collect();
            assert!(distinct.len() > 50, "{} repeats itself", telling.source);
        }
    }

    #[test]
    fn turns_follow_the_weights() {
        let (tellings, mut random) = (all(), Rng::with_seed(2));
        let mut turns = BTreeMap::new();
        for _ in 0..2_100 {
            *turns.entry(tellings[choose(&tellings, &mut random)].source).or_insert(0) += 1;
        }
        assert_eq!(turns.len(), 8, "{turns:?}");
        assert!(turns["sensors"] > turns["github"], "{turns:?}");
    }
}
