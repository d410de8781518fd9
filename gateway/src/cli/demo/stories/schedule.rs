//! A conference on its day: talks begin, move to another room, start later, are full, or do not take place.

use fastrand::Rng;
use serde_json::json;

use super::{Happening, Story, pick};

const TALKS: &[(&str, &str)] = &[
    ("Queues that forgive", "Aiko Mori"),
    ("What a clock cannot know", "Priya Nair"),
    ("Small screens, long words", "Tomás Silva"),
    ("Maps without a map", "Leila Haddad"),
    ("Reading logs for pleasure", "Jonas Berg"),
    ("The cost of one more field", "Zuri Okafor"),
    ("Backups you have restored", "Elif Kaya"),
    ("Colour for everyone", "Oskar Lind"),
];
const ROOMS: &[&str] = &["Harbour", "Lantern", "Orchard", "Quarry"];
/// Minutes of the day at which the programme begins, and how long a talk takes with its break.
const BEGINS: u32 = 9 * 60 + 30;
const TALK_MINUTES: u32 = 45;

struct Talk {
    room: usize,
    starts: u32,
    status: &'static str,
    seats: u32,
}

pub(super) struct Schedule {
    talks: Vec<Talk>,
}

impl Default for Schedule {
    fn default() -> Self {
        let talk = |index: u32| Talk {
            room: index as usize % ROOMS.len(),
            starts: BEGINS + index / 2 * TALK_MINUTES,
            status: "on time",
            seats: 80,
        };
        Self { talks: (0..TALKS.len() as u32).map(talk).collect() }
    }
}

impl Story for Schedule {
    fn next(&mut self, random: &mut Rng) -> Happening {
        let index = random.usize(..TALKS.len());
        let talk = &mut self.talks[index];
        let (was_room, was_at) = (ROOMS[talk.room], clock(talk.starts));
        let kind = match random.u32(..10) {
            // What did not take place is put on again, or soon nothing would.
            0 if talk.status != "cancelled" => "cancelled",
            1 | 2 => "room",
            3 | 4 => "later",
            _ => "seats",
        };
        match kind {
            "cancelled" => talk.status = "cancelled",
            "room" => {
                talk.room = (talk.room + 1) % ROOMS.len();
                talk.status = "moved";
            }
            "later" => {
                talk.starts += pick(&[5, 10, 15], random);
                talk.status = "delayed";
                if talk.starts > BEGINS + 8 * 60 {
                    talk.starts = BEGINS;
                }
            }
            _ => {
                talk.seats = talk.seats.saturating_sub(random.u32(1..12));
                talk.status = if talk.seats == 0 { "full" } else { "on time" };
                if talk.seats == 0 && random.bool() {
                    talk.seats = 80;
                }
            }
        }
        let (title, speaker) = TALKS[index];
        let (room, at) = (ROOMS[talk.room], clock(talk.starts));
        let change = match kind {
            "cancelled" => "does not take place".to_owned(),
            "room" => format!("{was_room} → {room}"),
            "later" => format!("{was_at} → {at}"),
            _ if talk.status == "full" => "no seat is left".to_owned(),
            _ => format!("{} seats left", talk.seats),
        };
        Happening {
            kind,
            payload: json!({
                "type": kind, "talk": title, "speaker": speaker, "room": room, "starts": at,
                "status": talk.status, "change": change, "seats": talk.seats,
            }),
        }
    }
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_talk_stays_on_its_day_and_says_what_changed() {
        let (mut schedule, mut random) = (Schedule::default(), Rng::with_seed(4));
        for _ in 0..2_000 {
            let payload = schedule.next(&mut random).payload;
            let starts = payload["starts"].as_str().unwrap();
            assert!(("09:30"..="17:45").contains(&starts), "{payload}");
            assert!(payload["seats"].as_u64().unwrap() <= 80, "{payload}");
            assert!(!payload["change"].as_str().unwrap().is_empty(), "{payload}");
        }
    }
}
