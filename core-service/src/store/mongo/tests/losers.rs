//! Groups in which some batches lose: nobody else loses with them.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use mongodb::{
    ClientSession,
    bson::{Document, doc},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::{
    super::{Mongo, field::HEADS},
    fresh_database,
    kit::{assert_written, once, unavailable},
    open,
};
use crate::{
    domain::{
        change::{Batch, Key, State},
        event::{Head, Position},
        ids::MessageId,
    },
    store::{
        Store, StoreError,
        conformance::samples::{Desk, Fill, event, keyed},
    },
};

/// A transaction of somebody else that holds the head of an owner until it is dropped.
async fn hold(store: &Mongo, desk: &Desk) -> ClientSession {
    let mut session = store.db.database().client().start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let heads = store.db.database().collection::<Document>(HEADS);
    let head = doc! { "_id": desk.owner.as_str() };
    let touch = doc! { "$inc": { "writes": 1_i64 } };
    heads.update_one(head, touch).session(&mut session).await.unwrap();
    session
}

fn commit(store: &Arc<Mongo>, batch: Batch) -> JoinHandle<Result<Head, StoreError>> {
    let store = Arc::clone(store);
    tokio::spawn(async move { store.commit(batch).await })
}

/// Desks with one entry in their logs each.
async fn desks(store: &Mongo, count: usize) -> Vec<Desk> {
    let desks: Vec<Desk> = (0..count).map(|_| Desk::new()).collect();
    for desk in &desks {
        store.commit(once(desk, 1).1).await.unwrap();
    }
    desks
}

