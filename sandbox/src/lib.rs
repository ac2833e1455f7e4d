//! The sandbox: the outside world of the service, and the whole service in one process.
//!
//! * [`meta`]: a simulated Meta over real HTTP, with the candidates' phones.
//! * [`mod@page`] and [`front`]: something to look at, and the gateway that adds identity.
//! * [`stack`]: boots everything on any port.
//! * [`processes`]: the same as separate processes, for benchmarks and fault tests.
//! * [`mod@bench`] measures.
//!
//! Invariant: nothing here is part of the service; the service never depends on it.

pub mod bench;
pub mod front;
pub mod meta;
pub mod page;
pub mod parts;
pub mod processes;
pub mod secrets;
pub mod stack;
