//! The journal of deliveries.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use super::samples::{Desk, Fill, applied, at, delivery, event, wamid};
use crate::{
    domain::{
        change::{Batch, Key, State, Write},
        delivery::{Delivery, Outcome, Pending, Settlement},
        owner::Lane,
    },
    store::{Footprint, Store, StoreError},
};

fn everywhere() -> Vec<Lane> {
    Lane::all().collect()
}

pub(super) async fn waiting(store: &dyn Store) -> Vec<Pending> {
    store.pending(&everywhere(), 100).await.unwrap()
}

/// Keeps one delivery and finds it waiting.
pub(super) async fn kept(store: &dyn Store, delivery: Delivery) -> Pending {
    let body = delivery.body.clone();
    assert!(store.journal(delivery).await.unwrap());
    waiting(store).await.into_iter().find(|row| row.body == body).expect("it waits")
}

pub(in crate::store) async fn a_delivery_is_kept_once_though_it_comes_64_times(
    store: Arc<dyn Store>,
) {
    let delivery = delivery(&Desk::new().owner, 100);
    let mut callers = JoinSet::new();
    for _ in 0..64 {
        let (store, delivery) = (Arc::clone(&store), delivery.clone());
        callers.spawn(async move { store.journal(delivery).await.unwrap() });
    }
    let new = callers.join_all().await.into_iter().filter(|new| *new).count();
    assert_eq!(new, 1);
    let rows = waiting(&*store).await;
    assert_eq!(rows.len(), 1);
    let Pending { id, body, lane, received_at, attempts } = &rows[0];
    assert_eq!((body, *lane), (&delivery.body, delivery.lane));
    assert_eq!((*received_at, *attempts), (delivery.received_at, 0));
    // Also after it was applied.
    store.settle(vec![applied(*id)]).await.unwrap();
    assert!(!store.journal(delivery).await.unwrap());
    assert!(waiting(&*store).await.is_empty());
}

pub(in crate::store) async fn deliveries_wait_in_the_order_of_arrival_by_lane(
    store: Arc<dyn Store>,
) {
    let desks: Vec<_> = (0..6).map(|_| Desk::new()).collect();
    let mut bodies = Vec::new();
    for desk in desks.iter().chain(&desks) {
        let delivery = delivery(&desk.owner, 10);
        bodies.push((delivery.lane, delivery.body.clone()));
        assert!(store.journal(delivery).await.unwrap());
    }
    let all = waiting(&*store).await;
    let found: Vec<_> = all.iter().map(|row| (row.lane, row.body.clone())).collect();
    assert_eq!(found, bodies);
    assert!(all.is_sorted_by_key(|row| row.id));

    let lane = desks[0].owner.lane();
    let of_lane: Vec<_> = bodies.iter().filter(|(of, _)| *of == lane).cloned().collect();
    let found = store.pending(&[lane], 100).await.unwrap();
    assert_eq!(found.into_iter().map(|row| (row.lane, row.body)).collect::<Vec<_>>(), of_lane);
    assert_eq!(store.pending(&everywhere(), 5).await.unwrap().len(), 5);
    assert!(store.pending(&[], 5).await.unwrap().is_empty());
}

pub(in crate::store) async fn an_answer_holds_at_most_8_mib_of_bodies(store: Arc<dyn Store>) {
    let owner = Desk::new().owner;
    for _ in 0..4 {
        store.journal(delivery(&owner, 3 << 20)).await.unwrap();
    }
    let first = waiting(&*store).await;
    assert_eq!(first.len(), 2);
    store.settle(first.iter().map(|row| applied(row.id)).collect()).await.unwrap();
    assert_eq!(waiting(&*store).await.len(), 2);
}

