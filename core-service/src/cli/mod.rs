//! What an operator can ask of `core-service` besides serving: one file per command.
//!
//! Invariant: a command ends by itself, says in its last line what it did, and its exit status says
//! whether all of that went well.

pub mod journal;
mod open;
pub mod reseal;
mod say;
