//! Sends that are recorded and taken up in one commit, and what happens when that commit goes wrong.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use core_service::{
    domain::{
        change::{Batch, Write},
        event::News,
        ids::MessageId,
        message::Message,
        page::MessageQuery,
        status::{Life, Status},
    },
    flows::Error,
};
use tokio::time::timeout;

use crate::{
    faulty::{self, Fate},
    kit::owner,
    sending::{Desk, send, status, until},
};

/// More than one owner may have on their way.
const MANY: usize = 40;
const LONG: Duration = Duration::from_secs(20);

/// The newest message of the conversation.
async fn newest(desk: &Desk, conversation: core_service::domain::ids::ConversationId) -> Message {
    let query = MessageQuery { conversation, hidden_before: None, before: None, limit: 1 };
    desk.core.store.list_messages(&owner(), query).await.unwrap().rows.remove(0)
}

/// Waits until a later message of the conversation is accepted.
async fn another_is_accepted(desk: &Desk, before: &Message) {
    until(async || {
        let message = newest(desk, before.conversation_id).await;
        message.id != before.id && message.life.status() == Status::Accepted
    })
    .await;
}

fn records(batch: &Batch) -> bool {
    batch.events.iter().any(|event| matches!(event.news, News::MessageSent { .. }))
}

/// The next commit that records a message ends like this.
fn once(desk: &Desk, fate: Fate) {
    let mut fate = Some(fate);
    *desk.store.judge.lock().unwrap() =
        Box::new(move |batch| if records(batch) { fate.take() } else { None });
}

#[tokio::test]
async fn the_log_tells_every_step_in_order() {
    let desk = Desk::open().await;
    let tail = desk.core.store.head(&owner()).await.unwrap().position;
    let sent = send(&desk.core).await.unwrap();
    let told = desk.core.store.events(&owner(), tail, 10).await.unwrap();
    let told: Vec<_> = told
        .into_iter()
        .map(|logged| match logged.event.news {
            News::MessageSent { message, .. } => ("sent", message.id, message.life.status()),
            News::MessageStatus { message_id, status, .. } => ("status", message_id, status),
            other => panic!("{other:?}"),
        })
        .collect();
    let id = sent.message.id;
    let expected = [
        ("sent", id, Status::Queued),
        ("status", id, Status::Sending),
        ("status", id, Status::Accepted),
    ];
    assert_eq!(told, expected);
    desk.close().await;
}

#[tokio::test]
async fn a_record_that_was_written_although_the_store_did_not_say_so_is_sent_once() {
    let desk = Desk::open().await;
    let before = send(&desk.core).await.unwrap().message;
    once(&desk, Fate::Unanswered);
    let asked = desk.graph.asked();
    assert!(matches!(send(&desk.core).await, Err(Error::Unavailable(_))));
    another_is_accepted(&desk, &before).await;
    assert_eq!(desk.graph.asked(), asked + 1);
    desk.close().await;
}

#[tokio::test]
async fn a_record_that_was_written_although_it_was_called_a_conflict_is_sent_once() {
    let desk = Desk::open().await;
    let mut first = true;
    *desk.store.rival.lock().unwrap() = Box::new(move |batch| {
        // The very same rows, so that our own commit finds them there.
        if records(batch) && std::mem::take(&mut first) { batch.writes.clone() } else { Vec::new() }
    });
    let asked = desk.graph.asked();
    let sent = send(&desk.core).await.unwrap();
    assert_eq!((status(&sent), desk.graph.asked()), (Status::Accepted, asked + 1));
    assert!(!sent.replayed, "no earlier request made it");
    desk.close().await;
}

#[tokio::test]
async fn a_record_that_was_not_written_is_not_sent() {
    let desk = Desk::open().await;
    let asked = desk.graph.asked();
    for (fate, doubt) in [(Fate::Refused, true), (Fate::Panics, false)] {
        once(&desk, fate);
        match send(&desk.core).await {
            Err(Error::Unavailable(_)) => assert!(doubt),
            Err(Error::Internal(_)) => assert!(!doubt),
            other => panic!("{other:?}"),
        }
    }
    // The place of each is free again: more go than one owner has places.
    for _ in 0..MANY {
        assert_eq!(status(&send(&desk.core).await.unwrap()), Status::Accepted);
    }
    assert_eq!(desk.graph.asked(), asked + MANY);
    desk.close().await;
}

