//! Real `mongod` processes for tests: found or fetched, started as replica sets, broken and repaired.
//!
//! A test that only needs a database of its own asks [`shared()`] for one. A test that kills, freezes
//! or demotes servers starts its own [`ReplicaSet`]. Every server listens on loopback only, keeps its
//! data in its own folder, and is gone with that folder when its starter is, however that ended.

mod access;
mod ask;
mod database;
mod error;
mod faults;
mod fetch;
mod find;
mod guard;
mod initiate;
mod options;
mod port;
mod process;
mod replica_set;
mod server;
mod shared;
mod until;
mod uri;

pub use database::Database;
pub use error::Error;
pub use find::find;
pub use options::{Journal, Nodes, Options};
pub use replica_set::ReplicaSet;
pub use server::Server;
pub use shared::{SHARED_URI, Shared, shared};
