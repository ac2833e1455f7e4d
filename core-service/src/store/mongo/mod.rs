//! The store on a MongoDB replica set: any number of processes, nothing acknowledged is lost with a
//! minority of the members.
//!
//! What waits together is done together: batches of different owners in one transaction (`commit`),
//! deliveries in one insert (`journal`), loads in one look (`read/loads`); each waits in a `line`, and
//! `together` is whoever serves one. Reads are majority reads on the primary (`read`). A change stream
//! with a poll behind it carries hints between processes (`wakes`), and leases end by the server's clock
//! (`leases`). A consent is taken by removing it (`consents`).
//!
//! Invariant: every write is acknowledged by a majority and its journal before anybody hears of it, and
//! every call ends within its deadline.

mod commit;
mod connect;
mod consents;
mod db;
mod error;
mod field;
mod journal;
mod leases;
mod line;
mod open;
mod read;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod together;
mod trim;
mod wakes;

pub use self::open::Mongo;
