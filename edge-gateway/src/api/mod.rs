//! REST: one folder per resource with its wire types, one file per operation.
//!
//! A type goes one way: what is answered is only written, what is asked is only read. Conversions
//! from the core's messages name every field, so that a new one does not compile until the edge has
//! decided about it.

pub mod clients;
pub mod conversations;
pub mod events;
pub mod messages;
pub mod oauth;
pub mod operations;
pub mod templates;

pub(crate) mod body;
pub(crate) mod fields;
pub(crate) mod idempotency;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod params;
pub(crate) mod wire;

pub(crate) use self::{
    body::{Body, FromFields},
    fields::Fields,
    idempotency::Idempotency,
    page::Page,
    params::Params,
    wire::{Malformed, present, time, time_or_none, word},
};
