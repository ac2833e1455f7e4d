//! Messages whose file is to be fetched.

use std::sync::Arc;

use super::samples::{Desk, Fill, at};
use crate::{
    domain::{fetch::Fetch, message::Message, owner::Lane, time::Timestamp},
    store::{OutboxQuery, Store},
};

async fn due(store: &dyn Store, lanes: &[Lane], now: Timestamp) -> Vec<Message> {
    store.fetches(lanes, now, 100).await.unwrap()
}

pub(in crate::store) async fn files_to_fetch_are_found_when_they_are_due_earliest_first(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let lanes = [desk.owner.lane()];
    assert_eq!(store.next_fetch(&lanes, at(0)).await.unwrap(), None);
    let conversation = desk.conversation(1);
    let [late, early, middle] = [30, 10, 20].map(|second| desk.fetching(&conversation, second));
    let batch = desk.batch().put(&conversation).put(desk.inbound(&conversation, 5));
    store.commit(batch.put(&late).put(&early).put(&middle)).await.unwrap();

    assert_eq!(due(&*store, &lanes, at(9)).await, []);
    assert_eq!(due(&*store, &lanes, at(10)).await, std::slice::from_ref(&early));
    assert_eq!(due(&*store, &lanes, at(99)).await, [early.clone(), middle.clone(), late]);
    assert_eq!(store.fetches(&lanes, at(99), 2).await.unwrap(), [early.clone(), middle.clone()]);
    for (after, next) in [(0, Some(10)), (9, Some(10)), (10, Some(20)), (29, Some(30)), (30, None)]
    {
        assert_eq!(store.next_fetch(&lanes, at(after)).await.unwrap(), next.map(at), "{after}");
    }

    // Put off: the new time counts.
    let put_off = Message { fetch: Some(Box::new(Fetch::at(at(40)))), ..early };
    store.commit(desk.batch().put(&put_off)).await.unwrap();
    assert_eq!(due(&*store, &lanes, at(20)).await, [middle]);
    assert_eq!(store.next_fetch(&lanes, at(30)).await.unwrap(), Some(at(40)));
}

pub(in crate::store) async fn a_file_that_is_stored_or_given_up_is_not_found(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let (lanes, conversation) = ([desk.owner.lane()], desk.conversation(1));
    let (stored, given_up) = (desk.fetching(&conversation, 1), desk.fetching(&conversation, 2));
    let batch = desk.batch().put(&conversation).put(&stored).put(&given_up);
    store.commit(batch).await.unwrap();
    assert_eq!(due(&*store, &lanes, at(99)).await.len(), 2);
    let stored = Message { fetch: None, ..stored };
    let over = Fetch { due_at: None, last_error: Some("gone".to_owned()), ..Fetch::at(at(2)) };
    let given_up = Message { fetch: Some(Box::new(over)), ..given_up };
    store.commit(desk.batch().put(&stored).put(&given_up)).await.unwrap();
    assert_eq!(due(&*store, &lanes, at(99)).await, []);
    assert_eq!(store.next_fetch(&lanes, at(0)).await.unwrap(), None);
    assert_eq!(store.message(given_up.id).await.unwrap(), Some(given_up));
}

pub(in crate::store) async fn files_of_other_lanes_are_not_looked_at(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let batch = desk.batch().put(&conversation).put(desk.fetching(&conversation, 1));
    store.commit(batch).await.unwrap();
    let others: Vec<_> = Lane::all().filter(|lane| *lane != desk.owner.lane()).collect();
    for none in [&others[..], &[]] {
        assert_eq!(due(&*store, none, at(99)).await, []);
        assert_eq!(store.next_fetch(none, at(0)).await.unwrap(), None);
    }
    let all: Vec<_> = Lane::all().collect();
    assert_eq!(due(&*store, &all, at(99)).await.len(), 1);
    assert_eq!(store.next_fetch(&all, at(0)).await.unwrap(), Some(at(1)));
}

pub(in crate::store) async fn what_is_to_be_fetched_and_what_is_to_be_sent_are_kept_apart(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let (lanes, conversation) = ([desk.owner.lane()], desk.conversation(1));
    let (fetch, send) = (desk.fetching(&conversation, 1), desk.queued(&conversation, 2));
    let sending = desk.sending(&conversation, 1);
    let batch = desk.batch().put(&conversation).put(&fetch).put(&send).put(&sending);
    store.commit(batch).await.unwrap();
    assert_eq!(due(&*store, &lanes, at(99)).await, [fetch]);
    let outbox = |query| store.outbox(&lanes, query, 100);
    assert_eq!(outbox(OutboxQuery::Due(at(99))).await.unwrap(), [send]);
    assert_eq!(outbox(OutboxQuery::Stranded(u64::MAX)).await.unwrap(), [sending]);
    assert_eq!(store.next_due(&lanes).await.unwrap(), Some(at(2)));
    assert_eq!(store.next_fetch(&lanes, at(0)).await.unwrap(), Some(at(1)));
}
