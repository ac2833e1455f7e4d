//! What a client's own changes mean for what hangs on it.

use std::time::Duration;

use core_service::{
    domain::{
        actor::{Actor, Scope},
        change::Write,
        content::Text,
        identity::PhoneNumber,
        ids::{ClientId, PhoneNumberId},
        page::TemplateQuery,
        refusal::Refusal,
        rules::{
            receive::take_inbound,
            send::{Body, Order, Target, place},
            settle,
        },
        working_set::WorkingSet,
    },
    flows::{Core, Error},
    meta::{Class, MetaError},
};
use uuid::Uuid;

use crate::{
    faulty,
    kit::{NOON, client, inbound, message_id, minted, number, owner, set_at, template},
};

fn actor() -> Actor {
    Actor { by: owner().to_string(), owner: owner() }
}

async fn templates(core: &Core) -> usize {
    let query = TemplateQuery {
        scope: Scope::Owner(owner()),
        status: None,
        purpose: None,
        after: None,
        limit: 100,
    };
    core.list_templates(query).await.unwrap().rows.len()
}

fn text() -> Order {
    Order {
        message: message_id(2),
        conversation: minted(2).conversation,
        target: Target::To(PhoneNumber::from_digits("4915112345678").unwrap()),
        body: Body::Text(Text { text: "hello".into(), preview_url: false }),
        reply_to: None,
        idempotency: None,
        by: owner().to_string(),
    }
}

#[tokio::test]
async fn a_client_that_goes_takes_its_templates_along_and_ends_what_was_put_off() {
    let (core, _store) = faulty::core().await;
    let row = template("initiate", "en_US", None);
    faulty::commit(&core, vec![Write::Template(Box::new(row))]).await;
    assert_eq!(templates(&core).await, 1);

    let mut set = WorkingSet::new(owner(), core.clock.now());
    set.add_client(core.client_of(&owner()).await.unwrap());
    take_inbound(&mut set, &client(), &number(), &inbound("a", core.clock.now()), minted(1));
    place(&mut set, &text()).unwrap();
    settle::put_back(&mut set, message_id(2), core.clock.now() + Duration::from_secs(3600));
    core.store.commit(set.into_batch(Vec::new())).await.unwrap();

    core.delete_client(&actor()).await.unwrap();
    assert_eq!(templates(&core).await, 0);
    let put_off = core.store.message(message_id(2)).await.unwrap().unwrap();
    assert!(put_off.due_at().unwrap() <= core.clock.now(), "its turn is now");
}

#[test]
fn a_conversation_belongs_to_the_client_that_uses_it_now() {
    let mut set = set_at(NOON);
    let mut earlier = client();
    earlier.id = ClientId::new(Uuid::from_u128(8));
    take_inbound(&mut set, &earlier, &number(), &inbound("a", NOON), minted(1));
    let id = minted(1).conversation;
    assert_eq!(set.conversation(id).unwrap().client_id, earlier.id);
    place(&mut set, &text()).unwrap();
    assert_eq!(set.conversation(id).unwrap().client_id, client().id);
    take_inbound(&mut set, &earlier, &number(), &inbound("b", NOON), minted(3));
    assert_eq!(set.conversation(id).unwrap().client_id, earlier.id);
}

#[test]
fn what_is_hidden_is_neither_written_into_nor_quoted() {
    let mut set = set_at(NOON);
    take_inbound(&mut set, &client(), &number(), &inbound("a", NOON), minted(1));
    let id = minted(1).conversation;
    let order = Order { reply_to: Some(message_id(1)), ..text() };
    let newest = set.message(message_id(1)).unwrap().place();
    set.change_conversation(id, |row| row.hidden_before = Some(newest));
    assert_eq!(place(&mut set, &order), Err(Refusal::MessageNotFound));

    let order = Order { target: Target::Conversation(id), ..text() };
    let another = PhoneNumberId::parse("9").unwrap();
    set.change_client(client().id, |row| {
        row.connection.as_mut().unwrap().phone_number_id = another;
    });
    assert_eq!(place(&mut set, &order), Err(Refusal::ClientNotConnected));
    set.change_conversation(id, |row| row.client_id = ClientId::new(Uuid::from_u128(8)));
    assert_eq!(place(&mut set, &order), Err(Refusal::ConversationNotFound));
}

#[test]
fn being_throttled_is_no_refusal_for_good() {
    let said = |class| Error::from(MetaError::Rejected(Default::default(), class));
    for class in [Class::Throttled, Class::PairThrottled, Class::Limited] {
        let error = said(class).to_string();
        assert_eq!(error, "Too many requests.", "{class:?}");
    }
    assert!(said(Class::Parameter).to_string().starts_with("Meta refused"));
}
