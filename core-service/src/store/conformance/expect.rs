//! Every form of expectation for every kind of key.

use std::sync::Arc;

use super::samples::{Desk, Fill, keyed, phone, uuid, wamid};
use crate::{
    domain::{
        change::{Key, State, Write},
        ids::{ClientId, ConversationId, MessageId, TemplateId},
    },
    store::{Store, StoreError},
};

/// A desk with one row under every kind of key, each at a revision of its own.
async fn furnished(store: &dyn Store) -> (Desk, Vec<(Key, u64)>) {
    let desk = Desk::new();
    let (mut client, mut conversation) = (desk.client(), desk.conversation(1));
    let mut message = keyed(desk.queued(&conversation, 1), "first");
    let (mut template, mut orphan) = (desk.template("initiate", "de"), desk.orphan(&wamid("P")));
    message.wamid = Some(wamid("A"));
    client.revision = 2;
    conversation.revision = 3;
    message.revision = 4;
    template.revision = 5;
    // As great as a revision can be: stored by its bits.
    orphan.revision = u64::MAX;
    let batch =
        desk.batch().put(&client).put(&conversation).put(&message).put(&template).put(&orphan);
    store.commit(batch).await.unwrap();
    let number = || desk.number.clone();
    let keys = vec![
        (Key::Client(client.id), 2),
        (Key::LiveClient, 2),
        (Key::Conversation(conversation.id), 3),
        (Key::Identity(number(), phone(1)), 3),
        (Key::Message(message.id), 4),
        (Key::Wamid(number(), wamid("A")), 4),
        (Key::Idempotency("first".to_owned()), 4),
        (Key::Template(template.id), 5),
        (Key::Orphan(number(), wamid("P")), u64::MAX),
    ];
    (desk, keys)
}

/// Commits a batch that relies on one thing alone.
async fn holds(store: &dyn Store, desk: &Desk, key: &Key, state: State) -> bool {
    match store.commit(desk.batch().expecting(key.clone(), state)).await {
        Ok(_) => true,
        Err(StoreError::Conflict(_)) => false,
        Err(other) => panic!("{key:?} {state:?}: {other}"),
    }
}

pub(in crate::store) async fn the_state_of_every_kind_of_key_is_checked(store: Arc<dyn Store>) {
    let (desk, keys) = furnished(&*store).await;
    for (key, revision) in keys {
        assert!(holds(&*store, &desk, &key, State::Exists).await, "{key:?} exists");
        assert!(
            holds(&*store, &desk, &key, State::At(revision)).await,
            "{key:?} is at its revision"
        );
        assert!(!holds(&*store, &desk, &key, State::At(revision - 1)).await, "{key:?} is newer");
        assert!(!holds(&*store, &desk, &key, State::Absent).await, "{key:?} is not absent");
    }
}

fn keys_without_a_row(desk: &Desk) -> Vec<Key> {
    let number = || desk.number.clone();
    vec![
        Key::Client(ClientId::new(uuid())),
        Key::LiveClient,
        Key::Conversation(ConversationId::new(uuid())),
        Key::Identity(number(), phone(1)),
        Key::Message(MessageId::new(uuid())),
        Key::Wamid(number(), wamid("A")),
        Key::Idempotency("first".to_owned()),
        Key::Template(TemplateId::new(uuid())),
        Key::Orphan(number(), wamid("P")),
    ]
}

async fn all_are_absent(store: &dyn Store, desk: &Desk, keys: &[Key]) {
    for key in keys {
        assert!(holds(store, desk, key, State::Absent).await, "{key:?} is absent");
        assert!(!holds(store, desk, key, State::Exists).await, "{key:?} does not exist");
        for revision in [0, 1, u64::MAX] {
            assert!(!holds(store, desk, key, State::At(revision)).await, "{key:?} has no revision");
        }
    }
}

pub(in crate::store) async fn a_key_without_a_row_is_absent(store: Arc<dyn Store>) {
    let desk = Desk::new();
    all_are_absent(&*store, &desk, &keys_without_a_row(&desk)).await;
}

pub(in crate::store) async fn a_row_of_another_owner_is_absent(store: Arc<dyn Store>) {
    let (_, keys) = furnished(&*store).await;
    let stranger = Desk::new();
    let keys: Vec<Key> = keys.into_iter().map(|(key, _)| key).collect();
    all_are_absent(&*store, &stranger, &keys).await;
}

pub(in crate::store) async fn a_key_that_was_released_is_absent(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let (mut client, mut conversation) = (desk.client(), desk.conversation(1));
    let template = desk.template("initiate", "de");
    let batch = desk.batch().put(&client).put(&conversation).put(&template);
    store.commit(batch.put(desk.orphan(&wamid("P")))).await.unwrap();

    client.deleted_at = Some(client.updated_at);
    conversation.identities = vec![phone(2)];
    let batch = desk.batch().put(&client).put(&conversation);
    let batch = batch.write(Write::DropTemplate(template.id));
    store.commit(batch.write(Write::DropOrphan(desk.number.clone(), wamid("P")))).await.unwrap();

    let number = || desk.number.clone();
    let released = [
        Key::LiveClient,
        Key::Identity(number(), phone(1)),
        Key::Template(template.id),
        Key::Orphan(number(), wamid("P")),
    ];
    all_are_absent(&*store, &desk, &released).await;
    // A deleted client is a row still.
    assert!(holds(&*store, &desk, &Key::Client(client.id), State::Exists).await);
}
