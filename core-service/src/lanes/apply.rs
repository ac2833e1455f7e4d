//! Applying what Meta delivered.
//!
//! Invariant: deliveries of a lane are applied in the order of arrival; one that fails again and again
//! is set aside with its reason and never stops the others.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{leases::Held, split};
use crate::{
    domain::{
        delivery::{Outcome, Pending, Settlement},
        owner::Lane,
    },
    flows::{Core, Error},
};

/// How many deliveries are taken at a time.
const TAKE: u32 = 512;
/// How often the journal is looked at although nothing woke us.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait when the store is away.
const AWAY: Duration = Duration::from_millis(250);
/// How often a delivery is tried before it is given up.
const TRIES: u32 = 5;

/// Applies deliveries until `stop`.
pub(super) async fn run(core: Arc<Core>, leases: watch::Receiver<Held>, stop: CancellationToken) {
    let mut arrivals = core.store.arrivals();
    while !stop.is_cancelled() {
        // Listening begins before looking, so nothing slips between the two.
        arrivals.mark_unchanged();
        let lanes: Vec<Lane> = leases.borrow().now().iter().map(|lease| lease.lane).collect();
        let nap = match round(&core, &lanes).await {
            Ok(0) => LOOK,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "deliveries wait");
                AWAY
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            changed = arrivals.changed() => if changed.is_err() {
                tokio::time::sleep(nap).await;
            },
            () = tokio::time::sleep(nap) => {}
        }
    }
}

/// Applies what waits now. Returns how many deliveries there were.
async fn round(core: &Arc<Core>, lanes: &[Lane]) -> Result<usize, Error> {
    if lanes.is_empty() {
        return Ok(0);
    }
    let rows = core.store.pending(lanes, TAKE).await?;
    let count = rows.len();
    let mut by_lane: BTreeMap<Lane, Vec<Pending>> = BTreeMap::new();
    for row in rows {
        by_lane.entry(row.lane).or_default().push(row);
    }
    let mut work = JoinSet::new();
    for rows in by_lane.into_values() {
        work.spawn(lane(Arc::clone(core), rows));
    }
    let mut outcome = Ok(count);
    while let Some(done) = work.join_next().await {
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => outcome = Err(error),
            Err(panic) => outcome = Err(Error::Internal(panic.to_string())),
        }
    }
    outcome
}

/// Applies deliveries of one lane: together when that works, else one by one.
async fn lane(core: Arc<Core>, rows: Vec<Pending>) -> Result<(), Error> {
    match together(&core, rows.clone()).await {
        Ok(()) => Ok(()),
        Err(error @ (Error::Unavailable(_) | Error::MetaUnavailable(_))) => Err(error),
        Err(Error::Refused(_) | Error::Internal(_)) => {
            for row in rows {
                alone(&core, row).await?;
            }
            Ok(())
        }
    }
}

/// Applies one delivery; a failure is counted, and ends in setting it aside.
async fn alone(core: &Arc<Core>, row: Pending) -> Result<(), Error> {
    let (id, attempts) = (row.id, row.attempts + 1);
    let reason = match together(core, vec![row]).await {
        Ok(()) => return Ok(()),
        Err(error @ (Error::Unavailable(_) | Error::MetaUnavailable(_))) => return Err(error),
        Err(error @ (Error::Refused(_) | Error::Internal(_))) => error.to_string(),
    };
    let outcome = if attempts < TRIES {
        Outcome::Failed { attempts, reason: reason.clone() }
    } else {
        Outcome::Poisoned { reason: reason.clone() }
    };
    tracing::error!(delivery.id = id.0, attempts, reason, "delivery {} not applied", id.0);
    Ok(core.store.settle(vec![Settlement { id, outcome }]).await?)
}

/// Reads, splits and applies deliveries. Runs as a task of its own, so that a panic on a body nobody
/// foresaw is a failure of that body and not of the loop.
async fn together(core: &Arc<Core>, rows: Vec<Pending>) -> Result<(), Error> {
    let core = Arc::clone(core);
    let task = tokio::spawn(async move {
        let batch = split::read(&rows);
        let clients = core.store.clients_by_number(&batch.numbers()).await?;
        let (chunks, settled) = batch.split(&clients);
        if !settled.is_empty() {
            core.store.settle(settled).await?;
        }
        for split::Chunk { client, facts, done } in chunks {
            core.apply(&client, &facts, done).await?;
        }
        Ok(())
    });
    match task.await {
        Ok(outcome) => outcome,
        Err(panic) => Err(Error::Internal(format!("applying it panicked: {panic}"))),
    }
}
