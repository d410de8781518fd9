//! How a message becomes bytes on a connection. Pure, so that the task that fans out can frame once for all.

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
    /// A message a line, for a transport that puts it into its own form.
    Lines,
}

impl Framing {
    /// Appends one message made of parts.
    pub fn put_text(self, buffer: &mut BytesMut, parts: &[&[u8]]) {
        match self {
            Self::WebSocket => put_frame(buffer, FINAL_TEXT, parts),
            Self::Lines => {
                for part in parts {
                    buffer.put_slice(part);
                }
                buffer.put_u8(b'\n');
            }
        }
    }

    /// One message as its own bytes.
    pub fn text(self, message: &[u8]) -> Bytes {
        let mut buffer = BytesMut::with_capacity(message.len() + HEADER_BYTES_MAX);
        self.put_text(&mut buffer, &[message]);
        buffer.freeze()
    }

    /// Asks the peer for a sign of life.
    pub fn ping(self) -> Bytes {
        match self {
            Self::WebSocket => Bytes::from_static(&[FINAL_PING, 0]),
            Self::Lines => Bytes::new(),
        }
    }

    /// Answers a ping with its own payload, 125 bytes at most.
    pub fn pong(self, payload: &[u8]) -> Bytes {
        match self {
            Self::WebSocket => control(FINAL_PONG, payload),
            Self::Lines => Bytes::new(),
        }
    }

    /// Says why the connection ends; `share` is random in 0..1.
    pub fn close(self, close: Close, share: f64) -> Bytes {
        match self {
            Self::WebSocket => {
                let mut payload = close.code().to_be_bytes().to_vec();
                payload.extend_from_slice(close.said(share).as_bytes());
                control(FINAL_CLOSE, &payload)
            }
            Self::Lines => {
                let (code, name) = (close.code(), close.name());
                let wait =
                    close.retry_ms(share).map(|wait| format!(",\"retry_ms\":{wait}")).unwrap_or_default();
                self.text(format!(r#"{{"type":"close","code":{code},"name":"{name}"{wait}}}"#).as_bytes())
            }
        }
    }

    /// The peer cannot speak: that it takes what is said is its sign of life.
    pub fn is_one_way(self) -> bool {
        self == Self::Lines
    }

    /// Under which name it is counted.
    pub fn transport(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Lines => "sse",
        }
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

/// A code of RFC 6455, §7.4.1, or the peer's own.
pub fn close_code(code: u16) -> Bytes {
    control(FINAL_CLOSE, &code.to_be_bytes())
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
        assert_eq!(&Framing::WebSocket.close(Close::Expired, 0.0)[..], b"\x88\x09\x0f\xa0expired");
    }
}
