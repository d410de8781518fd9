//! Whom a request comes from: the address at the other end of its connection, or, where that is a listed proxy, the one
//! that the proxy names.
//!
//! Anybody can write `X-Forwarded-For` and `Forwarded` (RFC 7239). Each proxy appends whom it heard it from, so the headers are
//! read from the right, as long as a listed proxy vouches for what stands there: the first address that is none is the client.
//! What stands further left is the client's own invention.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use crate::mistake::Mistake;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection; the accept loop puts it beside each request.
#[derive(Debug, Clone)]
pub struct Peer {
    pub address: SocketAddr,
    /// Networks of the proxies that are believed.
    pub proxies: Arc<[IpNet]>,
}

/// The client's address; none where nobody can say it: then it is on no list.
pub fn address(peer: Option<&Peer>, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer?;
    let is_proxy = |address: &IpAddr| peer.proxies.iter().any(|network| network.contains(address));
    let direct = peer.address.ip().to_canonical();
    if !is_proxy(&direct) {
        return Some(direct);
    }
    let behind = |hops: Vec<Option<IpAddr>>| {
        let mut client = Some(direct);
        for hop in hops.into_iter().rev() {
            if !client.as_ref().is_some_and(is_proxy) {
                break;
            }
            client = hop;
        }
        client
    };
    let forwarded_for = hops(headers, &X_FORWARDED_FOR, |value| value.split(',').map(address_of).collect());
    let forwarded =
        hops(headers, &header::FORWARDED, |value| elements(value).map(address_of_element).collect());
    match (forwarded_for.map(behind), forwarded.map(behind)) {
        (None, None) => Some(direct),
        (Some(client), None) | (None, Some(client)) => client,
        // A proxy appends to one and passes the other on as it came, from whoever likes to write it.
        (Some(one), Some(other)) => one.filter(|_| one == other),
    }
}

/// The networks of this machine itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3): a proxy beside us comes from there.
pub fn loopback() -> [IpNet; 2] {
    [IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8), IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST))]
}

/// A network as people write it: `192.0.2.0/24`, `2001:db8::/32`, or an address alone.
///
/// # Errors
/// What is wrong with it.
pub fn network(text: &str) -> Result<IpNet, Mistake> {
    let alone = text.parse::<IpAddr>().map(IpNet::from);
    match text.parse().or(alone) {
        // Addresses of this kind count as what they are, so this could never hold one.
        Ok(IpNet::V6(network)) if network.addr().to_ipv4_mapped().is_some() => {
            let mend = "write the IPv4 network, such as `192.0.2.0/24`";
            Err(Mistake::new(format!("`{text}` is IPv4 in the notation of IPv6"), mend))
        }
        Ok(network) => Ok(network),
        Err(_) => {
            Err(Mistake::new(format!("`{text}` is no network"), "write it as `10.0.0.0/8` or `fd00::/8`"))
        }
    }
}

