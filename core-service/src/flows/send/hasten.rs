//! What was put off while a client could not send does not wait for its time once that changed.
//!
//! Invariant: only a matter of time; what is missed here is due by itself, later.

use std::time::Duration;

use crate::{
    domain::{ids::MessageId, owner::Owner, rules::settle},
    flows::{Core, Error},
    store::{Footprint, OutboxQuery},
};

/// Nothing is put off for longer.
const HORIZON: Duration = Duration::from_secs(24 * 60 * 60);
/// The most messages that are looked at.
const AT_MOST: u32 = 1_000;
/// How many are written in one commit.
const CHUNK: usize = 100;

impl Core {
    /// Makes due now what an owner's outbox has put off, and the files that are still to be fetched: a client that was connected again sends it, one
    /// that was removed ends it.
    pub(in crate::flows) async fn hasten(&self, owner: &Owner) {
        if let Err(error) = self.make_due(owner).await {
            tracing::warn!(%error, "what waits in an outbox goes later");
        }
        if let Err(error) = self.hasten_fetches(owner).await {
            tracing::warn!(%error, "files that wait for a connection are fetched later");
        }
    }

    async fn make_due(&self, owner: &Owner) -> Result<(), Error> {
        let now = self.clock.now();
        let query = OutboxQuery::Due(now + HORIZON);
        let queued = self.store.outbox(&[owner.lane()], query, AT_MOST).await?;
        let put_off: Vec<MessageId> = queued
            .iter()
            .filter(|row| row.owner == *owner && row.due_at().is_some_and(|due| due > now))
            .map(|row| row.id)
            .collect();
        for chunk in put_off.chunks(CHUNK) {
            let footprint = Footprint { messages: chunk.to_vec(), ..Footprint::default() };
            self.decide(owner, footprint, |set| {
                chunk.iter().for_each(|id| settle::hasten(set, *id));
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}
