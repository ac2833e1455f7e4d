//! Consents between processes, and when answers are lost.

use std::sync::Arc;

use mongodb::bson::doc;
use tokio::task::JoinSet;

use super::{
    fresh_database,
    kit::{self, Fault, open_at, open_on, unavailable},
    open,
    proxy::{Lose, Proxy},
};
use crate::{
    domain::consent::Consent,
    store::{Store, conformance::samples::Desk},
};

fn some_consent() -> Consent {
    Desk::new().consent(600)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_is_taken_by_one_process() {
    let database = fresh_database().await;
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(Arc::new(open(&database).await));
    }
    for round in 0..20 {
        let consent = some_consent();
        processes[round % 3].keep_consent(consent.clone()).await.unwrap();
        let mut callers = JoinSet::new();
        for n in 0..24 {
            let (store, state) = (Arc::clone(&processes[n % 3]), consent.state.clone());
            callers.spawn(async move { store.take_consent(&state).await.unwrap() });
        }
        let taken: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
        assert_eq!(taken, [consent]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_whose_answers_are_lost_is_kept_and_taken_once() {
    let set = kit::one().await;
    let proxy = Proxy::before(set.server(0).unwrap().port()).await;
    let store = open_at(&proxy.uri()).await;
    let consent = some_consent();
    proxy.lose("insert", Lose::AnswerAndConnection, 1);
    store.keep_consent(consent.clone()).await.unwrap();
    assert_eq!(proxy.lost(), 1);
    // The server knows the repetition, and answers it as it had answered.
    proxy.lose("findAndModify", Lose::AnswerAndConnection, 1);
    assert_eq!(store.take_consent(&consent.state).await.unwrap(), Some(consent.clone()));
    assert_eq!(proxy.lost(), 2);
    assert_eq!(store.take_consent(&consent.state).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_no_majority_knows_of_is_neither_kept_nor_given() {
    let set = kit::one().await;
    let store = open_on(&set).await;
    let no_majority = |command: &str| {
        let error = doc! { "code": 64, "errmsg": "waiting for replication timed out" };
        doc! { "failCommands": [command], "writeConcernError": error }
    };
    let consent = some_consent();
    // For the first time, and when the key is taken.
    for _ in 0..2 {
        let fault = Fault::set(&set, 1, no_majority("insert")).await;
        let answer = store.keep_consent(consent.clone()).await;
        assert!(unavailable(&answer), "{answer:?}");
        assert_eq!(fault.met().await, 1);
    }
    store.keep_consent(consent.clone()).await.unwrap();

    let fault = Fault::set(&set, 1, no_majority("findAndModify")).await;
    let answer = store.take_consent(&consent.state).await;
    assert!(unavailable(&answer), "{answer:?}");
    assert_eq!(fault.met().await, 1);
    assert_eq!(store.take_consent(&consent.state).await.unwrap(), None, "it was it");
}
