//! Frames and messages from a client, as RFC 6455 has them (§5–7). The header's layout is tungstenite's business; which
//! header is allowed here, and how frames make messages, is ours.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

/// Longest payload of a control frame (§5.5).
const CONTROL_BYTES_MAX: usize = 125;
/// Longest header of a client's frame: 2 bytes, 8 of length, 4 of mask.
const HEADER_BYTES_MAX: usize = 14;

/// Frames of one message. Empty ones add nothing to its length, so without this a message could go on for ever.
const FRAGMENTS_MAX: usize = 1_024;

const PROTOCOL: u16 = 1002;
const UNSUPPORTED: u16 = 1003;
const NO_STATUS: u16 = 1005;
const INVALID: u16 = 1007;
const TOO_BIG: u16 = 1009;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A whole message.
    Text(&'a str),
    Ping(&'a [u8]),
    Pong,
    /// The peer says goodbye; the code to answer with.
    Close(u16),
    /// The peer breaks the protocol; the code to close with.
    Bad(u16),
}

/// Puts frames together. At rest it holds no buffer: both vectors are empty and unallocated between messages.
#[derive(Debug)]
pub struct Reader {
    message_bytes_max: usize,
    /// The beginning of a frame whose end has not come.
    partial: Vec<u8>,
    /// Fragments of a message whose end has not come.
    message: Option<Vec<u8>>,
    fragments: usize,
    is_over: bool,
}

/// One frame in the bytes at hand.
struct Frame<'a> {
    header: FrameHeader,
    payload: &'a mut [u8],
    length: usize,
}

impl Reader {
    pub fn new(message_bytes_max: usize) -> Self {
        Self { message_bytes_max, partial: Vec::new(), message: None, fragments: 0, is_over: false }
    }

