//! Tests of the core through its public interface: rules, journeys, layers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod at_once;
mod clients;
mod connection_life;
mod faulty;
mod flows;
mod graph;
mod kit;
mod landlord;
mod lanes;
mod lattice;
mod layers;
mod matrix;
mod pick;
mod receive;
mod reseal;
mod reseal_command;
mod reseal_live;
mod send;
mod sending;
mod tls;
mod tls_settings;
