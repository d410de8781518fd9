//! The nodes' channel in Redis: sharded as the streams' are, so that one connection hears all.

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::RedisBroker;
use super::remedy::{Remedy, describe, remedy};
use super::reply;
use crate::broker::BrokerError;
use crate::broker::channel::{Channel, MESSAGES_WAITING_MAX};

/// The channel; `1` is the schema. In a cluster its whole name says which master it lives on.
pub(super) const NODES: &str = "hc1:nodes";

#[async_trait]
impl Channel for RedisBroker {
    /// Not repeated: whoever asks asks again.
    async fn say(&self, message: Bytes) -> Result<u64, BrokerError> {
        if self.stop.is_cancelled() {
            return Err(BrokerError::closed());
        }
        let (number, mut wire) = self.pages.wire().await?;
        let mut command = redis::cmd("SPUBLISH");
        command.arg(NODES).arg(&message[..]);
        match wire.call_beside(NODES, command).await {
            Ok(heard) => reply::number(&heard),
            Err(error) => {
                if remedy(&error) == Remedy::Reconnect {
                    self.pages.discard(number).await;
                }
                Err(BrokerError::Unavailable(describe(&error)))
            }
        }
    }

    fn hear(&self) -> mpsc::Receiver<Bytes> {
        let (listener, messages) = mpsc::channel(MESSAGES_WAITING_MAX);
        self.pubsub.hear_nodes(listener);
        messages
    }
}
