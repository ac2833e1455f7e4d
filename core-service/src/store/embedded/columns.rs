//! How domain values stand in key columns, and how bodies are read back.

use rusqlite::{Connection, OptionalExtension, Params};

use super::error;
use crate::{
    domain::owner::Lane,
    store::{
        StoreError,
        form::{self, Form},
    },
};

/// An id as it is stored.
pub(super) type Id = [u8; 16];

/// Above every id.
pub(super) const LAST_ID: Id = [0xff; 16];

/// The lane of a stored number.
pub(super) fn lane(number: u8) -> Result<Lane, StoreError> {
    Lane::all()
        .nth(usize::from(number))
        .ok_or_else(|| StoreError::Corrupt(format!("there is no lane {number}")))
}

/// Lanes as bits: `(mask >> lane) & 1` in a query.
pub(super) fn mask(lanes: &[Lane]) -> i64 {
    lanes.iter().fold(0_u64, |mask, lane| mask | 1 << lane.number()).cast_signed()
}

/// The row that a query finds, read from its only column, the body.
pub(super) fn one<T: Form>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(error::of)?;
    let body = statement
        .query_row(params, |row| Ok(form::decode(row.get_ref(0)?.as_blob()?)))
        .optional()
        .map_err(error::of)?;
    body.transpose()
}

/// The rows that a query finds, in its order.
pub(super) fn many<T: Form>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(error::of)?;
    let rows = statement
        .query_map(params, |row| Ok(form::decode(row.get_ref(0)?.as_blob()?)))
        .map_err(error::of)?;
    rows.map(|row| row.map_err(error::of)?).collect()
}
