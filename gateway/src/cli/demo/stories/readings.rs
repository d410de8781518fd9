//! Sensors: temperatures on slow curves with noise; now and then one is too hot.

use fastrand::Rng;
use serde_json::json;

use super::{Happening, Story};

/// Name, mean and swing in °C, and the highest that is still well.
const SENSORS: &[(&str, f64, f64, f64)] = &[
    ("greenhouse", 24.0, 4.0, 30.0),
    ("cold-room", 4.0, 1.2, 6.5),
    ("server-room", 21.5, 1.5, 25.0),
    ("roof", 14.0, 6.0, 32.0),
];
/// Readings of one sensor in one swing up and down.
const PERIOD: f64 = 90.0;

#[derive(Default)]
pub(super) struct Readings {
    count: u32,
    /// What the noise has added up to; it pulls back to nothing.
    drift: [f64; SENSORS.len()],
}

impl Story for Readings {
    fn next(&mut self, random: &mut Rng) -> Happening {
        let index = self.count as usize % SENSORS.len();
        let turn = f64::from(self.count / SENSORS.len() as u32);
        self.count += 1;
        let (sensor, mean, swing, highest) = SENSORS[index];
        let drift = &mut self.drift[index];
        *drift = *drift * 0.9 + (random.f64() - 0.5) * swing * 0.25;
        let phase = (turn / PERIOD + index as f64 / 4.0) * std::f64::consts::TAU;
        let celsius = ((mean + swing * phase.sin() + *drift) * 10.0).round() / 10.0;
        Happening {
            kind: "reading",
            payload: json!({ "type": "reading", "sensor": sensor, "celsius": celsius, "ok": celsius <= highest }),
        }
    }
}
