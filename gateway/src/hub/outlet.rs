//! One connection's write half, shared by everyone who writes to it: each stream's task, and the session's own.
//!
//! ```text
//!  stream task ──fan()──▶ ┌──────────────┐
//!  stream task ──fan()──▶ │ mutex: what  │──non-blocking write──▶ socket
//!  session ─────send()──▶ │ is left over │
//!  session ────drain()──▶ └──────────────┘   (only when the socket is writable again)
//! ```
//! Whoever finds something left over does not write: a stream's task detaches its cursor and goes on to the next
//! connection; the session's task finishes what is left over and asks the detached streams to go on.
//! The mutex is held for one non-blocking write, never over an await.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Mutex;

use bytes::{Buf, Bytes};
use tokio::sync::Notify;

use super::asked::Asked;
use super::io::Io;
use super::ticket::Number;
use crate::close::Close;

/// Names a connection within a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// Names an open stream within a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u64);

/// What one connection still has to write, and who waits for it.
#[derive(Debug)]
pub struct Outlet {
    pub session: SessionId,
    io: Io,
    state: Mutex<State>,
    pub(super) wake: Notify,
    drained: Notify,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// The rest of one write, then replies that came meanwhile. Empty means that the socket takes writes.
    pub(super) left_over: VecDeque<Bytes>,
    left_over_bytes: usize,
    /// What of it is replies, which alone are bounded here: the rest of one batch has its bound in the batch.
    reply_bytes: usize,
    /// Streams whose live cursor left because of what is left over, until their task has brought it back.
    detached: Vec<Detached>,
    /// Subscriptions that are over and that their stream's task still takes for live.
    pub(super) barred: Vec<Number>,
    pub(super) asked: Asked,
    /// Asked for by another task; the session says it to the peer.
    close: Option<Close>,
    is_broken: bool,
    /// Our close is said: nothing may follow it.
    is_over: bool,
}

#[derive(Debug)]
struct Detached {
    stream: StreamId,
    /// The stream's task knows that the socket takes writes again.
    is_asked: bool,
}

/// What became of a stream's batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fanned {
    /// All of it is with the kernel.
    Written,
    /// It is with the kernel or left over, but the socket takes no more.
    LeftOver,
    /// Nothing of it was taken.
    Refused,
    /// The connection is gone.
    Broken,
}

/// The peer's messages pile up behind a socket that takes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Outlet {
    pub fn new(session: SessionId, io: impl Into<Io>) -> Self {
        Self { session, io: io.into(), state: Mutex::default(), wake: Notify::new(), drained: Notify::new() }
    }

    /// The socket, for reading and for waiting.
    pub fn io(&self) -> &Io {
        &self.io
    }

    pub(super) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics: it writes and counts")
    }

    /// Writes a stream's batch, all of it or none, unless something is left over.
    pub fn fan(&self, stream: StreamId, messages: &Bytes) -> Fanned {
        let mut state = self.state();
        if state.is_broken || state.is_over {
            return Fanned::Broken;
        }
        if !state.left_over.is_empty() || !state.barred.is_empty() {
            state.detach(stream);
            return Fanned::Refused;
        }
        let written = match self.io.try_write(messages) {
            Ok(written) if written == messages.len() => return Fanned::Written,
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => {
                state.break_off();
                self.wake.notify_one();
                return Fanned::Broken;
            }
        };
        state.detach(stream);
        state.leave_over(messages, written);
        self.wake.notify_one();
        Fanned::LeftOver
    }

    /// Writes one message, or leaves it over in order.
    ///
    /// # Errors
    /// [`Full`] when more than `left_over_max` bytes already wait; the message is dropped.
    pub fn send(&self, message: &Bytes, left_over_max: usize) -> Result<(), Full> {
        let mut state = self.state();
        if state.is_over {
            return Ok(());
        }
        if state.reply_bytes > left_over_max {
            return Err(Full);
        }
        let before = state.left_over_bytes;
        self.write_in_order(&mut state, message);
        state.reply_bytes += state.left_over_bytes.saturating_sub(before);
        Ok(())
    }

    /// Writes a message of catch-up, but only if nothing is left over; false when something is. Nothing is dropped.
    pub fn send_if_clear(&self, message: &Bytes) -> bool {
        let mut state = self.state();
        if !state.left_over.is_empty() {
            return false;
        }
        if !state.is_over {
            self.write_in_order(&mut state, message);
        }
        true
    }

    /// Says our close; from here on nothing else is written but what was left over before it (RFC 6455, §5.5.1).
    pub fn say_last(&self, close: &Bytes) {
        let mut state = self.state();
        self.write_in_order(&mut state, close);
        state.is_over = true;
    }

    fn write_in_order(&self, state: &mut State, message: &Bytes) {
        if state.is_broken {
            return;
        }
        let written = if state.left_over.is_empty() {
            match self.io.try_write(message) {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                Err(_) => {
                    state.break_off();
                    return;
                }
            }
        } else {
            0
        };
        if written < message.len() {
            state.leave_over(message, written);
            self.wake.notify_one();
        }
    }

    /// Writes what is left over as far as the socket takes it; true when any byte went.
    pub fn drain(&self) -> bool {
        let mut state = self.state();
        let before = state.left_over_bytes;
        while !state.left_over.is_empty() && !state.is_broken {
            let slices: Vec<IoSlice<'_>> =
                state.left_over.iter().take(64).map(|part| IoSlice::new(part)).collect();
            match write(&self.io, &slices) {
                Ok(0) => state.break_off(),
                Ok(written) => state.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => state.break_off(),
            }
        }
        if state.left_over.is_empty() {
            state.left_over = VecDeque::new();
            state.reply_bytes = 0;
            self.drained.notify_waiters();
        }
        state.left_over_bytes < before
    }

    /// Until nothing is left over. Dropping the future loses nothing.
    pub async fn clear(&self) {
        loop {
            let mut drained = std::pin::pin!(self.drained.notified());
            drained.as_mut().enable();
            if !self.is_blocked() {
                return;
            }
            drained.await;
        }
    }

    /// We say no more; the peer may still.
    pub fn shut_down(&self) {
        self.io.shut_down();
    }

    /// Something is left over, so the session waits for `writable`.
    pub fn is_blocked(&self) -> bool {
        !self.state().left_over.is_empty()
    }

    /// A write failed: the peer is gone.
    pub fn is_broken(&self) -> bool {
        self.state().is_broken
    }

    /// Writes a message that vouches for all that was sent, unless something is left over or a stream waits to go on, or
    /// what it says is no longer so: asked when nothing else can be written before it.
    pub fn send_if_current(&self, message: &Bytes, is_still_so: impl FnOnce() -> bool) {
        let mut state = self.state();
        let is_behind = !state.left_over.is_empty() || !state.detached.is_empty();
        if !is_behind && !state.is_over && is_still_so() {
            self.write_in_order(&mut state, message);
        }
    }

    /// The streams that left and have not been asked to go on, once nothing is left over.
    pub fn ask_detached(&self) -> Vec<StreamId> {
        let mut state = self.state();
        if !state.left_over.is_empty() || !state.barred.is_empty() {
            return Vec::new();
        }
        let unasked = state.detached.iter_mut().filter(|it| !it.is_asked);
        unasked
            .map(|it| {
                it.is_asked = true;
                it.stream
            })
            .collect()
    }

    /// A stream's cursor is live again, or wanted no more. Until then no heartbeat vouches for what was sent: the cursor
    /// may be behind what the stream's live members have got.
    pub fn rejoin(&self, stream: StreamId) {
        self.state().detached.retain(|it| it.stream != stream);
    }

    /// Asks the session to end the connection; the first reason stays.
    pub fn request_close(&self, close: Close) {
        self.state().close.get_or_insert(close);
        self.wake.notify_one();
    }

    pub fn close_requested(&self) -> Option<Close> {
        self.state().close
    }

    /// Until another task has left something over, detached or asked to close. Dropping the future loses nothing.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }
}

