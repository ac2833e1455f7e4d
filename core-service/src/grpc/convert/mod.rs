//! From the domain to the wire, one file per type.
//!
//! Invariant: every conversion takes its value apart completely, so that a new field does not compile
//! until somebody has decided whether callers see it. Secrets, keys and Meta's file ids never do.

mod client;
mod content;
mod conversation;
mod event;
mod journal;
mod message;
mod onboarding;
mod template;
mod time;

pub(super) use self::{
    client::client,
    conversation::{conversation, window},
    event::event,
    journal::{delivery, piece},
    message::message,
    template::template,
    time::time,
};

/// Revisions count changes of one row; the wire's type holds more than there will ever be.
fn revision(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
