//! The floor: what a fan-out costs when there is nothing but the kernel. One thread, epoll, raw sockets: it parses an
//! HTTP POST and writes one ready-made frame with one `write` for each subscriber, then answers. It verifies nothing,
//! keeps nothing, and knows every WebSocket client to be this crate's own.
//!
//! It speaks just enough of `hookcast.v1` that the same load runs against it unchanged.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use anyhow::{Context, Result, bail};
use memchr::memmem;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::{Domain, Socket, Type};

use crate::delivery::{SOURCE, TOPIC};
use crate::frame;
use crate::http;

/// The key of RFC 6455's example, and what it is answered with.
pub(crate) const SAMPLE_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub(crate) const SAMPLE_ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Connections that may wait to be accepted: as many as the gateway's.
const WAITING_MAX: i32 = 4096;
const READ_BYTES: usize = 64 * 1024;
const LISTENER: u64 = u64::MAX;
const PARENT: u64 = u64::MAX - 1;

/// Serves until the process that started it closes our standard input.
pub(crate) fn serve() -> Result<()> {
    crate::process::raise_open_files(1 << 17)?;
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(WAITING_MAX).context("listen on loopback")?;
    let listener = TcpListener::from(listener);
    listener.set_nonblocking(true)?;
    println!("floor on http://{}", listener.local_addr()?);
    Floor::new(listener)?.run()
}

struct Floor {
    epoll: Epoll,
    listener: TcpListener,
    connections: Vec<Option<Connection>>,
    /// Indexes into `connections` that are free.
    free: Vec<usize>,
    /// Indexes into `connections`, in the order of subscription.
    subscribers: Vec<usize>,
    offset: u64,
    /// The event's frame, made once and written to everyone.
    frame: Vec<u8>,
    answer: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    role: Role,
    /// What was read of a message that is not whole yet.
    inbox: Vec<u8>,
    /// What the socket did not take; empty nearly always.
    left_over: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Http,
    WebSocket,
}

