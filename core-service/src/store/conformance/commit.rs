//! A batch is written whole or not at all, on no stale view.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::samples::{Desk, Fill, applied, at, delivery, event, keyed, phone, wamid};
use crate::{
    domain::{
        change::{Key, State, Write},
        event::{Head, Position},
        owner::Lane,
    },
    store::{Footprint, Store, StoreError},
};

pub(in crate::store) async fn a_batch_is_written_whole(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let (client, conversation) = (desk.client(), desk.conversation(1));
    let message = keyed(desk.queued(&conversation, 1), "first");
    let (template, orphan) = (desk.template("initiate", "en_US"), desk.orphan(&wamid("A")));
    let batch = desk
        .batch()
        .expecting(Key::LiveClient, State::Absent)
        .put(&client)
        .put(&conversation)
        .put(&message)
        .put(&template)
        .put(&orphan)
        .event(event(1))
        .event(event(2));
    let head = store.commit(batch).await.unwrap();
    assert_eq!(head.position, Position(2));

    let all = Footprint {
        live_client: true,
        messages: vec![message.id],
        orphans: vec![(desk.number.clone(), wamid("A"))],
        templates_of: Some(desk.client),
        ..Footprint::default()
    };
    let rows = store.load(&desk.owner, all).await.unwrap();
    assert_eq!(rows.clients, [client]);
    assert_eq!(rows.conversations, [conversation]);
    assert_eq!(rows.messages, [message]);
    assert_eq!(rows.templates, [template]);
    assert_eq!(rows.orphans, [orphan]);
    assert_eq!(store.head(&desk.owner).await.unwrap(), head);
}

pub(in crate::store) async fn a_row_is_replaced_and_removed(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let (mut conversation, template) = (desk.conversation(1), desk.template("initiate", "de"));
    let orphan = desk.orphan(&wamid("A"));
    let first = desk.batch().put(&conversation).put(&template).put(&orphan);
    store.commit(first).await.unwrap();

    conversation.revision = 2;
    conversation.unread_count = 7;
    conversation.identities = vec![phone(2), phone(3)];
    let second = desk
        .batch()
        .put(&conversation)
        .write(Write::DropTemplate(template.id))
        .write(Write::DropOrphan(desk.number.clone(), wamid("A")));
    store.commit(second).await.unwrap();

    let all = Footprint {
        identities: [1, 2, 3].map(|n| (desk.number.clone(), phone(n))).into(),
        templates: vec![template.id],
        orphans: vec![(desk.number.clone(), wamid("A"))],
        ..Footprint::default()
    };
    let rows = store.load(&desk.owner, all).await.unwrap();
    assert_eq!(rows.conversations, [conversation]);
    assert!(rows.templates.is_empty() && rows.orphans.is_empty());
}

pub(in crate::store) async fn a_batch_with_a_stale_expect_writes_nothing(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    store.commit(desk.batch().put(&conversation)).await.unwrap();
    store.journal(delivery(&desk.owner, 0)).await.unwrap();
    let lanes: Vec<_> = Lane::all().collect();
    let waiting = store.pending(&lanes, 10).await.unwrap();

    let message = desk.inbound(&conversation, 1);
    let mut changed = conversation.clone();
    changed.revision = 3;
    let stale = desk
        .batch()
        .expecting(Key::Conversation(conversation.id), State::At(2))
        .put(changed)
        .put(&message)
        .event(event(1))
        .settling(applied(waiting[0].id));
    let refused = store.commit(stale).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");

    assert_eq!(store.conversation(conversation.id).await.unwrap(), Some(conversation));
    assert_eq!(store.message(message.id).await.unwrap(), None);
    assert_eq!(store.head(&desk.owner).await.unwrap().position, Position(0));
    assert_eq!(store.events(&desk.owner, Position(0), 10).await.unwrap(), []);
    assert_eq!(store.pending(&lanes, 10).await.unwrap().len(), 1);
}

pub(in crate::store) async fn a_batch_with_a_taken_key_writes_nothing(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let first = keyed(desk.queued(&conversation, 1), "first");
    store.commit(desk.batch().put(&conversation).put(first).event(event(1))).await.unwrap();

    let (fresh, other) = (desk.inbound(&conversation, 2), desk.conversation(2));
    let taken = keyed(desk.queued(&conversation, 2), "first");
    let batch = desk.batch().put(&fresh).put(&other).put(&taken).event(event(2));
    let refused = store.commit(batch).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");

    assert_eq!(store.message(fresh.id).await.unwrap(), None);
    assert_eq!(store.message(taken.id).await.unwrap(), None);
    assert_eq!(store.conversation(other.id).await.unwrap(), None);
    let by_identity =
        Footprint { identities: vec![(desk.number.clone(), phone(2))], ..Footprint::default() };
    assert!(store.load(&desk.owner, by_identity).await.unwrap().conversations.is_empty());
    assert_eq!(store.events(&desk.owner, Position(0), 10).await.unwrap().len(), 1);
}

