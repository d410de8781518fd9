//! `GET /sse`: the same session, one way, as server-sent events.
//!
//! ```text
//!  session ──lines──▶ outlet ═pipe═▶ places.rs ──events──▶ HTTP body ──▶ client
//! ```
//! The session writes its messages into a pipe as it writes frames into a socket, so blocking, catching up, gaps and limits are the
//! same code. The other end turns each line into an event and reads no faster than the client takes it.

mod asked;
mod places;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::time::timeout;

use self::asked::Asked;
use self::places::{Places, Then};
use super::serve::{Gone, serve};
use super::ws::handshake::{Upgrades, leaving};
use crate::auth::{self, Identity};
use crate::close::Close;
use crate::framing::Framing;
use crate::http::client;
use crate::http::origin::Origins;
use crate::http::problem::Problem;
use crate::hub::outlet::Outlet;
use crate::jitter;
use crate::session::Session;
use crate::session::registry::{Closing, Sessions};

/// Between the loss of a connection and the browser's next attempt; jittered to 1–3 s, or a lost node's clients come back as one.
const RETRY: Duration = Duration::from_secs(2);
/// For the reader to take what was said last.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);
/// Read from the pipe at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// `GET /sse`.
pub fn route(upgrades: Arc<Upgrades>) -> Router {
    Router::new().route("/sse", get(answer)).with_state(upgrades)
}

async fn answer(State(upgrades): State<Arc<Upgrades>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let address = client::address(parts.extensions.get(), &parts.headers);
    begin(&upgrades, &parts.uri, &parts.headers, address).await.unwrap_or_else(IntoResponse::into_response)
}

async fn begin(
    upgrades: &Upgrades,
    uri: &Uri,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Response, Problem> {
    if !upgrades.origins.allow(headers) {
        return Err(Origins::refusal());
    }
    let asked = Asked::parse(uri, headers)?;
    let sessions = upgrades.sessions.clone();
    let token = token(upgrades, headers, &asked)?;
    let identity = sessions.auth.admit(token.as_deref()).await;
    let identity = identity.map_err(|error| Problem::unauthorized(&error))?;
    permit(&sessions, &identity, &asked)?;
    let (ours, theirs) = UnixStream::pair().map_err(|error| {
        tracing::warn!(%error, "no pipe for a subscriber");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "this node has no room now; come back soon",
        )
    })?;
    let places = Places::new(&asked.patterns);
    let messages: Vec<String> = asked.messages().collect();
    let who = Who { identity, address };
    let begun = sessions.clone().spawn(async move { run(ours, who, &messages, sessions).await });
    if let Err(Closing) = begun {
        return Ok(leaving());
    }
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would hold events back to fill its buffer.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events(theirs, places))).into_response())
}

/// The token of the header; of the address only where the operator allows it (RFC 9700, §4.3.2: addresses end in logs).
fn token(upgrades: &Upgrades, headers: &HeaderMap, asked: &Asked) -> Result<Option<String>, Problem> {
    if asked.query_token.is_some() && !upgrades.takes_query_token {
        let detail = "access_token: this gateway takes a token as Authorization: Bearer …; [server] sse_query_token allows the query";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail));
    }
    Ok(auth::bearer(headers).map(str::to_owned).or_else(|| asked.query_token.clone()))
}

/// What can be refused before anything is sent is refused by its status: a browser does not come back from that.
fn permit(sessions: &Sessions, identity: &Identity, asked: &Asked) -> Result<(), Problem> {
    let is_open = |pattern| identity.grants.covers(pattern) && sessions.has_stream(&pattern.stream());
    match asked.patterns.iter().find(|pattern| !is_open(pattern)) {
        Some(pattern) => Err(Problem::forbidden(format!("no grant of this token covers `{pattern}`"))),
        None => Ok(()),
    }
}

/// What ends a session: a reason to tell, or a reader that is gone.
struct End(Option<Close>);

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self(Some(close))
    }
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self(None)
    }
}

/// Whom a session is of.
struct Who {
    identity: Identity,
    address: Option<IpAddr>,
}

/// Runs one session to its end.
async fn run(io: UnixStream, who: Who, messages: &[String], sessions: Arc<Sessions>) {
    let outlet = Arc::new(Outlet::new(sessions.next_id(), io));
    let End(close) = match Session::begin(outlet.clone(), Framing::Lines, sessions, who.address) {
        Ok(mut session) => match subscribe(&mut session, who.identity, messages) {
            Ok(()) => serve(&mut session, &outlet, |_| read(&outlet)).await,
            Err(close) => close.into(),
        },
        Err(close) => close.into(),
    };
    let Some(close) = close else { return };
    outlet.say_last(&Framing::Lines.close(close, jitter::share()));
    let parting = async {
        while outlet.is_blocked() && outlet.io().writable().await.is_ok() {
            outlet.drain();
            tokio::task::yield_now().await;
        }
    };
    let _ = timeout(CLOSE_DEADLINE, parting).await;
}

fn subscribe(session: &mut Session, identity: Identity, messages: &[String]) -> Result<(), Close> {
    session.welcome(identity)?;
    messages.iter().try_for_each(|message| session.take_message(message))
}

/// The reader has nothing to say; its end is all that can be read.
fn read(outlet: &Outlet) -> Result<(), End> {
    match outlet.io().try_read(&mut [0; 1]) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        _ => Err(Gone.into()),
    }
}

/// The body: a wait between attempts, then every line as it comes.
fn events(pipe: UnixStream, places: Places) -> impl stream::Stream<Item = io::Result<Bytes>> {
    let retry = RETRY.mul_f64(0.5 + jitter::share());
    let hello = Bytes::from(format!("retry: {}\n\n", retry.as_millis()));
    let reader = Reader { pipe, lines: BytesMut::new(), places, is_over: false };
    let lines = stream::try_unfold(reader, |mut reader| async move {
        let events = reader.next().await?;
        Ok(events.map(|events| (events, reader)))
    });
    futures_util::StreamExt::chain(stream::once(async { Ok(hello) }), lines)
}

struct Reader {
    pipe: UnixStream,
    /// As long as one message at most, and what was read behind it.
    lines: BytesMut,
    places: Places,
    is_over: bool,
}

impl Reader {
    /// The events of all whole lines that are there; none at the end.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut out = BytesMut::new();
        while out.is_empty() {
            if self.is_over {
                return Ok(None);
            }
            self.lines.reserve(CHUNK_BYTES);
            let before = self.lines.len();
            if self.pipe.read_buf(&mut self.lines).await? == 0 {
                return Ok(None);
            }
            let Some(end) = self.lines[before..].iter().rposition(|byte| *byte == b'\n') else { continue };
            let whole = self.lines.split_to(before + end + 1);
            for line in whole[..].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                if self.places.put(line, &mut out) == Then::Ends {
                    self.is_over = true;
                    break;
                }
            }
        }
        Ok(Some(out.freeze()))
    }
}
