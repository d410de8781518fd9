//! One connection of `listen`: dial, subscribe, print until it ends, and say whether to come back.

use std::time::Duration;

use futures_util::SinkExt as _;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_stream::StreamExt as _;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::message::{Heard, Item, Message};
use super::print::Printer;
use super::subscription::Subscriptions;
use crate::cli::client::below;
use crate::cli::failure::Failure;

/// From dialling to `welcome`.
const WELCOME_DEADLINE: Duration = Duration::from_secs(10);
/// How late a heartbeat may be before the connection counts as dead.
const HEARTBEAT_GRACE: Duration = Duration::from_secs(10);
/// To a socket that takes what we say.
const SEND_DEADLINE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Whom to dial, and what to show there.
pub(super) struct Peer<'a> {
    pub(super) url: &'a Url,
    pub(super) token: Option<String>,
}

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum Ended {
    ComeBack {
        why: String,
        retry: Option<Duration>,
    },
    StayAway {
        message: String,
        mend: String,
    },
    /// The gateway ended every subscription.
    NothingLeft,
}

impl Ended {
    fn lost(why: &(impl ToString + ?Sized)) -> Self {
        Self::ComeBack { why: why.to_string(), retry: None }
    }
}

/// Serves one connection to its end; tells how long it was live.
pub(super) async fn serve(
    peer: &Peer<'_>,
    subscriptions: &mut Subscriptions,
    printer: Printer,
    was_welcome: &mut bool,
) -> Result<(Ended, Duration), Failure> {
    let mut socket = match timeout(WELCOME_DEADLINE, dial(peer)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(ended)) => return Ok((ended, Duration::ZERO)),
        Err(_) => return Ok((Ended::lost("no answer in time"), Duration::ZERO)),
    };
    let started = Instant::now();
    let mut silence_max = WELCOME_DEADLINE;
    let subscribe = subscriptions.requests();
    if let Err(ended) = send(&mut socket, subscribe).await {
        return Ok((ended, Duration::ZERO));
    }
    let ended = loop {
        let Ok(frame) = timeout(silence_max, socket.next()).await else {
            break Ended::lost("silent for too long");
        };
        match frame {
            Some(Ok(Frame::Text(text))) => match Heard::parse(&text) {
                Ok(Heard::Message(Message::Welcome { heartbeat_ms })) => {
                    silence_max = Duration::from_millis(heartbeat_ms) + HEARTBEAT_GRACE;
                    printer.note(if *was_welcome { "connected again" } else { "connected" });
                    *was_welcome = true;
                }
                Ok(heard) => {
                    if let Some(ended) = hear(heard, subscriptions, printer)? {
                        break ended;
                    }
                }
                Err(error) => break stay_away(peer.url, &format!("it says what is no message ({error})")),
            },
            Some(Ok(Frame::Close(frame))) => break closed(frame),
            Some(Ok(_)) => {}
            Some(Err(error)) => break Ended::lost(&error),
            None => break Ended::lost("closed"),
        }
    };
    Ok((ended, started.elapsed()))
}

async fn dial(peer: &Peer<'_>) -> Result<Socket, Ended> {
    let mut url = below(peer.url, "/ws");
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme).map_err(|()| stay_away(peer.url, "it is no web address"))?;
    let mut request =
        url.as_str().into_client_request().map_err(|error| stay_away(peer.url, &error.to_string()))?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "hookcast.v1".parse().expect("a literal is a header value"));
    if let Some(token) = &peer.token {
        let value = format!("Bearer {token}").parse();
        let value = value.map_err(|_| stay_away(peer.url, "the token has characters that no token has"))?;
        headers.insert("authorization", value);
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) if response.status().is_server_error() => {
            Err(Ended::lost(&response.status()))
        }
        Err(Error::Http(response)) => Err(stay_away(peer.url, &format!("it answers {}", response.status()))),
        Err(error) => Err(Ended::lost(&error)),
    }
}

fn stay_away(url: &Url, why: &str) -> Ended {
    Ended::StayAway {
        message: format!("{url} cannot be listened to: {why}"),
        mend: "name the gateway's own address with --url".into(),
    }
}

