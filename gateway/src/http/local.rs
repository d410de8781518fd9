//! How a listener is reached from this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address's URL, without a slash at its end; whoever listens everywhere is reached on loopback.
pub fn url(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_listens_everywhere_is_reached_on_loopback() {
        assert_eq!(url("0.0.0.0:81".parse().unwrap()), "http://127.0.0.1:81");
        assert_eq!(url("[::]:81".parse().unwrap()), "http://[::1]:81");
        assert_eq!(url("10.1.2.3:81".parse().unwrap()), "http://10.1.2.3:81");
    }
}
