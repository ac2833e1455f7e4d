//! Leases of lanes. They are of the whole store: these clauses need one of their own.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::store::{Lease, Store};

/// Longer than a test.
const LONG: Duration = Duration::from_secs(300);

async fn lease(store: &dyn Store, holder: &str) -> Vec<Lease> {
    let mut leases = store.lease(holder, LONG).await.unwrap();
    leases.sort_unstable_by_key(|lease| lease.lane);
    leases
}

pub(in crate::store) async fn a_holder_keeps_its_lanes_and_their_terms(store: Arc<dyn Store>) {
    let first = lease(&*store, "a").await;
    assert!(!first.is_empty(), "whoever is alone gets lanes");
    assert!(first.iter().all(|lease| lease.term > 0));
    for held in &first {
        assert!(lease(&*store, "a").await.contains(held));
    }
}

pub(in crate::store) async fn a_lane_has_one_holder(store: Arc<dyn Store>) {
    let (a, b) = (lease(&*store, "a").await, lease(&*store, "b").await);
    let both = b.iter().filter(|lease| a.iter().any(|other| other.lane == lease.lane)).count();
    assert_eq!(both, 0);
    // What is not held is nobody's to give up.
    store.release("b").await.unwrap();
    assert!(a.iter().all(|held| !b.contains(held)));
}

pub(in crate::store) async fn a_released_lane_goes_on_with_a_greater_term(store: Arc<dyn Store>) {
    let old = lease(&*store, "a").await;
    store.release("a").await.unwrap();
    let new = lease(&*store, "b").await;
    for lease in &new {
        let before = old.iter().find(|old| old.lane == lease.lane).map_or(0, |old| old.term);
        assert!(lease.term > before, "{lease:?} after {before}");
    }
    assert!(!new.is_empty());
    store.release("b").await.unwrap();
    let again = lease(&*store, "b").await;
    assert!(again.iter().zip(&new).all(|(again, new)| again.term > new.term));
}

pub(in crate::store) async fn an_ended_lease_goes_to_whoever_asks(store: Arc<dyn Store>) {
    let old = store.lease("a", Duration::from_millis(1)).await.unwrap();
    let taken = async {
        loop {
            let new = lease(&*store, "b").await;
            if !new.is_empty() {
                return new;
            }
        }
    };
    let new = timeout(Duration::from_secs(20), taken).await.expect("the lease does not end");
    for lease in &new {
        assert!(old.iter().all(|old| old.lane != lease.lane || old.term < lease.term));
    }
    let left = lease(&*store, "a").await;
    assert!(left.iter().all(|lease| new.iter().all(|new| new.lane != lease.lane)));
}
