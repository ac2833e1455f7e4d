//! Messages that the outbox has to look at.

use std::{sync::Arc, time::Duration};

use super::samples::{Desk, Fill, at};
use crate::{
    domain::{
        message::Message,
        owner::Lane,
        status::{Status, Step},
        time::Timestamp,
    },
    store::{OutboxQuery, Store},
};

async fn due(store: &dyn Store, lanes: &[Lane], now: Timestamp) -> Vec<Message> {
    store.outbox(lanes, OutboxQuery::Due(now), 100).await.unwrap()
}

pub(in crate::store) async fn queued_messages_are_found_when_they_are_due_earliest_first(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let lanes = [desk.owner.lane()];
    assert_eq!(store.next_due(&lanes).await.unwrap(), None);
    let conversation = desk.conversation(1);
    let [late, early, middle] = [30, 10, 20].map(|second| desk.queued(&conversation, second));
    let batch = desk.batch().put(&conversation).put(desk.inbound(&conversation, 5));
    store.commit(batch.put(&late).put(&early).put(&middle)).await.unwrap();

    assert_eq!(store.next_due(&lanes).await.unwrap(), Some(at(10)));
    assert_eq!(due(&*store, &lanes, at(9)).await, []);
    assert_eq!(due(&*store, &lanes, at(10)).await, std::slice::from_ref(&early));
    assert_eq!(due(&*store, &lanes, at(99)).await, [early.clone(), middle.clone(), late]);
    let two = store.outbox(&lanes, OutboxQuery::Due(at(99)), 2).await.unwrap();
    assert_eq!(two, [early.clone(), middle.clone()]);

    // Put off: the new time counts.
    let mut put_off = early;
    if let Some(outbox) = &mut put_off.outbox {
        outbox.due_at = Some(at(40));
    }
    store.commit(desk.batch().put(&put_off)).await.unwrap();
    assert_eq!(store.next_due(&lanes).await.unwrap(), Some(at(20)));
    assert_eq!(due(&*store, &lanes, at(20)).await, [middle]);
}

pub(in crate::store) async fn a_message_that_is_over_is_not_found(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let (lanes, conversation) = ([desk.owner.lane()], desk.conversation(1));
    let mut message = desk.queued(&conversation, 1);
    store.commit(desk.batch().put(&conversation).put(&message)).await.unwrap();
    for status in [Status::Sending, Status::Accepted] {
        message.life.merge(Step { status, at: at(2), error: None });
        store.commit(desk.batch().put(&message)).await.unwrap();
        assert_eq!(due(&*store, &lanes, at(99)).await, []);
        assert_eq!(store.next_due(&lanes).await.unwrap(), None);
    }
}

pub(in crate::store) async fn messages_whose_sender_is_gone_are_found_by_term(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let (lanes, conversation) = ([desk.owner.lane()], desk.conversation(1));
    let (mut first, second) = (desk.sending(&conversation, 3), desk.sending(&conversation, 4));
    let queued = desk.queued(&conversation, 1);
    store
        .commit(desk.batch().put(&conversation).put(&first).put(&second).put(queued))
        .await
        .unwrap();
    let stranded = |term| store.outbox(&lanes, OutboxQuery::Stranded(term), 100);
    assert_eq!(stranded(3).await.unwrap(), []);
    assert_eq!(stranded(4).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(stranded(u64::MAX).await.unwrap().len(), 2);
    first.life.merge(Step { status: Status::Unknown, at: at(9), error: None });
    store.commit(desk.batch().put(first)).await.unwrap();
    assert_eq!(stranded(u64::MAX).await.unwrap(), [second]);
}

pub(in crate::store) async fn other_lanes_are_not_looked_at(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let batch = desk.batch().put(&conversation).put(desk.queued(&conversation, 1));
    store.commit(batch.put(desk.sending(&conversation, 1))).await.unwrap();
    let others: Vec<_> = Lane::all().filter(|lane| *lane != desk.owner.lane()).collect();
    assert_eq!(due(&*store, &others, at(99)).await, []);
    assert_eq!(store.outbox(&others, OutboxQuery::Stranded(9), 100).await.unwrap(), []);
    assert_eq!(store.next_due(&others).await.unwrap(), None);
    let all: Vec<_> = Lane::all().collect();
    assert_eq!(due(&*store, &all, at(99)).await.len(), 1);
    assert_eq!(store.outbox(&all, OutboxQuery::Stranded(9), 100).await.unwrap().len(), 1);
    assert_eq!(store.next_due(&all).await.unwrap(), Some(at(1)));
}

pub(in crate::store) async fn what_a_commit_leaves_in_the_outbox_is_told(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let mut queued = store.queued();
    let batch = desk.batch().put(&conversation).put(desk.queued(&conversation, 1));
    store.commit(batch).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(5), queued.changed()).await;
    told.expect("the outbox is told of what waits in it").unwrap();

    let seen = *queued.borrow_and_update();
    store.commit(desk.batch().put(desk.queued(&conversation, 2))).await.unwrap();
    let grown = tokio::time::timeout(Duration::from_secs(5), queued.wait_for(|n| *n > seen)).await;
    grown.expect("it only grows").unwrap();
}