pub(in crate::store) async fn a_failed_delivery_waits_again_with_its_attempts(
    store: Arc<dyn Store>,
) {
    let row = kept(&*store, delivery(&Desk::new().owner, 10)).await;
    let failed = |attempts| Settlement {
        id: row.id,
        outcome: Outcome::Failed { attempts, reason: "the store was away".to_owned() },
    };
    for attempts in 1..=2 {
        store.settle(vec![failed(attempts)]).await.unwrap();
        let rows = waiting(&*store).await;
        assert_eq!((rows.len(), rows[0].attempts), (1, attempts));
    }
    let outcome = Outcome::Poisoned { reason: "three times".to_owned() };
    store.settle(vec![Settlement { id: row.id, outcome }]).await.unwrap();
    assert!(waiting(&*store).await.is_empty());
    // Applied after all, by a replay.
    store.settle(vec![applied(row.id)]).await.unwrap();
    assert!(waiting(&*store).await.is_empty());
}

pub(in crate::store) async fn what_is_done_stays_done(store: Arc<dyn Store>) {
    let row = kept(&*store, delivery(&Desk::new().owner, 10)).await;
    store.settle(vec![applied(row.id)]).await.unwrap();
    let late = Outcome::Failed { attempts: 1, reason: "late".to_owned() };
    store.settle(vec![Settlement { id: row.id, outcome: late }]).await.unwrap();
    store.settle(vec![applied(row.id)]).await.unwrap();
    assert!(waiting(&*store).await.is_empty());
    store.settle(Vec::new()).await.unwrap();
}

pub(in crate::store) async fn a_settlement_is_written_with_its_batch_or_not_at_all(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let row = kept(&*store, delivery(&desk.owner, 10)).await;
    let refused = desk
        .batch()
        .expecting(Key::LiveClient, State::Exists)
        .event(event(1))
        .settling(applied(row.id));
    assert!(matches!(store.commit(refused).await, Err(StoreError::Conflict(_))));
    assert_eq!(waiting(&*store).await.len(), 1);
    store.commit(desk.batch().event(event(1)).settling(applied(row.id))).await.unwrap();
    assert!(waiting(&*store).await.is_empty());
}

pub(in crate::store) async fn an_arrival_is_told(store: Arc<dyn Store>) {
    let mut arrivals = store.arrivals();
    arrivals.mark_unchanged();
    let delivery = delivery(&Desk::new().owner, 10);
    store.journal(delivery).await.unwrap();
    timeout(Duration::from_secs(20), arrivals.changed()).await.expect("no hint came").unwrap();
    assert_eq!(waiting(&*store).await.len(), 1);
}

pub(in crate::store) async fn what_is_old_and_over_is_forgotten_and_what_waits_is_not(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let aged = |seconds| Delivery { received_at: at(seconds), ..delivery(&desk.owner, 10) };
    let (old, new, waits) = (aged(1), aged(20), aged(1));
    for delivery in [&old, &new] {
        let row = kept(&*store, delivery.clone()).await;
        store.settle(vec![applied(row.id)]).await.unwrap();
    }
    let waiting_row = kept(&*store, waits.clone()).await;
    let orphan = desk.orphan(&wamid("wamid.parked"));
    let parked = Write::Orphan(Box::new(orphan.clone()));
    store.commit(Batch { writes: vec![parked], ..desk.batch() }).await.unwrap();

    assert_eq!(store.trim_journal(at(0)).await.unwrap(), 0);
    let mut forgotten = 0;
    loop {
        match store.trim_journal(at(10)).await.unwrap() {
            0 => break,
            some => forgotten += some,
        }
    }
    assert_eq!(forgotten, 2, "the old delivery and the parked status");
    assert!(store.journal(old).await.unwrap(), "its bytes are unknown again");
    assert!(!store.journal(new).await.unwrap());
    assert!(!store.journal(waits).await.unwrap());
    assert!(waiting(&*store).await.iter().any(|row| row.id == waiting_row.id));
    let key = (orphan.phone_number_id, orphan.wamid);
    let footprint = Footprint { orphans: vec![key], ..Footprint::default() };
    assert_eq!(store.load(&desk.owner, footprint).await.unwrap().orphans, []);
}
