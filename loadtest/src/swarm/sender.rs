//! One sender: a keep-alive connection with one delivery in flight at most.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, bail};

use crate::http;

pub(crate) struct Sender {
    pub(crate) stream: Option<TcpStream>,
    /// The sequence number that waits for its answer.
    pub(crate) in_flight: Option<u64>,
    inbox: Vec<u8>,
}

/// What came back for a delivery.
pub(crate) struct Answered<'a> {
    pub(crate) seq: u64,
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Sender {
    pub(crate) fn dial(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("connect a sender")?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream: Some(stream), in_flight: None, inbox: Vec::new() })
    }

    pub(crate) fn send(&mut self, seq: u64, request: &[u8]) -> Result<()> {
        self.in_flight = Some(seq);
        let stream = self.stream.as_mut().context("a sender without a connection")?;
        stream.write_all(request).context("send a delivery")
    }

    /// Reads once; gives the answer to `take` when it is whole.
    pub(crate) fn hear<T>(
        &mut self,
        chunk: &mut [u8],
        take: impl FnOnce(Answered<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        let count = match stream.read(chunk) {
            Ok(0) => bail!("the server closed a sender's connection"),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(None);
            }
            Err(error) => return Err(error).context("read an answer"),
        };
        self.inbox.extend_from_slice(&chunk[..count]);
        let Some(answer) = http::answer(&self.inbox)? else { return Ok(None) };
        let seq = self.in_flight.take().context("an answer that nobody asked for")?;
        let taken = take(Answered { seq, status: answer.status, body: answer.body })?;
        let length = answer.length;
        self.inbox.drain(..length);
        Ok(Some(taken))
    }
}
