//! What one source asks of its vendor: the key of a delivery, and to confirm a subscription.

use std::sync::Arc;

use axum::http::Method;
use reqwest::Url;

use crate::ingest::delivery::Delivery;
use crate::ingest::source::Source;
use crate::ingest::verify::Refusal;

use super::fetch::Fetcher;
use super::store::{Pace, Store, Unhad};

#[derive(Debug)]
pub struct Inquiry {
    source: Arc<Source>,
    store: Store,
    fetcher: Arc<Fetcher>,
}

/// Why a delivery goes no further.
#[derive(Debug)]
pub enum Halt {
    /// It is not worth asking for its key.
    Refused(Refusal),
    /// Its key is not to be had now; the log says why.
    Keyless,
}

impl Inquiry {
    pub fn new(source: Arc<Source>, pace: Pace, fetcher: Arc<Fetcher>) -> Self {
        Self { source, store: Store::new(pace), fetcher }
    }

    /// Gives a delivery its key, where that must be fetched. Waits for nothing else, and twice the deadline of a question
    /// at most.
    ///
    /// # Errors
    /// See [`Halt`].
    pub async fn keyed(&self, delivery: &mut Delivery, public_url: Option<&str>) -> Result<(), Halt> {
        if delivery.method != Method::POST {
            return Ok(());
        }
        let need = self.source.need(delivery, public_url).map_err(Halt::Refused)?;
        let Some(need) = need else { return Ok(()) };
        match self.store.key(need, &self.fetcher, self.source.name()).await {
            Ok(found) => {
                delivery.take_key(found);
                Ok(())
            }
            // The verdict on one without a key is that no such key is known.
            Err(Unhad::Unknown) => Ok(()),
            Err(Unhad::NotNow) => Err(Halt::Keyless),
        }
    }

    /// Visits the URL that confirms a subscription, as often as keys may be asked for; the vendor asks again if that fails.
    pub async fn confirm(&self, url: &Url) -> bool {
        let visited = if self.store.may_ask() {
            Box::pin(self.fetcher.visit(url)).await
        } else {
            Err("there were too many questions in this minute".into())
        };
        let source = self.source.name();
        match &visited {
            Ok(()) => tracing::info!(source, "a subscription was confirmed"),
            Err(why) => tracing::warn!(source, why, "a subscription could not be confirmed"),
        }
        visited.is_ok()
    }
}
