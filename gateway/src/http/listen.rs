//! The listening socket. Its queue is long: when a proxy or a network comes back, all clients dial in the same moment, and
//! each that finds the queue full waits a whole second before its kernel asks again, then two, then four.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted. The kernel takes its own bound where that is less (`net.core.somaxconn`).
const WAITING_MAX: u32 = 4096;

/// # Errors
/// When the address is taken, not allowed, or none of this machine's.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As std does: or a restart would have to wait for old connections to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING_MAX)
}
