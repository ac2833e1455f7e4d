//! Looking into the journal, and asking for deliveries again.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{
    journal::{kept, waiting},
    samples::{Desk, applied, at, delivery},
};
use crate::{
    domain::{
        delivery::{Delivery, DeliveryId, Outcome, Pending, Progress, SetAside, Settlement},
        journal::{Backlog, Entry, JournalQuery, Kept, Range, Replay, Replayed, Which},
    },
    store::Store,
};

/// Settled as applied but for one element.
fn in_part(id: DeliveryId) -> Settlement {
    let set_aside = vec![SetAside { element: 3, reason: "no sender".to_owned() }];
    Settlement { id, outcome: Outcome::Applied { set_aside } }
}

fn given_up(id: DeliveryId) -> Settlement {
    Settlement { id, outcome: Outcome::Poisoned { reason: "five times".to_owned() } }
}

async fn look(store: &dyn Store, which: Which, newest_first: bool, limit: u32) -> Vec<Entry> {
    let query = JournalQuery { range: Range::ALL, which, newest_first, limit };
    store.deliveries(query).await.unwrap()
}

fn ids(rows: &[Entry]) -> Vec<DeliveryId> {
    rows.iter().map(|row| row.id).collect()
}

/// Seven deliveries: two wait, two were applied, one was given up, two were applied in part.
async fn seven(store: &dyn Store) -> Vec<DeliveryId> {
    let owner = Desk::new().owner;
    let mut kept_ids = Vec::new();
    for n in 0..7 {
        kept_ids.push(kept(store, Delivery { received_at: at(n), ..delivery(&owner, 9) }).await.id);
    }
    let settled = vec![
        applied(kept_ids[1]),
        given_up(kept_ids[2]),
        in_part(kept_ids[3]),
        applied(kept_ids[5]),
        in_part(kept_ids[6]),
    ];
    store.settle(settled).await.unwrap();
    kept_ids
}

/// Asks for deliveries again, at this time.
fn again(range: Range, only_failed: bool, limit: u32) -> Replay {
    Replay { range, only_failed, at: at(1_000), limit }
}

pub(in crate::store) async fn the_journal_is_listed_by_how_far_deliveries_came(
    store: Arc<dyn Store>,
) {
    let all = seven(&*store).await;
    let some = |places: &[usize]| places.iter().map(|n| all[*n]).collect::<Vec<_>>();
    for (which, expected) in [
        (Which::Every, &[0, 1, 2, 3, 4, 5, 6][..]),
        (Which::Waiting, &[0, 4]),
        (Which::Applied, &[1, 5]),
        (Which::Failed, &[2, 3, 6]),
    ] {
        let mut expected = some(expected);
        assert_eq!(ids(&look(&*store, which, false, 100).await), expected, "{which:?}");
        assert_eq!(ids(&look(&*store, which, false, 2).await), expected[..2], "{which:?}");
        expected.reverse();
        assert_eq!(ids(&look(&*store, which, true, 100).await), expected, "{which:?}");
        assert_eq!(ids(&look(&*store, which, true, 1).await), expected[..1], "{which:?}");
    }
    let range = Range { from: all[3], to: all[5] };
    let query = |which| JournalQuery { range, which, newest_first: false, limit: 100 };
    assert_eq!(ids(&store.deliveries(query(Which::Every)).await.unwrap()), some(&[3, 4, 5]));
    assert_eq!(ids(&store.deliveries(query(Which::Failed)).await.unwrap()), some(&[3]));
    assert_eq!(ids(&store.deliveries(query(Which::Waiting)).await.unwrap()), some(&[4]));
}

pub(in crate::store) async fn a_delivery_is_shown_with_what_became_of_it(store: Arc<dyn Store>) {
    let delivery = delivery(&Desk::new().owner, 10);
    let Pending { id, .. } = kept(&*store, delivery.clone()).await;
    let Kept { entry, body } = store.delivery(id).await.unwrap().expect("it is there");
    assert_eq!(body, delivery.body);
    let mut expected = Entry {
        id,
        digest: delivery.digest,
        received_at: delivery.received_at,
        lane: delivery.lane,
        progress: Progress::Waiting,
        attempts: 0,
        outcome: None,
        size: delivery.body.len() as u64,
        replayed_at: None,
    };
    assert_eq!(entry, expected);
    let failed = Outcome::Failed { attempts: 2, reason: "away".to_owned() };
    store.settle(vec![Settlement { id, outcome: failed.clone() }]).await.unwrap();
    (expected.attempts, expected.outcome) = (2, Some(failed));
    assert_eq!(look(&*store, Which::Waiting, true, 9).await, [expected.clone()]);
    store.settle(vec![in_part(id)]).await.unwrap();
    (expected.progress, expected.outcome) = (Progress::InPart, Some(in_part(id).outcome));
    assert_eq!(look(&*store, Which::Failed, true, 9).await, [expected.clone()]);
    assert_eq!(store.delivery(id).await.unwrap().expect("it is there").entry, expected);
    assert_eq!(store.delivery(DeliveryId(id.0 + 1)).await.unwrap(), None);
}

