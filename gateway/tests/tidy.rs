//! The habits of this code base that a machine can check: layers, the length and opening of files, words to avoid.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, in lines.
const LINES_MAX: usize = 400;

/// Each module and what it may know, in the order of the way of an event. What is not listed may not be known.
const LAYERS: &[(&str, &[&str])] = &[
    ("mistake", &[]),
    ("secret", &[]),
    ("position", &[]),
    ("topic", &[]),
    ("limits", &["topic"]),
    ("close", &[]),
    ("wire", &["event", "position", "topic"]),
    ("since", &["config", "position"]),
    ("framing", &["close"]),
    ("event", &["position", "topic", "broker"]),
    ("current", &[]),
    ("jitter", &[]),
    ("file", &[]),
    ("outbound", &[]),
    ("hops", &[]),
    ("telemetry", &["hops"]),
    ("broker", &["file", "position", "topic", "limits", "mistake", "outbound", "telemetry"]),
    ("report", &["broker", "event", "jitter", "telemetry", "topic"]),
    ("silence", &["broker", "event", "ingest", "jitter", "report", "telemetry", "topic"]),
    ("boards", &["auth", "broker", "config", "file", "ingest", "report", "topic"]),
    ("upkeep", &["broker", "current", "jitter", "telemetry", "topic"]),
    ("hub", &["jitter", "broker", "close", "framing", "wire", "position", "topic", "limits", "telemetry"]),
    ("auth", &["current", "jitter", "outbound", "secret", "topic"]),
    (
        "session",
        &[
            "jitter",
            "hub",
            "auth",
            "close",
            "current",
            "framing",
            "wire",
            "position",
            "topic",
            "limits",
            "telemetry",
            "broker",
        ],
    ),
    (
        "transport",
        &[
            "session",
            "hub",
            "auth",
            "close",
            "framing",
            "wire",
            "since",
            "http",
            "jitter",
            "limits",
            "position",
            "telemetry",
            "topic",
        ],
    ),
    ("probe", &["broker", "event", "hub", "position", "report", "topic"]),
    ("nodes", &["broker", "current", "hub", "jitter", "position", "report", "session", "telemetry", "topic"]),
    (
        "ingest",
        &[
            "broker",
            "event",
            "http",
            "mistake",
            "outbound",
            "secret",
            "topic",
            "position",
            "limits",
            "report",
            "telemetry",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// Every source file of the workspace's crates: its path and text.
fn files(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for folder in folders {
        sources(&root.join(folder), &mut found);
    }
    assert!(!found.is_empty(), "there is something to look at");
    let named = |path: &PathBuf| path.strip_prefix(root).unwrap().display().to_string();
    found.iter().map(|path| (named(path), fs::read_to_string(path).unwrap())).collect()
}

/// The file without its unit tests, which stand last.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

#[track_caller]
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn layers_hold() {
    let mut problems = Vec::new();
    for (path, text) in files(&["gateway/src"]) {
        let inner = path.trim_start_matches("gateway/src/");
        let module = inner.split(['/', '.']).next().unwrap_or_default();
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else { continue };
        for known in without_tests(&text).split("crate::").skip(1) {
            let known: String = known.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
            if known != module && !known.is_empty() && !allowed.contains(&known.as_str()) {
                problems.push(format!("{path}: `{module}` may not know `{known}`"));
            }
        }
    }
    none(&problems);
}

/// `crate::{a, b}` would hide what is known from the test above.
#[test]
fn paths_into_the_crate_are_written_out() {
    let layered =
        |path: &str| LAYERS.iter().any(|(name, _)| path.starts_with(&format!("gateway/src/{name}")));
    let grouped =
        files(&["gateway/src"]).into_iter().filter(|(path, text)| layered(path) && text.contains("crate::{"));
    none(&grouped.map(|(path, _)| format!("{path}: write one `use crate::…` a module")).collect::<Vec<_>>());
}

/// A subscriber's side never reaches the broker but for the shape of an entry; the broker never knows of subscribers.
#[test]
fn sessions_do_not_ask_the_broker() {
    let mut problems = Vec::new();
    for (path, text) in files(&["gateway/src/session", "gateway/src/transport"]) {
        if without_tests(&text).contains("dyn Broker") {
            problems.push(format!("{path}: holds a broker"));
        }
    }
    none(&problems);
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let mut problems = Vec::new();
    for (path, text) in files(&["gateway/src", "gateway/tests", "loadtest/src"]) {
        if !text.starts_with("//!") {
            problems.push(format!("{path}: does not open with `//!`"));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            problems.push(format!("{path}: {lines} lines"));
        }
    }
    none(&problems);
}

#[test]
fn no_file_is_named_for_nothing() {
    let bad = ["util", "utils", "helpers", "common", "manager", "misc"];
    let named = |path: &String| path.split(['/', '.']).any(|part| bad.contains(&part));
    let found = files(&["gateway/src", "loadtest/src"]).into_iter().map(|(path, _)| path).filter(named);
    none(&found.collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_for_later_and_nothing_panics_by_habit() {
    let bad = [".unwrap()", "todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME", "XXX"];
    let mut problems = Vec::new();
    let is_code = |path: &str| !path.ends_with("_tests.rs");
    for (path, text) in files(&["gateway/src", "loadtest/src"]).into_iter().filter(|(path, _)| is_code(path))
    {
        let code = without_tests(&text).lines().enumerate();
        for (number, line) in code.filter(|(_, line)| !line.trim_start().starts_with("///")) {
            problems.extend(
                bad.iter().filter(|it| line.contains(**it)).map(|it| format!("{path}:{}: {it}", number + 1)),
            );
        }
    }
    none(&problems);
}

#[test]
fn tests_do_not_sleep_and_do_not_rest() {
    let bad = ["time::sleep(", "thread::sleep(", "#[ignore"];
    let mut problems = Vec::new();
    for (path, text) in files(&["gateway/tests/it", "loadtest/tests"]) {
        problems.extend(bad.iter().filter(|it| text.contains(**it)).map(|it| format!("{path}: {it}")));
    }
    none(&problems);
}

/// Only the command line writes to the terminal; everything else logs.
#[test]
fn only_the_command_line_prints() {
    let mut problems = Vec::new();
    for (path, text) in files(&["gateway/src"]) {
        let prints = ["println!(", "print!("].iter().any(|it| without_tests(&text).contains(it));
        if prints && !path.starts_with("gateway/src/cli") {
            problems.push(path);
        }
    }
    none(&problems);
}
