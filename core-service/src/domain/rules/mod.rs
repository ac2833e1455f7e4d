//! Decisions. Each takes a working set and facts, and changes the set or refuses.
//!
//! Invariant: a rule that refuses has changed nothing that would be committed.

pub mod advance;
pub mod connect;
pub mod pick;
pub mod receive;
pub mod send;
pub mod settle;
pub mod templates;
