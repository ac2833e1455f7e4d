//! Real servers: what tests elsewhere rely on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod kit;
mod left_behind;
mod one_node;
mod replica_set;
mod shared;
