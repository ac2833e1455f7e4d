//! Pages of lists, one file per list.
//!
//! Invariant: a page begins where an index says, so it costs the same however deep it is.

pub(super) mod clients;
pub(super) mod conversations;
pub(super) mod messages;
mod search;
pub(super) mod templates;

use crate::domain::page::{MAX, Page};

/// How many rows a page takes, and with one more, whether another follows.
fn bounds(limit: u32) -> (usize, u32) {
    let limit = limit.min(MAX);
    (limit as usize, limit + 1)
}

/// Makes a page of rows of which one too many was asked for.
fn page<T>(mut rows: Vec<T>, limit: usize) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    Page { rows, more }
}
