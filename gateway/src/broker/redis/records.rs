//! Records in Redis: a hash a shelf, `hc1:records:links`, field by key.

use std::collections::BTreeMap;

use async_trait::async_trait;
use redis::{Cmd, FromRedisValue, cmd};

use super::RedisBroker;
use super::remedy::{Remedy, describe, remedy};
use super::script::SWAP;
use crate::broker::records::{RecordError, Records, Shelf, admit};

/// The first may find the connection lost.
const ATTEMPTS: usize = 2;

fn hash_of(shelf: Shelf) -> String {
    format!("hc1:records:{}", shelf.name())
}

impl RedisBroker {
    /// Asks and reads the answer; each of these commands may be repeated.
    async fn ask_records<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RecordError> {
        let mut cause = String::new();
        for _ in 0..ATTEMPTS {
            let wire = self.pages.wire().await;
            let (number, mut wire) = wire.map_err(|error| RecordError::Unavailable(error.to_string()))?;
            match wire.call(command).await {
                Ok(value) => {
                    return T::from_redis_value(value)
                        .map_err(|error| RecordError::Unavailable(error.to_string()));
                }
                Err(error) => {
                    cause = describe(&error);
                    if remedy(&error) != Remedy::Reconnect {
                        break;
                    }
                    self.pages.discard(number).await;
                }
            }
        }
        Err(RecordError::Unavailable(cause))
    }
}

#[async_trait]
impl Records for RedisBroker {
    async fn put(&self, shelf: Shelf, key: &str, record: String) -> Result<(), RecordError> {
        admit(shelf, &self.all(shelf).await?, key, &record)?;
        self.ask_records::<i64>(cmd("HSET").arg(hash_of(shelf)).arg(key).arg(record)).await.map(drop)
    }

    async fn get(&self, shelf: Shelf, key: &str) -> Result<Option<String>, RecordError> {
        self.ask_records(cmd("HGET").arg(hash_of(shelf)).arg(key)).await
    }

    async fn all(&self, shelf: Shelf) -> Result<BTreeMap<String, String>, RecordError> {
        self.ask_records(cmd("HGETALL").arg(hash_of(shelf))).await
    }

    async fn swap(
        &self,
        shelf: Shelf,
        key: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<bool, RecordError> {
        let bound = shelf.bound();
        if after.as_ref().is_some_and(|record| record.len() > bound.bytes_each) {
            return Err(RecordError::Full);
        }
        // Taught each time: a board is saved now and then, and nobody need know whether Redis remembers the script.
        let mut command = SWAP.teach(&[&hash_of(shelf)]);
        command.arg(key);
        for record in [&before, &after] {
            command.arg(u8::from(record.is_some())).arg(record.as_deref().unwrap_or_default());
        }
        match self.ask_records::<i64>(command.arg(bound.records)).await? {
            1 => Ok(true),
            0 => Ok(false),
            _ => Err(RecordError::Full),
        }
    }

    async fn remove(&self, shelf: Shelf, key: &str) -> Result<bool, RecordError> {
        self.ask_records(cmd("HDEL").arg(hash_of(shelf)).arg(key)).await
    }
}
