//! What one client said and heard, line by line, and whether that can be right: held against the whole log afterwards.

use std::collections::BTreeSet;

use hookcast::topic::Pattern;
use serde_json::Value;

#[derive(Debug, Clone)]
pub enum Line {
    Said(Value),
    Heard(Value),
    /// The connection is gone; what is said next is said over another.
    Dropped,
}

/// A subscription as its client must believe it to be.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that a message states")]
#[derive(Debug, Clone)]
pub struct Sub {
    pub id: String,
    pub pattern: Pattern,
    pub cursor: u64,
    pub is_live: bool,
    pub is_over: bool,
    /// Its end was asked for.
    pub is_leaving: bool,
    pub is_begun: bool,
    pub is_latest: bool,
    /// A mode that was asked for and that `live` has not confirmed.
    pub turning_to_latest: Option<bool>,
    is_snapshot: bool,
    start: u64,
    /// Offsets that came, were counted as passed over, or lie in a gap that was told.
    accounted: BTreeSet<u64>,
}

impl Sub {
    fn asked(message: &Value) -> Self {
        Self {
            id: message["id"].as_str().unwrap().to_owned(),
            pattern: Pattern::parse(message["pattern"].as_str().unwrap()).unwrap(),
            cursor: 0,
            is_live: false,
            is_over: false,
            is_leaving: false,
            is_begun: false,
            is_latest: message["mode"].is_object(),
            turning_to_latest: None,
            is_snapshot: message["since"] == "snapshot",
            start: 0,
            accounted: BTreeSet::new(),
        }
    }

    /// Whoever has not begun, or was in the middle of a snapshot, begins anew.
    pub fn can_come_back(&self) -> bool {
        self.is_begun && !self.is_snapshot
    }

    /// It is live, and nothing else is asked of it.
    pub fn can_turn(&self) -> bool {
        self.is_live && self.turning_to_latest.is_none() && !self.is_leaving
    }

    fn wants(&self, topic: &str) -> bool {
        self.pattern.matches(topic)
    }

    /// What matches, up to this offset, and has not been accounted for. `log` holds the topic of offset 1, 2, ….
    pub fn open(&self, log: &[String], upto: u64) -> Vec<u64> {
        let lies_open = |offset: &u64| {
            let topic = &log[*offset as usize - 1];
            !self.accounted.contains(offset) && self.wants(topic)
        };
        (self.start + 1..=upto.min(log.len() as u64)).filter(lies_open).collect()
    }

    fn all_to(&mut self, log: &[String], offset: u64) -> Result<(), String> {
        let open = self.open(log, offset);
        self.cursor = self.cursor.max(offset);
        if open.is_empty() {
            // Looked at once.
            self.start = self.start.max(offset);
        }
        if open.is_empty() || self.is_snapshot {
            Ok(())
        } else {
            Err(format!("{open:?} are missing in {self:?}"))
        }
    }

    fn take_item(&mut self, log: &[String], item: &Value) -> Result<(), String> {
        let (offset, topic) = (item["offset"].as_u64().unwrap(), item["topic"].as_str().unwrap());
        if offset <= self.cursor && !self.is_snapshot {
            return Err(format!("{offset} comes again, or late"));
        }
        if !self.wants(topic) || log.get(offset as usize - 1).is_some_and(|it| it != topic) {
            return Err(format!("{offset} {topic} is not its own"));
        }
        let open = self.open(log, offset - 1);
        let of_topic: Vec<u64> = open.iter().copied().filter(|it| log[*it as usize - 1] == topic).collect();
        let skipped = item.get("skipped");
        let is_right = match skipped {
            _ if self.is_snapshot => true,
            None => open.is_empty(),
            Some(Value::Null) => true,
            Some(count) => count.as_u64() == Some(of_topic.len() as u64),
        };
        if !is_right {
            return Err(format!("{item} while {open:?} are open in {self:?}"));
        }
        self.accounted.extend(of_topic);
        self.accounted.insert(offset);
        self.cursor = self.cursor.max(offset);
        Ok(())
    }

    fn take_gap(&mut self, message: &Value) {
        let position = offset_of(message);
        let (from, to) = (message["from"].as_u64().unwrap(), message["to"].as_u64().unwrap_or(position));
        self.accounted.extend(from..=to);
        self.cursor = self.cursor.max(position);
    }
}

