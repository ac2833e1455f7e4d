//! A journal that an older version wrote.

use mongodb::bson::{Document, doc};

use super::{
    super::{
        field::{INBOX, META},
        journal::older,
    },
    fresh_database, open,
};
use crate::{
    domain::{
        delivery::{Outcome, SetAside, Settlement},
        journal::{JournalQuery, Range, Which},
        owner::Lane,
    },
    store::{
        Store,
        conformance::samples::{Desk, delivery},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_applied_in_part_is_told_apart_once() {
    let database = fresh_database().await;
    let store = open(&database).await;
    assert!(!older::are_there(&store.db).await.unwrap(), "a new journal is marked at once");

    let lanes: Vec<Lane> = Lane::all().collect();
    let aside = SetAside { element: 3, reason: "no sender".to_owned() };
    for set_aside in [vec![aside], Vec::new()] {
        store.journal(delivery(&Desk::new().owner, 10)).await.unwrap();
        let id = store.pending(&lanes, 9).await.unwrap()[0].id;
        let outcome = Outcome::Applied { set_aside };
        store.settle(vec![Settlement { id, outcome }]).await.unwrap();
    }
    store.journal(delivery(&Desk::new().owner, 10)).await.unwrap();
    // As the older version left it.
    let rows = store.db.database().collection::<Document>(INBOX);
    let change = doc! { "$set": { "state": 1 } };
    rows.update_many(doc! { "state": 3 }, change).await.unwrap();
    let marks = store.db.database().collection::<Document>(META);
    marks.delete_one(doc! { "_id": "in_part" }).await.unwrap();

    let failed = || async {
        let query =
            JournalQuery { range: Range::ALL, which: Which::Failed, newest_first: false, limit: 9 };
        store.deliveries(query).await.unwrap().len()
    };
    assert_eq!(failed().await, 0);
    assert!(older::are_there(&store.db).await.unwrap());
    assert_eq!(older::walk(&store.db).await.unwrap(), 1);
    assert_eq!(failed().await, 1);
    assert!(!older::are_there(&store.db).await.unwrap());
    store.close().await;
}
