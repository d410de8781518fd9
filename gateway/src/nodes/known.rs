//! Which other nodes there are, as far as this one has heard. Pure but for the instants it is given.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// Nodes that are remembered; of more the first that came are.
const NODES_MAX: usize = 256;
/// Who has said nothing for this long is gone or cut off, and nobody waits for it any more.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(2);
/// Whoever does not hear itself for this long hears nobody: then silence says nothing of others.
const DEAF_AFTER: Duration = Duration::from_secs(30);

/// What a node says of itself. Nodes of other builds read it: fields are only added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    pub host: String,
    pub build: String,
    pub listen: String,
    pub uptime_ms: u64,
    /// Subscriber connections.
    pub sessions: usize,
    /// Streams that are open and current.
    pub streams: usize,
    /// Of each open stream the position of its live members; only where it was asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub heads: BTreeMap<String, String>,
}

/// Another node.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) standing: Standing,
    pub(super) heard_at: SystemTime,
    heard: Instant,
}

/// The other nodes.
#[derive(Debug, Default)]
pub(super) struct Others {
    nodes: HashMap<String, Known>,
    /// When this node last heard its own voice.
    echo: Option<Instant>,
}

impl Others {
    /// A node said this of itself; true when it is new here.
    pub(super) fn heard(&mut self, from: &str, standing: Standing, now: Instant) -> bool {
        let is_new = !self.nodes.contains_key(from);
        if is_new && self.nodes.len() >= NODES_MAX {
            return false;
        }
        let known = Known { standing, heard_at: SystemTime::now(), heard: now };
        self.nodes.insert(from.to_owned(), known);
        is_new
    }

    /// A node has answered: it is there, whatever it does.
    pub(super) fn answered(&mut self, from: &str, now: Instant) {
        let standing = self.nodes.get(from).map(|known| known.standing.clone()).unwrap_or_default();
        self.heard(from, standing, now);
    }

    pub(super) fn gone(&mut self, from: &str) {
        self.nodes.remove(from);
    }

    /// This node heard itself: the channel works. True when it had not for long.
    pub(super) fn echoed(&mut self, now: Instant) -> bool {
        let was_deaf = self.is_deaf(now);
        self.echo = Some(now);
        was_deaf
    }

    pub(super) fn is_deaf(&self, now: Instant) -> bool {
        self.echo.is_none_or(|at| now.duration_since(at) > DEAF_AFTER)
    }

    /// Forgets who has been silent for long, unless this node hears nothing at all.
    pub(super) fn sweep(&mut self, now: Instant) {
        if !self.is_deaf(now) {
            self.nodes.retain(|_, known| now.duration_since(known.heard) < FORGOTTEN_AFTER);
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.nodes.keys().cloned().collect()
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> BTreeMap<String, Known> {
        self.nodes.iter().map(|(name, known)| (name.clone(), known.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_is_forgotten_but_not_by_whoever_hears_nothing() {
        let mut others = Others::default();
        let start = Instant::now();
        assert!(others.heard("aaaaaaaa", Standing::default(), start));
        assert!(!others.heard("aaaaaaaa", Standing::default(), start));
        let later = start + Duration::from_mins(5);
        others.sweep(later);
        assert_eq!(others.names(), ["aaaaaaaa"], "deaf");
        assert!(others.echoed(later) && !others.echoed(later));
        others.heard("bbbbbbbb", Standing::default(), later);
        others.sweep(later);
        assert_eq!(others.names(), ["bbbbbbbb"]);
        others.answered("cccccccc", later);
        assert_eq!(others.names().len(), 2, "it answers before it has said that it is there");
        others.gone("bbbbbbbb");
        others.gone("cccccccc");
        assert!(others.names().is_empty());
        for number in 0..1_000 {
            others.heard(&format!("{number:08}"), Standing::default(), start);
        }
        assert_eq!(others.names().len(), NODES_MAX);
    }

    #[test]
    fn a_standing_of_another_build_is_read_as_far_as_it_is_known() {
        let standing: Standing = serde_json::from_str(r#"{"host":"h","sessions":3,"moon":"full"}"#).unwrap();
        assert_eq!((standing.host.as_str(), standing.sessions, standing.build.as_str()), ("h", 3, ""));
    }
}
