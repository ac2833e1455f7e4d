//! Leases of lanes. This store has one process, so whoever asks first in it gets all of them, and
//! none is ever wanted by another.
//!
//! Invariant: a term grows with every change of holder and with every opening of the folder; time is
//! counted by the process, so no change of the machine's clock ends or prolongs a lease.

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::{columns, error};
use crate::{
    domain::owner::Lane,
    store::{Appetite, Lease, StoreError},
};

// A lease that ended and that nobody took goes on under its term: nobody was there in between.
const KEEP: &str = "UPDATE lanes SET until = ?3 WHERE holder = ?1 AND opening = ?2";
const TAKE: &str = "UPDATE lanes SET term = term + 1, holder = ?1, opening = ?2, until = ?3 \
    WHERE holder IS NULL OR opening <> ?2 OR until <= ?4";
const HELD: &str = "SELECT lane, term FROM lanes WHERE holder = ?1 AND opening = ?2 ORDER BY lane";
const GIVE_BACK: &str = "UPDATE lanes SET holder = NULL, until = 0 \
    WHERE holder = ?1 AND opening = ?2 AND (?3 >> lane) & 1";
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

/// Extends what is held, takes what is free when that is asked for, and lists what is now held.
pub(super) fn lease(
    conn: &Connection,
    clock: Clock,
    holder: &str,
    ttl: Duration,
    appetite: Appetite,
) -> Result<Vec<Lease>, StoreError> {
    let now = clock.now();
    let until = now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
    let mut keep = conn.prepare_cached(KEEP).map_err(error::of)?;
    keep.execute(params![holder, clock.opening, until]).map_err(error::of)?;
    match appetite {
        // Extended first, so that what is held already is not taken again under a new term.
        Appetite::Share => {
            let mut take = conn.prepare_cached(TAKE).map_err(error::of)?;
            take.execute(params![holder, clock.opening, until, now]).map_err(error::of)?;
        }
        Appetite::Keep => {}
    }
    let mut held = conn.prepare_cached(HELD).map_err(error::of)?;
    let rows = held
        .query_map(params![holder, clock.opening], |row| {
            Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?))
        })
        .map_err(error::of)?;
    rows.map(|row| {
        let (lane, term) = row.map_err(error::of)?;
        Ok(Lease { lane: columns::lane(lane)?, term: term.cast_unsigned(), wanted: false })
    })
    .collect()
}

/// Gives up some of what is held.
pub(super) fn give_back(
    conn: &Connection,
    clock: Clock,
    holder: &str,
    lanes: &[Lane],
) -> Result<(), StoreError> {
    let mut give_back = conn.prepare_cached(GIVE_BACK).map_err(error::of)?;
    give_back.execute(params![holder, clock.opening, columns::mask(lanes)]).map_err(error::of)?;
    Ok(())
}

/// Gives up what is held.
pub(super) fn release(conn: &Connection, clock: Clock, holder: &str) -> Result<(), StoreError> {
    let mut release = conn.prepare_cached(RELEASE).map_err(error::of)?;
    release.execute(params![holder, clock.opening]).map_err(error::of)?;
    Ok(())
}
