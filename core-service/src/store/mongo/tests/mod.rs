//! The contract on this backend, and what only a replica set can do.

use std::sync::Arc;

use dev_mongod::{Database, shared};

use super::Mongo;
use crate::{secret::Secret, store::conformance::Fixture};

mod consents;
mod in_doubt;
mod journal;
mod killed;
mod kit;
mod leases;
mod losers;
mod majority;
mod older;
mod plans;
mod proxy;
mod refusals;
mod schedule;
mod stream;
mod together;
mod wakes;

mod contract {
    use crate::store::conformance::store_conformance;

    store_conformance!(crate::store::mongo::tests::fresh);
}

pub(super) async fn fresh() -> Fixture {
    let database = fresh_database().await;
    let store = Arc::new(open(&database).await);
    Fixture { store, _keep: Box::new(database) }
}

async fn fresh_database() -> Database {
    shared().await.database()
}

async fn open(database: &Database) -> Mongo {
    Mongo::open(&Secret::new(database.uri().to_owned()), database.name()).await.unwrap()
}
