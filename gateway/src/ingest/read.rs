//! Reads a request's body into one buffer, within its cap and deadline; what is refused early is still read a little, so
//! that the sender sees the answer and not a reset.

use std::time::Duration;

use axum::body::HttpBody;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use super::answer::Refused;
use super::within::within;

/// How much of a refused body is read, and for how long.
const DRAIN_BYTES_MAX: usize = 2 * 1024 * 1024;
const DRAIN_DEADLINE: Duration = Duration::from_secs(1);

/// The largest buffer that is made on the word of a `Content-Length` alone.
const TRUSTED_BYTES_MAX: usize = 64 * 1024;

/// The whole body, if it comes until then.
pub async fn read<B>(mut body: B, bytes_max: usize, until: Instant) -> Result<Bytes, Refused>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    let whole = if body.size_hint().lower() > bytes_max as u64 {
        Err(Refused::TooLarge)
    } else {
        within(until, gather(&mut body, bytes_max)).await.unwrap_or(Err(Refused::Timeout))
    };
    if whole == Err(Refused::TooLarge) {
        drain(body).await;
    }
    whole
}

async fn gather<B>(body: &mut B, bytes_max: usize) -> Result<Bytes, Refused>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    let declared = body.size_hint().upper().and_then(|upper| usize::try_from(upper).ok());
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refused::Broken)?.into_data() else { continue };
        read += data.len();
        if read > bytes_max {
            return Err(Refused::TooLarge);
        }
        match first.take() {
            None if rest.is_empty() => first = Some(data),
            earlier => {
                if let Some(earlier) = earlier {
                    rest.reserve(declared.unwrap_or(read).min(TRUSTED_BYTES_MAX).max(read));
                    rest.extend_from_slice(&earlier);
                }
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| rest.freeze()))
}

/// Reads and drops.
pub async fn drain<B: HttpBody<Data = Bytes> + Unpin>(mut body: B) {
    let until = Instant::now() + DRAIN_DEADLINE;
    let mut left = DRAIN_BYTES_MAX;
    while let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await {
        let read = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(read) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
