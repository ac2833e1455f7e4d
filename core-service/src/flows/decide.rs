//! Load, decide, commit; again from the top when somebody was quicker.
//!
//! Invariant: a decision is committed on exactly the rows that it saw.

use std::time::Duration;

use super::{Core, Error};
use crate::{
    domain::{delivery::Settlement, owner::Owner, refusal::Refusal, working_set::WorkingSet},
    store::{Footprint, Rows, StoreError},
};

/// How often a decision is made again before the caller is told to come back.
const TRIES: u32 = 8;

impl Core {
    /// Decides on the rows of a footprint and commits the outcome.
    ///
    /// # Errors
    /// What the rule refused; [`Error::Unavailable`] when the store is away or the rows never held still.
    pub async fn decide<T: Send>(
        &self,
        owner: &Owner,
        footprint: Footprint,
        rule: impl FnMut(&mut WorkingSet) -> Result<T, Refusal> + Send,
    ) -> Result<T, Error> {
        self.decide_and_settle(owner, footprint, Vec::new(), rule).await
    }

    /// As [`Core::decide`], with deliveries that are done in the same commit.
    ///
    /// # Errors
    /// As [`Core::decide`].
    pub async fn decide_and_settle<T: Send>(
        &self,
        owner: &Owner,
        footprint: Footprint,
        settlements: Vec<Settlement>,
        mut rule: impl FnMut(&mut WorkingSet) -> Result<T, Refusal> + Send,
    ) -> Result<T, Error> {
        for attempt in 1..=TRIES {
            let rows = self.store.load(owner, footprint.clone()).await?;
            let (outcome, batch) = {
                let mut set = working_set(owner.clone(), self.clock.now(), rows);
                let outcome = rule(&mut set)?;
                (outcome, set.into_batch(settlements.clone()))
            };
            if batch.is_empty() {
                return Ok(outcome);
            }
            match self.store.commit(batch).await {
                Ok(_) => return Ok(outcome),
                Err(StoreError::Conflict(_)) => pause(attempt).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Unavailable(format!("the rows changed {TRIES} times in a row")))
    }
}

/// Waits a little, longer each time and never the same, so that rivals part.
async fn pause(attempt: u32) {
    let ceiling = 4_u64 << attempt.min(8);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..ceiling))).await;
}

fn working_set(owner: Owner, now: crate::domain::time::Timestamp, rows: Rows) -> WorkingSet {
    let Rows { clients, conversations, messages, templates, orphans } = rows;
    let mut set = WorkingSet::new(owner, now);
    clients.into_iter().for_each(|row| set.add_client(row));
    conversations.into_iter().for_each(|row| set.add_conversation(row));
    messages.into_iter().for_each(|row| set.add_message(row));
    templates.into_iter().for_each(|row| set.add_template(row));
    orphans.into_iter().for_each(|row| set.add_orphan(row));
    set
}
