//! A token whose key this node does not have yet: it is looked for, and what the client said behind it waits. Nobody else
//! waits; the session's own task goes on reading.

use futures_util::stream::StreamExt as _;

use super::Session;
use super::follow::Followed;
use crate::close::Close;

/// What a session waited for beside its socket.
pub enum Brought {
    Followed(Box<Followed>),
    /// The keys that this token needs were looked for.
    Learned(Box<str>),
}

/// What came behind a token whose key is being looked for. Most sessions never have it, so it is kept elsewhere.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<String>);

impl Session {
    /// Whether any subscription is catching up, so that [`Session::catch_up`] has something to wait for.
    pub fn is_catching_up(&self) -> bool {
        !self.catching.is_empty()
    }

    /// Goes on catching up until one subscription is live or has failed. Dropping the future loses nothing: what is under
    /// way stays in the session.
    pub async fn catch_up(&mut self) -> Option<Brought> {
        self.catching.next().await
    }

    /// Takes what [`Session::catch_up`] brought.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn take_brought(&mut self, brought: Brought) -> Result<(), Close> {
        match brought {
            Brought::Followed(followed) => self.take_followed(*followed),
            Brought::Learned(token) => self.take_learned(&token),
        }
    }

    /// A token came: in the handshake, as `auth`, or again to refresh.
    ///
    /// # Errors
    /// The first token must be good; a bad refresh is only told.
    pub fn take_token(&mut self, token: &str) -> Result<(), Close> {
        if !self.sessions.auth.must_learn(token) {
            return self.authenticate(token);
        }
        self.held = Some(Box::default());
        let (auth, token) = (self.sessions.auth.clone(), Box::from(token));
        self.catching.push(Box::pin(async move {
            auth.learn(&token).await;
            Brought::Learned(token)
        }));
        Ok(())
    }

    /// Keeps a message for later, while a token is looked at; as many bytes as one message may have.
    pub(super) fn is_held(&mut self, text: &str) -> Result<bool, Close> {
        let Some(held) = &mut self.held else { return Ok(false) };
        let bytes: usize = held.0.iter().map(String::len).sum();
        if bytes + text.len() > self.sessions.limits.message_bytes {
            return Err(Close::TooMany);
        }
        held.0.push(text.to_owned());
        Ok(true)
    }

    pub(super) fn take_learned(&mut self, token: &str) -> Result<(), Close> {
        let held = self.held.take().unwrap_or_default();
        self.authenticate(token)?;
        held.0.iter().try_for_each(|text| self.answer(text))
    }
}
