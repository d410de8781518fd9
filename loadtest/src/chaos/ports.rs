//! Ports for processes that must come back on the same one. Below those that the kernel lends to outgoing connections, or
//! one of these would sit on the port of a process that is away.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

const RANGE: std::ops::Range<u16> = 12_000..32_000;
const TRIES: usize = 1_000;

/// `count` ports that nobody listens on, all different.
pub(crate) fn free(count: usize) -> Result<Vec<u16>> {
    let mut random = fastrand::Rng::new();
    let mut held = Vec::new();
    for _ in 0..TRIES {
        if held.len() == count {
            break;
        }
        held.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, random.u16(RANGE))));
    }
    let ports: Result<Vec<_>, _> = held.iter().map(|held| held.local_addr().map(|it| it.port())).collect();
    let ports = ports?;
    (ports.len() == count).then_some(ports).context("no free ports between 12000 and 32000")
}
