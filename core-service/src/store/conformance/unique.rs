//! Unique keys, for ever.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::samples::{Desk, Fill, at, event, keyed, phone, uuid, wamid};
use crate::{
    domain::{
        change::{Batch, Key, State},
        event::Position,
        ids::{ClientId, PhoneNumberId},
    },
    store::{Footprint, Store, StoreError},
};

async fn is_refused(store: &dyn Store, batch: Batch) {
    let ended = store.commit(batch).await;
    assert!(matches!(ended, Err(StoreError::Conflict(_))), "{ended:?}");
}

fn other_number() -> PhoneNumberId {
    PhoneNumberId::parse(&rand::random::<u64>().to_string()).unwrap()
}

pub(in crate::store) async fn a_wamid_names_one_message_of_an_owner_and_number(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let mut first = desk.inbound(&conversation, 1);
    first.wamid = Some(wamid("A"));
    store.commit(desk.batch().put(&conversation).put(&first)).await.unwrap();

    let mut second = desk.inbound(&conversation, 2);
    second.wamid = Some(wamid("A"));
    is_refused(&*store, desk.batch().put(&second)).await;
    // Two without a wamid do not meet.
    let (third, fourth) = (desk.queued(&conversation, 3), desk.queued(&conversation, 4));
    store.commit(desk.batch().put(third).put(fourth)).await.unwrap();
    // Another number, or another owner, is another place.
    second.phone_number_id = other_number();
    store.commit(desk.batch().put(second)).await.unwrap();
    let other = Desk { number: desk.number.clone(), ..Desk::new() };
    let theirs = other.conversation(1);
    let mut message = other.inbound(&theirs, 1);
    message.wamid = Some(wamid("A"));
    store.commit(other.batch().put(theirs).put(message)).await.unwrap();
    // The row itself may be written again, also with other things changed.
    first.revision = 2;
    store.commit(desk.batch().put(first)).await.unwrap();
}

pub(in crate::store) async fn an_idempotency_key_names_one_message_of_an_owner(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let first = keyed(desk.queued(&conversation, 1), "key");
    store.commit(desk.batch().put(&conversation).put(&first)).await.unwrap();

    let mut second = keyed(desk.queued(&conversation, 2), "key");
    second.phone_number_id = other_number();
    is_refused(&*store, desk.batch().put(second)).await;
    // Keys are compared exactly.
    let upper = keyed(desk.queued(&conversation, 2), "KEY");
    store.commit(desk.batch().put(upper)).await.unwrap();
    let other = Desk::new();
    let theirs = other.conversation(1);
    let message = keyed(other.queued(&theirs, 1), "key");
    store.commit(other.batch().put(theirs).put(message)).await.unwrap();
}

pub(in crate::store) async fn an_owner_has_one_live_client(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let mut first = desk.client();
    store.commit(desk.batch().put(&first)).await.unwrap();
    let mut second = desk.client();
    second.id = ClientId::new(uuid());
    second.connection = None;
    is_refused(&*store, desk.batch().put(&second)).await;
    // Any number of deleted ones.
    second.deleted_at = Some(at(1));
    store.commit(desk.batch().put(&second)).await.unwrap();
    first.deleted_at = Some(at(1));
    store.commit(desk.batch().put(&first)).await.unwrap();
    second.deleted_at = None;
    store.commit(desk.batch().put(&second)).await.unwrap();
    first.deleted_at = None;
    is_refused(&*store, desk.batch().put(&first)).await;
}

pub(in crate::store) async fn a_number_has_one_live_client_of_all_owners(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let mut first = desk.client();
    store.commit(desk.batch().put(&first)).await.unwrap();
    let other = Desk { number: desk.number.clone(), ..Desk::new() };
    is_refused(&*store, other.batch().put(other.client())).await;
    // Pending clients have no number to share.
    let (third, fourth) = (Desk::new(), Desk::new());
    for pending in [third, fourth] {
        let mut client = pending.client();
        client.connection = None;
        store.commit(pending.batch().put(client)).await.unwrap();
    }
    first.deleted_at = Some(at(1));
    store.commit(desk.batch().put(first)).await.unwrap();
    store.commit(other.batch().put(other.client())).await.unwrap();
}

pub(in crate::store) async fn a_deleted_client_gives_its_places_free_within_a_batch(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let mut old = desk.client();
    store.commit(desk.batch().put(&old)).await.unwrap();
    let mut new = desk.client();
    new.id = ClientId::new(uuid());
    old.deleted_at = Some(at(1));
    // The taker first: the order of writes does not matter.
    store.commit(desk.batch().put(&new).put(&old)).await.unwrap();
    let live = Footprint { live_client: true, ..Footprint::default() };
    assert_eq!(store.load(&desk.owner, live).await.unwrap().clients, [new]);
}

pub(in crate::store) async fn an_identifier_names_one_conversation_of_an_owner_and_number(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let first = desk.conversation(1);
    store.commit(desk.batch().put(&first)).await.unwrap();
    let mut second = desk.conversation(1);
    is_refused(&*store, desk.batch().put(&second)).await;
    // Hidden ones keep their identifiers.
    let mut hidden = first.clone();
    hidden.hidden = true;
    store.commit(desk.batch().put(hidden)).await.unwrap();
    is_refused(&*store, desk.batch().put(&second)).await;
    second.phone_number_id = other_number();
    store.commit(desk.batch().put(&second)).await.unwrap();
    let other = Desk { number: desk.number.clone(), ..Desk::new() };
    store.commit(other.batch().put(other.conversation(1))).await.unwrap();
    // Moved to the first one's number, the identifier is taken.
    second.phone_number_id = desk.number.clone();
    is_refused(&*store, desk.batch().put(second)).await;
}

pub(in crate::store) async fn two_conversations_exchange_an_identifier_in_one_batch(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let (mut first, mut second) = (desk.conversation(1), desk.conversation(2));
    store.commit(desk.batch().put(&first).put(&second)).await.unwrap();
    std::mem::swap(&mut first.identities, &mut second.identities);
    store.commit(desk.batch().put(&first).put(&second)).await.unwrap();
    for (n, expected) in [(1, &second), (2, &first)] {
        let by =
            Footprint { identities: vec![(desk.number.clone(), phone(n))], ..Footprint::default() };
        let found = store.load(&desk.owner, by).await.unwrap().conversations;
        assert_eq!(found, std::slice::from_ref(expected));
    }
}

pub(in crate::store) async fn of_64_batches_with_one_key_one_commits(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    store.commit(desk.batch().put(&conversation)).await.unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..64 {
        let store = Arc::clone(&store);
        let key = Key::Idempotency("same".to_owned());
        let batch = desk
            .batch()
            .expecting(key, State::Absent)
            .put(keyed(desk.queued(&conversation, 1), "same"))
            .event(event(1));
        callers.spawn(async move { store.commit(batch).await });
    }
    let ended = callers.join_all().await;
    let committed = ended.iter().filter(|end| end.is_ok()).count();
    let refused = ended.iter().filter(|end| matches!(end, Err(StoreError::Conflict(_)))).count();
    assert_eq!((committed, refused), (1, 63));
    assert_eq!(store.head(&desk.owner).await.unwrap().position, Position(1));
}