pub(in crate::store) async fn a_batch_is_refused_when_it_is_committed_again_and_its_rows_are_found(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let message = keyed(desk.queued(&conversation, 1), "first");
    let batch = desk
        .batch()
        .expecting(Key::Idempotency("first".to_owned()), State::Absent)
        .expecting(Key::Message(message.id), State::Absent)
        .put(&conversation)
        .put(&message)
        .event(event(1));
    let head = store.commit(batch.clone()).await.unwrap();
    let again = store.commit(batch).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let own = Footprint { idempotency: Some("first".to_owned()), ..Footprint::default() };
    assert_eq!(store.load(&desk.owner, own).await.unwrap().messages, [message]);
    assert_eq!(store.head(&desk.owner).await.unwrap(), head);
}

pub(in crate::store) async fn a_batch_never_writes_a_row_of_another_owner(store: Arc<dyn Store>) {
    let (desk, other) = (Desk::new(), Desk::new());
    let theirs = other.conversation(1);
    store.commit(other.batch().put(&theirs)).await.unwrap();

    // The row names its true owner: not this batch's.
    let honest = store.commit(desk.batch().put(&theirs)).await;
    assert!(matches!(honest, Err(StoreError::Conflict(_))), "{honest:?}");
    // The row claims to be ours: its id is taken.
    let mut stolen = theirs.clone();
    stolen.owner = desk.owner.clone();
    let stolen = store.commit(desk.batch().put(stolen)).await;
    assert!(matches!(stolen, Err(StoreError::Conflict(_))), "{stolen:?}");
    assert_eq!(store.conversation(theirs.id).await.unwrap(), Some(theirs));

    let template = other.template("initiate", "de");
    store.commit(other.batch().put(&template)).await.unwrap();
    store.commit(desk.batch().write(Write::DropTemplate(template.id))).await.unwrap();
    assert_eq!(store.template(template.id).await.unwrap(), Some(template));
}

/// A status is parked because no message has the wamid, while the wamid is stored because nothing is
/// parked: both would be lost to each other.
pub(in crate::store) async fn of_two_batches_that_state_each_others_absence_one_commits(
    store: Arc<dyn Store>,
) {
    for round in 0..40 {
        let desk = Desk::new();
        let (conversation, id) = (desk.conversation(1), wamid(&round.to_string()));
        let mut message = desk.queued(&conversation, 1);
        store.commit(desk.batch().put(&conversation).put(&message)).await.unwrap();

        let park = desk
            .batch()
            .expecting(Key::Wamid(desk.number.clone(), id.clone()), State::Absent)
            .put(desk.orphan(&id));
        message.wamid = Some(id.clone());
        let take = desk
            .batch()
            .expecting(Key::Orphan(desk.number.clone(), id), State::Absent)
            .put(message);
        let (first, second) = (Arc::clone(&store), Arc::clone(&store));
        let parked = tokio::spawn(async move { first.commit(park).await });
        let taken = tokio::spawn(async move { second.commit(take).await });
        let ended = [parked.await.unwrap(), taken.await.unwrap()];
        let committed = ended.iter().filter(|end| end.is_ok()).count();
        let refused =
            ended.iter().filter(|end| matches!(end, Err(StoreError::Conflict(_)))).count();
        assert_eq!((committed, refused), (1, 1), "{ended:?}");
    }
}

pub(in crate::store) async fn no_update_is_lost_among_16_writers(store: Arc<dyn Store>) {
    const WRITERS: u32 = 16;
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    store.commit(desk.batch().put(&conversation)).await.unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, desk, id) = (Arc::clone(&store), desk.clone(), conversation.id);
        writers.spawn(async move {
            loop {
                let mut row = store.conversation(id).await.unwrap().unwrap();
                let seen = State::At(row.revision);
                row.revision += 1;
                row.unread_count += 1;
                row.updated_at = at(1);
                match store
                    .commit(desk.batch().expecting(Key::Conversation(id), seen).put(row))
                    .await
                {
                    Ok(Head { .. }) => return,
                    Err(StoreError::Conflict(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    writers.join_all().await;
    let row = store.conversation(conversation.id).await.unwrap().unwrap();
    assert_eq!((row.unread_count, row.revision), (WRITERS, 1 + u64::from(WRITERS)));
}