impl Floor {
    fn new(listener: TcpListener) -> Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        // Fails with EPERM where standard input is a file, such as /dev/null: then nobody waits for us to end.
        let _ = epoll.add(io::stdin(), EpollEvent::new(EpollFlags::EPOLLIN, PARENT));
        let (connections, free, subscribers) = (Vec::new(), Vec::new(), Vec::new());
        let (frame, answer) = (Vec::new(), Vec::new());
        Ok(Self { epoll, listener, connections, free, subscribers, offset: 0, frame, answer })
    }

    fn run(&mut self) -> Result<()> {
        let mut ready = vec![EpollEvent::empty(); 1024];
        let mut chunk = vec![0; READ_BYTES];
        loop {
            let count = match self.epoll.wait(&mut ready, EpollTimeout::NONE) {
                Err(nix::errno::Errno::EINTR) => continue,
                waited => waited?,
            };
            for event in &ready[..count] {
                match event.data() {
                    LISTENER => self.accept()?,
                    PARENT => return Ok(()),
                    index => self.serve(index as usize, event.events(), &mut chunk),
                }
            }
        }
    }

    fn accept(&mut self) -> Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("accept"),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let index = self.free.pop().unwrap_or_else(|| {
                self.connections.push(None);
                self.connections.len() - 1
            });
            self.epoll.add(stream.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, index as u64))?;
            let connection =
                Connection { stream, role: Role::Http, inbox: Vec::new(), left_over: Vec::new() };
            self.connections[index] = Some(connection);
        }
    }

    /// One connection is readable or writable. Whatever goes wrong on it ends it, and nothing else.
    fn serve(&mut self, index: usize, flags: EpollFlags, chunk: &mut [u8]) {
        let Some(mut connection) = self.connections.get_mut(index).and_then(Option::take) else { return };
        let mut went_well = true;
        if flags.contains(EpollFlags::EPOLLOUT) {
            went_well = self.flush(index, &mut connection).is_ok();
        }
        if went_well && flags.intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR) {
            went_well = self.read(index, &mut connection, chunk).is_ok();
        }
        if went_well {
            self.connections[index] = Some(connection);
        } else {
            self.subscribers.retain(|subscriber| *subscriber != index);
            self.free.push(index);
        }
    }

    fn read(&mut self, index: usize, connection: &mut Connection, chunk: &mut [u8]) -> Result<()> {
        let count = match connection.stream.read(chunk) {
            Ok(0) => bail!("the client left"),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if connection.inbox.is_empty() {
            let used = self.take(index, connection, &chunk[..count])?;
            connection.inbox.extend_from_slice(&chunk[used..count]);
        } else {
            let mut bytes = std::mem::take(&mut connection.inbox);
            bytes.extend_from_slice(&chunk[..count]);
            let used = self.take(index, connection, &bytes)?;
            connection.inbox.extend_from_slice(&bytes[used..]);
        }
        Ok(())
    }

    /// Does what the whole messages in `bytes` say, and returns how many bytes they were.
    fn take(&mut self, index: usize, connection: &mut Connection, bytes: &[u8]) -> Result<usize> {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            if connection.role == Role::WebSocket {
                let Some((opcode, payload, length)) = frame::split_masked(rest) else { return Ok(used) };
                used += length;
                if opcode == frame::TEXT {
                    self.reply(index, connection, &payload)?;
                }
            } else {
                let Some(request) = http::request(rest)? else { return Ok(used) };
                used += request.length;
                if request.method == "POST" {
                    self.publish(request.body);
                    connection.stream.write_all(&self.answer)?;
                } else {
                    upgrade(connection)?;
                }
            }
        }
    }

    fn reply(&mut self, index: usize, connection: &mut Connection, message: &[u8]) -> Result<()> {
        let mut out = Vec::new();
        if memmem::find(message, br#""type":"auth""#).is_some() {
            text(r#"{"type":"welcome","heartbeat_ms":25000}"#, &mut out);
        } else if memmem::find(message, br#""type":"subscribe""#).is_some() {
            let offset = self.offset;
            text(&format!(r#"{{"type":"subscribed","id":"a","position":"floor:{offset}"}}"#), &mut out);
            text(&format!(r#"{{"type":"live","id":"a","position":"floor:{offset}"}}"#), &mut out);
            self.subscribers.push(index);
        }
        Ok(connection.stream.write_all(&out)?)
    }

    /// Numbers the event, writes it to every subscriber, and leaves what the sender is to be told in `answer`.
    fn publish(&mut self, body: &[u8]) {
        self.offset += 1;
        let offset = self.offset;
        self.answer.clear();
        let told = format!(r#"{{"outcome":"accepted","position":"floor:{offset}"}}"#);
        let head = format!("HTTP/1.1 202 Accepted\r\ncontent-length: {}\r\n\r\n", told.len());
        self.answer.extend_from_slice(head.as_bytes());
        self.answer.extend_from_slice(told.as_bytes());
        if self.subscribers.is_empty() {
            return;
        }
        self.frame_event(body);
        for index in &self.subscribers {
            let Some(subscriber) = &mut self.connections[*index] else { continue };
            subscriber.send(&self.frame);
            if !subscriber.left_over.is_empty() {
                let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT;
                let mut event = EpollEvent::new(flags, *index as u64);
                // A socket that is gone is found at its next read.
                let _ = self.epoll.modify(&subscriber.stream, &mut event);
            }
        }
    }

    /// The same bytes around the body as a gateway sends, so that both write frames of one size.
    fn frame_event(&mut self, body: &[u8]) {
        let head = format!(
            r#"{{"type":"events","events":[{{"offset":{},"topic":"{TOPIC}","event":{{"specversion":"1.0","id":"0123456789abcdef-{:08}","source":"/hooks/{SOURCE}","type":"reading","time":"2026-01-01T00:00:00.000000Z","datacontenttype":"application/json","data":"#,
            self.offset, self.offset
        );
        let tail = b"}}]}";
        self.frame.clear();
        frame::text_head(head.len() + body.len() + tail.len(), &mut self.frame);
        self.frame.extend_from_slice(head.as_bytes());
        self.frame.extend_from_slice(body);
        self.frame.extend_from_slice(tail);
    }

    fn flush(&mut self, index: usize, connection: &mut Connection) -> Result<()> {
        let waiting = std::mem::take(&mut connection.left_over);
        connection.send(&waiting);
        if connection.left_over.is_empty() {
            let mut event = EpollEvent::new(EpollFlags::EPOLLIN, index as u64);
            self.epoll.modify(&connection.stream, &mut event)?;
        }
        Ok(())
    }
}

impl Connection {
    /// One `write`; what it does not take is kept. An error is found by the next read.
    fn send(&mut self, bytes: &[u8]) {
        if !self.left_over.is_empty() {
            self.left_over.extend_from_slice(bytes);
            return;
        }
        let written = self.stream.write(bytes).unwrap_or(0);
        self.left_over.extend_from_slice(&bytes[written..]);
    }
}

fn upgrade(connection: &mut Connection) -> Result<()> {
    connection.role = Role::WebSocket;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {SAMPLE_ACCEPT}\r\nsec-websocket-protocol: hookcast.v1\r\n\r\n"
    );
    connection.stream.write_all(answer.as_bytes())?;
    Ok(())
}

fn text(message: &str, out: &mut Vec<u8>) {
    frame::text_head(message.len(), out);
    out.extend_from_slice(message.as_bytes());
}
