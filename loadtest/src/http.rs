//! HTTP/1.1 as the load and the floor need it: one message split off the bytes that were read. No sockets here.

use anyhow::{Context, Result, bail};

/// What a keep-alive peer answered.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
    /// Bytes that the answer took, head and body.
    pub(crate) length: usize,
}

/// The first whole answer in `bytes`; `None` when more must come first.
pub(crate) fn answer(bytes: &[u8]) -> Result<Option<Answer<'_>>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes).context("an answer that is not HTTP/1.1")?
    else {
        return Ok(None);
    };
    let status = response.code.context("an answer without a status")?;
    // 101 has no body; whatever follows is the other protocol's.
    let body_bytes = if status == 101 { 0 } else { content_length(response.headers)? };
    let length = head + body_bytes;
    Ok(bytes.get(head..length).map(|body| Answer { status, body, length }))
}

pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) body: &'a [u8],
    /// Bytes that the request took, head and body.
    pub(crate) length: usize,
}

/// The first whole request in `bytes`; `None` when more must come first.
pub(crate) fn request(bytes: &[u8]) -> Result<Option<Request<'_>>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(bytes).context("not an HTTP/1.1 request")? else {
        return Ok(None);
    };
    let length = head + content_length(request.headers)?;
    let method = request.method.context("a request without a method")?;
    Ok(bytes.get(head..length).map(|body| Request { method, body, length }))
}

fn content_length(headers: &[httparse::Header<'_>]) -> Result<usize> {
    let mut length = 0;
    for header in headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            length = str::from_utf8(header.value)?.parse().context("content-length is no number")?;
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("a body in chunks, where a length was expected");
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_last_byte() {
        let bytes = b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\nbody";
        assert!((0..bytes.len()).all(|cut| answer(&bytes[..cut]).unwrap().is_none()));
        let whole = answer(bytes).unwrap().unwrap();
        assert_eq!((whole.status, whole.body, whole.length), (202, &b"body"[..], bytes.len()));
    }

    #[test]
    fn an_upgrade_leaves_the_first_frame_alone() {
        let bytes = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x81\x00";
        assert_eq!(answer(bytes).unwrap().unwrap().length, bytes.len() - 2);
    }

    #[test]
    fn a_request_is_whole_with_its_last_byte() {
        let bytes = b"POST /hooks/load HTTP/1.1\r\ncontent-length: 4\r\n\r\nbodyPOST";
        assert!(request(&bytes[..bytes.len() - 5]).unwrap().is_none());
        let whole = request(bytes).unwrap().unwrap();
        assert_eq!((whole.method, whole.body, whole.length), ("POST", &b"body"[..], bytes.len() - 4));
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(answer(b"hello\r\n\r\n").is_err());
        assert!(request(b"\x01\x02\r\n\r\n").is_err());
        assert!(answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