/// Commits the batches at once. The first two go by themselves, the others wait and go together.
async fn together(store: &Mongo, batches: Vec<Batch>) -> Vec<Result<Head, StoreError>> {
    let syncs = store.syncs();
    let openers = desks(store, 2).await;
    let openers = openers.iter().map(|desk| once(desk, 2).1);
    let mut answers = join_all(openers.chain(batches).map(|batch| store.commit(batch))).await;
    assert!(store.syncs() - syncs <= 8, "they went together");
    answers.split_off(2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_batches_of_a_group_lose_alone() {
    let database = fresh_database().await;
    let store = Arc::new(open(&database).await);
    let desks = desks(&store, 16).await;
    let stale = |n: usize| n % 3 == 1;
    let batches = desks.iter().enumerate().map(|(n, desk)| {
        let batch = once(desk, 2).1.event(event(3));
        if stale(n) { batch.expecting(Key::LiveClient, State::Exists) } else { batch }
    });
    let answers = together(&store, batches.collect()).await;
    for (n, (desk, answer)) in desks.iter().zip(&answers).enumerate() {
        if stale(n) {
            assert!(matches!(answer, Err(StoreError::Conflict(_))), "{n}: {answer:?}");
        } else {
            assert_eq!(answer.as_ref().unwrap().position.0, 3, "{n}");
        }
        // No gap in anybody's log, also not in those of the losers.
        let next = store.commit(desk.batch().event(event(4))).await.unwrap();
        assert_eq!(next.position.0, if stale(n) { 2 } else { 4 }, "{n}");
        let log = store.events(&desk.owner, Position(0), 10).await.unwrap();
        assert!(log.iter().map(|entry| entry.position.0).eq(1..=next.position.0), "{n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_batches_leave_no_gap_between_others_of_their_owner() {
    let database = fresh_database().await;
    let store = Arc::new(open(&database).await);
    let desks = desks(&store, 4).await;
    let stale = |n: usize| n % 3 == 1;
    let all = (0..24).map(|n| {
        let batch = once(&desks[n % 4], 2).1.event(event(3));
        if stale(n) { batch.expecting(Key::LiveClient, State::Exists) } else { batch }
    });
    let answers = together(&store, all.collect()).await;
    for (d, desk) in desks.iter().enumerate() {
        let mut ends = Vec::new();
        for (n, answer) in answers.iter().enumerate().filter(|(n, _)| n % 4 == d) {
            match answer {
                Ok(head) if !stale(n) => ends.push(head.position.0),
                Err(StoreError::Conflict(_)) if stale(n) => {}
                other => panic!("{n}: {other:?}"),
            }
        }
        ends.sort_unstable();
        let expected: Vec<u64> = (1..=ends.len() as u64).map(|n| 1 + 2 * n).collect();
        assert_eq!(ends, expected, "each batch has places of its own");
        let log = store.events(&desk.owner, Position(0), 100).await.unwrap();
        assert!(log.iter().map(|entry| entry.position.0).eq(1..=expected[expected.len() - 1]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_with_a_taken_key_lose_alone() {
    let database = fresh_database().await;
    let store = Arc::new(open(&database).await);
    let desks = desks(&store, 16).await;
    let taken = |n: usize| n == 3 || n == 12;
    let keyed = |desk: &Desk| keyed(desk.queued(&desk.conversation(1), 1), "key");
    for (_, desk) in desks.iter().enumerate().filter(|(n, _)| taken(*n)) {
        store.commit(desk.batch().put(keyed(desk)).event(event(2))).await.unwrap();
    }
    // Nothing was stated of the key: only the index knows.
    let batches = desks.iter().map(|desk| desk.batch().put(keyed(desk)).event(event(2)));
    let answers = together(&store, batches.collect()).await;
    for (n, (desk, answer)) in desks.iter().zip(&answers).enumerate() {
        match answer {
            Ok(head) if !taken(n) => assert_eq!(head.position.0, 2, "{n}"),
            Err(StoreError::Conflict(_)) if taken(n) => {}
            other => panic!("{n}: {other:?}"),
        }
        assert_written(&store, desk, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_whom_another_process_holds_keeps_nobody_waiting() {
    let database = fresh_database().await;
    let (store, rival) = (Arc::new(open(&database).await), open(&database).await);
    let desks = desks(&store, 16).await;
    let contended = 5;
    let held = hold(&rival, &desks[contended]).await;
    let begun = Instant::now();
    let batches = desks.iter().map(|desk| once(desk, 2).1);
    let answers: Vec<_> = batches.map(|batch| commit(&store, batch)).collect();
    let mut waits = None;
    for (n, answer) in answers.into_iter().enumerate() {
        if n == contended {
            waits = Some(answer);
            continue;
        }
        answer.await.unwrap().unwrap_or_else(|e| panic!("{n}: {e}"));
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "they waited {:?}", begun.elapsed());
    drop(held);
    waits.unwrap().await.unwrap().unwrap();
    for desk in &desks {
        assert_written(&store, desk, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_whom_others_hold_for_long_stop_nobody_else() {
    let database = fresh_database().await;
    let (store, rival) = (Arc::new(open(&database).await), open(&database).await);
    let (held, free) = (desks(&store, 4).await, Desk::new());
    let mut sessions = Vec::new();
    for desk in &held {
        sessions.push(hold(&rival, desk).await);
    }
    let answers: Vec<_> = held.iter().map(|desk| commit(&store, once(desk, 2).1)).collect();
    let begun = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut count = 0;
    while begun.elapsed() < Duration::from_secs(3) {
        count += 1;
        let asked = Instant::now();
        store.commit(once(&free, count).1).await.unwrap();
        slowest = slowest.max(asked.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "one waited {slowest:?}");
    drop(sessions);
    for answer in answers {
        answer.await.unwrap().unwrap();
    }
    assert_written(&store, &free, count.cast_unsigned()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_keeps_no_owner_busy() {
    let database = fresh_database().await;
    let store = Arc::new(open(&database).await);
    let desk = desks(&store, 1).await.remove(0);
    for n in 0..8 {
        let (_, batch) = once(&desk, n);
        // Each time it goes a little later: before, within and after its transaction.
        let gone = timeout(Duration::from_millis(u64::try_from(n).unwrap()), store.commit(batch));
        drop(gone.await);
    }
    let (id, batch) = once(&desk, 9);
    let begun = Instant::now();
    store.commit(batch).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3));
    found(&store, id).await;
    let count = store.head(&desk.owner).await.unwrap().position.0;
    assert_written(&store, &desk, count).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_keeps_no_owner_busy() {
    let database = fresh_database().await;
    let store = Arc::new(open(&database).await);
    let desk = desks(&store, 1).await.remove(0);
    // Two rows of one id, which our ids never are: looking at both is a fault that debug builds stop at.
    let conversation = desk.conversation(1);
    let mut message = desk.inbound(&conversation, 1);
    message.id = MessageId::new(conversation.id.uuid());
    let both = desk.batch().put(&conversation).put(&message);
    store.commit(both.clone()).await.unwrap();
    let answer = store.commit(both).await;
    assert!(unavailable(&answer), "{answer:?}");

    let begun = Instant::now();
    assert_eq!(store.commit(once(&desk, 2).1).await.unwrap().position.0, 2);
    assert!(begun.elapsed() < Duration::from_secs(3), "the owner was busy");
}

async fn found(store: &Mongo, id: MessageId) {
    assert!(store.message(id).await.unwrap().is_some());
}
