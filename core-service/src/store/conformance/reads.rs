//! Reads for decisions, and of single rows.

use std::sync::Arc;

use futures_util::{FutureExt as _, future::join_all};

use super::samples::{Desk, Fill, at, keyed, phone, wamid};
use crate::{
    domain::{client::Client, conversation::Conversation, message::Message, template::Template},
    store::{Footprint, Store},
};

struct Furnished {
    desk: Desk,
    client: Client,
    conversation: Conversation,
    message: Message,
    template: Template,
}

async fn furnished(store: &dyn Store) -> Furnished {
    let desk = Desk::new();
    let (client, conversation) = (desk.client(), desk.conversation(1));
    let mut message = keyed(desk.queued(&conversation, 1), "key");
    message.wamid = Some(wamid("A"));
    let template = desk.template("initiate", "de");
    let batch = desk.batch().put(&client).put(&conversation).put(&message).put(&template);
    store.commit(batch.put(desk.orphan(&wamid("P")))).await.unwrap();
    Furnished { desk, client, conversation, message, template }
}

impl Furnished {
    /// Every way to every row.
    fn everything(&self) -> Footprint {
        let number = &self.desk.number;
        Footprint {
            live_client: true,
            clients: vec![self.client.id],
            conversations: vec![self.conversation.id],
            identities: vec![(number.clone(), phone(1))],
            messages: vec![self.message.id],
            wamids: vec![(number.clone(), wamid("A"))],
            idempotency: Some("key".to_owned()),
            orphans: vec![(number.clone(), wamid("P"))],
            templates_of: Some(self.client.id),
            templates: vec![self.template.id],
        }
    }
}

pub(in crate::store) async fn a_row_is_found_by_every_key(store: Arc<dyn Store>) {
    let f = furnished(&*store).await;
    let (number, none) = (f.desk.number.clone(), Footprint::default);
    let load = |footprint| store.load(&f.desk.owner, footprint);
    for footprint in [
        Footprint { live_client: true, ..none() },
        Footprint { clients: vec![f.client.id], ..none() },
    ] {
        assert_eq!(load(footprint).await.unwrap().clients, std::slice::from_ref(&f.client));
    }
    for footprint in [
        Footprint { conversations: vec![f.conversation.id], ..none() },
        Footprint { identities: vec![(number.clone(), phone(1))], ..none() },
    ] {
        let found = load(footprint).await.unwrap().conversations;
        assert_eq!(found, std::slice::from_ref(&f.conversation));
    }
    for footprint in [
        Footprint { messages: vec![f.message.id], ..none() },
        Footprint { wamids: vec![(number.clone(), wamid("A"))], ..none() },
        Footprint { idempotency: Some("key".to_owned()), ..none() },
    ] {
        assert_eq!(load(footprint).await.unwrap().messages, std::slice::from_ref(&f.message));
    }
    for footprint in [
        Footprint { templates_of: Some(f.client.id), ..none() },
        Footprint { templates: vec![f.template.id], ..none() },
    ] {
        assert_eq!(load(footprint).await.unwrap().templates, std::slice::from_ref(&f.template));
    }
    let parked = Footprint { orphans: vec![(number, wamid("P"))], ..none() };
    assert_eq!(load(parked).await.unwrap().orphans, [f.desk.orphan(&wamid("P"))]);
    let empty = load(none()).await.unwrap();
    assert!(empty.clients.is_empty() && empty.conversations.is_empty());
    assert!(empty.messages.is_empty() && empty.templates.is_empty() && empty.orphans.is_empty());
}

pub(in crate::store) async fn a_row_is_given_once_however_often_it_is_asked_for(
    store: Arc<dyn Store>,
) {
    let f = furnished(&*store).await;
    let mut twice = f.everything();
    twice.clients.push(f.client.id);
    twice.conversations.push(f.conversation.id);
    twice.messages.push(f.message.id);
    twice.templates.push(f.template.id);
    twice.orphans.push((f.desk.number.clone(), wamid("P")));
    let rows = store.load(&f.desk.owner, twice).await.unwrap();
    assert_eq!(rows.clients, [f.client]);
    assert_eq!(rows.conversations, [f.conversation]);
    assert_eq!(rows.messages, [f.message]);
    assert_eq!(rows.templates, [f.template]);
    assert_eq!(rows.orphans.len(), 1);
}

