//! The loop of a connection, whatever it speaks: what comes in, what can go out, what the clock and the streams ask for.

use std::sync::Arc;

use crate::close::Close;
use crate::hub::outlet::Outlet;
use crate::session::Session;
use crate::session::clock::Progress;

/// The socket is gone.
#[derive(Debug)]
pub(super) struct Gone;

/// Serves a session until something ends it. `read` takes what the socket has, without waiting.
pub(super) async fn serve<End: From<Close> + From<Gone>>(
    session: &mut Session,
    outlet: &Arc<Outlet>,
    mut read: impl FnMut(&mut Session) -> Result<(), End>,
) -> End {
    let timer = tokio::time::sleep_until(session.wakes_at());
    tokio::pin!(timer);
    loop {
        if let Some(close) = outlet.close_requested() {
            return close.into();
        }
        if outlet.is_broken() {
            return Gone.into();
        }
        let is_blocked = outlet.is_blocked();
        session.took(if is_blocked { Progress::None } else { Progress::Clear });
        session.answer_others();
        let wakes_at = session.wakes_at();
        if timer.deadline() != wakes_at {
            timer.as_mut().reset(wakes_at);
        }
        // Each branch is cancel safe: readiness is kept by the socket, the rest by the outlet and the session.
        let step = tokio::select! {
            ready = outlet.io().readable() => ready.map_err(|_| Gone.into()).and_then(|()| read(session)),
            ready = outlet.io().writable(), if is_blocked => ready.map_err(|_| Gone.into()).map(|()| drain(session, outlet)),
            () = outlet.woken() => Ok(()),
            Some(brought) = session.catch_up(), if session.is_catching_up() => session.take_brought(brought).map_err(End::from),
            () = &mut timer => session.tick().map_err(End::from),
        };
        if let Err(end) = step {
            return end;
        }
    }
}

fn drain(session: &mut Session, outlet: &Outlet) {
    let progress = if outlet.drain() { Progress::Some } else { Progress::None };
    session.took(progress);
}
