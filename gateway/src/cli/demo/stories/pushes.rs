//! Teams at work: pushes, pull requests, builds and now and then an incident, in the shapes of GitHub's webhooks.

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

const BRANCHES: &[&str] = &["faster-search", "tax-in-prices", "mail-retry", "date-picker", "restore-guide"];
const WORKFLOWS: &[&str] = &["test", "test", "build", "deploy"];
const INCIDENTS: &[&str] = &[
    "Checkout answers slowly",
    "Mails are late",
    "Search finds nothing for some",
    "Disk of the build machine is full",
];

#[derive(Default)]
pub(super) struct Pushes {
    head: Option<String>,
    told: u32,
    /// Incidents that nobody has closed yet: number, title, repository.
    open: Vec<(u32, &'static str, (&'static str, &'static str))>,
    number: u32,
}

impl Story for Pushes {
    fn next(&mut self, random: &mut Rng) -> Happening {
        self.told += 1;
        match random.u32(..20) {
            // The first is a push: that is what most people know.
            _ if self.told == 1 => self.push(random),
            0..9 => self.push(random),
            9..13 => self.pull_request(random),
            13..18 => self.build(random),
            _ => self.incident(random),
        }
    }
}

impl Pushes {
    fn push(&mut self, random: &mut Rng) -> Happening {
        let place = pick(REPOSITORIES, random);
        let (owner, name) = place;
        let after = commit(random);
        let before = self.head.replace(after.clone()).unwrap_or_else(|| commit(random));
        let author = author(random);
        let url = format!("https://github.com/{owner}/{name}");
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
                "repository": repository(place),
                "pusher": { "name": author },
                "sender": { "login": author, "type": "User" },
            }),
        }
    }

    fn pull_request(&mut self, random: &mut Rng) -> Happening {
        self.number += 1;
        let place = pick(REPOSITORIES, random);
        let author = author(random);
        let is_merged = random.bool();
        let number = 480 + self.number;
        Happening {
            kind: if is_merged { "pull_request.closed" } else { "pull_request.opened" },
            payload: json!({
                "action": if is_merged { "closed" } else { "opened" },
                "number": number,
                "pull_request": {
                    "number": number,
                    "title": pick(SUBJECTS, random),
                    "state": if is_merged { "closed" } else { "open" },
                    "merged": is_merged,
                    "user": { "login": author },
                    "additions": random.u32(3..400),
                    "deletions": random.u32(..180),
                    "html_url": format!("https://github.com/{}/{}/pull/{number}", place.0, place.1),
                },
                "repository": repository(place),
                "sender": { "login": author, "type": "User" },
            }),
        }
    }

    fn build(&mut self, random: &mut Rng) -> Happening {
        let place = pick(REPOSITORIES, random);
        let id = 9_120_000_000_u64 + u64::from(self.told);
        let has_failed = random.u32(..7) == 0;
        Happening {
            kind: "workflow_run.completed",
            payload: json!({
                "action": "completed",
                "workflow_run": {
                    "id": id,
                    "name": pick(WORKFLOWS, random),
                    "head_branch": if random.bool() { "main" } else { pick(BRANCHES, random) },
                    "status": "completed",
                    "conclusion": if has_failed { "failure" } else { "success" },
                    "run_attempt": 1,
                    "html_url": format!("https://github.com/{}/{}/actions/runs/{id}", place.0, place.1),
                },
                // GitHub leaves it to the reader to subtract two times.
                "seconds": random.u32(40..420),
                "repository": repository(place),
                "sender": { "login": author(random), "type": "User" },
            }),
        }
    }

    /// One that is open is closed before long: two at a time are enough for any team.
    fn incident(&mut self, random: &mut Rng) -> Happening {
        let is_closed = self.open.len() >= 2 || (!self.open.is_empty() && random.bool());
        let (number, title, place) = if is_closed {
            self.open.remove(0)
        } else {
            self.number += 1;
            let begun = (90 + self.number, pick(INCIDENTS, random), pick(REPOSITORIES, random));
            self.open.push(begun);
            begun
        };
        Happening {
            kind: if is_closed { "issues.closed" } else { "issues.opened" },
            payload: json!({
                "action": if is_closed { "closed" } else { "opened" },
                "issue": {
                    "number": number,
                    "title": title,
                    "state": if is_closed { "closed" } else { "open" },
                    "labels": [{ "name": "incident" }],
                    "html_url": format!("https://github.com/{}/{}/issues/{number}", place.0, place.1),
                },
                "repository": repository(place),
                "sender": { "login": author(random), "type": "User" },
            }),
        }
    }
}

fn repository((owner, name): (&str, &str)) -> serde_json::Value {
    json!({
        "name": name, "full_name": format!("{owner}/{name}"), "private": false,
        "html_url": format!("https://github.com/{owner}/{name}"),
        "owner": { "login": owner, "type": "Organization" },
    })
}

fn author(random: &mut Rng) -> String {
    pick(FIRST_NAMES, random).to_lowercase()
}

fn commit(random: &mut Rng) -> String {
    let bytes: [u8; 20] = std::array::from_fn(|_| random.u8(..));
    hex::encode(bytes)
}
