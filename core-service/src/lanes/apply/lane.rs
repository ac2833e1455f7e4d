//! Applying deliveries of one lane: together when that works, else one by one; what fails again and again
//! is taken apart (`pieces`).
//!
//! Invariant: a failure is counted on the delivery that caused it, and never because the store was away
//! or the lease was gone. What is taken apart comes after its neighbours, so that they do not wait for it.

use std::sync::Arc;

use super::{numbers::Numbers, tally::Tally};
use crate::{
    domain::{
        client::Client,
        delivery::{Outcome, Pending, Settlement},
        ids::PhoneNumberId,
    },
    flows::{Core, Error},
    lanes::{
        held::{Guard, Standing},
        split,
    },
};

/// How often a delivery is tried as a whole.
const TRIES: u32 = 5;

/// Said of what panicked.
pub(super) const BROKE: &str = "applying it broke";

/// How far the deliveries came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// Each has an outcome.
    Done,
    /// The lease is gone: whoever has the lane now goes on.
    Lost,
    /// Others change the same rows again and again.
    Contended(String),
    /// The store is away.
    Away(String),
}

/// Why deliveries were not applied.
pub(super) enum Fault {
    Lost,
    Contended(String),
    Away(String),
    /// It is theirs.
    Bad(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let reason = error.to_string();
        match error {
            Error::Contended(_) => Self::Contended(reason),
            Error::Unavailable(_) | Error::MetaUnavailable(_) => Self::Away(reason),
            Error::Refused(_) | Error::StartAgain(_) | Error::NotSetUp(_) | Error::Internal(_) => {
                Self::Bad(reason)
            }
        }
    }
}

/// Where whose a number is comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// From memory: who applies as a whole, and fails, looks again.
    Remembered,
    /// From the store: what fails now is set aside for good.
    Now,
}

/// A lane at work.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) core: Arc<Core>,
    pub(super) numbers: Arc<Numbers>,
    /// What is settled already.
    pub(super) tally: Arc<Tally>,
    /// No chunk begins when its lease is gone.
    pub(super) guard: Arc<Guard>,
    /// Rivals end the round. Else they count as a failure of the delivery that met them, so that it
    /// cannot hold its lane for ever.
    pub(super) patient: bool,
}

impl Work {
    /// Applies deliveries.
    pub(super) async fn run(self, rows: Vec<Pending>) -> Ended {
        let (fresh, worn): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.attempts < TRIES);
        if !fresh.is_empty() {
            match self.clone().whole(fresh).await {
                Ended::Done => {}
                ended @ (Ended::Lost | Ended::Contended(_) | Ended::Away(_)) => return ended,
            }
        }
        for row in worn {
            match self.take_apart(row).await {
                Ended::Done => {}
                ended @ (Ended::Lost | Ended::Contended(_) | Ended::Away(_)) => return ended,
            }
        }
        Ended::Done
    }

    /// Applies deliveries, each as a whole.
    async fn whole(mut self, rows: Vec<Pending>) -> Ended {
        // One that was counted once is counted again at once: it has had its rounds.
        self.patient &= rows.iter().all(|row| row.attempts == 0);
        match self.together(rows.clone()).await {
            Ok(()) => return Ended::Done,
            Err(Fault::Lost) => return Ended::Lost,
            Err(Fault::Away(why)) => return Ended::Away(why),
            Err(Fault::Contended(why)) if self.patient => return Ended::Contended(why),
            Err(Fault::Contended(why)) => {
                // Alone already: trying again would only meet the same rivals.
                if let [row] = &rows[..] {
                    return self.count(row, why).await;
                }
            }
            Err(Fault::Bad(_)) => {}
        }
        for row in rows.into_iter().filter(|row| !self.tally.has(row.id)) {
            match self.alone(row).await {
                Ended::Done => {}
                ended @ (Ended::Lost | Ended::Contended(_) | Ended::Away(_)) => return ended,
            }
        }
        Ended::Done
    }

    /// Applies one delivery; a failure is counted.
    async fn alone(&self, row: Pending) -> Ended {
        match self.together(vec![row.clone()]).await {
            Ok(()) => Ended::Done,
            Err(Fault::Lost) => Ended::Lost,
            Err(Fault::Away(why)) => Ended::Away(why),
            Err(Fault::Contended(why)) if self.patient => Ended::Contended(why),
            Err(Fault::Contended(why) | Fault::Bad(why)) => self.count(&row, why).await,
        }
    }

    async fn count(&self, row: &Pending, reason: String) -> Ended {
        let (id, attempts) = (row.id, row.attempts + 1);
        let outcome = Outcome::Failed { attempts, reason: reason.clone() };
        tracing::error!(delivery.id = id.0, attempts, reason, "delivery {} not applied", id.0);
        match self.core.store.settle(vec![Settlement { id, outcome }]).await {
            Ok(()) => Ended::Done,
            Err(error) => Ended::Away(error.to_string()),
        }
    }

    /// Reads, splits and applies deliveries. Runs as a task of its own, so that a panic on a body nobody
    /// foresaw is a failure of that body and not of the loop.
    async fn together(&self, rows: Vec<Pending>) -> Result<(), Fault> {
        let work = self.clone();
        let applied = tokio::spawn(async move { work.apply(&rows).await }).await;
        // What a panic says may quote what it stumbled over; it is in the log, and not in a reason.
        applied.unwrap_or_else(|_| Err(Fault::Bad(BROKE.to_owned())))
    }

    async fn apply(&self, rows: &[Pending]) -> Result<(), Fault> {
        for chunk in self.split(rows, Look::Remembered).await? {
            self.in_time()?;
            let split::Chunk { client, facts, elements: _, done } = chunk;
            if let Err(error) = self.core.apply(&client, &facts, done.clone()).await {
                self.numbers.forget(&client);
                return Err(error.into());
            }
            self.tell(&done);
        }
        Ok(())
    }

    /// Takes deliveries apart into chunks. Those without anything to apply are settled.
    pub(super) async fn split(
        &self,
        rows: &[Pending],
        look: Look,
    ) -> Result<Vec<split::Chunk>, Fault> {
        let mut batch = split::read(rows);
        let mut of_accounts = Vec::new();
        for account in batch.accounts() {
            let clients = self.core.store.clients_by_waba(&account).await;
            of_accounts.extend(clients.map_err(Error::from)?);
        }
        batch.spread(&of_accounts);
        let clients = self.clients(batch.numbers(), look).await?;
        let (chunks, settled) = batch.split(&clients);
        if !settled.is_empty() {
            self.core.store.settle(settled.clone()).await.map_err(Error::from)?;
            self.tell(&settled);
        }
        Ok(chunks)
    }

    async fn clients(&self, numbers: Vec<PhoneNumberId>, look: Look) -> Result<Vec<Client>, Error> {
        let store = &*self.core.store;
        Ok(match look {
            Look::Remembered => self.numbers.clients(store, numbers).await?,
            Look::Now => self.numbers.clients_now(store, numbers).await?,
        })
    }

    /// Tells operators what was set aside.
    pub(super) fn tell(&self, settled: &[Settlement]) {
        self.core.metrics.set_aside(self.tally.take(settled));
    }

    /// Whether the lease still lasts.
    pub(super) fn in_time(&self) -> Result<(), Fault> {
        let live = self.guard.standing() == Standing::Live;
        if live { Ok(()) } else { Err(Fault::Lost) }
    }
}
