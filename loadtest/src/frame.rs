//! WebSocket frames as a client of one server needs them (RFC 6455 §5): split, answer, mask. No sockets and no
//! messages here: what a payload says is `message`'s business.

use anyhow::{Result, bail, ensure};

pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// A client's frames must be masked, but nobody here is an intermediary to be protected, so the key is fixed.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x1f, 0x96];

/// One whole frame, lent from the bytes that it was read into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) payload: &'a [u8],
}

/// Splits the first whole frame off `bytes` and says how many bytes it took; `None` when more must come first.
/// A server neither masks nor, here, fragments.
pub(crate) fn split(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    ensure!(first & 0x70 == 0, "frame with reserved bits: {first:#04x}");
    ensure!(first & 0x80 != 0, "fragmented message, where one message is one frame");
    ensure!(second & 0x80 == 0, "masked frame from a server");
    let (length, head) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (127, length) if length.len() >= 8 => {
            let (length, _) = length.split_first_chunk().expect("eight bytes were counted");
            (u64::from_be_bytes(*length) as usize, 10)
        }
        (126 | 127, _) => return Ok(None),
        (short, _) => (usize::from(short), 2),
    };
    if length > FRAME_BYTES_MAX {
        bail!("frame of {length} bytes, expected at most {FRAME_BYTES_MAX}");
    }
    let end = head + length;
    Ok(bytes.get(head..end).map(|payload| (Frame { opcode: first & 0x0f, payload }, end)))
}

/// A catch-up page is 256 events; at 64 KiB each that is the most a server may put in one message.
const FRAME_BYTES_MAX: usize = 256 * 64 * 1024;

/// What was read of a frame that is not whole yet. Empty, and without memory, nearly always: a frame that comes
/// whole is parsed where it was read.
#[derive(Default)]
pub(crate) struct Inbox {
    rest: Vec<u8>,
}

impl Inbox {
    /// Gives every whole frame in what waited plus `chunk` to `take`, in order; keeps the rest.
    pub(crate) fn feed(&mut self, chunk: &[u8], mut take: impl FnMut(Frame<'_>) -> Result<()>) -> Result<()> {
        if self.rest.is_empty() {
            let used = each(chunk, &mut take)?;
            self.rest.extend_from_slice(&chunk[used..]);
            return Ok(());
        }
        self.rest.extend_from_slice(chunk);
        let used = each(&self.rest, &mut take)?;
        self.rest.drain(..used);
        if self.rest.is_empty() {
            self.rest = Vec::new();
        }
        Ok(())
    }
}

fn each(bytes: &[u8], take: &mut impl FnMut(Frame<'_>) -> Result<()>) -> Result<usize> {
    let mut used = 0;
    while let Some((frame, length)) = split(&bytes[used..])? {
        used += length;
        take(frame)?;
    }
    Ok(used)
}

/// Appends a client's frame to `out`.
pub(crate) fn masked(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x80 | opcode);
    match u16::try_from(payload.len()).expect("a client's messages are short") {
        short @ 0..=125 => out.push(0x80 | short as u8),
        long => {
            out.push(0x80 | 0x7e);
            out.extend_from_slice(&long.to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// Appends the head of a server's text frame of `length` bytes to `out`.
pub(crate) fn text_head(length: usize, out: &mut Vec<u8>) {
    out.push(0x80 | TEXT);
    match length {
        0..=125 => out.push(length as u8),
        126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Splits the first whole *masked* frame off `bytes`, unmasked: the floor's side of `masked`.
pub(crate) fn split_masked(bytes: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let [first, second, rest @ ..] = bytes else { return None };
    let (length, head) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (126 | 127, _) => return None,
        (short, _) => (usize::from(short), 2),
    };
    let key = bytes.get(head..head + 4)?;
    let payload = bytes.get(head + 4..head + 4 + length)?;
    let plain = payload.iter().zip(key.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    Some((first & 0x0f, plain, head + 4 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        text_head(payload.len(), &mut out);
        out.extend_from_slice(payload);
        out
    }

    #[test]
    fn each_length_form_is_read_back() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let payload = vec![b'x'; length];
            let bytes = framed(&payload);
            let (frame, used) = split(&bytes).unwrap().unwrap();
            assert_eq!((frame.opcode, frame.payload.len(), used), (TEXT, length, bytes.len()));
        }
    }

    #[test]
    fn frames_come_whole_and_in_order_wherever_the_reads_are_cut() {
        let bytes: Vec<u8> =
            [&b"one"[..], &[b'2'; 300], b"", b"four"].iter().flat_map(|p| framed(p)).collect();
        for cut in 1..bytes.len() {
            let mut inbox = Inbox::default();
            let mut got = Vec::new();
            for chunk in bytes.chunks(cut) {
                inbox
                    .feed(chunk, |frame| {
                        got.push(frame.payload.len());
                        Ok(())
                    })
                    .unwrap();
            }
            assert_eq!(got, [3, 300, 0, 4], "cut every {cut} bytes");
            assert!(inbox.rest.is_empty());
        }
    }

    #[test]
    fn what_a_server_must_not_send_is_an_error() {
        for bytes in [[0x01, 0x00], [0x81, 0x80], [0xc1, 0x00]] {
            assert!(split(&bytes).is_err(), "{bytes:x?}");
        }
        assert!(split(&[0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0]).is_err(), "2^56 bytes");
    }

    #[test]
    fn what_a_client_masks_the_floor_reads() {
        for length in [0, 1, 125, 126, 4_000] {
            let payload = vec![b'q'; length];
            let mut out = Vec::new();
            masked(TEXT, &payload, &mut out);
            let used = out.len();
            assert_eq!(split_masked(&out), Some((TEXT, payload, used)));
            assert_eq!(split_masked(&out[..used - 1]), None);
        }
    }
}
