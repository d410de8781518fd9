//! How a message becomes bytes on a connection. Pure, so that the task that fans out can frame once for all.
//! Server-sent events get their variant here.

use bytes::{BufMut, Bytes, BytesMut};

use crate::close::Close;

/// Longest WebSocket frame header that a server writes.
const HEADER_BYTES_MAX: usize = 10;
const FINAL_TEXT: u8 = 0x81;
const FINAL_CLOSE: u8 = 0x88;
const FINAL_PING: u8 = 0x89;
const FINAL_PONG: u8 = 0x8A;

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Framing {
    /// RFC 6455, one unfragmented and unmasked text frame a message.
    WebSocket,
}

impl Framing {
    /// Appends one message made of parts.
    pub fn put_text(self, buffer: &mut BytesMut, parts: &[&[u8]]) {
        let Self::WebSocket = self;
        put_frame(buffer, FINAL_TEXT, parts);
    }

    /// One message as its own bytes.
    pub fn text(self, message: &[u8]) -> Bytes {
        let mut buffer = BytesMut::with_capacity(message.len() + HEADER_BYTES_MAX);
        self.put_text(&mut buffer, &[message]);
        buffer.freeze()
    }

    /// Asks the peer for a sign of life.
    pub fn ping(self) -> Bytes {
        let Self::WebSocket = self;
        Bytes::from_static(&[FINAL_PING, 0])
    }

    /// Answers a ping with its own payload, 125 bytes at most.
    pub fn pong(self, payload: &[u8]) -> Bytes {
        let Self::WebSocket = self;
        control(FINAL_PONG, payload)
    }

    /// Says why the connection ends.
    pub fn close(self, close: Close) -> Bytes {
        let Self::WebSocket = self;
        let mut payload = close.code().to_be_bytes().to_vec();
        payload.extend_from_slice(close.reason().as_bytes());
        control(FINAL_CLOSE, &payload)
    }

    /// Says a code of RFC 6455, §7.4.1, or echoes the peer's.
    pub fn close_code(self, code: u16) -> Bytes {
        let Self::WebSocket = self;
        control(FINAL_CLOSE, &code.to_be_bytes())
    }
}

fn control(first: u8, payload: &[u8]) -> Bytes {
    let mut buffer = BytesMut::with_capacity(payload.len() + 2);
    put_frame(&mut buffer, first, &[payload]);
    buffer.freeze()
}

fn put_frame(buffer: &mut BytesMut, first: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    buffer.reserve(length + HEADER_BYTES_MAX);
    buffer.put_u8(first);
    match length {
        0..=125 => buffer.put_u8(length as u8),
        126..=0xFFFF => {
            buffer.put_u8(126);
            buffer.put_u16(length as u16);
        }
        _ => {
            buffer.put_u8(127);
            buffer.put_u64(length as u64);
        }
    }
    for part in parts {
        buffer.put_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        for (length, header) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let frame = Framing::WebSocket.text(&vec![b'x'; length]);
            assert_eq!(&frame[..header.len()], header, "{length}");
            assert_eq!(frame.len(), header.len() + length);
        }
    }

    #[test]
    fn a_close_carries_code_and_reason() {
        assert_eq!(&Framing::WebSocket.close(Close::Expired)[..], b"\x88\x09\x0f\xa0expired");
    }
}
