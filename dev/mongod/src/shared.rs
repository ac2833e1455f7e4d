//! One set of one node for all tests that only need a database of their own.

use std::env;

use tokio::sync::OnceCell;

use crate::{Database, Options, ReplicaSet};

/// Names a set that runs already: a run of many test processes starts one for all of them.
pub const SHARED_URI: &str = "TEST_MONGODB_URI";

/// A set that is there for everybody: nobody may kill it, demote it or set a fail point on it that
/// others would meet (one with an `appName` of its own is fine).
#[derive(Debug)]
pub struct Shared {
    uri: String,
    /// Kept for as long as the process lives. Statics are not dropped: its guard ends it.
    _own: Option<ReplicaSet>,
}

/// The shared set: the one that [`SHARED_URI`] names, else one that this process starts once.
///
/// # Panics
/// When there is none and none can be started: the test cannot go on, and the line says why.
pub async fn shared() -> &'static Shared {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED.get_or_init(Shared::open).await
}

impl Shared {
    async fn open() -> Self {
        if let Some(uri) = env::var(SHARED_URI).ok().filter(|uri| !uri.is_empty()) {
            return Self { uri, _own: None };
        }
        match ReplicaSet::start(Options::one()).await {
            Ok(set) => Self { uri: set.uri(), _own: Some(set) },
            Err(error) => panic!("{error}"),
        }
    }

    /// The connection string of the set.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// A database that nobody else uses, until the guard is dropped.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::fresh(self.uri.clone())
    }
}