#[tokio::test]
async fn a_caller_who_goes_while_it_is_recorded_leaves_it_in_somebodys_hand() {
    let desk = Desk::open().await;
    let before = send(&desk.core).await.unwrap().message;
    let asked = desk.graph.asked();
    desk.store.stuck.send_replace(Some(owner()));
    assert!(timeout(Duration::from_millis(100), send(&desk.core)).await.is_err());
    desk.store.stuck.send_replace(None);
    another_is_accepted(&desk, &before).await;
    assert_eq!(desk.graph.asked(), asked + 1);
    desk.close().await;
}

#[tokio::test]
async fn meta_is_not_asked_when_the_lane_was_lost_while_it_was_recorded() {
    let desk = Desk::open().await;
    let before = send(&desk.core).await.unwrap().message;
    let (asked, lane) = (desk.graph.asked(), owner().lane());
    desk.store.stuck.send_replace(Some(owner()));
    let commits = desk.store.commits.load(Ordering::Relaxed);
    let core = Arc::clone(&desk.core);
    let caller = tokio::spawn(async move { send(&core).await });
    until(async || desk.store.commits.load(Ordering::Relaxed) > commits).await;
    desk.store.landlord.taken.lock().unwrap().push(lane);
    let said = desk.store.landlord.said().len();
    until(async || desk.store.landlord.said().len() > said + 1).await;
    desk.store.stuck.send_replace(None);
    until(async || {
        let message = newest(&desk, before.conversation_id).await;
        message.id != before.id && message.life.status() == Status::Sending
    })
    .await;
    // Its next holder, whoever that is, makes it known that nobody knows.
    desk.store.landlord.taken.lock().unwrap().clear();
    let sent = timeout(2 * LONG, caller).await.unwrap().unwrap().unwrap();
    assert!(matches!(status(&sent), Status::Unknown | Status::Sending), "{sent:?}");
    timeout(2 * LONG, until_unknown(&desk, sent.message.id)).await.unwrap();
    assert_eq!(desk.graph.asked(), asked);
    desk.close().await;
}

/// Waits until nobody knows whether Meta took it.
async fn until_unknown(desk: &Desk, id: MessageId) {
    let mut tail = desk.core.store.tail(&owner());
    while desk.core.store.message(id).await.unwrap().unwrap().life.status() != Status::Unknown {
        tail.changed().await.unwrap();
    }
}

#[tokio::test]
async fn many_at_once_are_each_sent_once_with_and_without_a_place() {
    let desk = Desk::open().await;
    let asked = desk.graph.asked();
    let sends: Vec<_> = (0..MANY)
        .map(|_| {
            let core = Arc::clone(&desk.core);
            tokio::spawn(async move { send(&core).await })
        })
        .collect();
    for sent in sends {
        let sent = timeout(LONG, sent).await.unwrap().unwrap().unwrap();
        assert_eq!(status(&sent), Status::Accepted);
    }
    assert_eq!(desk.graph.asked(), asked + MANY);
    desk.close().await;
}

#[tokio::test]
async fn what_stands_as_being_sent_and_is_in_nobodys_hand_becomes_unknown() {
    let desk = Desk::open().await;
    let sent = send(&desk.core).await.unwrap().message;
    let term = sent.outbox.as_ref().and_then(|outbox| outbox.term).unwrap();
    // As a commit that arrived late leaves it: under the term that still lasts.
    let mut late = sent.clone();
    late.id = MessageId::new(uuid::Uuid::from_u128(7));
    (late.wamid, late.idempotency, late.revision) = (None, None, 1);
    let mut life = Life::queued(late.created_at);
    life.merge(core_service::domain::status::Step {
        status: Status::Sending,
        at: late.created_at,
        error: None,
    });
    late.life = life;
    assert_eq!(late.sending_term(), Some(term));
    let (id, asked) = (late.id, desk.graph.asked());
    faulty::commit(&desk.core, vec![Write::Message(Box::new(late))]).await;
    timeout(2 * LONG, until_unknown(&desk, id)).await.unwrap();
    assert_eq!(desk.graph.asked(), asked);
    desk.close().await;
}