pub(in crate::store) async fn the_conversations_of_messages_are_found_with_them(
    store: Arc<dyn Store>,
) {
    let f = furnished(&*store).await;
    let second = f.desk.conversation(2);
    let message = f.desk.inbound(&second, 3);
    store.commit(f.desk.batch().put(&second).put(&message)).await.unwrap();
    let by = Footprint {
        messages: vec![message.id],
        idempotency: Some("key".to_owned()),
        ..Footprint::default()
    };
    let rows = store.load(&f.desk.owner, by).await.unwrap();
    let mut found: Vec<_> = rows.conversations.iter().map(|row| row.id).collect();
    let mut expected = vec![f.conversation.id, second.id];
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

pub(in crate::store) async fn a_footprint_never_reaches_another_owner(store: Arc<dyn Store>) {
    let f = furnished(&*store).await;
    let stranger = Desk::new();
    let rows = store.load(&stranger.owner, f.everything()).await.unwrap();
    assert!(rows.clients.is_empty() && rows.conversations.is_empty());
    assert!(rows.messages.is_empty() && rows.templates.is_empty() && rows.orphans.is_empty());
}

pub(in crate::store) async fn many_footprints_at_once_keep_their_owners_apart(
    store: Arc<dyn Store>,
) {
    const OWNERS: usize = 8;
    let mut all = Vec::new();
    for _ in 0..OWNERS {
        all.push(furnished(&*store).await);
    }
    let stranger = Desk::new();
    let loads = (0..8 * OWNERS).flat_map(|n| {
        let f = &all[n % OWNERS];
        let (store, stranger) = (&store, &stranger.owner);
        let own = async move {
            // Now and then another footprint of the same owner.
            let (only, all) = (n % 3 == 0, f.everything());
            let asked = if only { Footprint { messages: Vec::new(), ..all } } else { all };
            let rows = store.load(&f.desk.owner, asked).await.unwrap();
            assert_eq!(rows.clients, std::slice::from_ref(&f.client));
            assert_eq!(rows.conversations, std::slice::from_ref(&f.conversation));
            assert_eq!(rows.messages, std::slice::from_ref(&f.message));
            assert_eq!(rows.templates, std::slice::from_ref(&f.template));
            assert_eq!(rows.orphans.len(), 1);
        };
        let others = async move {
            let rows = store.load(stranger, f.everything()).await.unwrap();
            assert!(rows.clients.is_empty() && rows.conversations.is_empty());
            assert!(rows.messages.is_empty() && rows.templates.is_empty());
        };
        [own.boxed(), others.boxed()]
    });
    join_all(loads).await;
}

pub(in crate::store) async fn live_clients_are_found_by_number_and_by_account(
    store: Arc<dyn Store>,
) {
    let f = furnished(&*store).await;
    let mut second = Desk { waba: f.desk.waba.clone(), ..Desk::new() }.client();
    let second_desk = Desk { owner: second.owner.clone(), ..Desk::new() };
    store.commit(second_desk.batch().put(&second)).await.unwrap();
    let second_number = second.phone_number_id().unwrap().clone();

    let unknown = Desk::new().number;
    let asked = [f.desk.number.clone(), unknown, second_number.clone(), f.desk.number.clone()];
    let mut found = store.clients_by_number(&asked).await.unwrap();
    let mut expected = vec![f.client.clone(), second.clone()];
    found.sort_by_key(|client| client.id);
    expected.sort_by_key(|client| client.id);
    assert_eq!(found, expected);
    let mut found = store.clients_by_waba(&f.desk.waba).await.unwrap();
    found.sort_by_key(|client| client.id);
    assert_eq!(found, expected);

    second.deleted_at = Some(at(1));
    store.commit(second_desk.batch().put(&second)).await.unwrap();
    assert_eq!(store.clients_by_number(&[second_number]).await.unwrap(), []);
    assert_eq!(store.clients_by_waba(&f.desk.waba).await.unwrap(), [f.client]);
    assert_eq!(store.clients_by_number(&[]).await.unwrap(), []);
}

pub(in crate::store) async fn single_rows_are_found_whosever_they_are(store: Arc<dyn Store>) {
    let mut f = furnished(&*store).await;
    f.client.deleted_at = Some(at(1));
    f.conversation.hidden = true;
    store.commit(f.desk.batch().put(&f.client).put(&f.conversation)).await.unwrap();
    assert_eq!(store.client(f.client.id).await.unwrap(), Some(f.client));
    assert_eq!(store.conversation(f.conversation.id).await.unwrap(), Some(f.conversation));
    assert_eq!(store.message(f.message.id).await.unwrap(), Some(f.message));
    assert_eq!(store.template(f.template.id).await.unwrap(), Some(f.template));
    let unknown = Desk::new();
    assert_eq!(store.client(unknown.client).await.unwrap(), None);
    assert_eq!(store.conversation(unknown.conversation(1).id).await.unwrap(), None);
}

pub(in crate::store) async fn the_store_answers_a_ping(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
    assert_eq!(store.epoch(), store.epoch());
}
