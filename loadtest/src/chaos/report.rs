//! What a run of `chaos` found, as sentences or as JSON.

use std::fmt::Write;

use serde::Serialize;

use super::verdict::Verdict;

/// Of those who did not reach the end; all are in the JSON.
const BEHIND_SHOWN: usize = 2;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) fault: String,
    pub(crate) seed: u64,
    pub(crate) seconds: f64,
    pub(crate) nodes: usize,
    /// Acts of the plan that were carried out.
    pub(crate) acts: usize,
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
    /// Subscribers that did not get the last event in time.
    pub(crate) behind: Vec<String>,
    /// Events that never were answered 2xx; nothing is promised of them.
    pub(crate) unanswered: u64,
    /// Posts that were not answered 2xx, and repeated.
    pub(crate) repeated_posts: u64,
    pub(crate) returns: u64,
    pub(crate) put_back: u64,
    /// Nodes that ended although nobody had killed them.
    pub(crate) ended_by_themselves: u64,
    pub(crate) longest_silence_ms: u32,
    pub(crate) longest_without_2xx_ms: u32,
    /// Where configuration and logs are, if they were kept.
    pub(crate) folder: Option<String>,
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        self.verdict.is_clean() && self.behind.is_empty() && self.unanswered == 0
    }

    pub(crate) fn sentences(&self) -> String {
        let v = &self.verdict;
        let mut out = String::new();
        let mut line = |text: String| writeln!(out, "{text}").expect("memory is writable");
        line(format!(
            "chaos {} --seed {}: {:.0} s, {} nodes, {} subscribers, {} acts, {} epochs",
            self.fault, self.seed, self.seconds, self.nodes, v.subscribers, self.acts, v.epochs
        ));
        line(format!(
            "  {} in ({} posts repeated), {} delivered, {} in told gaps ({} gaps), {} came again around an epoch gap",
            v.events_in, self.repeated_posts, v.delivered, v.told, v.gaps, v.repeated
        ));
        line(format!(
            "  {} put back by nodes, {} returns of subscribers, {} nodes ended by themselves",
            self.put_back, self.returns, self.ended_by_themselves
        ));
        line(format!(
            "  longest silence {:.1} s for a subscriber, {:.1} s without any 2xx",
            f64::from(self.longest_silence_ms) / 1000.0,
            f64::from(self.longest_without_2xx_ms) / 1000.0
        ));
        line(format!(
            "  untold {}, twice {}, out of order {}: {}",
            v.untold,
            v.twice,
            v.out_of_order,
            if self.is_clean() { "ok" } else { "FAILED" }
        ));
        for behind in self.behind.iter().take(BEHIND_SHOWN) {
            line(format!("  did not reach the end, with {} others: {behind}", self.behind.len() - 1));
        }
        if self.unanswered > 0 {
            line(format!("  never answered 2xx: {}", self.unanswered));
        }
        for finding in &v.findings {
            line(format!("  {finding}"));
        }
        if let Some(folder) = &self.folder {
            line(format!("  configuration and logs: {folder}"));
        }
        out
    }
}
