//! Lanes shared by processes: fair, each held once, by the server's clock alone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dev_mongod::Database;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{super::Mongo, fresh_database, kit::LONG, open};
use crate::{
    domain::owner::Lane,
    store::{Appetite, Lease, Store},
};

const MINUTE: Duration = Duration::from_secs(60);

async fn share(store: &Mongo, holder: &str) -> Vec<Lease> {
    store.lease(holder, MINUTE, Appetite::Share).await.unwrap()
}

/// Asks, and gives back what others want.
async fn share_fairly(store: &Mongo, holder: &str) -> usize {
    let leases = share(store, holder).await;
    let wanted: Vec<Lane> = leases.iter().filter(|l| l.wanted).map(|l| l.lane).collect();
    store.give_back(holder, &wanted).await.unwrap();
    leases.len() - wanted.len()
}

async fn three(database: &Database) -> [Mongo; 3] {
    [open(database).await, open(database).await, open(database).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_come_one_after_another_share_fairly() {
    let database = fresh_database().await;
    let [a, b, c] = three(&database).await;
    assert_eq!(share_fairly(&a, "a").await, 64, "whoever is alone has all");
    assert_eq!(share_fairly(&b, "b").await, 0, "nothing is taken from the living");
    assert_eq!(share_fairly(&a, "a").await, 32);
    assert_eq!(share_fairly(&b, "b").await, 32);

    assert_eq!(share_fairly(&c, "c").await, 0);
    assert_eq!(share_fairly(&a, "a").await, 22);
    assert_eq!(share_fairly(&b, "b").await, 22);
    assert_eq!(share_fairly(&c, "c").await, 20);
    // And back again.
    c.release("c").await.unwrap();
    assert_eq!(share_fairly(&a, "a").await, 32);
    assert_eq!(share_fairly(&b, "b").await, 32);
    b.release("b").await.unwrap();
    assert_eq!(share_fairly(&a, "a").await, 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_about_to_end_takes_nothing_and_counts_no_more() {
    let database = fresh_database().await;
    let [a, b, _] = three(&database).await;
    share_fairly(&a, "a").await;
    share_fairly(&b, "b").await;
    share_fairly(&a, "a").await;
    assert_eq!(share_fairly(&b, "b").await, 32);
    let kept = a.lease("a", MINUTE, Appetite::Keep).await.unwrap();
    assert_eq!(kept.len(), 32);
    assert!(kept.iter().all(|lease| !lease.wanted));
    // No lane is free, but all are due to the other.
    assert_eq!(share_fairly(&b, "b").await, 32);
    let (first, rest) = kept.split_at(12);
    let first: Vec<Lane> = first.iter().map(|lease| lease.lane).collect();
    a.give_back("a", &first).await.unwrap();
    assert_eq!(a.lease("a", MINUTE, Appetite::Keep).await.unwrap(), rest);
    assert_eq!(share_fairly(&b, "b").await, 44);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_asking_loses_its_lanes_when_they_end_and_not_before() {
    let database = fresh_database().await;
    let [a, b, _] = three(&database).await;
    let ttl = Duration::from_millis(1_500);
    let asked = Instant::now();
    let old = a.lease("a", ttl, Appetite::Share).await.unwrap();
    assert_eq!(old.len(), 64);
    let answered = Instant::now();
    let taken = async {
        loop {
            let lanes = share(&b, "b").await;
            if !lanes.is_empty() {
                return lanes;
            }
        }
    };
    let new = timeout(LONG, taken).await.expect("the lanes are locked for ever");
    assert!(asked.elapsed() >= ttl, "taken {:?} too early", ttl - asked.elapsed());
    assert!(answered.elapsed() < ttl + Duration::from_secs(3), "{:?}", answered.elapsed());
    for lease in &new {
        let before = old.iter().find(|old| old.lane == lease.lane).unwrap();
        assert!(lease.term > before.term, "{lease:?} after {before:?}");
    }
    // The one that slept is not heard any more, and waits its turn.
    let left = share(&a, "a").await;
    assert!(left.iter().all(|lease| new.iter().all(|new| new.lane != lease.lane)));
}

/// Who had a lane under which term. A term is one holder's for ever.
type Terms = Mutex<BTreeMap<(Lane, u64), String>>;

/// Asks for and drops leases at random, and writes down what it got.
async fn come_and_go(store: Mongo, holder: String, terms: Arc<Terms>) {
    for _ in 0..60 {
        let ttl = Duration::from_millis(rand::random_range(1..200));
        let leases = store.lease(&holder, ttl, Appetite::Share).await.unwrap();
        for Lease { lane, term, wanted: _ } in &leases {
            let mut terms = terms.lock().unwrap_or_else(PoisonError::into_inner);
            let first = terms.entry((*lane, *term)).or_insert_with(|| holder.clone());
            assert_eq!(*first, holder, "{lane:?} has two holders under {term}");
        }
        match rand::random_range(0..4) {
            0 => store.release(&holder).await.unwrap(),
            1 => {
                let some: Vec<Lane> = leases.iter().step_by(2).map(|lease| lease.lane).collect();
                store.give_back(&holder, &some).await.unwrap();
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_term_of_a_lane_has_two_holders() {
    let database = fresh_database().await;
    let terms = Arc::new(Terms::default());
    let mut holders = JoinSet::new();
    for (n, store) in three(&database).await.into_iter().enumerate() {
        holders.spawn(come_and_go(store, format!("holder-{n}"), Arc::clone(&terms)));
    }
    holders.join_all().await;
    let terms = terms.lock().unwrap_or_else(PoisonError::into_inner);
    let changes = terms.len();
    assert!(changes > 200, "only {changes} changes were seen");
}
