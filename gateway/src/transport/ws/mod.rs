//! `GET /ws`: the WebSocket (RFC 6455). After the upgrade we own the socket: this task reads it and waits for it to be
//! writable; who has something to say writes to the outlet.

pub mod frames;
pub mod handshake;

use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use self::frames::{Incoming, Reader};
use super::serve::{Gone, serve};
use crate::close::Close;
use crate::framing::{self, Framing};
use crate::hub::outlet::Outlet;
use crate::jitter;
use crate::session::Session;
use crate::session::registry::Sessions;

/// How long the peer has to answer our close, or to take what we said before it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);
/// Lent to one connection while it reads, so that a connection at rest has no buffer.
const READ_BYTES: usize = 16 * 1024;

thread_local! {
    static LENT: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// What ends the loop.
enum End {
    /// We say why and wait for the peer to say goodbye.
    Say(Close),
    /// A code of RFC 6455, §7.4.1.
    Code(u16),
    /// The peer said goodbye with this code: we answer and go.
    Answer(u16),
    /// The socket is gone.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Say(close)
    }
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Runs one connection to its end. `read_ahead` are bytes that came with the handshake, `address` is the client's.
pub(crate) async fn run(
    io: TcpStream,
    read_ahead: &[u8],
    token: Option<String>,
    address: Option<IpAddr>,
    sessions: Arc<Sessions>,
) {
    let outlet = Arc::new(Outlet::new(sessions.next_id(), io));
    let mut reader = Reader::new(sessions.limits.message_bytes);
    let end = match Session::begin(outlet.clone(), Framing::WebSocket, sessions, address) {
        Ok(mut session) => match begin(&mut session, &mut reader, token.as_deref(), read_ahead) {
            Ok(()) => serve(&mut session, &outlet, |session| read(session, &outlet, &mut reader)).await,
            Err(end) => end,
        },
        Err(close) => End::Say(close),
    };
    say_goodbye(&outlet, &mut reader, end).await;
}

/// Says why a connection is not taken, and ends it.
pub(crate) async fn refuse(io: TcpStream, sessions: &Sessions, close: Close) {
    let outlet = Outlet::new(sessions.next_id(), io);
    say_goodbye(&outlet, &mut Reader::new(sessions.limits.message_bytes), End::Say(close)).await;
}

fn begin(
    session: &mut Session,
    reader: &mut Reader,
    token: Option<&str>,
    read_ahead: &[u8],
) -> Result<(), End> {
    if let Some(token) = token {
        session.take_token(token)?;
    }
    let mut read_ahead = read_ahead.to_vec();
    take(session, reader, &mut read_ahead)
}

/// Reads what the socket has, in a lent buffer.
fn read(session: &mut Session, outlet: &Outlet, reader: &mut Reader) -> Result<(), End> {
    LENT.with_borrow_mut(|buffer| match outlet.io().try_read(buffer) {
        Ok(0) => Err(End::Gone),
        Ok(count) => {
            session.heard();
            take(session, reader, &mut buffer[..count])
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(_) => Err(End::Gone),
    })
}

/// Gives the session each message in these bytes.
fn take(session: &mut Session, reader: &mut Reader, bytes: &mut [u8]) -> Result<(), End> {
    reader.feed(bytes, &mut |incoming| match incoming {
        Incoming::Text(text) => session.take_message(text).map_err(End::Say),
        Incoming::Ping(payload) => session.pong(payload).map_err(End::Say),
        Incoming::Pong => session.take_pong().map_err(End::Say),
        Incoming::Close(code) => Err(End::Answer(code)),
        Incoming::Bad(code) => Err(End::Code(code)),
    })
}

/// Says why, then reads on until the peer has said goodbye too: closing with unread bytes would reset the connection and
/// take our last words with it.
async fn say_goodbye(outlet: &Outlet, reader: &mut Reader, end: End) {
    let (frame, waits_for_peer) = match end {
        End::Gone => return,
        End::Say(close) => (Framing::WebSocket.close(close, jitter::share()), true),
        End::Code(code) => (framing::close_code(code), true),
        End::Answer(code) => (framing::close_code(code), false),
    };
    outlet.say_last(&frame);
    let deadline = Instant::now() + CLOSE_DEADLINE;
    let parting = async {
        while outlet.is_blocked() && outlet.io().writable().await.is_ok() {
            outlet.drain();
            // Readiness alone never yields, and the deadline below must be looked at.
            tokio::task::yield_now().await;
        }
        outlet.shut_down();
        while waits_for_peer && outlet.io().readable().await.is_ok() {
            if !is_still_there(outlet, reader) {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout_at(deadline, parting).await;
}

/// Reads and forgets, until the peer's close or its end of stream.
fn is_still_there(outlet: &Outlet, reader: &mut Reader) -> bool {
    LENT.with_borrow_mut(|buffer| match outlet.io().try_read(buffer) {
        Ok(0) => false,
        Ok(count) => {
            let ended = reader.feed(&mut buffer[..count], &mut |incoming| match incoming {
                Incoming::Close(_) => Err(()),
                _ => Ok(()),
            });
            ended.is_ok()
        }
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Auth;
    use crate::broker::memory::MemoryBroker;
    use crate::current::Current;
    use crate::hub::Hub;
    use crate::limits::{Limits, Retentions};

    /// A connection at rest is this future and what it points to; what is added here is paid twenty thousand times.
    #[tokio::test]
    async fn a_connection_at_rest_stays_small() {
        let limits = Arc::new(Limits::default());
        let broker = Arc::new(MemoryBroker::new(Retentions::default(), &limits));
        let hub = Arc::new(Hub::new(broker, limits.clone()));
        let auth = Arc::new(Auth::new(&[], None, None, Vec::new(), limits.token_bytes));
        let sessions =
            Arc::new(Sessions::new(hub, auth, limits, Current::new(std::collections::BTreeSet::new())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let io = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let future = run(io, &[], None, None, sessions);
        let bytes = size_of_val(&future);
        println!("connection {bytes}, session {}, outlet {}", size_of::<Session>(), size_of::<Outlet>());
        assert!(bytes <= 1_536, "{bytes} bytes");
    }
}
