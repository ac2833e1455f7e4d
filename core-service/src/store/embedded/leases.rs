//! Leases of lanes. This store has one process, so whoever asks first in it gets all of them.
//!
//! Invariant: a term grows with every change of holder and with every opening of the folder; time is
//! counted by the process, so no change of the machine's clock ends or prolongs a lease.

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::{columns, error};
use crate::store::{Lease, StoreError};

const TAKE: &str = "UPDATE lanes \
    SET term = term + (holder IS NOT ?1 OR opening <> ?2), holder = ?1, opening = ?2, until = ?4 \
    WHERE holder IS ?1 OR holder IS NULL OR opening <> ?2 OR until <= ?3";
const HELD: &str = "SELECT lane, term FROM lanes WHERE holder = ?1 AND opening = ?2 ORDER BY lane";
const RELEASE: &str =
    "UPDATE lanes SET holder = NULL, until = 0 WHERE holder = ?1 AND opening = ?2";

/// Lease time: milliseconds since this opening of the folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// Which opening.
    pub(super) opening: i64,
    /// When it was.
    pub(super) opened: Instant,
}

impl Clock {
    fn now(self) -> i64 {
        i64::try_from(self.opened.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// Takes what is free, extends what is held, and lists what is now held.
pub(super) fn take(
    conn: &Connection,
    clock: Clock,
    holder: &str,
    ttl: Duration,
) -> Result<Vec<Lease>, StoreError> {
    let now = clock.now();
    let until = now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
    let mut take = conn.prepare_cached(TAKE).map_err(error::of)?;
    take.execute(params![holder, clock.opening, now, until]).map_err(error::of)?;
    let mut held = conn.prepare_cached(HELD).map_err(error::of)?;
    let rows = held
        .query_map(params![holder, clock.opening], |row| {
            Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?))
        })
        .map_err(error::of)?;
    rows.map(|row| {
        let (lane, term) = row.map_err(error::of)?;
        Ok(Lease { lane: columns::lane(lane)?, term: term.cast_unsigned() })
    })
    .collect()
}

/// Gives up what is held.
pub(super) fn release(conn: &Connection, clock: Clock, holder: &str) -> Result<(), StoreError> {
    let mut release = conn.prepare_cached(RELEASE).map_err(error::of)?;
    release.execute(params![holder, clock.opening]).map_err(error::of)?;
    Ok(())
}
