//! Which patterns match a topic, found without trying each: a tree by segments. Pure.
//!
//! ```text
//!   github ─┬─ acme ── api ── push ●      a topic walks down: the child of its segment and the child `*`;
//!           ├─ *  ──── api ── push ●      `**` ends where one more segment follows
//!           └─ ** ●
//! ```
//! At each segment a walk goes two ways at most, and a pattern has four `*` at most: what does not match costs nothing.

use std::collections::HashMap;

use crate::topic::Pattern;

/// Distinct patterns and what they stand for. As large as the patterns in use.
#[derive(Debug)]
pub struct PatternIndex<T> {
    root: Node<T>,
}

#[derive(Debug)]
struct Node<T> {
    literals: HashMap<Box<str>, Node<T>>,
    /// The child `*`.
    any: Option<Box<Node<T>>>,
    /// A pattern ends here.
    end: Option<T>,
    /// A pattern goes on from here with `**`.
    rest: Option<T>,
}

impl<T> Default for PatternIndex<T> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literals: HashMap::new(), any: None, end: None, rest: None }
    }
}

impl<T: Copy> PatternIndex<T> {
    /// A pattern that is there already stands for this from now on.
    pub fn insert(&mut self, pattern: &Pattern, value: T) {
        let mut node = &mut self.root;
        for segment in pattern.as_str().split('/') {
            match segment {
                "**" => {
                    node.rest = Some(value);
                    return;
                }
                "*" => node = node.any.get_or_insert_default(),
                literal => node = node.literals.entry(literal.into()).or_default(),
            }
        }
        node.end = Some(value);
    }

    pub fn remove(&mut self, pattern: &Pattern) {
        self.root.remove(pattern.as_str().split('/'));
    }

    /// Gives what each matching pattern stands for; answers how many nodes were looked at.
    pub fn matching(&self, topic: &str, found: &mut impl FnMut(T)) -> usize {
        self.root.matching(Some(topic), found)
    }
}

impl<T: Copy> Node<T> {
    fn matching(&self, topic: Option<&str>, found: &mut impl FnMut(T)) -> usize {
        let Some(topic) = topic else {
            self.end.into_iter().for_each(found);
            return 1;
        };
        let (segment, later) = match topic.split_once('/') {
            Some((segment, later)) => (segment, Some(later)),
            None => (topic, None),
        };
        self.rest.into_iter().for_each(&mut *found);
        let mut visited = 1;
        if let Some(literal) = self.literals.get(segment) {
            visited += literal.matching(later, found);
        }
        if let Some(any) = &self.any {
            visited += any.matching(later, found);
        }
        visited
    }

    /// Removes a pattern's rest; true when nothing is left here.
    fn remove<'a>(&mut self, mut segments: impl Iterator<Item = &'a str>) -> bool {
        match segments.next() {
            None => self.end = None,
            Some("**") => self.rest = None,
            Some("*") => {
                if self.any.as_mut().is_some_and(|any| any.remove_next(&mut segments)) {
                    self.any = None;
                }
            }
            Some(literal) => {
                if self.literals.get_mut(literal).is_some_and(|child| child.remove_next(&mut segments)) {
                    self.literals.remove(literal);
                }
            }
        }
        self.literals.is_empty() && self.any.is_none() && self.end.is_none() && self.rest.is_none()
    }

    /// As [`Node::remove`], with one type of iterator at every depth.
    fn remove_next(&mut self, segments: &mut dyn Iterator<Item = &str>) -> bool {
        self.remove(segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("s(/(a|b|c|\\*)){0,4}(/(a|\\*|\\*\\*))", 0..40)
    }

    proptest! {
        #[test]
        fn it_finds_what_trying_each_pattern_finds(
            texts in texts(), gone in prop::collection::vec(any::<bool>(), 40), topic in "s(/(a|b|c|d)){1,6}",
        ) {
            let mut index = PatternIndex::default();
            let mut held = BTreeMap::new();
            // More than four `*` are no pattern.
            for (number, pattern) in texts.iter().filter_map(|it| Pattern::parse(it).ok()).enumerate() {
                index.insert(&pattern, number);
                held.insert(pattern, number);
            }
            for (pattern, is_gone) in held.clone().into_keys().zip(gone) {
                if is_gone {
                    index.remove(&pattern);
                    held.remove(&pattern);
                }
            }
            let mut found = Vec::new();
            index.matching(&topic, &mut |number| found.push(number));
            found.sort_unstable();
            let tried = held.iter().filter(|(pattern, _)| pattern.matches(&topic));
            let mut expected: Vec<usize> = tried.map(|(_, number)| *number).collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
            for pattern in held.keys() {
                index.remove(pattern);
            }
            let root = &index.root;
            prop_assert!(root.literals.is_empty() && root.any.is_none(), "nothing is left behind");
        }
    }

    /// Ten thousand patterns cost what ten cost, where the same ones match.
    #[test]
    fn what_does_not_match_is_not_looked_at() {
        let visited = |count: usize| {
            let mut index = PatternIndex::default();
            for number in 0..count {
                let text = match number % 3 {
                    0 => format!("s/shop{number}/order/*"),
                    1 => format!("s/shop{number}/**"),
                    _ => format!("s/*/order/kind{number}"),
                };
                index.insert(&Pattern::parse(&text).unwrap(), number);
            }
            let began = std::time::Instant::now();
            let (mut found, mut nodes) = (0, 0);
            for _ in 0..10_000 {
                nodes += index.matching("s/shop3/order/kind5", &mut |_| found += 1);
            }
            (nodes / 10_000, found / 10_000, began.elapsed())
        };
        let (ten, many) = (visited(10), visited(10_000));
        println!("10 patterns: {ten:?}, 10,000 patterns: {many:?} (nodes, matches, time of 10,000 topics)");
        println!("ratio of times {:.2}", many.2.as_secs_f64() / ten.2.as_secs_f64());
        assert_eq!((ten.0, ten.1), (many.0, many.1));
        assert_eq!(many.1, 2);
    }
}
