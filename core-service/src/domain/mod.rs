//! What the service is about, as plain values and pure rules.
//!
//! Invariant: nothing here is async, reads a clock, draws a random number, or knows a transport, a
//! database or Meta's field names. A value that exists is valid: it was parsed at the door.

pub mod account;
pub mod actor;
pub mod amendment;
pub mod backoff;
pub mod change;
pub mod client;
pub mod consent;
pub mod content;
pub mod context;
pub mod conversation;
pub mod delivery;
pub mod event;
pub mod fact;
pub mod fetch;
pub mod identity;
pub mod ids;
pub mod journal;
pub mod kinship;
pub mod message;
pub mod onboarding;
pub mod owner;
pub mod page;
pub mod part;
pub mod pricing;
pub mod refusal;
pub mod rules;
pub mod search;
pub mod secrets;
pub mod standing;
pub mod status;
pub mod template;
pub mod time;
pub mod window;
pub mod working_set;
