//! A broker that several nodes share and that can be away: nobody's end is its end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hookcast::broker::memory::MemoryBroker;
use hookcast::broker::records::Records;
use hookcast::broker::{Append, Appended, Broker, BrokerError, Listener, Page};
use hookcast::limits::{Limits, Retentions};
use hookcast::position::Head;
use hookcast::topic::{StreamName, Topic};

#[derive(Debug)]
pub struct Shared {
    inner: MemoryBroker,
    is_away: AtomicBool,
    /// How often each stream was asked for by `check`.
    checks: Mutex<HashMap<StreamName, usize>>,
}

impl Shared {
    pub fn new() -> Arc<Self> {
        Self::keeping(Retentions::default(), &Limits::default())
    }

    pub fn keeping(retentions: Retentions, limits: &Limits) -> Arc<Self> {
        let inner = MemoryBroker::new(retentions, limits);
        Arc::new(Self { inner, is_away: AtomicBool::new(false), checks: Mutex::default() })
    }

    pub fn go_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    pub fn checks(&self, stream: &StreamName) -> usize {
        self.checks.lock().unwrap().get(stream).copied().unwrap_or_default()
    }

    fn there(&self) -> Result<&MemoryBroker, BrokerError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(BrokerError::Unavailable("it is away".into()));
        }
        Ok(&self.inner)
    }
}

#[async_trait]
impl Broker for Shared {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn records(&self) -> &dyn Records {
        self.inner.records()
    }

    fn turns_over_silently(&self) -> bool {
        false
    }

    async fn append(&self, append: Append) -> Result<Appended, BrokerError> {
        self.there()?.append(append).await
    }

    async fn check(&self, stream: &StreamName) -> Result<Head, BrokerError> {
        *self.checks.lock().unwrap().entry(stream.clone()).or_default() += 1;
        self.there()?.check(stream).await
    }

    async fn read(&self, stream: &StreamName, from: u64, limit: usize) -> Result<Page, BrokerError> {
        self.there()?.read(stream, from, limit).await
    }

    async fn get(&self, stream: &StreamName, offsets: &[u64]) -> Result<Page, BrokerError> {
        self.there()?.get(stream, offsets).await
    }

    async fn seek(&self, stream: &StreamName, at_ms: u64) -> Result<(Head, u64), BrokerError> {
        self.there()?.seek(stream, at_ms).await
    }

    async fn topics(&self, stream: &StreamName) -> Result<(Head, Vec<(Topic, u64)>), BrokerError> {
        self.there()?.topics(stream).await
    }

    async fn now_ms(&self) -> Result<u64, BrokerError> {
        self.there()?.now_ms().await
    }

    async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        self.there()?.listen(stream).await
    }

    async fn close(&self) {}
}
