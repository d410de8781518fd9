//! The newest event of each topic, before a subscription is live: for a snapshot, and for whoever takes no more than that.

use super::follow::{Following, Refused};
use crate::broker::BATCH_EVENTS_MAX;
use crate::hub::command::Newest;
use crate::hub::handle::StreamHandle;
use crate::hub::window::Item;
use crate::position::{Epoch, Position};
use crate::telemetry;
use crate::wire::{ErrorCode, Gap, GapReason};

impl Following {
    pub(super) async fn newest(&self, stream: &StreamHandle) -> Result<Newest, Refused> {
        let newest = stream.newest(self.ticket.pattern.clone()).await;
        newest.ok_or_else(|| Refused::new(ErrorCode::Unavailable, "the topics cannot be read now"))
    }

    /// Leaves out the oldest beyond the bound; answers what is to be told of them.
    pub(super) fn cut(&self, newest: &mut Newest) -> Option<Gap> {
        let cut = newest.offsets.len().saturating_sub(self.sessions.limits.snapshot);
        let left_out: Vec<u64> = newest.offsets.drain(..cut).collect();
        let (from, to) = left_out.first().zip(left_out.last())?;
        telemetry::gap(GapReason::Limit.as_str());
        let position = Position { epoch: newest.position.epoch, offset: *to };
        Some(Gap { reason: GapReason::Limit, from: Some(*from), to: Some(*to), position })
    }

    /// Instead of all that follows a position sends the newest of each topic; answers where it is then. Where the epoch
    /// has turned over meanwhile it stays, and the stream's task judges the position anew.
    pub(super) async fn pass_over(
        &self,
        stream: &StreamHandle,
        after: Position,
    ) -> Result<Position, Refused> {
        let mut newest = self.newest(stream).await?;
        if newest.position.epoch != after.epoch || newest.position.offset <= after.offset {
            return Ok(after);
        }
        if newest.first > after.offset + 1 {
            let position = Position { offset: newest.first - 1, ..after };
            let (from, to) = (Some(after.offset + 1), Some(position.offset));
            telemetry::gap(GapReason::Retention.as_str());
            self.tell(stream, &Gap { reason: GapReason::Retention, from, to, position });
        }
        newest.offsets.retain(|offset| *offset > after.offset);
        if let Some(gap) = self.cut(&mut newest) {
            self.tell(stream, &gap);
        }
        let is_whole = self.send_newest(stream, &newest.offsets, after.epoch).await?;
        Ok(if is_whole { newest.position } else { after })
    }

    /// Sends these entries; false when the epoch is another one by now.
    pub(super) async fn send_newest(
        &self,
        stream: &StreamHandle,
        offsets: &[u64],
        epoch: Epoch,
    ) -> Result<bool, Refused> {
        for offsets in offsets.chunks(BATCH_EVENTS_MAX) {
            let page = stream.get(offsets).await?;
            if page.head.epoch != epoch {
                return Ok(false);
            }
            if page.entries.len() < offsets.len() {
                // Trimmed since they were the newest.
                let upto = page.head.first.saturating_sub(1);
                let position = Position { epoch, offset: upto };
                telemetry::gap(GapReason::Retention.as_str());
                let from = offsets.first().copied();
                self.tell(stream, &Gap { reason: GapReason::Retention, from, to: Some(upto), position });
            }
            self.send_matching(&page.entries.iter().map(Item::from).collect::<Vec<_>>()).await;
        }
        Ok(true)
    }
}
