//! What two processes on one database tell each other.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    super::Mongo,
    fresh_database,
    kit::{LONG, once},
    open,
};
use crate::store::{
    Appetite, Store,
    conformance::samples::{Desk, Fill, delivery},
};

const LEASE: Duration = Duration::from_secs(60);

/// Two stores that know of each other, and hear each other already.
pub(super) async fn acquainted(a: &Mongo, b: &Mongo) {
    let mut heard = [a.arrivals(), b.arrivals()];
    a.lease("a", LEASE, Appetite::Share).await.unwrap();
    b.lease("b", LEASE, Appetite::Share).await.unwrap();
    a.lease("a", LEASE, Appetite::Share).await.unwrap();
    for heard in &mut heard {
        // Everybody who waits is woken when hearing begins.
        moves(heard).await;
    }
}

/// Waits until a hint comes.
pub(super) async fn moves<T>(hint: &mut watch::Receiver<T>) {
    timeout(LONG, hint.changed()).await.expect("no hint comes").unwrap();
}

/// How long it takes that a commit at one store moves the tail at another: the median of some.
async fn told_within(writer: &Mongo, listener: &Mongo, rounds: i64) -> Duration {
    let desk = Desk::new();
    let mut tail = listener.tail(&desk.owner);
    let mut times = Vec::new();
    for n in 1..=rounds {
        writer.commit(once(&desk, n).1).await.unwrap();
        let committed = Instant::now();
        let there = tail.wait_for(|position| position.0 >= n.cast_unsigned());
        timeout(LONG, there).await.expect("no hint comes").unwrap();
        times.push(committed.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_at_one_process_moves_the_tail_at_another_promptly() {
    let database = fresh_database().await;
    let (a, b) = (open(&database).await, open(&database).await);
    // The control: who does not know of another finds out by looking, about once a second.
    let alone = told_within(&a, &b, 3).await;
    assert!(alone > Duration::from_millis(500), "{alone:?} without hints");
    acquainted(&a, &b).await;
    let prompt = told_within(&a, &b, 11).await;
    assert!(prompt < Duration::from_millis(250), "{prompt:?} with hints");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_and_queued_messages_of_one_process_are_told_to_another() {
    let database = fresh_database().await;
    let (a, b) = (open(&database).await, open(&database).await);
    acquainted(&a, &b).await;
    let desk = Desk::new();
    let (mut arrivals, mut queued) = (b.arrivals(), b.queued());
    for n in 1..=3 {
        a.journal(delivery(&desk.owner, 10)).await.unwrap();
        moves(&mut arrivals).await;
        let message = desk.queued(&desk.conversation(1), n);
        a.commit(desk.batch().put(&message)).await.unwrap();
        moves(&mut queued).await;
    }
    // What goes out of the outbox, or was never in it, wakes nobody who sends.
    queued.mark_unchanged();
    let mut tail = b.tail(&desk.owner);
    a.commit(once(&desk, 1).1).await.unwrap();
    moves(&mut tail).await;
    assert!(!queued.has_changed().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_left_alone_and_finds_company_hears_again() {
    let database = fresh_database().await;
    let (a, b) = (open(&database).await, open(&database).await);
    acquainted(&a, &b).await;
    b.release("b").await.unwrap();
    a.lease("a", LEASE, Appetite::Share).await.unwrap();
    let mut heard = a.arrivals();
    b.lease("b", LEASE, Appetite::Share).await.unwrap();
    a.lease("a", LEASE, Appetite::Share).await.unwrap();
    moves(&mut heard).await;
    b.journal(delivery(&Desk::new().owner, 10)).await.unwrap();
    moves(&mut heard).await;
    let prompt = told_within(&b, &a, 5).await;
    assert!(prompt < Duration::from_millis(250), "{prompt:?}");
}

/// A store that is dropped without being closed leaves nothing running that keeps its parts alive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_dropped_stops_hearing_and_telling() {
    let database = fresh_database().await;
    let store = open(&database).await;
    let (wakes, tasks) = (Arc::downgrade(&store.wakes), store.tasks.clone());
    drop(store);
    tasks.close();
    timeout(LONG, tasks.wait()).await.expect("something runs on");
    assert!(wakes.upgrade().is_none());
}
