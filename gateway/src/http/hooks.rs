//! Deliveries by their straight way: most of what comes is one, and a router's look, boxes and copies cost a seventh of it.

use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::Incoming;

use super::client::Peer;

/// Where senders post: `/hooks/{source}`.
const HOOKS_PATH: &str = "/hooks/";

/// What is said: words at hand, as nearly always, or whatever a handler made. A body of one type for both costs each a box.
pub type Said = Either<Full<Bytes>, Body>;

/// Takes what is sent to the sources' paths.
pub trait Hooks: Clone + Send + Sync + 'static {
    /// Answers a request for which [`source`] found a name.
    fn take(&self, request: Request<Incoming>, peer: &Peer) -> impl Future<Output = Response<Said>> + Send;
}

/// The source that a path names as it is spelt. What has to be decoded first, or names none, is for the router.
pub fn source(path: &str) -> Option<&str> {
    let name = path.strip_prefix(HOOKS_PATH)?;
    (!name.is_empty() && !name.contains(['/', '%'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_alone_is_found() {
        assert_eq!(source("/hooks/shop-1.eu_2"), Some("shop-1.eu_2"));
        for path in [
            "/",
            "/hooks",
            "/hooks/",
            "/hooks/a/",
            "/hooks/a/b",
            "/hooks/a%2Fb",
            "/hooks/%61",
            "//hooks/a",
            "/HOOKS/a",
        ] {
            assert_eq!(source(path), None, "{path}");
        }
    }
}
