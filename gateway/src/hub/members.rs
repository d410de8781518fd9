//! Who is live on a stream, by what they want to hear: members with the same patterns share a group, so matching and
//! framing happen once a group, not once a member.

use std::collections::HashMap;
use std::sync::Arc;

use super::outlet::{Outlet, SessionId};
use super::ticket::{Number, Ticket};
use crate::framing::Framing;
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
    /// Sorted, each once.
    patterns: Vec<PatternId>,
    members: Vec<Follower>,
}

/// The live members of a stream and the patterns in use. As large as the node's sessions and their subscriptions allow.
#[derive(Debug, Default)]
pub struct Members {
    patterns: Vec<(Option<Pattern>, usize)>,
    by_pattern: HashMap<Pattern, PatternId>,
    free: Vec<PatternId>,
    groups: Vec<Group>,
    by_wants: HashMap<(Framing, Vec<PatternId>), usize>,
    places: HashMap<SessionId, (usize, usize)>,
}

/// Which patterns in use match one topic.
#[derive(Debug)]
pub struct Matched(Vec<bool>);

impl Matched {
    pub fn wanted_by(&self, group: &Group) -> bool {
        group.patterns.iter().any(|pattern| self.0[*pattern])
    }
}

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
        let index = if let Some(index) = self.by_wants.get(&key) {
            *index
        } else {
            self.groups.push(Group { framing: key.0, patterns: key.1.clone(), members: Vec::new() });
            self.by_wants.insert(key, self.groups.len() - 1);
            self.groups.len() - 1
        };
        let members = &mut self.groups[index].members;
        self.places.insert(follower.outlet.session, (index, members.len()));
        members.push(follower);
    }

    /// Takes a connection out of the live ones, with what it wants; none if it is not live.
    pub fn leave_live(&mut self, session: SessionId) -> Option<Follower> {
        let (group, index) = self.places.remove(&session)?;
        let members = &mut self.groups[group].members;
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
        place.is_some_and(|(group, index)| self.groups[*group].members[*index].holds(number))
    }

    /// How many connections are live.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Whether a follower that is not live wants this topic.
    pub fn wants(&self, follower: &Follower, topic: &str) -> bool {
        follower
            .patterns
            .iter()
            .any(|(_, id)| self.patterns[*id].0.as_ref().is_some_and(|held| held.matches(topic)))
    }

    /// Tries each pattern in use on a topic.
    pub fn matched(&self, topic: &str) -> Matched {
        Matched(
            self.patterns.iter().map(|(held, _)| held.as_ref().is_some_and(|it| it.matches(topic))).collect(),
        )
    }

    fn drop_group(&mut self, index: usize) {
        let group = self.groups.swap_remove(index);
        self.by_wants.remove(&(group.framing, group.patterns));
        if let Some(moved) = self.groups.get(index) {
            self.by_wants.insert((moved.framing, moved.patterns.clone()), index);
            for (place, member) in moved.members.iter().enumerate() {
                self.places.insert(member.outlet.session, (index, place));
            }
        }
    }

    fn intern(&mut self, pattern: &Pattern) -> PatternId {
        if let Some(id) = self.by_pattern.get(pattern) {
            self.patterns[*id].1 += 1;
            return *id;
        }
        let slot = (Some(pattern.clone()), 1);
        let id = if let Some(id) = self.free.pop() {
            self.patterns[id] = slot;
            id
        } else {
            self.patterns.push(slot);
            self.patterns.len() - 1
        };
        self.by_pattern.insert(pattern.clone(), id);
        id
    }

    fn release(&mut self, id: PatternId) {
        let (held, uses) = &mut self.patterns[id];
        *uses -= 1;
        if *uses == 0 {
            if let Some(pattern) = held.take() {
                self.by_pattern.remove(&pattern);
            }
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
