//! May it be sent, and what is recorded.

use std::time::Duration;

use core_service::domain::{
    change::{Key, State},
    client::{ClientStatus, Sealed},
    content::Text,
    identity::PhoneNumber,
    message::Idempotency,
    refusal::Refusal,
    rules::{
        connect::Loss,
        pick::Wish,
        receive::take_inbound,
        send::{Body, Order, Placed, Target, place},
        settle::{self, Turn},
    },
    status::Status,
    working_set::WorkingSet,
};

use crate::kit::{NOON, client, inbound, message_id, minted, number, owner, set_at};

fn text(n: u128) -> Order {
    Order {
        message: message_id(n),
        conversation: minted(n).conversation,
        target: Target::To(PhoneNumber::from_digits("4915112345678").unwrap()),
        body: Body::Text(Text { text: "hello".into(), preview_url: false }),
        reply_to: None,
        idempotency: None,
        by: owner().to_string(),
    }
}

fn template(n: u128) -> Order {
    let body = Body::Template {
        wish: Wish::default(),
        variables: Vec::new(),
        candidate_name: Some("Ana".into()),
    };
    Order { body, ..text(n) }
}

fn keyed(order: Order, fingerprint: &str) -> Order {
    let promise = Idempotency { key: "k".into(), fingerprint: fingerprint.into() };
    Order { idempotency: Some(promise), ..order }
}

fn open_window() -> WorkingSet {
    let mut set = set_at(NOON);
    take_inbound(&mut set, &client(), &number(), &inbound("a", NOON), minted(1));
    set
}

#[test]
fn text_goes_inside_the_window_and_a_template_outside() {
    assert_eq!(place(&mut set_at(NOON), &text(2)), Err(Refusal::WindowClosed { message: None }));
    assert_eq!(place(&mut open_window(), &text(2)), Ok(Placed::New(message_id(2))));
    assert_eq!(place(&mut open_window(), &template(2)), Err(Refusal::WindowOpen));
    assert_eq!(place(&mut set_at(NOON), &template(2)), Ok(Placed::New(message_id(2))));
}

#[test]
fn a_key_makes_one_message_and_holds_for_its_request_only() {
    let mut set = open_window();
    assert_eq!(place(&mut set, &keyed(text(2), "f")), Ok(Placed::New(message_id(2))));
    assert_eq!(place(&mut set, &keyed(text(3), "f")), Ok(Placed::Replayed(message_id(2))));
    assert_eq!(place(&mut set, &keyed(text(3), "g")), Err(Refusal::IdempotencyKeyReused));
}

#[test]
fn a_new_key_is_bound_to_nobody_else_taking_it() {
    let mut set = open_window();
    place(&mut set, &keyed(text(2), "f")).unwrap();
    let expects = set.into_batch(Vec::new()).expects;
    let absent = |key: &Key| expects.iter().any(|e| e.key == *key && e.state == State::Absent);
    assert!(absent(&Key::Idempotency("k".into())));
    assert!(absent(&Key::Message(message_id(2))));
    let client = expects.iter().find(|e| matches!(e.key, Key::Client(_))).unwrap();
    assert_eq!(client.state, State::At(1));
}

#[test]
fn nobody_sends_without_a_connected_client() {
    let mut none = WorkingSet::new(owner(), NOON);
    assert_eq!(place(&mut none, &text(2)), Err(Refusal::ClientNotFound));
    for status in [
        ClientStatus::Pending,
        ClientStatus::TokenExpired,
        ClientStatus::Restricted,
        ClientStatus::Disconnected,
    ] {
        let mut set = WorkingSet::new(owner(), NOON);
        let mut row = client();
        row.status = status;
        set.add_client(row);
        assert_eq!(place(&mut set, &text(2)), Err(Refusal::ClientNotConnected), "{status:?}");
    }
}

/// A text that waits in the queue of an open window, and a change of the client.
fn queued_with(change: impl FnOnce(&mut WorkingSet)) -> WorkingSet {
    let mut set = open_window();
    place(&mut set, &text(2)).unwrap();
    change(&mut set);
    set
}

#[test]
fn the_rules_run_again_before_every_attempt() {
    let take_up = |set: &mut WorkingSet| settle::take_up(set, message_id(2), 1);
    let name = |set: &WorkingSet| {
        set.message(message_id(2)).unwrap().life.failure().map(|failure| failure.name.clone())
    };

    let mut set = queued_with(|set| {
        set.change_conversation(minted(1).conversation, |row| {
            row.last_inbound_at = Some(NOON - Duration::from_secs(86_402));
        });
    });
    assert_eq!(take_up(&mut set), Turn::Nothing);
    assert_eq!(name(&set).as_deref(), Some("WINDOW_CLOSED"));

    let mut set = queued_with(|set| {
        set.change_message(message_id(2), |row| {
            row.created_at = NOON - Duration::from_secs(86_401)
        });
    });
    assert_eq!(take_up(&mut set), Turn::Nothing);
    assert_eq!(name(&set).as_deref(), Some("SEND_EXPIRED"));

    for status in [ClientStatus::Disconnected, ClientStatus::Pending] {
        let mut set = queued_with(|set| {
            set.change_client(client().id, |row| row.status = status);
        });
        assert_eq!(take_up(&mut set), Turn::Nothing);
        assert_eq!(name(&set).as_deref(), Some("CLIENT_NOT_CONNECTED"));
    }
    for status in [ClientStatus::TokenExpired, ClientStatus::Restricted] {
        let mut set = queued_with(|set| {
            set.change_client(client().id, |row| row.status = status);
        });
        assert_eq!(take_up(&mut set), Turn::Nothing);
        let message = set.message(message_id(2)).unwrap();
        assert_eq!(message.life.status(), Status::Queued);
        assert!(message.due_at().unwrap() > NOON);
    }
}

#[test]
fn a_message_is_taken_up_once() {
    let mut set = queued_with(|_| {});
    assert!(matches!(settle::take_up(&mut set, message_id(2), 5), Turn::Send(..)));
    let message = set.message(message_id(2)).unwrap();
    assert_eq!((message.life.status(), message.sending_term()), (Status::Sending, Some(5)));
    assert_eq!(settle::take_up(&mut set, message_id(2), 5), Turn::Nothing);
}

#[test]
fn only_the_term_that_took_a_message_up_takes_it_back() {
    let mut set = queued_with(|_| {});
    settle::take_up(&mut set, message_id(2), 5);
    settle::take_back(&mut set, message_id(2), 4);
    assert_eq!(set.message(message_id(2)).unwrap().life.status(), Status::Sending);
    settle::take_back(&mut set, message_id(2), 5);
    assert_eq!(set.message(message_id(2)).unwrap().due_at(), Some(NOON));
    assert!(matches!(settle::take_up(&mut set, message_id(2), 5), Turn::Send(..)));
}

#[test]
fn a_refused_token_says_nothing_of_the_next_one() {
    let status = |set: &mut WorkingSet| set.live_client().unwrap().status;
    let mut set = set_at(NOON);
    let mut used = client();
    used.connection.as_mut().unwrap().token = Some(Sealed("an earlier one".into()));
    settle::client_lost(&mut set, &used, Loss::Token);
    assert_eq!(status(&mut set), ClientStatus::Connected);
    settle::client_lost(&mut set, &client(), Loss::Token);
    assert_eq!(status(&mut set), ClientStatus::TokenExpired);
}
