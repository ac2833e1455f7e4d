//! Files that waited for a connection do not wait for their time once there is one.
//!
//! Invariant: only a matter of time; what is missed here is due by itself, later.

use crate::{
    domain::{
        ids::MessageId,
        owner::Owner,
        rules::fetch::{self, KEPT_BY_META},
    },
    flows::{Core, Error},
    store::Footprint,
};

/// The most messages that are looked at.
const AT_MOST: u32 = 1_000;
/// How many are written in one commit.
const CHUNK: usize = 100;

impl Core {
    /// Makes due now what an owner still has to fetch.
    ///
    /// # Errors
    /// When the store is away.
    pub(in crate::flows) async fn hasten_fetches(&self, owner: &Owner) -> Result<(), Error> {
        let now = self.clock.now();
        let waiting = self.store.fetches(&[owner.lane()], now + KEPT_BY_META, AT_MOST).await?;
        let put_off: Vec<MessageId> = waiting
            .iter()
            .filter(|row| row.owner == *owner && row.fetch_at().is_some_and(|due| due > now))
            .map(|row| row.id)
            .collect();
        for chunk in put_off.chunks(CHUNK) {
            let footprint = Footprint { messages: chunk.to_vec(), ..Footprint::default() };
            self.decide(owner, footprint, |set| {
                chunk.iter().for_each(|id| fetch::hasten(set, *id));
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}
