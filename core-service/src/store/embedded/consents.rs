//! Consents that wait for whoever was sent to Meta.
//!
//! Invariant: taking is one statement, which finds the row and removes it.

use rusqlite::{Connection, OptionalExtension, params};

use super::error;
use crate::{
    domain::{
        consent::{Consent, Fingerprint},
        time::Timestamp,
    },
    store::StoreError,
};

/// The most consents that one trimming takes.
const TRIM: u32 = 1_000;

const KEEP: &str = "INSERT INTO consents (state, expires_at, body) VALUES (?1, ?2, ?3) \
    ON CONFLICT (state) DO NOTHING";
const TAKE: &str = "DELETE FROM consents WHERE state = ?1 RETURNING body";
const FORGET: &str = "DELETE FROM consents WHERE state IN \
    (SELECT state FROM consents WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)";

/// Keeps a consent with its stored form; one that is kept already stays as it is.
pub(super) fn keep(conn: &Connection, consent: &Consent, body: &[u8]) -> Result<(), StoreError> {
    let Consent { state, browser: _, owner: _, by: _, expires_at } = consent;
    let mut keep = conn.prepare_cached(KEEP).map_err(error::of)?;
    let row = params![state.as_str(), expires_at.as_millis(), body];
    keep.execute(row).map(|_| ()).map_err(error::of)
}

/// Takes a consent out; its stored form.
pub(super) fn take(conn: &Connection, state: &Fingerprint) -> Result<Option<Vec<u8>>, StoreError> {
    let mut take = conn.prepare_cached(TAKE).map_err(error::of)?;
    take.query_row([state.as_str()], |row| row.get(0)).optional().map_err(error::of)
}

/// Forgets a bounded number of those that were over before a time.
pub(super) fn trim(conn: &Connection, before: Timestamp) -> Result<u64, StoreError> {
    let mut forget = conn.prepare_cached(FORGET).map_err(error::of)?;
    let forgotten = forget.execute(params![before.as_millis(), TRIM]).map_err(error::of)?;
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}