pub(in crate::store) async fn what_is_asked_for_again_waits_apart_until_it_is_let_in(
    store: Arc<dyn Store>,
) {
    let all = seven(&*store).await;
    let failed = store.replay(again(Range::ALL, true, 2)).await.unwrap();
    assert_eq!(failed, Replayed { asked: 2, last: Some(all[3]) });
    let rest = Range::ALL.above(all[3]).unwrap();
    let failed = store.replay(again(rest, true, 2)).await.unwrap();
    assert_eq!(failed, Replayed { asked: 1, last: None });
    assert!(look(&*store, Which::Failed, false, 9).await.is_empty());

    // Apart: lanes do not see it, operators do.
    let waits = |rows: Vec<Pending>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(waits(waiting(&*store).await), [all[0], all[4]]);
    let listed = look(&*store, Which::Waiting, false, 9).await;
    assert_eq!(ids(&listed), [all[0], all[2], all[3], all[4], all[6]]);
    let Entry { progress, attempts, outcome, replayed_at, .. } = &listed[1];
    assert_eq!((*progress, *attempts, outcome), (Progress::Again, 0, &None));
    assert_eq!(*replayed_at, Some(at(1_000)));
    // What is settled late is of an earlier try.
    store.settle(vec![applied(all[2])]).await.unwrap();
    assert_eq!(look(&*store, Which::Waiting, false, 9).await, listed);

    // In, as far as there is room.
    assert_eq!(store.readmit(2).await.unwrap(), 0, "two wait already");
    assert_eq!(store.readmit(3).await.unwrap(), 1);
    assert_eq!(waits(waiting(&*store).await), [all[0], all[2], all[4]]);
    assert_eq!(store.readmit(100).await.unwrap(), 2);
    assert_eq!(store.readmit(100).await.unwrap(), 0);
    assert_eq!(waits(waiting(&*store).await).len(), 5);
    // And there it is settled like any other.
    store.settle(vec![applied(all[2]), in_part(all[3])]).await.unwrap();
    assert_eq!(ids(&look(&*store, Which::Failed, false, 9).await), [all[3]]);
}

pub(in crate::store) async fn a_range_is_asked_for_again_whatever_became_of_it(
    store: Arc<dyn Store>,
) {
    let all = seven(&*store).await;
    let range = Range { from: all[0], to: all[4] };
    let asked = store.replay(again(range, false, 100)).await.unwrap();
    assert_eq!(asked, Replayed { asked: 3, last: None }, "what waits is left alone");
    let asked = store.replay(again(range, false, 100)).await.unwrap();
    assert_eq!(asked.asked, 0, "once");
    let one = store.replay(again(Range::one(all[5]), false, 100)).await.unwrap();
    assert_eq!(one.asked, 1);
    let of = |rows: Vec<Entry>| rows.iter().filter(|r| r.progress == Progress::Again).count();
    assert_eq!(of(look(&*store, Which::Waiting, false, 100).await), 4);
}

pub(in crate::store) async fn being_let_in_is_told_like_an_arrival(store: Arc<dyn Store>) {
    let row = kept(&*store, delivery(&Desk::new().owner, 10)).await;
    store.settle(vec![applied(row.id)]).await.unwrap();
    store.replay(again(Range::one(row.id), false, 1)).await.unwrap();
    let mut arrivals = store.arrivals();
    arrivals.mark_unchanged();
    assert_eq!(store.readmit(1).await.unwrap(), 1);
    timeout(Duration::from_secs(20), arrivals.changed()).await.expect("no hint came").unwrap();
}

pub(in crate::store) async fn the_backlog_counts_what_waits_and_what_failed(store: Arc<dyn Store>) {
    assert_eq!(store.backlog().await.unwrap(), Backlog::default());
    let all = seven(&*store).await;
    let backlog = store.backlog().await.unwrap();
    let expected = Backlog { waiting: 2, oldest: Some(at(0)), again: 0, failed: 3 };
    assert_eq!(backlog, expected);
    store.settle(vec![applied(all[0]), applied(all[4])]).await.unwrap();
    store.replay(again(Range::ALL, true, 100)).await.unwrap();
    let expected = Backlog { waiting: 0, oldest: None, again: 3, failed: 0 };
    assert_eq!(store.backlog().await.unwrap(), expected);
    // What was asked for is as old as the asking.
    store.readmit(1).await.unwrap();
    let expected = Backlog { waiting: 1, oldest: Some(at(1_000)), again: 2, failed: 0 };
    assert_eq!(store.backlog().await.unwrap(), expected);
}

pub(in crate::store) async fn what_was_applied_in_part_is_forgotten_and_what_was_given_up_is_not(
    store: Arc<dyn Store>,
) {
    let all = seven(&*store).await;
    while store.trim_journal(at(100)).await.unwrap() > 0 {}
    let left = look(&*store, Which::Every, false, 100).await;
    assert_eq!(ids(&left), [all[0], all[2], all[4]]);
}

pub(in crate::store) async fn what_was_applied_whole_stays_so(store: Arc<dyn Store>) {
    let row = kept(&*store, delivery(&Desk::new().owner, 10)).await;
    store.settle(vec![in_part(row.id)]).await.unwrap();
    // A replay by somebody who can do more.
    store.settle(vec![applied(row.id)]).await.unwrap();
    store.settle(vec![in_part(row.id), given_up(row.id)]).await.unwrap();
    assert_eq!(ids(&look(&*store, Which::Applied, false, 9).await), [row.id]);
}
