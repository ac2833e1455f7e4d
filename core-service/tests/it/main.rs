//! Tests of the core through its public interface: rules, layers.

mod kit;
mod lattice;
mod layers;
mod pick;
mod receive;
mod send;
