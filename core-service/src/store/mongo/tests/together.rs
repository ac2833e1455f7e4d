//! Processes that start at the same moment on a database that nobody has used yet.

use std::time::Duration;

use futures_util::future::join_all;

use super::{fresh_database, kit::once, open};
use crate::store::{Appetite, Store, conformance::samples::Desk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_together_make_one_store() {
    for _ in 0..3 {
        let database = fresh_database().await;
        let stores = join_all((0..6).map(|_| open(&database))).await;
        let epoch = stores[0].epoch();
        assert!(stores.iter().all(|store| store.epoch() == epoch), "one history");
        for (n, store) in stores.iter().enumerate() {
            let minute = Duration::from_secs(60);
            let lanes = store.lease(&n.to_string(), minute, Appetite::Share).await.unwrap();
            assert_eq!(lanes.len(), if n == 0 { 64 } else { 0 }, "each lane is there once");
            store.commit(once(&Desk::new(), 1).1).await.unwrap();
        }
    }
}
