//! Tests of the core through its public interface: rules, layers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod kit;
mod lattice;
mod layers;
mod pick;
mod receive;
mod send;
