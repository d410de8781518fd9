//! A few faults for a few seconds each: nothing is lost untold. `loadtest/scripts/chaos.sh` is the long form.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn chaos(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_loadtest"))
        .arg("chaos")
        .args(words)
        .output()
        .expect("loadtest was built")
}

/// The gateway of this workspace, built like this crate and beside it.
fn gateway() -> PathBuf {
    let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--workspace", "--bins"]).status();
    assert!(built.expect("cargo runs").success(), "the gateway does not build");
    Path::new(env!("CARGO_BIN_EXE_loadtest")).with_file_name("hookcast")
}

/// One run, small enough for a machine that is busy with other tests.
fn survives(fault: &str, seconds: &str) {
    let gateway = gateway();
    let gateway = gateway.to_str().expect("the target folder has a readable name");
    let small = ["--fault", fault, "--seconds", seconds, "--nodes", "2", "-n", "6", "--rate", "100"];
    let output = chaos(&[&small[..], &["--seed", "7", "--json", "--bin", gateway]].concat());
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{fault}: {}\n{text}\n{errors}", output.status);
    let report: serde_json::Value = serde_json::from_str(&text).expect("--json prints JSON");
    for count in ["untold", "twice", "out_of_order"] {
        assert_eq!(report[count], 0, "{report}");
    }
    assert!(report["acts"].as_u64() > Some(0) && report["events_in"].as_u64() > Some(0), "{report}");
    assert!(report["delivered"].as_u64() > report["events_in"].as_u64(), "{report}");
}

#[test]
fn a_node_alone_is_killed() {
    survives("node-alone", "3");
}

#[test]
fn nodes_are_killed() {
    survives("node-kill", "4");
}

#[test]
fn a_redis_that_keeps_nothing_is_killed() {
    survives("redis-kill-empty", "4");
}

#[test]
fn a_replica_without_the_tail_is_promoted() {
    survives("failover-tail-lost", "4");
}

#[test]
fn scripts_are_flushed() {
    survives("scripts-flushed", "2");
}

#[test]
fn the_network_is_cut() {
    survives("network-cut", "4");
}

/// The checker's own proof: what a gateway that did not know of failovers would do is found.
#[test]
fn a_loss_that_is_not_told_is_found() {
    let gateway = gateway();
    let gateway = gateway.to_str().expect("the target folder has a readable name");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().to_str().expect("a readable name");
    let words = ["--fault", "control", "--seconds", "2", "--nodes", "2", "-n", "6", "--seed", "7", "--json"];
    // Nobody ever catches up with it: long settling shows nothing more.
    let output = chaos(&[&words[..], &["--settle", "3", "--folder", folder, "--bin", gateway]].concat());
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("--json prints JSON");
    assert!(report["untold"].as_u64() > Some(0) && !report["findings"][0].is_null(), "{report}");
}

#[test]
fn what_is_asked_wrongly_ends_with_64_or_1_and_the_list_with_0() {
    assert_eq!(chaos(&[]).status.code(), Some(64));
    assert_eq!(chaos(&["--fault", "x", "--mixed"]).status.code(), Some(64));
    assert_eq!(chaos(&["--fault", "nonsense"]).status.code(), Some(1));
    let list = chaos(&["--list-faults"]);
    assert!(list.status.success());
    assert!(String::from_utf8_lossy(&list.stdout).contains("failover-tail-lost"));
}
