//! Binding the port, and what a gateway says once it has one.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::failure::Failure;
use super::signing::{Claims, sign};
use super::terminal::{Terminal, Tone, line};
use crate::auth::{OPERATOR_GRANTS, TOKEN_LIFE_MAX};
use crate::config::Config;
use crate::http;

/// A listener and where it ended up: a port 0 has become a real one.
pub(super) fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let fail = |error: std::io::Error| {
        let mend = match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "stop what listens there, or choose another: --listen {}",
                SocketAddr::new(listen.ip(), listen.port().checked_add(1).unwrap_or(8080))
            ),
            std::io::ErrorKind::PermissionDenied => {
                "choose a port from 1024 on: --listen 127.0.0.1:8080".into()
            }
            _ => "choose an address of this machine: --listen 127.0.0.1:8080".into(),
        };
        Failure::failed(format!("cannot listen on {listen}: {error}"), mend)
    };
    let listener = http::listen::listen(listen).map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok((listener, address))
}

/// The board's address; its fragment, which no server ever sees, holds an operator's token.
pub(super) fn board_url(base: &str, config: &Config) -> Result<String, Failure> {
    if config.auth.secrets.is_empty() {
        return Ok(format!("{base}/"));
    }
    let claims = Claims { subscribe: &OPERATOR_GRANTS, subject: Some("operator"), ttl: TOKEN_LIFE_MAX };
    Ok(format!("{base}/#token={}", sign(&config.auth, &claims)?))
}

/// The line that scripts wait for, and the three addresses that people need.
pub(super) fn greet_listening(
    terminal: Terminal,
    address: SocketAddr,
    addresses: &[(&str, String)],
) -> Result<(), Failure> {
    line(format!("hookcast listening on http://{address}"))?;
    greet(terminal, addresses)
}

pub(super) fn greet(terminal: Terminal, addresses: &[(&str, String)]) -> Result<(), Failure> {
    line("")?;
    for (what, text) in addresses {
        line(format!("  {} {text}", terminal.tone(Tone::Strong, format!("{what:7}"))))?;
    }
    line("")
}
