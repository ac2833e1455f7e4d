//! Pages of lists, one file per list.
//!
//! Invariant: a page begins where an index says, so it costs the same however deep it is.

pub(super) mod clients;
pub(super) mod conversations;
pub(super) mod messages;
mod search;
pub(super) mod templates;

use crate::domain::page::bounds;
