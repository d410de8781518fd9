//! Binding the port, and what a gateway says once it has one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

use super::failure::Failure;
use super::signing::{Claims, TTL_MAX, operator_grants, sign};
use super::terminal::{Terminal, Tone, line};
use crate::config::Config;

/// A listener and where it ended up: a port 0 has become a real one.
pub(super) async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
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
    let listener = TcpListener::bind(listen).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok((listener, address))
}

/// The gateway's address as a browser on this machine reaches it.
pub(super) fn local_url(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

/// The board's address; its fragment, which no server ever sees, holds an operator's token.
pub(super) fn board_url(base: &str, config: &Config) -> Result<String, Failure> {
    if config.auth.secrets.is_empty() {
        return Ok(format!("{base}/"));
    }
    let claims = Claims { subscribe: &operator_grants(), subject: Some("operator"), ttl: TTL_MAX };
    Ok(format!("{base}/#token={}", sign(&config.auth, &claims)?))
}

/// The line that scripts wait for, and the three addresses that people need.
pub(super) fn greet(
    terminal: Terminal,
    address: SocketAddr,
    addresses: &[(&str, String)],
) -> Result<(), Failure> {
    line(format!("hookcast listening on http://{address}"))?;
    line("")?;
    for (what, text) in addresses {
        line(format!("  {} {text}", terminal.tone(Tone::Strong, format!("{what:7}"))))?;
    }
    line("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_here_reaches_whoever_listens_everywhere_on_loopback() {
        assert_eq!(local_url("0.0.0.0:80".parse().unwrap()), "http://127.0.0.1:80");
        assert_eq!(local_url("[::]:80".parse().unwrap()), "http://[::1]:80");
        assert_eq!(local_url("10.1.2.3:80".parse().unwrap()), "http://10.1.2.3:80");
    }
}
