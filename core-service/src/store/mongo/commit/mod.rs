//! Committing batches: those that wait together share a transaction.
//!
//! `queue` says which batches go together, `touched` which of one owner may, `group` runs a group until
//! it is decided, `attempt` is one try, `heads` moves the owners' heads, `rows` reads what the batches
//! rely on, `write` writes them, `documents` says how a row stands in its collection, `change` what of it is new.
//!
//! Invariant: an owner is in at most one group at a time, with batches that have nothing in common, as a
//! group's expectations are read once, before its writes.

mod attempt;
mod change;
mod documents;
mod group;
mod heads;
mod queue;
mod rows;
mod touched;
mod write;

pub(super) use self::{
    documents::{purpose, text},
    queue::Commits,
    write::updates,
};
