//! Commits whose outcome nobody tells: written once, and nobody is in the way afterwards.

use std::time::Duration;

use dev_mongod::{Options, ReplicaSet};
use mongodb::bson::{Document, doc};
use tokio::time::Instant;

use super::{
    super::field::HEADS,
    kit::{self, Fault, assert_written, once, open_at, open_on, unavailable},
    proxy::{Lose, Proxy},
};
use crate::store::{Store, StoreError, conformance::samples::Desk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_answered_with_a_fault_is_written_once() {
    let set = kit::one().await;
    let store = open_on(&set).await;
    let nobody_knows = doc! { "errorCode": 50, "errorLabels": ["UnknownTransactionCommitResult"] };
    let gone = doc! { "errorCode": 251, "errorLabels": ["TransientTransactionError"] };
    let told_wrongly = doc! { "writeConcernError": { "code": 64, "errmsg": "waiting" } };
    let faults: [(&str, i32, Document); 5] = [
        ("the connection ends", 1, doc! { "closeConnection": true }),
        ("the connection ends again and again", 3, doc! { "closeConnection": true }),
        ("nobody knows", 4, nobody_knows),
        ("it is committed, and not known to be", 3, told_wrongly),
        ("the transaction is gone", 2, gone),
    ];
    for (what, times, mut fault) in faults {
        let desk = Desk::new();
        let (id, batch) = once(&desk, 1);
        fault.insert("failCommands", ["commitTransaction"].as_slice());
        let fault = Fault::set(&set, times, fault).await;
        let head = store.commit(batch.clone()).await;
        assert_eq!(fault.met().await, i64::from(times), "{what}: the fault is met");
        assert_eq!(head.unwrap_or_else(|e| panic!("{what}: {e}")).position.0, 1, "{what}");
        assert!(store.message(id).await.unwrap().is_some(), "{what}");
        assert!(matches!(store.commit(batch).await, Err(StoreError::Conflict(_))), "{what}");
        // Nothing is left in the way of the next.
        store.commit(once(&desk, 2).1).await.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_written(&store, &desk, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answers_are_lost_is_written_once() {
    let set = kit::one().await;
    let proxy = Proxy::before(set.server(0).unwrap().port()).await;
    let store = open_at(&proxy.uri()).await;
    for times in [1, 3] {
        let (desk, before) = (Desk::new(), proxy.lost());
        proxy.lose("commitTransaction", Lose::AnswerAndConnection, times);
        let head = store.commit(once(&desk, 1).1).await.unwrap();
        assert_eq!(head.position.0, 1);
        assert_eq!(proxy.lost() - before, times);
        assert_written(&store, &desk, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_not_answered_in_time_is_found_when_it_is_made_again() {
    let set = kit::one().await;
    let proxy = Proxy::before(set.server(0).unwrap().port()).await;
    let store = open_at(&proxy.uri()).await;
    let desk = Desk::new();
    let (id, batch) = once(&desk, 1);
    proxy.lose("commitTransaction", Lose::Answer, 1);
    let begun = Instant::now();
    let answer = store.commit(batch.clone()).await;
    assert!(unavailable(&answer), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(7), "the deadline holds");
    assert_eq!(proxy.lost(), 1);

    assert!(matches!(store.commit(batch).await, Err(StoreError::Conflict(_))));
    assert!(store.message(id).await.unwrap().is_some());
    assert_written(&store, &desk, 1).await;
}

/// A server that lets transactions lie for a minute, as it is shipped.
async fn patient_server() -> ReplicaSet {
    let transaction_lifetime = Duration::from_secs(60);
    ReplicaSet::start(Options { transaction_lifetime, ..Options::one() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_locks_nobody() {
    let set = patient_server().await;
    let proxy = Proxy::before(set.server(0).unwrap().port()).await;
    let store = open_at(&proxy.uri()).await;
    let desk = Desk::new();
    let (_, batch) = once(&desk, 1);
    proxy.lose("commitTransaction", Lose::Command, 1);
    let answer = store.commit(batch.clone()).await;
    assert!(unavailable(&answer), "{answer:?}");
    assert_eq!(proxy.lost(), 1);

    let begun = Instant::now();
    store.commit(batch).await.unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(3), "the owner was locked for {took:?}");
    assert_written(&store, &desk, 1).await;
}

/// The control of the test above: what happens when nobody ends such a transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_nobody_ends_locks_its_owner() {
    let set = patient_server().await;
    let store = open_on(&set).await;
    let (desk, other) = (Desk::new(), Desk::new());
    store.commit(once(&desk, 1).1).await.unwrap();
    let mut session = store.db.database().client().start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let heads = store.db.database().collection::<Document>(HEADS);
    let head = doc! { "_id": desk.owner.as_str() };
    let touch = doc! { "$inc": { "writes": 1_i64 } };
    heads.update_one(head, touch).session(&mut session).await.unwrap();

    let answer = store.commit(once(&desk, 2).1).await;
    assert!(unavailable(&answer), "{answer:?}");
    store.commit(once(&other, 1).1).await.unwrap();
    session.abort_transaction().await.unwrap();
    store.commit(once(&desk, 2).1).await.unwrap();
    assert_written(&store, &desk, 2).await;
}
