//! A primary that is killed while everybody writes.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mongodb::bson::doc;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        Mongo,
        field::{INBOX, MESSAGES},
    },
    kit::{LONG, commit_surely, lanes, once, open_on, rows, surely, three, until},
};
use crate::{
    domain::{event::Position, ids::MessageId},
    store::{
        Store,
        conformance::samples::{Desk, delivery},
    },
};

/// Who commits, and of how many owners.
const WRITERS: usize = 16;
const OWNERS: usize = 4;
/// Who keeps deliveries.
const RECEIVERS: usize = 4;

/// What was acknowledged.
#[derive(Default)]
struct Ledger {
    messages: Mutex<Vec<(usize, MessageId)>>,
    deliveries: Mutex<Vec<bytes::Bytes>>,
    /// When something was acknowledged.
    times: Mutex<Vec<Instant>>,
    count: AtomicU64,
}

fn add<T>(to: &Mutex<Vec<T>>, what: T) {
    to.lock().unwrap_or_else(PoisonError::into_inner).push(what);
}

impl Ledger {
    fn acknowledged(&self) {
        add(&self.times, Instant::now());
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for so many further acknowledgements.
    async fn grows_by(&self, count: u64) {
        let until_there = self.count.load(Ordering::Relaxed) + count;
        let there = async || (self.count.load(Ordering::Relaxed) >= until_there).then_some(());
        until("an acknowledgement", there).await;
    }

    /// The longest time in which nobody was acknowledged.
    fn pause(&self) -> Duration {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        times.sort_unstable();
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

async fn write(
    store: Arc<Mongo>,
    ledger: Arc<Ledger>,
    desks: Arc<[Desk]>,
    stop: CancellationToken,
) {
    for n in 0.. {
        if stop.is_cancelled() {
            return;
        }
        let owner = rand::random_range(0..desks.len());
        let (id, batch) = once(&desks[owner], n);
        commit_surely(&store, id, &batch).await;
        add(&ledger.messages, (owner, id));
        ledger.acknowledged();
    }
}

async fn receive(
    store: Arc<Mongo>,
    ledger: Arc<Ledger>,
    desks: Arc<[Desk]>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        let delivery = delivery(&desks[0].owner, 100);
        surely(|| store.journal(delivery.clone())).await;
        add(&ledger.deliveries, delivery.body);
        ledger.acknowledged();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replica_set_whose_primary_is_killed_forgets_and_doubles_nothing() {
    let set = three().await;
    let store = open_on(&set).await;
    let (ledger, stop) = (Arc::new(Ledger::default()), CancellationToken::new());
    let desks: Arc<[Desk]> = (0..OWNERS).map(|_| Desk::new()).collect();
    let mut work = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, ledger) = (Arc::clone(&store), Arc::clone(&ledger));
        work.spawn(write(store, ledger, Arc::clone(&desks), stop.clone()));
    }
    for _ in 0..RECEIVERS {
        let (store, ledger) = (Arc::clone(&store), Arc::clone(&ledger));
        work.spawn(receive(store, ledger, Arc::clone(&desks), stop.clone()));
    }
    ledger.grows_by(100).await;
    let killed = set.primary().await.unwrap();
    set.kill(killed).await.unwrap();
    let primary = set.primary().await.unwrap();
    assert_ne!(primary, killed);
    ledger.grows_by(200).await;
    stop.cancel();
    timeout(LONG, work.join_all()).await.expect("a writer hangs");
    println!(
        "the longest time without an acknowledgement: {:?}, of {} in all",
        ledger.pause(),
        ledger.count.load(Ordering::Relaxed)
    );
    assert_stored(&store, &ledger, &desks).await;
}

/// What is stored is what was acknowledged, each once.
async fn assert_stored(store: &Mongo, ledger: &Ledger, desks: &[Desk]) {
    let messages = ledger.messages.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (n, desk) in desks.iter().enumerate() {
        let of_owner = messages.iter().filter(|(owner, _)| *owner == n).count() as u64;
        let log = store.events(&desk.owner, Position(0), 100_000).await.unwrap();
        assert!(log.iter().map(|entry| entry.position.0).eq(1..=of_owner), "the log of {n}");
    }
    for (_, id) in &messages {
        assert!(store.message(*id).await.unwrap().is_some(), "a message is lost");
    }
    let count = rows(store, MESSAGES, doc! {}).await;
    assert_eq!(count, messages.len() as u64);

    let mut kept: Vec<_> = Vec::new();
    for lane in lanes() {
        let waiting = store.pending(&[lane], 100_000).await.unwrap();
        kept.extend(waiting.into_iter().map(|row| row.body));
    }
    let mut deliveries = ledger.deliveries.lock().unwrap_or_else(PoisonError::into_inner).clone();
    kept.sort_unstable();
    deliveries.sort_unstable();
    assert_eq!(kept, deliveries);
    assert_eq!(rows(store, INBOX, doc! {}).await, deliveries.len() as u64);
}
