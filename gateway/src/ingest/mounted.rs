//! Sources in use, by their name; and the one change that a sender can bring about: the secret that it offers while its
//! source is armed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::HeaderMap;

use crate::http::client::{self, Peer};
use crate::secret::Secret;
use crate::telemetry::SourceFigures;

use super::fetched::fetch::Fetcher;
use super::fetched::inquiry::Inquiry;
use super::fetched::store::Pace;
use super::handshake::Denied;
use super::inspect::Paces;
use super::pulse::Pulse;
use super::source::Source;
use super::throttle::Throttle;

/// In the order of their names. A few names are found sooner by comparing than by hashing.
pub type Mounts = BTreeMap<String, Arc<Mounted>>;

/// A source in use.
#[derive(Debug)]
pub struct Mounted {
    pub source: Arc<Source>,
    pub figures: SourceFigures,
    pub pulse: Arc<Pulse>,
    /// What it asks of its vendor.
    pub inquiry: Inquiry,
    /// Of log lines on refusals.
    pub refusals: Throttle,
    /// Of reports.
    pub paces: Paces,
}

impl Mounted {
    fn new(source: Source, fetcher: &Arc<Fetcher>, before: Option<&Self>) -> Self {
        let figures = SourceFigures::of(source.name());
        let pulse = Arc::new(Pulse::of(&source, before.map(|known| &*known.pulse)));
        let source = Arc::new(source);
        let inquiry = Inquiry::new(source.clone(), Pace::default(), fetcher.clone());
        let (refusals, paces) = (Throttle::default(), Paces::default());
        Self { source, figures, pulse, inquiry, refusals, paces }
    }

    /// Whether the source takes deliveries from where this one comes.
    pub fn admits(&self, peer: Option<&Peer>, headers: &HeaderMap) -> bool {
        let address = || client::address(peer, headers);
        let is_allowed = self.source.allows(address);
        if !is_allowed && self.refusals.enter(SystemTime::now()).is_some() {
            let source = self.source.name();
            tracing::warn!(source, address = ?address(), "delivery refused: this address is not allowed");
        }
        is_allowed
    }
}

/// Takes sources into use; what is remembered of one of the same name goes on.
pub fn mount(sources: Vec<Source>, fetcher: &Arc<Fetcher>, before: &Mounts) -> Arc<Mounts> {
    let mounted = sources.into_iter().map(|source| {
        if source.is_unproven() {
            tracing::warn!(
                source = source.name(),
                "this source verifies nothing: whoever knows its URL can publish"
            );
        }
        if source.is_armed() {
            tracing::warn!(
                source = source.name(),
                "this source takes the secret of whoever offers one first; take capture away once it has come"
            );
        }
        let name = source.name().to_owned();
        let known = before.get(&name).map(|known| &**known);
        let source = match known.and_then(|known| still_captured(&known.source, &source)) {
            Some(with_secret) => with_secret,
            None => source,
        };
        (name, Arc::new(Mounted::new(source, fetcher, known)))
    });
    Arc::new(mounted.collect())
}

/// The source with the secret that came to the one of its name before, if it would take it still: else a reload for whatever
/// other reason would have the next stranger's believed. Only disarming forgets it.
fn still_captured(before: &Source, source: &Source) -> Option<Source> {
    let secret = before.captured().filter(|_| source.is_armed() && source.provider() == before.provider())?;
    source.with_captured(secret.clone())
}

/// The sources with this secret in the one that it was offered to; none where it has it already. The first counts: whoever
/// comes after it with another is denied, until the source is no longer armed.
///
/// An offer may have been under way across a reload: what counts is the source that is in use now, not the `asked` one.
pub fn capture(
    mounts: &Mounts,
    asked: &Source,
    secret: &Secret,
    fetcher: &Arc<Fetcher>,
) -> Result<Option<Mounts>, Denied> {
    let name = asked.name();
    let mounted = mounts.get(name).ok_or(Denied::Capture)?;
    if !mounted.source.is_armed() || mounted.source.provider() != asked.provider() {
        return Err(Denied::Capture);
    }
    match mounted.source.captured() {
        Some(held) if held == secret => return Ok(None),
        Some(_) => return Err(Denied::Captured),
        None => {}
    }
    let source = mounted.source.with_captured(secret.clone()).ok_or(Denied::Capture)?;
    // The secret itself is not for a log, which more people read than may forge deliveries.
    tracing::info!(
        source = name,
        "a signing secret has come; read it at GET /api/v1/sources/{name}/captured, write it to secrets and take capture away"
    );
    let mut changed = mounts.clone();
    changed.insert(name.to_owned(), Arc::new(Mounted::new(source, fetcher, Some(mounted))));
    Ok(Some(changed))
}
