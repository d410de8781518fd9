//! A network that can be broken: what connects to it is passed on to an address that may change, by a rule that may change.
//! A thread for each direction of a connection; nothing is ever lost within a connection, only late, cut up or closed,
//! as with TCP.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::bell::Bell;

/// How often a pump looks whether the rule has changed.
const LOOK: Duration = Duration::from_millis(20);
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
const CHUNK_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Pass,
    /// Closes whoever connects.
    Refuse,
    /// Holds back what goes to the upstream; answers still come.
    StallUp,
    /// Holds back what comes from the upstream; it goes on obeying.
    StallDown,
    StallBoth,
    /// Each piece waits so many milliseconds.
    Delay(u64),
    /// Passes pieces of at most so many bytes, each in a packet of its own.
    Split(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Rule {
    fn stalls(self, direction: Direction) -> bool {
        match self {
            Self::StallUp => direction == Direction::Up,
            Self::StallDown => direction == Direction::Down,
            Self::StallBoth => true,
            _ => false,
        }
    }
}

#[derive(Debug)]
struct Shared {
    upstream: Mutex<SocketAddr>,
    rule: Mutex<Rule>,
    /// Connections of an earlier generation close themselves.
    generation: AtomicU64,
    over: Bell,
}

impl Shared {
    fn rule(&self) -> Rule {
        *self.rule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_of(&self, generation: u64) -> bool {
        self.generation.load(Ordering::Acquire) == generation && !self.over.has_rung()
    }
}

/// Dropped, it closes all that it passes on.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(crate) fn start(upstream: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            upstream: Mutex::new(local(upstream)),
            rule: Mutex::new(Rule::Pass),
            generation: AtomicU64::new(0),
            over: Bell::default(),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.over.has_rung() {
                    return;
                }
                let Ok(client) = client else { continue };
                let shared = accepting.clone();
                thread::spawn(move || pass_on(&shared, client));
            }
        });
        Ok(Self { port, shared })
    }

    pub(crate) fn set(&self, rule: Rule) {
        *self.shared.rule.lock().unwrap_or_else(PoisonError::into_inner) = rule;
    }

    /// What connects from now on reaches another server; what is connected is closed.
    pub(crate) fn point_at(&self, upstream: u16) {
        *self.shared.upstream.lock().unwrap_or_else(PoisonError::into_inner) = local(upstream);
        self.close_all();
    }

    pub(crate) fn close_all(&self) {
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.ring();
        // Wakes the thread that accepts, or it would wait for ever; nobody is left to tell where that fails.
        let _ = TcpStream::connect_timeout(&local(self.port), CONNECT_DEADLINE);
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn pass_on(shared: &Arc<Shared>, client: TcpStream) {
    let generation = shared.generation.load(Ordering::Acquire);
    let upstream = *shared.upstream.lock().unwrap_or_else(PoisonError::into_inner);
    if shared.rule() == Rule::Refuse {
        return;
    }
    let Ok(server) = TcpStream::connect_timeout(&upstream, CONNECT_DEADLINE) else { return };
    let (Ok(from_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else { return };
    let other = shared.clone();
    let down = thread::spawn(move || pump(&other, generation, Direction::Down, from_server, client));
    pump(shared, generation, Direction::Up, from_client, server);
    // A panic there is a fault of the harness and has been printed.
    let _ = down.join();
}

/// Passes on until an end closes, or the generation does; then closes both ends.
fn pump(shared: &Shared, generation: u64, direction: Direction, mut from: TcpStream, mut to: TcpStream) {
    let mut chunk = vec![0; CHUNK_BYTES];
    // Without these a stalled peer would hold the thread for ever; where they fail the connection is gone.
    let _ = (
        from.set_read_timeout(Some(LOOK)),
        to.set_nodelay(true),
        to.set_write_timeout(Some(CONNECT_DEADLINE)),
    );
    while shared.is_of(generation) {
        if shared.rule().stalls(direction) {
            shared.over.pause(LOOK);
            continue;
        }
        let count = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        if let Rule::Delay(ms) = shared.rule() {
            shared.over.pause(Duration::from_millis(ms));
        }
        // What was read just before the rule changed waits as well.
        while shared.is_of(generation) && shared.rule().stalls(direction) {
            shared.over.pause(LOOK);
        }
        let piece = if let Rule::Split(bytes) = shared.rule() { bytes.max(1) } else { CHUNK_BYTES };
        if !shared.is_of(generation) || chunk[..count].chunks(piece).any(|piece| to.write_all(piece).is_err())
        {
            break;
        }
    }
    // Either may be closed already.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || {
                    let mut reader = stream.try_clone().unwrap();
                    let _ = std::io::copy(&mut reader, &mut &stream);
                });
            }
        });
        port
    }

    fn dial(proxy: &Proxy) -> TcpStream {
        let stream = TcpStream::connect(local(proxy.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn comes_back(stream: &mut TcpStream, text: &[u8]) {
        stream.write_all(text).unwrap();
        let mut got = vec![0; text.len()];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(got, text);
    }

    #[test]
    fn bytes_come_whole_under_every_rule_that_lets_them_pass() {
        let proxy = Proxy::start(echo()).unwrap();
        let mut stream = dial(&proxy);
        for rule in [Rule::Pass, Rule::Split(1), Rule::Split(7), Rule::Delay(5)] {
            proxy.set(rule);
            comes_back(&mut stream, &[b'x'; 3_000]);
        }
    }

    #[test]
    fn what_is_stalled_comes_late_and_what_is_closed_never() {
        let proxy = Proxy::start(echo()).unwrap();
        let mut stream = dial(&proxy);
        comes_back(&mut stream, b"one");
        proxy.set(Rule::StallDown);
        stream.write_all(b"two").unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        assert!(stream.read(&mut [0; 8]).is_err(), "nothing comes while it is stalled");
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        proxy.set(Rule::Pass);
        let mut got = [0; 3];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"two");
        proxy.close_all();
        assert_eq!(stream.read(&mut [0; 8]).unwrap_or(0), 0);
        comes_back(&mut dial(&proxy), b"three");
    }
}