/// The hops of all headers of this name, one after the other; none where there is no such header.
fn hops(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Vec<Option<IpAddr>>,
) -> Option<Vec<Option<IpAddr>>> {
    let values = headers.get_all(name);
    let hops: Vec<_> =
        values.iter().flat_map(|value| value.to_str().map_or_else(|_| vec![None], &read)).collect();
    (!hops.is_empty()).then_some(hops)
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`; none for all else, `unknown` among it.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match inner {
        Some(inner) => inner.parse().ok().map(IpAddr::V6),
        None => text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip())),
    };
    address.map(|address| address.to_canonical())
}

/// `for=192.0.2.1;proto=https` or `for="[2001:db8::1]:80"`.
fn address_of_element(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = named.next()?;
    // Two of them in one element is nothing that a proxy writes.
    if named.next().is_some() {
        return None;
    }
    let value = value.trim();
    address_of(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// The elements of a `Forwarded`; a comma within quotes divides nothing.
fn elements(value: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |character| {
        let is_quote = character == '"' && !is_escaped;
        is_quoted ^= is_quote;
        is_escaped = is_quoted && character == '\\' && !is_escaped;
        character == ',' && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let peer = Peer { address: peer.parse().unwrap(), proxies: Arc::new(networks) };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        address(Some(&peer), &map).map(|address| address.to_string())
    }

    #[test]
    fn only_a_listed_proxy_is_believed_and_only_as_far_as_it_can_know() {
        const XFF: &str = "x-forwarded-for";
        let at = |peer: &str, value: &str| client(peer, &[(XFF, value)]);
        for (found, expected) in [
            // Forged by somebody who is no proxy.
            (at("192.0.2.7:1", "198.51.100.1"), Some("192.0.2.7")),
            (client("10.0.0.1:1", &[]), Some("10.0.0.1")),
            (at("10.0.0.1:1", "198.51.100.1"), Some("198.51.100.1")),
            // The client's own invention stands further left.
            (at("10.0.0.1:1", "203.0.113.9, 198.51.100.1"), Some("198.51.100.1")),
            (client("10.0.0.1:1", &[(XFF, "203.0.113.9"), (XFF, "198.51.100.1")]), Some("198.51.100.1")),
            // Through two proxies.
            (at("10.0.0.1:1", "203.0.113.9, 198.51.100.1, 10.2.3.4"), Some("198.51.100.1")),
            (at("10.0.0.1:1", "10.9.9.9"), Some("10.9.9.9")),
            // Garbage that a proxy vouches for is nobody; further left nobody looks.
            (at("10.0.0.1:1", "198.51.100.1, unknown"), None),
            (at("10.0.0.1:1", "198.51.100.1,"), None),
            (at("10.0.0.1:1", "999.1.1.1"), None),
            (at("10.0.0.1:1", "garbage, 198.51.100.1"), Some("198.51.100.1")),
            // Notations.
            (at("[::ffff:10.0.0.1]:1", "::ffff:198.51.100.1"), Some("198.51.100.1")),
            (at("[fd00::1]:1", "2001:db8::1"), Some("2001:db8::1")),
            (at("[fd00::1]:1", "[2001:db8::1]:443"), Some("2001:db8::1")),
            (at("10.0.0.1:1", "198.51.100.1:443"), Some("198.51.100.1")),
        ] {
            assert_eq!(found.as_deref(), expected);
        }
        assert_eq!(address(None, &HeaderMap::new()), None, "no peer is known");
    }

    #[test]
    fn forwarded_is_read_alike_and_where_both_come_they_must_agree() {
        let at = |value: &str| client("10.0.0.1:1", &[("forwarded", value)]);
        for (value, expected) in [
            ("for=198.51.100.1", Some("198.51.100.1")),
            ("for=203.0.113.9, For=\"198.51.100.1:80\";proto=https;by=10.0.0.1", Some("198.51.100.1")),
            ("for=\"[2001:db8::1]:80\"", Some("2001:db8::1")),
            ("by=\"a, for=203.0.113.9\";for=198.51.100.1", Some("198.51.100.1")),
            ("for=198.51.100.1, proto=https", None),
            ("for=198.51.100.1;for=203.0.113.9", None),
            ("for=_hidden", None),
            ("for=\"198.51.100.1", None),
        ] {
            assert_eq!(at(value).as_deref(), expected, "{value}");
        }
        let both =
            |one: &str, other: &str| client("10.0.0.1:1", &[("x-forwarded-for", one), ("forwarded", other)]);
        assert_eq!(both("198.51.100.1", "for=198.51.100.1").as_deref(), Some("198.51.100.1"));
        assert_eq!(both("198.51.100.1", "for=203.0.113.9"), None, "one of them is whatever the client wrote");
    }

    #[test]
    fn a_network_is_one_or_an_address() {
        for text in ["192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "::1"] {
            assert!(network(text).is_ok(), "{text}");
        }
        for text in ["", "192.0.2", "192.0.2.0/33", "::ffff:192.0.2.0/120", "example.com"] {
            assert!(network(text).is_err(), "{text}");
        }
    }
}
