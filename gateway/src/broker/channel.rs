//! Where the nodes of one broker talk to each other. What they say is theirs: nothing here reads it, keeps it or waits for an answer.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::BrokerError;

/// Messages that a node has not taken yet; those that find no room are dropped: who asked sees that an answer is missing.
pub const MESSAGES_WAITING_MAX: usize = 1_024;

/// One channel for all nodes.
#[async_trait]
pub trait Channel: Send + Sync + fmt::Debug {
    /// Says it to all nodes that listen, this one among them; how many there are, as far as the broker can tell.
    async fn say(&self, message: Bytes) -> Result<u64, BrokerError>;

    /// What is said from some moment soon on, as long as the broker can be reached: whoever must know that it hears says something
    /// and waits for that. One listener a node; a later one takes the place of the one before.
    fn hear(&self) -> mpsc::Receiver<Bytes>;
}
