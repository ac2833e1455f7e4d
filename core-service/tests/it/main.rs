//! Tests of the core through its public interface: rules, journeys, layers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod amend;
mod at_once;
mod clients;
mod connection_life;
mod cores;
mod faulty;
mod fetch_rules;
mod flows;
mod graph;
mod history;
mod journal;
mod journal_calls;
mod journal_command;
mod kit;
mod landlord;
mod lanes;
mod lattice;
mod layers;
mod matrix;
mod media;
mod news;
mod people;
mod pick;
mod receive;
mod reseal;
mod reseal_command;
mod reseal_live;
mod send;
mod sending;
mod tls;
mod tls_settings;
