//! The subscriptions of one terminal over all its connections: where each stands, and what is new to it. Pure.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::message::{Gap, Place};
use crate::position::Position;
use crate::since::Since;
use crate::topic::Pattern;

/// Events remembered, so that two patterns that overlap, or a new epoch, print nothing twice.
const REMEMBERED_MAX: usize = 4_096;

#[derive(Debug)]
pub(super) struct Subscriptions {
    all: Vec<Subscription>,
    /// What was printed last; the oldest goes first.
    printed: VecDeque<Printed>,
    latest_ms: Option<u64>,
}

#[derive(Debug)]
struct Printed {
    stream: String,
    /// None once a new epoch gives offsets out again: then only the id tells.
    offset: Option<u64>,
    event_id: String,
}

#[derive(Debug)]
struct Subscription {
    /// None once the gateway has ended it.
    pattern: Option<Pattern>,
    since: Since,
    is_live: bool,
    position: Option<Position>,
}

impl Subscriptions {
    pub(super) fn new(patterns: &[String], since: &Since, latest_ms: Option<u64>) -> Self {
        let subscription = |text: &String| Subscription {
            pattern: Pattern::parse(text).ok(),
            since: since.clone(),
            is_live: false,
            position: None,
        };
        Self { all: patterns.iter().map(subscription).collect(), printed: VecDeque::new(), latest_ms }
    }

    /// What to send on a new connection: each subscription from where it stands.
    pub(super) fn requests(&mut self) -> Vec<Value> {
        let mut requests = Vec::new();
        for (index, subscription) in self.all.iter_mut().enumerate() {
            subscription.is_live = false;
            let Some(pattern) = &subscription.pattern else { continue };
            let since = subscription.position.map_or_else(|| subscription.since.clone(), Since::Position);
            let mode = self.latest_ms.map_or_else(|| "all".into(), |every| json!({ "latest_ms": every }));
            requests.push(json!({
                "type": "subscribe", "id": index.to_string(), "pattern": pattern.as_str(), "since": since.to_json(),
                "mode": mode,
            }));
        }
        requests
    }

    fn get(&mut self, id: &str) -> Option<&mut Subscription> {
        self.all.get_mut(id.parse::<usize>().ok()?)
    }

    pub(super) fn begin(&mut self, id: &str, position: Position) {
        if let Some(subscription) = self.get(id) {
            subscription.position = Some(position);
        }
    }

    pub(super) fn live(&mut self, id: &str, position: Position) {
        if let Some(subscription) = self.get(id) {
            subscription.is_live = true;
            subscription.position = Some(position);
        }
    }

    /// Ends one; gives its pattern.
    pub(super) fn end(&mut self, id: &str) -> Option<String> {
        self.get(id)?.pattern.take().map(|pattern| pattern.as_str().to_owned())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.iter().all(|subscription| subscription.pattern.is_none())
    }

    pub(super) fn gap(&mut self, gap: &Gap) {
        for (index, subscription) in self.all.iter_mut().enumerate() {
            let is_meant = match &gap.id {
                Some(id) => *id == index.to_string(),
                None => subscription.is_live && subscription.reads(&gap.stream),
            };
            if is_meant {
                subscription.position = Some(gap.position.0);
            }
        }
        if gap.reason == "epoch" {
            let of_stream = self.printed.iter_mut().filter(|printed| printed.stream == gap.stream);
            of_stream.for_each(|printed| printed.offset = None);
        }
    }

    /// All up to these is sent: whoever waits for something rare goes on from there, not from the last of them.
    pub(super) fn vouch(&mut self, positions: &BTreeMap<String, Place>) {
        for subscription in self.all.iter_mut().filter(|it| it.is_live) {
            let vouched = positions.iter().find(|(stream, _)| subscription.reads(stream));
            if let Some(((_, vouched), position)) = vouched.zip(subscription.position.as_mut())
                && vouched.0.epoch == position.epoch
            {
                position.offset = position.offset.max(vouched.0.offset);
            }
        }
    }