fn offset_of(message: &Value) -> u64 {
    message["position"].as_str().unwrap().split_once(':').unwrap().1.parse().unwrap()
}

/// What the client believes after these lines, or what cannot be.
pub fn replay(lines: &[Line], log: &[String]) -> Result<Vec<Sub>, String> {
    let mut subs: Vec<Sub> = Vec::new();
    for line in lines {
        match line {
            Line::Dropped => subs.iter_mut().for_each(|sub| {
                (sub.is_live, sub.turning_to_latest) = (false, None);
                sub.is_over |= sub.is_leaving;
            }),
            Line::Said(message) => say(&mut subs, message),
            Line::Heard(message) => {
                hear(&mut subs, message, log).map_err(|wrong| format!("{wrong}; at {message}"))?;
            }
        }
    }
    Ok(subs)
}

fn say(subs: &mut Vec<Sub>, message: &Value) {
    if message["type"] == "unsubscribe" {
        subs.iter_mut().filter(|sub| message["id"] == *sub.id).for_each(|sub| sub.is_leaving = true);
    }
    if message["type"] != "subscribe" {
        return;
    }
    let is_latest = message["mode"].is_object();
    match subs.iter_mut().find(|sub| message["id"] == *sub.id) {
        Some(sub) if sub.is_live => sub.turning_to_latest = Some(is_latest),
        // It comes back to where it was.
        Some(sub) if message["since"]["position"].is_string() => sub.is_latest = is_latest,
        Some(sub) => *sub = Sub::asked(message),
        None => subs.push(Sub::asked(message)),
    }
}

fn hear(subs: &mut [Sub], message: &Value, log: &[String]) -> Result<(), String> {
    let r#type = message["type"].as_str().unwrap();
    let named = subs.iter_mut().find(|sub| message["id"] == *sub.id);
    match (r#type, named) {
        ("gap", None) => subs.iter_mut().filter(|sub| sub.is_live).for_each(|sub| sub.take_gap(message)),
        ("gap", Some(sub)) => sub.take_gap(message),
        ("subscribed", Some(sub)) => {
            let at = offset_of(message);
            if sub.is_begun && sub.cursor != at {
                return Err(format!("it came back to {at}, not to {}", sub.cursor));
            }
            if !sub.is_begun {
                (sub.start, sub.cursor, sub.is_begun) = (at, at, true);
            }
        }
        ("live", Some(sub)) => {
            let at = offset_of(message);
            sub.all_to(log, at)?;
            if std::mem::take(&mut sub.is_snapshot) {
                sub.start = at;
            }
            sub.is_latest = sub.turning_to_latest.take().unwrap_or(sub.is_latest);
            sub.is_live = true;
        }
        ("unsubscribed", Some(sub)) => (sub.is_over, sub.is_live) = (true, false),
        ("events", Some(sub)) if sub.is_over => return Err("it is over".to_owned()),
        ("events", Some(sub)) => {
            for item in message["events"].as_array().unwrap() {
                sub.take_item(log, item)?;
            }
        }
        ("events", None) => {
            for item in message["events"].as_array().unwrap() {
                take_live(subs, log, item)?;
            }
        }
        ("positions", _) => {
            if let Some(at) = message["positions"]["s"].as_str() {
                let at = at.split_once(':').unwrap().1.parse().unwrap();
                for sub in subs.iter_mut().filter(|sub| sub.is_live && sub.turning_to_latest.is_none()) {
                    sub.all_to(log, at)?;
                }
            }
        }
        // A narrower token came between.
        ("error", Some(sub)) if message["code"] == "forbidden" => (sub.is_over, sub.is_live) = (true, false),
        ("error", _) if message["code"] == "unknown_id" => {}
        ("error", _) => return Err("an error".to_owned()),
        _ => {}
    }
    Ok(())
}

/// An item that is for whoever is live, wants it and has not had it while catching up.
fn take_live(subs: &mut [Sub], log: &[String], item: &Value) -> Result<(), String> {
    let (offset, topic) = (item["offset"].as_u64().unwrap(), item["topic"].as_str().unwrap());
    let mut is_wanted = false;
    for sub in subs.iter_mut().filter(|sub| sub.is_live && !sub.is_latest && sub.wants(topic)) {
        is_wanted = true;
        if offset > sub.cursor {
            sub.take_item(log, item)?;
        }
    }
    if is_wanted { Ok(()) } else { Err("nobody on this connection may or wants to hear it".to_owned()) }
}
