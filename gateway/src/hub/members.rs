//! Who is live on a stream, by what they want to hear: members with the same patterns share a group, so matching
//! and framing happen once a group, not once a member, and only for groups that want what came.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use metrics::Counter;

use super::index::PatternIndex;
use super::outlet::{Outlet, SessionId};
use super::ticket::{Number, Ticket};
use crate::framing::Framing;
use crate::telemetry;
use crate::topic::Pattern;

/// Index into the table of distinct patterns.
type PatternId = usize;

/// A connection on a stream: its outlet and the patterns of its live subscriptions, one entry for each.
#[derive(Debug)]
pub struct Follower {
    pub outlet: Arc<Outlet>,
    pub framing: Framing,
    patterns: Vec<(Number, PatternId)>,
}

/// Members who want the same.
#[derive(Debug)]
pub struct Group {
    pub framing: Framing,
    /// Counts what its members are sent. Most batches hold one event, and to look it up for each would cost as much as framing it.
    pub sent: Counter,
    /// Sorted, each once.
    patterns: Vec<PatternId>,
    members: Vec<Follower>,
}

/// Names a group as long as it is there; rising, so that groups have one order.
pub type GroupId = u64;

/// A pattern in use.
#[derive(Debug)]
struct Held {
    pattern: Pattern,
    uses: usize,
    /// Whose members want it.
    groups: HashSet<GroupId>,
}

/// The live members of a stream and the patterns in use. As large as the node's sessions and their subscriptions allow.
#[derive(Debug, Default)]
pub struct Members {
    patterns: Vec<Option<Held>>,
    by_pattern: HashMap<Pattern, PatternId>,
    index: PatternIndex<PatternId>,
    free: Vec<PatternId>,
    groups: BTreeMap<GroupId, Group>,
    groups_begun: GroupId,
    by_wants: HashMap<(Framing, Vec<PatternId>), GroupId>,
    places: HashMap<SessionId, (GroupId, usize)>,
}

/// A group and the index of one of a batch's items that it wants.
pub type Wanted = (GroupId, usize);

impl Members {
    /// Lets a connection hear what this subscription wants from now on.
    pub fn enter(&mut self, ticket: &Ticket) {
        let mut follower = self.leave_live(ticket.outlet.session).unwrap_or_else(|| Follower {
            outlet: ticket.outlet.clone(),
            framing: ticket.framing,
            patterns: Vec::with_capacity(1),
        });
        let pattern = self.intern(&ticket.pattern);
        follower.patterns.push((ticket.number, pattern));
        self.enter_again(follower);
    }

    /// Removes a subscription from a follower that is not live; true when it wants nothing any more.
    pub fn forget(&mut self, follower: &mut Follower, number: Number) -> bool {
        if let Some(index) = follower.patterns.iter().position(|(held, _)| *held == number) {
            let (_, pattern) = follower.patterns.swap_remove(index);
            self.release(pattern);
        }
        follower.patterns.is_empty()
    }

    /// Lets a follower that had left be live again.
    pub fn enter_again(&mut self, follower: Follower) {
        let mut wants: Vec<PatternId> = follower.patterns.iter().map(|(_, pattern)| *pattern).collect();
        wants.sort_unstable();
        wants.dedup();
        let key = (follower.framing, wants);
        let id = if let Some(id) = self.by_wants.get(&key) { *id } else { self.begin_group(key) };
        let members = &mut self.groups.get_mut(&id).expect("a group is there as long as it is named").members;
        self.places.insert(follower.outlet.session, (id, members.len()));
        members.push(follower);
    }

    fn begin_group(&mut self, key: (Framing, Vec<PatternId>)) -> GroupId {
        self.groups_begun += 1;
        let id = self.groups_begun;
        for pattern in &key.1 {
            if let Some(held) = &mut self.patterns[*pattern] {
                held.groups.insert(id);
            }
        }
        let sent = telemetry::events_sent_on(key.0.transport());
        self.groups.insert(id, Group { framing: key.0, sent, patterns: key.1.clone(), members: Vec::new() });
        self.by_wants.insert(key, id);
        id
    }

