//! Deliveries on their way: six parcels at a time, each from its depot over the road to its door.

use fastrand::Rng;
use serde_json::json;

use super::{Happening, Story, pick};

const PARCELS_ON_THE_WAY: usize = 6;

type Stop = (&'static str, f64, f64);

/// Each route from depot to door.
const ROUTES: &[&[Stop]] = &[
    &[("Lisbon", 38.722, -9.139), ("Coimbra", 40.203, -8.410), ("Porto", 41.158, -8.629)],
    &[
        ("Hamburg", 53.551, 9.994),
        ("Hanover", 52.376, 9.732),
        ("Kassel", 51.312, 9.481),
        ("Frankfurt", 50.111, 8.682),
    ],
    &[("Rotterdam", 51.924, 4.478), ("Utrecht", 52.091, 5.122), ("Zwolle", 52.517, 6.083)],
    &[("Lyon", 45.764, 4.836), ("Dijon", 47.322, 5.041), ("Nancy", 48.692, 6.184)],
    &[("Warsaw", 52.230, 21.012), ("Łódź", 51.759, 19.456), ("Wrocław", 51.108, 17.039)],
    &[("Helsinki", 60.170, 24.938), ("Tampere", 61.498, 23.761), ("Oulu", 65.012, 25.465)],
];

/// Steps between two stops of the road.
const STEPS: u32 = 3;

struct Parcel {
    name: String,
    route: &'static [Stop],
    step: u32,
}

#[derive(Default)]
pub(super) struct Parcels {
    parcels: Vec<Parcel>,
    sent: u32,
}

impl Parcels {
    fn send(&mut self, random: &mut Rng) -> Parcel {
        self.sent += 1;
        Parcel { name: format!("HC-{}", 70_300 + self.sent), route: pick(ROUTES, random), step: 0 }
    }
}

impl Story for Parcels {
    fn next(&mut self, random: &mut Rng) -> Happening {
        let index = if self.parcels.len() < PARCELS_ON_THE_WAY {
            let parcel = self.send(random);
            self.parcels.push(parcel);
            self.parcels.len() - 1
        } else {
            random.usize(..self.parcels.len())
        };
        if self.parcels[index].is_delivered() {
            self.parcels[index] = self.send(random);
        }
        let payload = self.parcels[index].payload(random);
        self.parcels[index].step += 1;
        Happening { kind: "moved", payload }
    }
}

impl Parcel {
    fn last_step(&self) -> u32 {
        (self.route.len() as u32 - 1) * STEPS
    }

    /// It was told at its door, so its next step would be beyond.
    fn is_delivered(&self) -> bool {
        self.step > self.last_step()
    }

    fn payload(&self, random: &mut Rng) -> serde_json::Value {
        let (leg, along) = ((self.step / STEPS) as usize, f64::from(self.step % STEPS) / f64::from(STEPS));
        let (city, lat, lon) = self.route[leg];
        let (next_city, next_lat, next_lon) = self.route[(leg + 1).min(self.route.len() - 1)];
        let status = match self.last_step() - self.step {
            _ if self.step == 0 => "picked up",
            0 => "delivered",
            1 => "out for delivery",
            _ => "on the way",
        };
        // A road is not a straight line.
        let bend = if along > 0.0 { (random.f64() - 0.5) * 0.08 } else { 0.0 };
        json!({
            "type": "moved",
            "parcel": self.name,
            "city": if along < 0.5 { city } else { next_city },
            "status": status,
            "lat": thousandths(lat + (next_lat - lat) * along + bend),
            "lon": thousandths(lon + (next_lon - lon) * along - bend),
        })
    }
}

fn thousandths(degrees: f64) -> f64 {
    (degrees * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_parcel_goes_from_pickup_to_its_door_and_no_further() {
        let (mut parcels, mut random) = (Parcels::default(), Rng::with_seed(3));
        let mut statuses: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for _ in 0..400 {
            let payload = parcels.next(&mut random).payload;
            let text = |key: &str| payload[key].as_str().unwrap().to_owned();
            statuses.entry(text("parcel")).or_default().push(text("status"));
        }
        let finished: Vec<_> =
            statuses.values().filter(|told| told.contains(&"delivered".to_owned())).collect();
        assert!(finished.len() > 10);
        for told in finished {
            assert_eq!(told[0], "picked up");
            assert_eq!(
                told.iter().position(|status| status == "delivered"),
                Some(told.len() - 1),
                "{told:?}"
            );
            assert_eq!(told[told.len() - 2], "out for delivery");
        }
    }
}
