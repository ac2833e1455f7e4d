//! A delivery that cannot be applied as a whole is taken apart.
//!
//! Facts are applied in halves, and what fails in halves of those, down to the ones that cannot be applied:
//! a thousand elements of which one is bad take some twenty commits, and not a thousand.
//!
//! Invariant: only an element that fails by itself is set aside, with its reason; everything else is
//! applied before the delivery is done.

use std::{ops::Range, sync::Arc};

use super::lane::{BROKE, Ended, Fault, Look, Work};
use crate::{
    domain::{
        client::Client,
        delivery::{DeliveryId, Outcome, Pending, SetAside, Settlement},
        fact::Fact,
    },
    lanes::split::Chunk,
};

impl Work {
    /// Applies of a delivery what can be applied.
    pub(super) async fn take_apart(&self, row: Pending) -> Ended {
        let id = row.id;
        let outcome = match self.pieces(row).await {
            // It had nothing to apply, and is done already.
            Ok(None) => return Ended::Done,
            Ok(Some(set_aside)) => Outcome::Applied { set_aside },
            Err(Fault::Lost) => return Ended::Lost,
            Err(Fault::Away(why)) => return Ended::Away(why),
            // It cannot even be taken apart.
            Err(Fault::Contended(reason) | Fault::Bad(reason)) => Outcome::Poisoned { reason },
        };
        self.settle(id, outcome).await
    }

    async fn settle(&self, id: DeliveryId, outcome: Outcome) -> Ended {
        let set_aside = outcome.set_aside().len();
        match &outcome {
            Outcome::Poisoned { reason } => {
                tracing::error!(delivery.id = id.0, reason, "delivery {} given up", id.0);
            }
            Outcome::Applied { set_aside: _ } | Outcome::Failed { attempts: _, reason: _ } => {
                tracing::error!(
                    delivery.id = id.0,
                    "delivery {} applied but for {set_aside} elements",
                    id.0
                );
            }
        }
        let settled = vec![Settlement { id, outcome }];
        match self.core.store.settle(settled.clone()).await {
            Ok(()) => {
                self.tell(&settled);
                Ended::Done
            }
            Err(error) => Ended::Away(error.to_string()),
        }
    }

    /// Applies the pieces; what was set aside. `None` when there are none.
    async fn pieces(&self, row: Pending) -> Result<Option<Vec<SetAside>>, Fault> {
        let work = self.clone();
        // A client that is no longer so would cost every element.
        let split =
            tokio::spawn(async move { work.split(std::slice::from_ref(&row), Look::Now).await });
        let chunks = split.await.unwrap_or_else(|_| Err(Fault::Bad(BROKE.to_owned())))?;
        if chunks.is_empty() {
            return Ok(None);
        }
        let mut set_aside = Vec::new();
        for Chunk { client, facts, elements, done } in chunks {
            set_aside.extend(done.iter().flat_map(|done| done.outcome.set_aside().to_vec()));
            let facts: Arc<[Fact]> = facts.into();
            for (at, reason) in self.halves(client, facts).await? {
                set_aside
                    .extend(elements.get(at).map(|element| SetAside { element: *element, reason }));
            }
        }
        // One that is about several numbers may have failed for each of them.
        set_aside.sort_by_key(|aside| aside.element);
        set_aside.dedup_by_key(|aside| aside.element);
        Ok(Some(set_aside))
    }

    /// Applies facts of one client in halves of halves; the places of those that cannot be applied, and why.
    async fn halves(
        &self,
        client: Client,
        facts: Arc<[Fact]>,
    ) -> Result<Vec<(usize, String)>, Fault> {
        let (mut bad, mut open) =
            (Vec::new(), Vec::from_iter([Range { start: 0, end: facts.len() }]));
        while let Some(part) = open.pop() {
            self.in_time()?;
            match self.piece(client.clone(), Arc::clone(&facts), part.clone()).await {
                Ok(()) => {}
                Err(Fault::Contended(reason) | Fault::Bad(reason)) if part.len() == 1 => {
                    bad.push((part.start, reason));
                }
                Err(Fault::Contended(_) | Fault::Bad(_)) => {
                    let middle = part.start + part.len() / 2;
                    // The last one is taken up first: the order of the delivery is kept.
                    open.extend([middle..part.end, part.start..middle]);
                }
                Err(fault @ (Fault::Lost | Fault::Away(_))) => return Err(fault),
            }
        }
        Ok(bad)
    }

    /// Applies some facts, in a task of their own for the same reason as whole deliveries.
    async fn piece(
        &self,
        client: Client,
        facts: Arc<[Fact]>,
        part: Range<usize>,
    ) -> Result<(), Fault> {
        let core = Arc::clone(&self.core);
        let applied = tokio::spawn(async move {
            let some = facts.get(part).unwrap_or_default();
            core.apply(&client, some, Vec::new()).await
        });
        match applied.await {
            Ok(applied) => Ok(applied?),
            Err(_) => Err(Fault::Bad(BROKE.to_owned())),
        }
    }
}
