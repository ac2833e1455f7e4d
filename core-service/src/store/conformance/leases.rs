//! Leases of lanes. They are of the whole store: these clauses need one of their own.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    domain::owner::Lane,
    store::{Appetite, Lease, Store},
};

/// Longer than a test.
const LONG: Duration = Duration::from_secs(300);

async fn lease(store: &dyn Store, holder: &str) -> Vec<Lease> {
    let mut leases = store.lease(holder, LONG, Appetite::Share).await.unwrap();
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
    let old = store.lease("a", Duration::from_millis(1), Appetite::Share).await.unwrap();
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

pub(in crate::store) async fn whoever_keeps_takes_nothing_more(store: Arc<dyn Store>) {
    assert!(store.lease("a", LONG, Appetite::Keep).await.unwrap().is_empty());
    let all = lease(&*store, "a").await;
    let lanes: Vec<Lane> = all.iter().map(|lease| lease.lane).collect();
    let (some, rest) = lanes.split_at(lanes.len() / 2);
    store.give_back("a", some).await.unwrap();
    let mut kept = store.lease("a", LONG, Appetite::Keep).await.unwrap();
    kept.sort_unstable_by_key(|lease| lease.lane);
    assert_eq!(kept.iter().map(|lease| lease.lane).collect::<Vec<_>>(), rest);
    assert!(kept.iter().all(|lease| all.contains(lease)), "no term grows by keeping");
}

pub(in crate::store) async fn keeping_extends(store: Arc<dyn Store>) {
    let short = Duration::from_millis(500);
    let mut held = store.lease("a", short, Appetite::Share).await.unwrap();
    let kept = store.lease("a", LONG, Appetite::Keep).await.unwrap();
    held.retain(|lease| kept.contains(lease));
    tokio::time::sleep(short).await;
    let others = lease(&*store, "b").await;
    assert!(others.iter().all(|other| held.iter().all(|lease| lease.lane != other.lane)));
    assert!(!held.is_empty());
}

pub(in crate::store) async fn a_lane_given_back_goes_on_with_a_greater_term(store: Arc<dyn Store>) {
    let old = lease(&*store, "a").await;
    let back = old[0];
    // Of somebody else nothing can be given back.
    store.give_back("b", &[back.lane]).await.unwrap();
    assert!(lease(&*store, "a").await.contains(&back));
    store.give_back("a", &[back.lane]).await.unwrap();
    let taken = async {
        loop {
            for holder in ["b", "a"] {
                let leases = lease(&*store, holder).await;
                if let Some(new) = leases.into_iter().find(|lease| lease.lane == back.lane) {
                    return new;
                }
            }
        }
    };
    let new = timeout(Duration::from_secs(20), taken).await.expect("nobody gets the lane");
    assert!(new.term > back.term, "{new:?} after {back:?}");
}

/// However a backend shares: two who give back what is wanted of them end with every lane held once,
/// nothing wanted, and nobody waiting for a lane that nobody works on.
pub(in crate::store) async fn two_who_give_back_what_is_wanted_share_all_lanes(
    store: Arc<dyn Store>,
) {
    let settled = async {
        loop {
            let mut all = Vec::new();
            for holder in ["a", "b"] {
                let leases = lease(&*store, holder).await;
                let wanted: Vec<Lane> =
                    leases.iter().filter(|lease| lease.wanted).map(|lease| lease.lane).collect();
                store.give_back(holder, &wanted).await.unwrap();
                all.extend(leases);
            }
            let mut lanes: Vec<Lane> = all.iter().map(|lease| lease.lane).collect();
            lanes.sort_unstable();
            if all.iter().all(|lease| !lease.wanted) && lanes == Lane::all().collect::<Vec<_>>() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(20), settled).await.expect("they never come to rest");
}

pub(in crate::store) async fn a_holder_that_released_gives_way_wholly(store: Arc<dyn Store>) {
    lease(&*store, "a").await;
    lease(&*store, "b").await;
    store.release("a").await.unwrap();
    let left = lease(&*store, "b").await;
    assert_eq!(left.len(), Lane::all().count(), "b is alone now");
    assert!(left.iter().all(|lease| !lease.wanted));
}