    /// Takes bytes as they come and hands on what they complete. After a close or a breach nothing is read any more.
    ///
    /// # Errors
    /// Whatever the receiver answers ends the reading.
    pub fn feed<E>(
        &mut self,
        bytes: &mut [u8],
        receive: &mut impl FnMut(Incoming<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.partial.is_empty() {
            let used = self.read(bytes, receive)?;
            self.partial.extend_from_slice(&bytes[used..]);
        } else {
            let mut whole = std::mem::take(&mut self.partial);
            whole.extend_from_slice(bytes);
            let used = self.read(&mut whole, receive)?;
            whole.drain(..used);
            whole.shrink_to_fit();
            self.partial = whole;
        }
        Ok(())
    }

    /// Reads whole frames; answers how many bytes they took.
    fn read<E>(
        &mut self,
        mut bytes: &mut [u8],
        receive: &mut impl FnMut(Incoming<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut used = 0;
        while !self.is_over {
            match self.next_frame(bytes) {
                Ok(Some(frame)) => {
                    let length = frame.length;
                    let taken = self.take(&frame.header, frame.payload, receive);
                    if let Err(code) = taken? {
                        self.end();
                        receive(Incoming::Bad(code))?;
                        break;
                    }
                    used += length;
                    bytes = &mut bytes[length..];
                }
                Ok(None) => return Ok(used),
                Err(code) => {
                    self.end();
                    receive(Incoming::Bad(code))?;
                }
            }
        }
        Ok(used + bytes.len())
    }

    fn end(&mut self) {
        self.is_over = true;
        self.message = None;
        self.partial = Vec::new();
    }

    /// The next frame, unmasked; none when its end has not come. A header that is not allowed is refused before its payload
    /// is waited for.
    fn next_frame<'a>(&self, bytes: &'a mut [u8]) -> Result<Option<Frame<'a>>, u16> {
        // Only the header's few bytes are shown to the parser.
        let mut cursor = Cursor::new(&bytes[..bytes.len().min(HEADER_BYTES_MAX)]);
        let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| PROTOCOL)? else {
            return check_start(bytes).map(|()| None);
        };
        let header_bytes = cursor.position() as usize;
        self.check(&header, length, header_bytes)?;
        let length = usize::try_from(length).map_err(|_| TOO_BIG)?;
        let Some(payload) = bytes.get_mut(header_bytes..header_bytes + length) else { return Ok(None) };
        if let Some(mask) = header.mask {
            unmask(payload, mask);
        }
        Ok(Some(Frame { header, payload, length: header_bytes + length }))
    }

    fn check(&self, header: &FrameHeader, length: u64, header_bytes: usize) -> Result<(), u16> {
        if header.rsv1 || header.rsv2 || header.rsv3 || header.mask.is_none() {
            return Err(PROTOCOL);
        }
        let shortest = if length < 126 {
            6
        } else if length <= 0xFFFF {
            8
        } else {
            14
        };
        if header_bytes != shortest {
            return Err(PROTOCOL);
        }
        match header.opcode {
            OpCode::Control(Control::Reserved(_)) | OpCode::Data(Data::Reserved(_)) => Err(PROTOCOL),
            OpCode::Control(_) if !header.is_final || length > CONTROL_BYTES_MAX as u64 => Err(PROTOCOL),
            OpCode::Control(_) => Ok(()),
            OpCode::Data(Data::Continue) if self.message.is_none() => Err(PROTOCOL),
            OpCode::Data(Data::Text | Data::Binary) if self.message.is_some() => Err(PROTOCOL),
            OpCode::Data(Data::Binary) => Err(UNSUPPORTED),
            OpCode::Data(_) => {
                let before = self.message.as_ref().map_or(0, Vec::len) as u64;
                if before.saturating_add(length) > self.message_bytes_max as u64 {
                    Err(TOO_BIG)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn take<E>(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        receive: &mut impl FnMut(Incoming<'_>) -> Result<(), E>,
    ) -> Result<Result<(), u16>, E> {
        match header.opcode {
            OpCode::Control(Control::Ping) => receive(Incoming::Ping(payload))?,
            OpCode::Control(Control::Pong) => receive(Incoming::Pong)?,
            OpCode::Control(_) => match close_code(payload) {
                Ok(code) => {
                    self.end();
                    receive(Incoming::Close(code))?;
                }
                Err(code) => return Ok(Err(code)),
            },
            OpCode::Data(_) if header.is_final && self.message.is_none() => return text(payload, receive),
            OpCode::Data(_) => {
                self.fragments += 1;
                if self.fragments > FRAGMENTS_MAX {
                    return Ok(Err(TOO_BIG));
                }
                self.message.get_or_insert_default().extend_from_slice(payload);
                if header.is_final {
                    let message = self.message.take().unwrap_or_default();
                    self.fragments = 0;
                    return text(&message, receive);
                }
            }
        }
        Ok(Ok(()))
    }
}

/// What two bytes of a header tell already.
fn check_start(bytes: &[u8]) -> Result<(), u16> {
    match bytes {
        [_, second, ..] if second & 0x80 == 0 => Err(PROTOCOL),
        _ => Ok(()),
    }
}

fn text<E>(
    payload: &[u8],
    receive: &mut impl FnMut(Incoming<'_>) -> Result<(), E>,
) -> Result<Result<(), u16>, E> {
    match std::str::from_utf8(payload) {
        Ok(text) => receive(Incoming::Text(text)).map(Ok),
        Err(_) => Ok(Err(INVALID)),
    }
}

/// The code to answer a close with (§5.5.1, §7.4): its own, or 1000 where it has none.
fn close_code(payload: &[u8]) -> Result<u16, u16> {
    let (code, reason) = match payload {
        [] => return Ok(1000),
        [_] => return Err(PROTOCOL),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
    };
    let is_allowed = CloseCode::from(code).is_allowed() && code != NO_STATUS && code < 5000;
    match (is_allowed, std::str::from_utf8(reason)) {
        (false, _) => Err(PROTOCOL),
        (true, Err(_)) => Err(INVALID),
        (true, Ok(_)) => Ok(code),
    }
}

/// §5.3. Four bytes at a time: the compiler makes wide words of it.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    for chunk in payload.chunks_mut(4) {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [1, 2, 3, 4];

    /// A client's frame: first byte, then a masked payload in the shortest form.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            0..=125 => bytes.push(0x80 | payload.len() as u8),
            126..=0xFFFF => {
                bytes.push(0x80 | 0x7E);
                bytes.extend((payload.len() as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 0x7F);
                bytes.extend((payload.len() as u64).to_be_bytes());
            }
        }
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
        bytes
    }

    /// What a reader of messages up to 1,000 bytes makes of a stream, cut into pieces of this size.
    fn read_in_pieces(stream: &[u8], piece: usize) -> Vec<String> {
        let mut reader = Reader::new(1_000);
        let mut got = Vec::new();
        for bytes in stream.chunks(piece) {
            let result: Result<(), ()> = reader.feed(&mut bytes.to_vec(), &mut |incoming| {
                got.push(match incoming {
                    Incoming::Text(text) => format!("text {text}"),
                    Incoming::Ping(payload) => format!("ping {}", String::from_utf8_lossy(payload)),
                    Incoming::Pong => "pong".into(),
                    Incoming::Close(code) => format!("close {code}"),
                    Incoming::Bad(code) => format!("bad {code}"),
                });
                Ok(())
            });
            result.unwrap();
        }
        got
    }

    /// However the network cuts it, the same comes out.
    #[track_caller]
    fn reads(stream: &[u8], expected: &[&str]) {
        for piece in [1, 2, 3, 7, stream.len()] {
            assert_eq!(read_in_pieces(stream, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn messages_come_whole_and_in_order() {
        reads(&frame(0x81, b"hello"), &["text hello"]);
        reads(&[frame(0x81, b""), frame(0x81, "grüße".as_bytes())].concat(), &["text ", "text grüße"]);
        let long = "x".repeat(300);
        reads(&frame(0x81, long.as_bytes()), &[&format!("text {long}")]);
    }

    #[test]
    fn section_5_4_fragments_make_one_message_with_control_frames_between() {
        let parts =
            [frame(0x01, b"he"), frame(0x89, b"?"), frame(0x00, b"l"), frame(0x8A, b""), frame(0x80, b"lo")];
        reads(&parts.concat(), &["ping ?", "pong", "text hello"]);
        reads(&frame(0x80, b"lo"), &["bad 1002"]);
        reads(&[frame(0x01, b"he"), frame(0x81, b"hello")].concat(), &["bad 1002"]);
        let split_character = [frame(0x01, &"ü".as_bytes()[..1]), frame(0x80, &"ü".as_bytes()[1..])];
        reads(&split_character.concat(), &["text ü"]);
    }

    #[test]
    fn section_5_1_an_unmasked_frame_ends_it() {
        reads(b"\x81\x02hi", &["bad 1002"]);
        reads(b"\x89\x00", &["bad 1002"]);
    }

    #[test]
    fn section_5_2_reserved_bits_and_opcodes_and_long_forms_end_it() {
        for bit in [0x40, 0x20, 0x10] {
            reads(&frame(0x81 | bit, b"hi"), &["bad 1002"]);
        }
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            reads(&frame(0x80 | opcode, b"hi"), &["bad 1002"]);
        }
        let in_three_bytes = [&[0x81, 0x80 | 0x7E, 0, 2], &MASK[..], b"hi"].concat();
        reads(&in_three_bytes, &["bad 1002"]);
        let in_nine_bytes =
            [&[0x81, 0x80 | 0x7F, 0, 0, 0, 0, 0, 0, 0, 200], &MASK[..], &[b'x'; 200]].concat();
        reads(&in_nine_bytes, &["bad 1002"]);
        let top_bit = [&[0x81, 0x80 | 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0][..], &MASK].concat();
        assert!(matches!(read_in_pieces(&top_bit, 3)[0].as_str(), "bad 1002" | "bad 1009"));
    }

    #[test]
    fn section_5_5_control_frames_are_short_and_whole() {
        reads(&frame(0x89, &[b'x'; 125]), &[&format!("ping {}", "x".repeat(125))]);
        reads(&frame(0x89, &[b'x'; 126]), &["bad 1002"]);
        reads(&frame(0x09, b"?"), &["bad 1002"]);
    }

    #[test]
    fn section_5_5_1_a_close_is_answered_with_its_code_and_ends_the_reading() {
        reads(&[frame(0x88, b""), frame(0x81, b"more")].concat(), &["close 1000"]);
        reads(&frame(0x88, b"\x03\xe9bye"), &["close 1001"]);
        reads(&frame(0x88, b"\x0f\xa0"), &["close 4000"]);
        reads(&frame(0x88, b"\x03"), &["bad 1002"]);
        reads(&frame(0x88, b"\x03\xe8\xff"), &["bad 1007"]);
        for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
            reads(&frame(0x88, &code.to_be_bytes()), &["bad 1002"]);
        }
    }

    #[test]
    fn section_5_6_text_is_utf_8_and_binary_is_not_ours() {
        reads(&frame(0x81, b"\xff"), &["bad 1007"]);
        reads(&frame(0x81, "\u{d7ff}".as_bytes()), &["text \u{d7ff}"]);
        reads(&frame(0x81, b"\xed\xa0\x80"), &["bad 1007"]);
        reads(&frame(0x82, b"hi"), &["bad 1003"]);
    }

    #[test]
    fn section_7_4_1_a_message_too_big_is_refused_before_it_is_waited_for() {
        reads(&frame(0x81, &[b'x'; 1_001])[..14], &["bad 1009"]);
        reads(&[frame(0x01, &[b'x'; 600]), frame(0x80, &[b'x'; 401])].concat(), &["bad 1009"]);
        let huge = [&[0x81, 0x80 | 0x7F, 0, 0, 1, 0, 0, 0, 0, 0][..], &MASK].concat();
        reads(&huge, &["bad 1009"]);
    }

    #[test]
    fn at_rest_a_reader_owns_no_memory() {
        let mut reader = Reader::new(1_000);
        let stream = frame(0x81, b"hello");
        for byte in stream {
            let _: Result<(), ()> = reader.feed(&mut [byte], &mut |_| Ok(()));
        }
        assert_eq!((reader.partial.capacity(), reader.message.is_none()), (0, true));
    }
}
