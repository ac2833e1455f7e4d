//! Tests of the core through its public interface: rules, journeys, layers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod at_once;
mod clients;
mod faulty;
mod flows;
mod graph;
mod kit;
mod landlord;
mod lanes;
mod lattice;
mod layers;
mod pick;
mod receive;
mod send;
mod sending;
