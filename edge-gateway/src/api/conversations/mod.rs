//! Conversations: one per owner, business number and candidate.

pub mod delete;
pub mod get;
pub mod list;
pub mod messages;
pub mod model;
pub mod read;
pub mod window;
