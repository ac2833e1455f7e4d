//! Load, decide, commit; again from the top when somebody was quicker.
//!
//! Invariant: a decision is committed on exactly the rows that it saw.

use std::time::Duration;

use super::{Core, Error};
use crate::{
    domain::{
        change::{Batch, Write},
        delivery::Settlement,
        owner::Owner,
        refusal::Refusal,
        working_set::WorkingSet,
    },
    store::{Footprint, Rows, StoreError},
};

/// How often a decision is made again before the caller is told to come back.
const TRIES: u32 = 8;

/// Rows that somebody still has from a commit or a look a moment ago, and what has to be looked for
/// besides. What is in neither counts as absent.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The rows.
    pub(super) rows: Rows,
    /// What has to be looked for.
    pub(super) look: Option<Footprint>,
}

impl Core {
    /// Decides on the rows of a footprint and commits the outcome.
    ///
    /// # Errors
    /// What the rule refused; [`Error::Unavailable`] when the store is away; [`Error::Contended`]
    /// when the rows never held still.
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
    pub(super) async fn decide_and_settle<T: Send>(
        &self,
        owner: &Owner,
        mut footprint: Footprint,
        settlements: Vec<Settlement>,
        mut rule: impl FnMut(&mut WorkingSet) -> Result<T, Refusal> + Send,
    ) -> Result<T, Error> {
        let (mut turn, mut rival) = (None, String::new());
        for attempt in 1..=TRIES {
            let (outcome, batch) = loop {
                let rows = self.load_whole(owner, footprint.clone()).await?;
                let mut set = WorkingSet::new(owner.clone(), self.clock.now());
                set.looked_for(&footprint.identities);
                fill(&mut set, rows);
                let outcome = rule(&mut set)?;
                let missed = set.take_missed();
                if missed.is_empty() {
                    break (outcome, set.into_batch(settlements.clone()));
                }
                // Whom a row named could not be known before: the decision is made again with them.
                footprint.identities.extend(missed);
            };
            if batch.is_empty() {
                return Ok(outcome);
            }
            match self.commit(batch).await {
                Ok(()) => return Ok(outcome),
                // Nobody waits for what is not tried again.
                Err(StoreError::Conflict(over)) if attempt == TRIES => rival = over,
                // Most rivals are here: they queue up. Those of other processes are given time.
                Err(StoreError::Conflict(_)) if turn.is_none() => {
                    turn = self.turns.take(owner).await;
                }
                Err(StoreError::Conflict(_)) => pause(attempt).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended(format!("the rows changed {TRIES} times in a row: {rival}")))
    }

    /// As [`Core::decide`], on what is remembered as long as that holds.
    ///
    /// # Errors
    /// As [`Core::decide`].
    pub(super) async fn decide_from<T: Send>(
        &self,
        owner: &Owner,
        remembered: Option<Remembered>,
        footprint: Footprint,
        mut rule: impl FnMut(&mut WorkingSet) -> Result<T, Refusal> + Send,
    ) -> Result<T, Error> {
        if let Some(remembered) = remembered
            && let Some(outcome) = self.try_on(owner, remembered, &mut rule).await?
        {
            return Ok(outcome);
        }
        self.decide(owner, footprint, rule).await
    }

    /// Decides once on remembered rows, each of which becomes an expect of the commit. `None` when one of
    /// them is out of date, or when there was nothing to commit that would have proved them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store is away.
    pub(super) async fn try_on<T: Send>(
        &self,
        owner: &Owner,
        remembered: Remembered,
        rule: &mut (impl FnMut(&mut WorkingSet) -> Result<T, Refusal> + Send),
    ) -> Result<Option<T>, Error> {
        let Remembered { rows, look } = remembered;
        let found = match look {
            Some(footprint) => self.load_whole(owner, footprint).await?,
            None => Rows::default(),
        };
        let decided = {
            let mut set = WorkingSet::new(owner.clone(), self.clock.now());
            fill(&mut set, rows);
            set.rely_on_all();
            fill(&mut set, found);
            rule(&mut set).map(|outcome| (outcome, set.into_batch(Vec::new())))
        };
        // A refusal proves nothing either: it may be for what is no longer so.
        let Ok((outcome, batch)) = decided else { return Ok(None) };
        if batch.is_empty() {
            return Ok(None);
        }
        match self.commit(batch).await {
            Ok(()) => Ok(Some(outcome)),
            Err(StoreError::Conflict(_)) => {
                self.clients.forget(owner);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let of_client = batch.writes.iter().any(|write| matches!(write, Write::Client(_)));
        let is_stale =
            |write: &Write| matches!(write, Write::Client(row) if row.standing.is_stale());
        let stale = batch.writes.iter().any(is_stale).then(|| batch.owner.clone());
        let owner = of_client.then(|| batch.owner.clone());
        let to_fetch =
            |write: &Write| matches!(write, Write::Message(row) if row.fetch_at().is_some());
        let files = batch.writes.iter().any(to_fetch);
        let written = self.store.commit(batch).await;
        // Also after an error: it may have been written.
        owner.iter().for_each(|owner| self.clients.forget(owner));
        stale.into_iter().for_each(|owner| self.refreshes.tell(owner));
        if files {
            self.fetches.tell();
        }
        written.map(drop)
    }
}

/// Waits a little, longer each time and never the same, so that rivals part.
async fn pause(attempt: u32) {
    let ceiling = 4_u64 << attempt.min(8);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..ceiling))).await;
}

fn fill(set: &mut WorkingSet, rows: Rows) {
    let Rows { clients, conversations, messages, templates, orphans } = rows;
    clients.into_iter().for_each(|row| set.add_client(row));
    conversations.into_iter().for_each(|row| set.add_conversation(row));
    messages.into_iter().for_each(|row| set.add_message(row));
    templates.into_iter().for_each(|row| set.add_template(row));
    orphans.into_iter().for_each(|row| set.add_orphan(row));
}
