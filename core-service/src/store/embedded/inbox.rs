//! The journal of deliveries: keeping, what waits, settling, forgetting. Looking into it is in `journal`.
//!
//! Invariant: a digest is kept once; what was applied or given up is done, and a late failure does
//! not bring it back.

use rusqlite::{Connection, params};

use super::{columns, error};
use crate::{
    domain::{
        delivery::{Delivery, DeliveryId, Outcome, Pending, Settlement},
        owner::Lane,
        time::Timestamp,
    },
    store::{StoreError, form},
};

/// The most deliveries of one answer.
const PAGE: u32 = 1_000;
/// The most bytes of bodies of one answer; a single larger one is still given.
const PAGE_BYTES: usize = 8 << 20;

const KEEP: &str = "INSERT INTO inbox (digest, lane, received_at, body) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (digest) DO NOTHING";
const WAITING: &str = "SELECT id, lane, received_at, attempts, body FROM inbox \
    WHERE state = 0 AND (?1 >> lane) & 1 ORDER BY id LIMIT ?2";
// What was applied whole is over, and what was asked for again since is for whoever takes it up.
const APPLIED: &str =
    "UPDATE inbox SET state = ?3, outcome = ?2 WHERE id = ?1 AND state NOT IN (1, 4)";
const FAILED: &str = "UPDATE inbox SET attempts = ?3, outcome = ?2 WHERE id = ?1 AND state = 0";
const POISONED: &str = "UPDATE inbox SET state = 2, outcome = ?2 WHERE id = ?1 AND state = 0";

// Ids grow with arrival, so the oldest come first; what stays is stepped over.
const FORGET: &str = "DELETE FROM inbox WHERE id IN \
    (SELECT id FROM inbox WHERE state IN (1, 3) AND received_at < ?1 ORDER BY id LIMIT ?2)";
const FORGET_ORPHANS: &str = "DELETE FROM orphans WHERE (owner, phone_number_id, wamid) IN \
    (SELECT owner, phone_number_id, wamid FROM orphans WHERE created_at < ?1 \
     ORDER BY created_at LIMIT ?2)";

/// Forgets what was applied, and parked statuses that nobody came for, before a time.
pub(super) fn trim(conn: &Connection, before: Timestamp) -> Result<u64, StoreError> {
    let forget = |sql: &str| {
        let mut forget = conn.prepare_cached(sql).map_err(error::of)?;
        forget.execute(params![before.as_millis(), PAGE]).map_err(error::of)
    };
    let forgotten = forget(FORGET)? + forget(FORGET_ORPHANS)?;
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}

/// Keeps a delivery; false when its digest is kept already.
pub(super) fn keep(conn: &Connection, delivery: &Delivery) -> Result<bool, StoreError> {
    let Delivery { digest, body, lane, received_at } = delivery;
    let row = params![&digest.0[..], lane.number(), received_at.as_millis(), &body[..]];
    let mut keep = conn.prepare_cached(KEEP).map_err(error::of)?;
    Ok(keep.execute(row).map_err(error::of)? == 1)
}

/// What waits in these lanes, oldest first.
pub(super) fn waiting(
    conn: &Connection,
    lanes: &[Lane],
    limit: u32,
) -> Result<Vec<Pending>, StoreError> {
    let mut waiting = conn.prepare_cached(WAITING).map_err(error::of)?;
    let mut rows =
        waiting.query(params![columns::mask(lanes), limit.min(PAGE)]).map_err(error::of)?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next().map_err(error::of)? {
        let body: Vec<u8> = row.get(4).map_err(error::of)?;
        bytes += body.len();
        if bytes > PAGE_BYTES && !found.is_empty() {
            break;
        }
        found.push(Pending {
            id: DeliveryId(row.get(0).map_err(error::of)?),
            lane: columns::lane(row.get(1).map_err(error::of)?)?,
            received_at: Timestamp::from_millis(row.get(2).map_err(error::of)?),
            attempts: row.get(3).map_err(error::of)?,
            body: body.into(),
        });
    }
    Ok(found)
}

/// Records what became of a delivery; one that is not there is nothing to record.
pub(super) fn settle(conn: &Connection, settlement: &Settlement) -> Result<(), StoreError> {
    let Settlement { id, outcome } = settlement;
    let stored = form::encode(outcome)?;
    let run = |sql: &str, row: &[&dyn rusqlite::ToSql]| {
        conn.prepare_cached(sql).and_then(|mut s| s.execute(row)).map(|_| ()).map_err(error::of)
    };
    match outcome {
        Outcome::Applied { set_aside: _ } => {
            run(APPLIED, params![id.0, stored, outcome.progress().number()])
        }
        Outcome::Failed { attempts, reason: _ } => run(FAILED, params![id.0, stored, attempts]),
        Outcome::Poisoned { reason: _ } => run(POISONED, params![id.0, stored]),
    }
}