impl State {
    /// The peer is gone: nothing waits for it any more, and nobody waits for its socket.
    pub(super) fn break_off(&mut self) {
        self.is_broken = true;
        self.left_over = VecDeque::new();
        self.left_over_bytes = 0;
        self.reply_bytes = 0;
    }

    fn detach(&mut self, stream: StreamId) {
        match self.detached.iter_mut().find(|it| it.stream == stream) {
            Some(known) => known.is_asked = false,
            None => self.detached.push(Detached { stream, is_asked: false }),
        }
    }

    fn leave_over(&mut self, messages: &Bytes, written: usize) {
        self.left_over_bytes += messages.len() - written;
        self.left_over.push_back(messages.slice(written..));
    }

    fn advance(&mut self, mut written: usize) {
        self.left_over_bytes -= written;
        while let Some(part) = self.left_over.front_mut() {
            if written < part.len() {
                part.advance(written);
                return;
            }
            written -= part.len();
            self.left_over.pop_front();
        }
    }
}

/// One slice goes by `write`, which costs the kernel less than a vector of one.
fn write(io: &Io, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    match slices {
        [one] => io.try_write(one),
        many => io.try_write_vectored(many),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    async fn pair() -> (Outlet, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        server.writable().await.unwrap();
        (Outlet::new(SessionId(1), server), client)
    }

    #[tokio::test]
    async fn a_blocked_socket_detaches_and_loses_no_byte() {
        let (outlet, mut client) = pair().await;
        let part = Bytes::from(vec![b'x'; 100_000]);
        let mut sent = 0;
        let last = loop {
            match outlet.fan(StreamId(7), &part) {
                Fanned::Written => sent += 100_000,
                other => break other,
            }
        };
        assert_eq!(last, Fanned::LeftOver);
        sent += 100_000;
        assert_eq!(outlet.fan(StreamId(7), &part), Fanned::Refused);
        assert!(outlet.is_blocked() && outlet.ask_detached().is_empty());
        outlet.send(&Bytes::from_static(b"reply"), 1_000_000).unwrap();
        assert_eq!(outlet.send(&part, 4), Err(Full), "five bytes of replies wait");

        let mut got = Vec::new();
        let mut buffer = vec![0; 65_536];
        while outlet.is_blocked() {
            let read = client.read(&mut buffer).await.unwrap();
            got.extend_from_slice(&buffer[..read]);
            outlet.drain();
        }
        assert_eq!(outlet.ask_detached(), [StreamId(7)]);
        assert!(outlet.ask_detached().is_empty(), "asked once");
        outlet.send_if_current(&Bytes::from_static(b"not while a cursor is behind"), || true);
        outlet.rejoin(StreamId(7));
        outlet.send_if_current(&Bytes::from_static(b"not what is no longer so"), || false);
        while got.len() < sent + 5 {
            let read = client.read(&mut buffer).await.unwrap();
            got.extend_from_slice(&buffer[..read]);
        }
        assert_eq!(got.len(), sent + 5);
        assert!(got.ends_with(b"reply") && got[..sent].iter().all(|byte| *byte == b'x'));
    }
}
