//! What a delivery costs before it is stored: verification, decoding and routing of GitHub's pull_request of 20 KB, against
//! nothing but the HMAC of the same body. `cargo run --release --example ingest_cost`. Prints; asserts nothing.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hookcast::ingest::dedupe;
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::json::Document;
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::publish;
use hookcast::ingest::source::Source;
use hookcast::mistake::Mistake;
use hookcast::secret::Secret;
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "It's a Secret to Everybody";
const ROUNDS: usize = 200;
const TIMES: u32 = 50;

/// An account, of which GitHub repeats several in each payload.
fn account(login: &str) -> Value {
    let url = format!("https://api.github.com/users/{login}");
    let mut account = json!({"login": login, "id": 6_752_317, "node_id": "MDQ6VXNlcjY3NTIzMTc=", "gravatar_id": "",
        "avatar_url": "https://avatars1.githubusercontent.com/u/6752317?v=4", "type": "User", "site_admin": false});
    for name in [
        "url",
        "html_url",
        "followers_url",
        "following_url",
        "gists_url",
        "starred_url",
        "subscriptions_url",
        "organizations_url",
        "repos_url",
        "events_url",
        "received_events_url",
    ] {
        account[name] = format!("{url}/{}", name.trim_end_matches("_url")).into();
    }
    account
}

fn repository() -> Value {
    let url = "https://api.github.com/repos/acme/api";
    let mut repository = json!({"id": 186_853_002, "node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=", "name": "api",
        "full_name": "acme/api", "private": false, "owner": account("acme"), "description": null, "fork": false,
        "created_at": "2026-05-15T15:19:25Z", "size": 0, "language": null, "has_issues": true, "open_issues": 2,
        "license": null, "default_branch": "main"});
    for name in [
        "keys",
        "collaborators",
        "teams",
        "hooks",
        "issue_events",
        "events",
        "assignees",
        "branches",
        "tags",
        "git_refs",
        "statuses",
        "languages",
        "stargazers",
        "contributors",
        "subscribers",
        "commits",
        "git_commits",
        "comments",
        "issue_comment",
        "contents",
        "compare",
        "merges",
        "archive",
        "downloads",
        "issues",
        "pulls",
        "milestones",
        "notifications",
        "labels",
        "releases",
        "deployments",
    ] {
        repository[format!("{name}_url")] = format!("{url}/{name}{{/sha}}").into();
    }
    repository
}

/// As GitHub sends it: no white space between tokens, about 20 KB.
fn pull_request() -> Bytes {
    let side = |label: &str| {
        json!({"label": label, "ref": "changes", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            "user": account("acme"), "repo": repository()})
    };
    let body = "A few words on why, **with** markup and \"quotes\".\r\n\r\n- one\r\n- two\r\n".repeat(24);
    let pull = json!({"id": 279_147_437, "number": 2, "state": "open", "locked": false, "title": "Update the README",
        "user": account("octo"), "body": body, "created_at": "2026-05-15T15:20:33Z", "merged_at": null,
        "assignees": [account("a"), account("b")], "requested_reviewers": [account("c")], "labels": [], "draft": false,
        "head": side("acme:changes"), "base": side("acme:main"), "merged": false, "comments": 0, "commits": 1,
        "additions": 1, "deletions": 1, "changed_files": 1});
    let whole = json!({"action": "opened", "number": 2, "pull_request": pull, "repository": repository(),
        "sender": account("octo")});
    whole.to_string().into()
}

fn source() -> Source {
    let text = format!(
        "name = 'github'\nprovider = 'github'\nsecrets = [\"{SECRET}\"]\n\
         topic = 'github/{{repository.owner.login}}/{{repository.name}}/{{type}}'"
    );
    let secret = |value: &toml::Value| {
        value.as_str().map(Secret::new).ok_or_else(|| Mistake::new("a secret is a text", "write a text"))
    };
    Source::parse(&text.parse().expect("TOML"), &secret, &Catalogue::built_in()).expect("a source")
}

/// Something to measure, by its name: how long so many times of it took.
type Kind<'a> = (&'static str, Box<dyn FnMut() -> Duration + 'a>);

fn timed<T>(given: Vec<T>, mut once: impl FnMut(T)) -> Duration {
    let start = Instant::now();
    given.into_iter().for_each(&mut once);
    start.elapsed()
}

fn repeated(mut once: impl FnMut()) -> Duration {
    timed(vec![(); TIMES as usize], |()| once())
}

/// The shortest of many rounds for each, in turns: whatever else the machine does makes a round longer, never shorter.
fn shortest(kinds: &mut [Kind<'_>]) -> Vec<Duration> {
    let mut best = vec![Duration::MAX; kinds.len()];
    for _ in 0..ROUNDS {
        for ((_, round), best) in kinds.iter_mut().zip(&mut best) {
            *best = round().min(*best);
        }
    }
    best.into_iter().map(|best| best / TIMES).collect()
}

fn main() {
    let (body, source) = (pull_request(), source());
    let bare = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    let signature = bare.clone().chain_update(&body).finalize().into_bytes();
    let mut headers = HeaderMap::new();
    let signed = format!("sha256={}", hex::encode(signature));
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-github-event", "pull_request"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hub-signature-256", signed.as_str()),
    ] {
        headers.insert(name, value.parse().expect("a header's value"));
    }
    // As the server hands it over: its headers are the delivery's own, and to copy them is this example's cost, not the gateway's.
    let delivery = || {
        let (uri, form) = (Uri::from_static("/hooks/github"), source.row().delivery.body.clone());
        Delivery::new(Method::POST, uri, headers.clone(), body.clone(), SystemTime::now(), form)
    };
    let whole = |delivery: Delivery| {
        let verified = source.verify(delivery, None).unwrap_or_else(|refusal| panic!("{refusal}"));
        black_box(publish::events(&source, &verified, 1_000).expect("one event"));
    };
    let deliveries = || (0..TIMES).map(|_| delivery()).collect::<Vec<_>>();
    let mut kinds: Vec<Kind<'_>> = vec![
        (
            "bare HMAC",
            Box::new(|| {
                repeated(|| {
                    black_box(bare.clone().chain_update(&body).finalize());
                })
            }),
        ),
        ("verify, decode and route", Box::new(|| timed(deliveries(), whole))),
        (
            "of which: JSON scan",
            Box::new(|| {
                repeated(|| {
                    black_box(Document::scan(&body).expect("JSON"));
                })
            }),
        ),
        (
            "of which: the body's hash for dedupe",
            Box::new(|| {
                repeated(|| {
                    black_box(dedupe::digest(&body));
                })
            }),
        ),
    ];
    let found = shortest(&mut kinds);
    println!("{} bytes; the shortest of {ROUNDS} rounds of {TIMES}", body.len());
    for ((name, _), time) in kinds.iter().zip(&found) {
        let ratio = time.as_secs_f64() / found[0].as_secs_f64();
        println!("{name:38} {:8.1} µs  {ratio:5.2} × the bare HMAC", time.as_secs_f64() * 1e6);
    }
}
