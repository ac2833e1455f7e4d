//! Deliveries whose acknowledgement is lost, or which no majority has.

use std::{sync::Arc, time::Duration};

use dev_mongod::ReplicaSet;
use mongodb::{
    bson::{Bson, Document, doc},
    options::{Acknowledgment, CollectionOptions, WriteConcern},
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{
    super::{
        Mongo, error,
        field::{INBOX, binary},
    },
    kit::{
        self, DATABASE, Fault, LONG, lanes, let_primaries_be, open_at, open_on, others, surely,
        three, unavailable,
    },
    proxy::{Lose, Proxy},
};
use crate::{
    domain::delivery::Delivery,
    store::{
        Store,
        conformance::samples::{Desk, delivery},
    },
};

fn some_delivery() -> Delivery {
    delivery(&Desk::new().owner, 100)
}

/// That a delivery waits, once.
async fn assert_kept(store: &Mongo, delivery: &Delivery) {
    let lanes = lanes();
    let waiting = surely(|| store.pending(&lanes, 1_000)).await;
    let same = waiting.iter().filter(|row| row.body == delivery.body).count();
    assert_eq!(same, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_acknowledgement_is_lost_is_kept_once_and_told() {
    let set = kit::one().await;
    let proxy = Proxy::before(set.server(0).unwrap().port()).await;
    let store = open_at(&proxy.uri()).await;
    let (first, second) = (some_delivery(), some_delivery());
    let mut arrivals = store.arrivals();
    proxy.lose("insert", Lose::AnswerAndConnection, 1);
    store.journal(first.clone()).await.unwrap();
    assert_eq!(proxy.lost(), 1);
    assert_kept(&store, &first).await;
    timeout(LONG, arrivals.changed()).await.expect("nobody is told of it").unwrap();

    // Beside others of its group, and again by whoever did not hear the answer.
    proxy.lose("insert", Lose::AnswerAndConnection, 1);
    let (again, new) = tokio::join!(store.journal(first.clone()), store.journal(second.clone()));
    assert!(!again.unwrap(), "it is kept already");
    new.unwrap();
    assert_kept(&store, &first).await;
    assert_kept(&store, &second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_answered_with_a_fault_is_kept_once() {
    let set = kit::one().await;
    let store = open_on(&set).await;
    let faults = [
        doc! { "closeConnection": true },
        doc! { "errorCode": 50 },
        doc! { "writeConcernError": { "code": 64, "errmsg": "waiting" } },
    ];
    for mut fault in faults {
        let delivery = some_delivery();
        fault.insert("failCommands", ["insert"].as_slice());
        let met = Fault::set(&set, 1, fault.clone()).await;
        store.journal(delivery.clone()).await.unwrap_or_else(|e| panic!("{fault}: {e}"));
        assert_eq!(met.met().await, 1, "{fault}");
        assert_kept(&store, &delivery).await;
        assert!(!store.journal(delivery).await.unwrap(), "{fault}");
    }
}

/// The control: somebody who asks for no majority is told at once that the delivery is kept.
async fn is_kept_says_the_primary_alone(set: &ReplicaSet, delivery: &Delivery) -> bool {
    let concern = WriteConcern::builder().w(Acknowledgment::Nodes(1)).build();
    let options = CollectionOptions::builder().write_concern(concern).build();
    let client = set.client().await.unwrap();
    let inbox = client.database(DATABASE).collection_with_options::<Document>(INBOX, options);
    let row = doc! { "_id": 1_i64, "digest": Bson::from(binary(&delivery.digest.0)), "state": 1 };
    let inserted = inbox.insert_one(row).await;
    inserted.is_err_and(|e| error::code(&e) == Some(error::DUPLICATE_KEY))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replica_set_without_a_majority_acknowledges_no_delivery_also_not_a_known_one() {
    let set = three().await;
    let_primaries_be(&set).await;
    let (store, other) = (open_on(&set).await, open_on(&set).await);
    let (before, new) = (some_delivery(), some_delivery());
    store.journal(before.clone()).await.unwrap();
    let primary = set.primary().await.unwrap();
    for node in others(primary) {
        set.stop(node).await.unwrap();
    }

    let begun = Instant::now();
    let answer = store.journal(new.clone()).await;
    assert!(unavailable(&answer), "{answer:?}");
    // The primary has it, but alone: whoever takes over may not know it.
    assert!(is_kept_says_the_primary_alone(&set, &new).await, "the control");
    let mut duplicates = JoinSet::new();
    for store in [&store, &other, &other] {
        let (store, new) = (Arc::clone(store), new.clone());
        duplicates.spawn(async move { store.journal(new).await });
    }
    for answer in duplicates.join_all().await {
        assert!(unavailable(&answer), "{answer:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(6), "each within its deadline");

    for node in others(primary) {
        set.cont(node).await.unwrap();
    }
    for delivery in [before, new] {
        assert!(!surely(|| store.journal(delivery.clone())).await, "it is kept");
        assert_kept(&store, &delivery).await;
    }
    assert!(surely(|| other.journal(some_delivery())).await);
}