async fn send(socket: &mut Socket, messages: Vec<Value>) -> Result<(), Ended> {
    // A client without a token is welcomed by its first `subscribe`; one with a token at once.
    for message in messages {
        let sent = timeout(SEND_DEADLINE, socket.send(Frame::text(message.to_string()))).await;
        sent.map_err(|_| Ended::lost("it takes nothing"))?.map_err(|error| Ended::lost(&error))?;
    }
    Ok(())
}

/// Does what a message asks; some messages end the connection.
fn hear(heard: Heard, subscriptions: &mut Subscriptions, printer: Printer) -> Result<Option<Ended>, Failure> {
    let message = match heard {
        Heard::Message(message) => message,
        Heard::Events(events) => {
            for raw in &events.events {
                let Ok(item) = serde_json::from_str::<Item<'_>>(raw.get()) else { continue };
                if subscriptions.take(events.id.as_deref(), &item.topic, item.offset, &item.event.id) {
                    printer.item(&item, raw.get())?;
                }
            }
            return Ok(None);
        }
    };
    match message {
        Message::Subscribed { id, position } => subscriptions.begin(&id, position.0),
        Message::Live { id, position } => subscriptions.live(&id, position.0),
        Message::Gap(gap) => {
            printer.gap(&gap);
            subscriptions.gap(&gap);
        }
        Message::Error { code, .. } if code == "unavailable" => {
            return Ok(Some(Ended::lost("the gateway is not ready")));
        }
        Message::Error { id: Some(id), code, message } => {
            end(&id, &format!("{code}: {message}"), subscriptions, printer);
        }
        Message::Error { id: None, code, message } => printer.warn(&format!("{code}: {message}")),
        Message::Unsubscribed { id, code } => end(&id, &code.unwrap_or_default(), subscriptions, printer),
        Message::Positions { positions } => subscriptions.vouch(&positions),
        Message::Welcome { .. } | Message::Other => {}
    }
    Ok(subscriptions.is_empty().then_some(Ended::NothingLeft))
}

fn end(id: &str, why: &str, subscriptions: &mut Subscriptions, printer: Printer) {
    if let Some(pattern) = subscriptions.end(id) {
        printer.warn(&format!("{pattern} is not heard: {why}"));
    }
}

/// What a close code asks of the client: 4500 to 4999 stay away, all others come back.
fn closed(frame: Option<CloseFrame>) -> Ended {
    let Some(frame) = frame else { return Ended::lost("closed") };
    let code = u16::from(frame.code);
    match code {
        4501 => Ended::StayAway {
            message: "the gateway does not let us in (4501)".into(),
            mend:
                "give a token with --token or HOOKCAST_TOKEN; `hookcast token --subscribe PATTERN` makes one"
                    .into(),
        },
        4500..=4999 => Ended::StayAway {
            message: format!("the gateway sent us away ({code} {})", frame.reason),
            mend: "this client and that gateway may be of different versions".into(),
        },
        _ => {
            let reason: Value = serde_json::from_str(&frame.reason).unwrap_or_else(|_| json!({}));
            let retry = reason["retry_ms"].as_u64().map(Duration::from_millis);
            Ended::ComeBack { why: format!("closed with {code}"), retry }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_say_whether_to_come_back() {
        let close = |code: u16, reason: &'static str| {
            closed(Some(CloseFrame { code: code.into(), reason: reason.into() }))
        };
        for code in [1001, 1006, 1012, 1013, 4000, 4001, 4499] {
            assert!(matches!(close(code, ""), Ended::ComeBack { retry: None, .. }), "{code}");
        }
        for code in [4500, 4501, 4502, 4999] {
            assert!(matches!(close(code, ""), Ended::StayAway { .. }), "{code}");
        }
        let Ended::ComeBack { retry, .. } = close(1013, r#"{"retry_ms":1500}"#) else {
            panic!("1013 comes back")
        };
        assert_eq!(retry, Some(Duration::from_millis(1_500)));
    }
}