    /// Whether an event is new to a subscription that it is for; moves that subscription on.
    pub(super) fn take(&mut self, id: Option<&str>, topic: &str, offset: u64, event_id: &str) -> bool {
        let mut is_wanted = false;
        for (index, subscription) in self.all.iter_mut().enumerate() {
            let is_meant = match id {
                Some(id) => *id == index.to_string(),
                None => subscription.is_live,
            };
            is_wanted |= is_meant && subscription.take(topic, offset);
        }
        let stream = topic.split('/').next().unwrap_or_default();
        let is_printed = self.printed.iter().any(|printed| {
            printed.stream == stream && printed.offset.map_or(printed.event_id == event_id, |at| at == offset)
        });
        if is_wanted && !is_printed {
            let (stream, event_id) = (stream.to_owned(), event_id.to_owned());
            self.printed.push_back(Printed { stream, offset: Some(offset), event_id });
            if self.printed.len() > REMEMBERED_MAX {
                self.printed.pop_front();
            }
        }
        is_wanted && !is_printed
    }
}

impl Subscription {
    fn reads(&self, stream: &str) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.stream().as_str() == stream)
    }

    fn take(&mut self, topic: &str, offset: u64) -> bool {
        let Some(pattern) = &self.pattern else { return false };
        let Some(position) = &mut self.position else { return false };
        let is_wanted = offset > position.offset && pattern.matches(topic);
        if is_wanted {
            position.offset = offset;
        }
        is_wanted
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Place;
    use super::*;

    fn at(text: &str) -> Position {
        text.parse().unwrap()
    }

    fn subscriptions(patterns: &[&str]) -> Subscriptions {
        Subscriptions::new(&patterns.iter().map(ToString::to_string).collect::<Vec<_>>(), &Since::Now, None)
    }

    #[test]
    fn a_connection_goes_on_where_the_last_one_was() {
        let mut all = subscriptions(&["a/**", "b/*"]);
        assert_eq!(all.requests()[0]["since"], "now");
        all.begin("0", at("k3f9a0zq:3"));
        assert!(all.take(Some("0"), "a/x", 4, "i4"));
        assert!(!all.take(Some("0"), "a/x", 4, "i4"), "an overlap repeats nothing");
        all.live("0", at("k3f9a0zq:9"));
        assert!(!all.take(None, "a/x", 9, "i9"));
        assert!(all.take(None, "a/x", 10, "i10"));
        let requests = all.requests();
        assert_eq!(requests[0]["since"], json!({ "position": "k3f9a0zq:10" }));
        assert_eq!(requests[1]["since"], "now");
    }

    #[test]
    fn a_quiet_subscription_goes_on_from_where_the_heartbeat_was() {
        let mut all = subscriptions(&["a/rare", "b/*"]);
        all.live("0", at("k3f9a0zq:3"));
        all.begin("1", at("k3f9a0zq:3"));
        let vouched = |text: &str| {
            BTreeMap::from([("a", text), ("b", text)].map(|(name, text)| (name.to_owned(), Place(at(text)))))
        };
        all.vouch(&vouched("k3f9a0zq:9000"));
        all.vouch(&vouched("k3f9a0zq:8000"));
        all.vouch(&vouched("another0:9999"));
        let requests = all.requests();
        assert_eq!(requests[0]["since"], json!({ "position": "k3f9a0zq:9000" }));
        assert_eq!(
            requests[1]["since"],
            json!({ "position": "k3f9a0zq:3" }),
            "one that catches up takes nothing"
        );
    }

    #[test]
    fn patterns_that_overlap_print_once() {
        let mut all = subscriptions(&["a/**", "a/*"]);
        for id in ["0", "1"] {
            all.begin(id, at("k3f9a0zq:0"));
        }
        assert!(all.take(Some("0"), "a/x", 1, "i1"));
        assert!(!all.take(Some("1"), "a/x", 1, "i1"));
    }

    #[test]
    fn a_new_epoch_prints_an_old_event_not_again_but_an_old_offset_anew() {
        let mut all = subscriptions(&["a/**"]);
        all.live("0", at("k3f9a0zq:0"));
        assert!(all.take(None, "a/x", 1, "first"));
        let position = Place(at("new00000:0"));
        all.gap(&Gap {
            stream: "a".into(),
            id: None,
            reason: "epoch".into(),
            from: Some(2),
            to: None,
            position,
        });
        assert!(all.take(None, "a/x", 1, "second"));
        assert!(!all.take(None, "a/x", 2, "first"));
    }

    #[test]
    fn what_the_gateway_ended_is_not_asked_for_again() {
        let mut all = subscriptions(&["a/**"]);
        assert_eq!(all.end("0").as_deref(), Some("a/**"));
        assert!(all.is_empty() && all.requests().is_empty());
    }
}
