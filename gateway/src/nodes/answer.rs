//! What this node answers when another one asks.

use super::message::ANSWER_BYTES_MAX;
use super::{Nodes, Question};
use crate::session::survey::{Filter, Found};
use crate::topic::Grant;

impl Nodes {
    /// The answer's JSON.
    pub(super) async fn answer_to(&self, question: Question) -> Option<String> {
        match question {
            Question::Sessions { subject, pattern } => {
                let pattern = pattern.as_deref().map(Grant::parse).transpose().ok()?;
                fitting(self.parts.sessions.survey(Filter { subject, pattern }).await)
            }
            Question::Dismiss(name) => {
                let has_it = self.parts.sessions.dismiss(&name);
                if has_it {
                    tracing::info!(session = name, "an operator closed a connection, by way of another node");
                }
                serde_json::to_string(&has_it).ok()
            }
            Question::Delivery(id) => {
                let kept = self.parts.keeper.as_ref().and_then(|keeper| keeper.delivery(&id));
                Some(kept.unwrap_or_else(|| "null".to_owned()))
            }
            Question::Standing => serde_json::to_string(&self.standing(true)).ok(),
        }
    }
}

/// As many as may be said at once; whoever asked hears that there are more.
fn fitting(mut found: Found) -> Option<String> {
    loop {
        let text = serde_json::to_string(&found).ok()?;
        if text.len() <= ANSWER_BYTES_MAX || found.sessions.is_empty() {
            return Some(text);
        }
        found.sessions.truncate(found.sessions.len() / 2);
        found.is_more = true;
    }
}