    /// Takes a connection out of the live ones, with what it wants; none if it is not live.
    pub fn leave_live(&mut self, session: SessionId) -> Option<Follower> {
        let (group, index) = self.places.remove(&session)?;
        let members = &mut self.groups.get_mut(&group)?.members;
        let follower = members.swap_remove(index);
        if let Some(moved) = members.get(index) {
            self.places.insert(moved.outlet.session, (group, index));
        }
        if members.is_empty() {
            self.drop_group(group);
        }
        Some(follower)
    }

    /// Ends one subscription of a live connection.
    pub fn leave(&mut self, session: SessionId, number: Number) {
        if let Some(mut follower) = self.leave_live(session)
            && !self.forget(&mut follower, number)
        {
            self.enter_again(follower);
        }
    }

    /// Gives back what a follower that is not live wanted.
    pub fn dissolve(&mut self, follower: &Follower) {
        for (_, pattern) in &follower.patterns {
            self.release(*pattern);
        }
    }

    /// Whether this subscription is one of a live connection.
    pub fn holds(&self, session: SessionId, number: Number) -> bool {
        let place = self.places.get(&session);
        place.is_some_and(|(group, index)| self.groups[group].members[*index].holds(number))
    }

    /// How many connections are live.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// Whether a follower that is not live wants this topic.
    pub fn wants(&self, follower: &Follower, topic: &str) -> bool {
        let matches = |id: PatternId| self.patterns[id].as_ref().is_some_and(|it| it.pattern.matches(topic));
        follower.patterns.iter().any(|(_, id)| matches(*id))
    }

    /// Who wants which of these topics, group by group in rising indices. Costs what matches, however much is wanted besides.
    pub fn wanted<'a>(&self, topics: impl Iterator<Item = &'a str>) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for (index, topic) in topics.enumerate() {
            let start = wanted.len();
            self.index.matching(topic, &mut |pattern| {
                let groups = self.patterns[pattern].iter().flat_map(|held| &held.groups);
                wanted.extend(groups.map(|group| (*group, index)));
            });
            // A group of several patterns that match is there for each, and no longer than for this topic.
            if wanted.len() > start + 1 {
                let mut groups = wanted.split_off(start);
                groups.sort_unstable();
                groups.dedup();
                wanted.append(&mut groups);
            }
        }
        wanted.sort_unstable();
        wanted
    }

    /// One that is wanted.
    pub fn group(&self, id: GroupId) -> &Group {
        &self.groups[&id]
    }

    fn drop_group(&mut self, id: GroupId) {
        let Some(group) = self.groups.remove(&id) else { return };
        for pattern in &group.patterns {
            if let Some(held) = &mut self.patterns[*pattern] {
                held.groups.remove(&id);
            }
        }
        self.by_wants.remove(&(group.framing, group.patterns));
    }

    fn intern(&mut self, pattern: &Pattern) -> PatternId {
        if let Some(id) = self.by_pattern.get(pattern) {
            if let Some(held) = &mut self.patterns[*id] {
                held.uses += 1;
            }
            return *id;
        }
        let held = Some(Held { pattern: pattern.clone(), uses: 1, groups: HashSet::new() });
        let id = if let Some(id) = self.free.pop() {
            self.patterns[id] = held;
            id
        } else {
            self.patterns.push(held);
            self.patterns.len() - 1
        };
        self.by_pattern.insert(pattern.clone(), id);
        self.index.insert(pattern, id);
        id
    }

    fn release(&mut self, id: PatternId) {
        let Some(held) = &mut self.patterns[id] else { return };
        held.uses -= 1;
        if held.uses == 0 {
            self.by_pattern.remove(&held.pattern);
            self.index.remove(&held.pattern);
            self.patterns[id] = None;
            self.free.push(id);
        }
    }
}

impl Follower {
    /// Whether this subscription is one of its own.
    pub fn holds(&self, number: Number) -> bool {
        self.patterns.iter().any(|(held, _)| *held == number)
    }
}

impl Group {
    pub fn members(&self) -> &[Follower] {
        &self.members
    }
}
