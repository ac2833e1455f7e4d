//! Decisions. Each takes a working set and facts, and changes the set or refuses.
//!
//! Invariant: a rule that refuses has changed nothing that would be committed.

pub mod account;
pub mod advance;
pub mod amend;
pub mod connect;
pub mod echo;
pub mod fetch;
mod meet;
mod merge;
pub mod people;
pub mod pick;
pub mod prefer;
pub mod receive;
pub mod send;
pub mod settle;
pub mod template_news;
pub mod templates;
