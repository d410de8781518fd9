//! Teams that push: a few repositories, the shape of GitHub's `push`.

use fastrand::Rng;
use serde_json::json;

use super::{FIRST_NAMES, Happening, Story, pick};

const REPOSITORIES: &[(&str, &str)] =
    &[("acme", "api"), ("acme", "web"), ("acme", "docs"), ("harbour", "timetable"), ("harbour", "tickets")];
const SUBJECTS: &[&str] = &[
    "Answer health checks before the cache is warm",
    "Show the price with tax",
    "Retry once when the mail server is busy",
    "Fix the date picker on small screens",
    "Drop the old export",
    "Explain how to restore a backup",
    "Speed up the first page by a third",
    "Name the missing field in the error",
];

#[derive(Default)]
pub(super) struct Pushes {
    head: Option<String>,
}

impl Story for Pushes {
    fn next(&mut self, random: &mut Rng) -> Happening {
        let (owner, name) = pick(REPOSITORIES, random);
        let full_name = format!("{owner}/{name}");
        let after = commit(random);
        let before = self.head.replace(after.clone()).unwrap_or_else(|| commit(random));
        let author = pick(FIRST_NAMES, random).to_lowercase();
        let url = format!("https://github.com/{full_name}");
        let head_commit = json!({
            "id": after,
            "message": pick(SUBJECTS, random),
            "url": format!("{url}/commit/{after}"),
            "author": { "name": author },
        });
        Happening {
            kind: "push",
            payload: json!({
                "ref": "refs/heads/main",
                "before": before,
                "after": after,
                "compare": format!("{url}/compare/{}...{}", &before[..12], &after[..12]),
                "commits": [head_commit],
                "head_commit": head_commit,
                "repository": {
                    "name": name, "full_name": full_name, "html_url": url, "private": false,
                    "owner": { "login": owner, "type": "Organization" },
                },
                "pusher": { "name": author },
                "sender": { "login": author, "type": "User" },
            }),
        }
    }
}

fn commit(random: &mut Rng) -> String {
    let bytes: [u8; 20] = std::array::from_fn(|_| random.u8(..));
    hex::encode(bytes)
}
