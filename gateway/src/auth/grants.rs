//! What someone may subscribe to, and where an issuer's tokens end. Pure.

use crate::topic::{Grant, Pattern};

/// What someone may subscribe to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(Box<[Grant]>);

impl Grants {
    pub fn new(grants: Vec<Grant>) -> Self {
        Self(grants.into_boxed_slice())
    }

    /// Whether one grant covers the pattern. Any grant brings the boards' revisions too.
    pub fn covers(&self, asked: &Pattern) -> bool {
        let is_board = || matches!(asked.as_str().strip_prefix("hookcast/board/"), Some(rest) if !rest.contains(['/', '*']) || rest == "*");
        self.0.iter().any(|grant| grant.covers(asked)) || (!self.0.is_empty() && is_board())
    }

    /// Whether the operator's screens and changes are allowed: the grant `hookcast/**`.
    pub fn is_operator(&self) -> bool {
        Pattern::parse("hookcast/**").is_ok_and(|operators| self.covers(&operators))
    }

    /// As they were written.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Cuts grants to a ceiling: what lies within stays, what reaches beyond shrinks to what the ceiling names, the rest goes.
/// A token is made for several readers, so a grant too many is no reason to turn its owner away; answers what went.
pub(super) fn cut(granted: Vec<Grant>, ceiling: &[Grant]) -> (Vec<Grant>, Vec<Grant>) {
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for grant in granted {
        let before = kept.len();
        if ceiling.iter().any(|upto| includes(upto, &grant)) {
            kept.push(grant.clone());
        } else {
            kept.extend(ceiling.iter().filter(|upto| includes(&grant, upto)).cloned());
        }
        if kept.len() == before {
            gone.push(grant);
        }
    }
    (kept, gone)
}

fn includes(outer: &Grant, inner: &Grant) -> bool {
    match inner {
        Grant::Everything => *outer == Grant::Everything,
        Grant::Pattern(inner) => outer.covers(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(texts: &[&str]) -> Vec<Grant> {
        texts.iter().map(|text| Grant::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_ceiling_cuts_what_reaches_beyond_it() {
        for (granted, ceiling, kept, gone) in [
            (&["github/acme/**"][..], &["github/**"][..], &["github/acme/**"][..], 0),
            (&["**"], &["github/**", "shop/*"], &["github/**", "shop/*"], 0),
            (&["github/**"], &["github/acme/**"], &["github/acme/**"], 0),
            (&["shop/**", "github/a"], &["github/**"], &["github/a"], 1),
            (&["hookcast/**"], &["**"], &[], 1),
            (&["**"], &["hookcast/**"], &[], 1),
            (&["**"], &["**"], &["**"], 0),
        ] {
            let (found, lost) = cut(grants(granted), &grants(ceiling));
            assert_eq!((found, lost.len()), (grants(kept), gone), "{granted:?} under {ceiling:?}");
        }
    }
}
