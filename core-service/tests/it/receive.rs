//! Facts from Meta, in any order.

use std::time::Duration;

use core_service::domain::{
    change::Write,
    content::{Content, MessageType, Reaction},
    event::News,
    fact::{Person, StatusReport},
    identity::PhoneNumber,
    message::Place,
    rules::{
        advance,
        pick::Wish,
        receive::take_inbound,
        send::{self, Body, Order, Placed, Target},
        settle::{self, Turn},
    },
    status::{Status, Step},
    working_set::WorkingSet,
};

use crate::kit::{NOON, client, inbound, message_id, minted, number, set_at, wamid};

fn receive(set: &mut WorkingSet, name: &str, second: u64, n: u128) -> bool {
    let fact = inbound(name, NOON + Duration::from_secs(second));
    take_inbound(set, &client(), &number(), &fact, minted(n))
}

#[test]
fn the_same_wamid_makes_one_message() {
    let mut set = set_at(NOON);
    assert!(receive(&mut set, "a", 0, 1));
    assert!(!receive(&mut set, "a", 0, 2));
    let batch = set.into_batch(Vec::new());
    let messages = batch.writes.iter().filter(|write| matches!(write, Write::Message(_))).count();
    assert_eq!((messages, batch.events.len()), (1, 1));
}

#[test]
fn an_inbound_stands_at_the_end_of_its_second_and_a_future_one_counts_as_arriving_now() {
    let mut set = set_at(NOON + Duration::from_millis(300));
    receive(&mut set, "future", 3600, 1);
    let message = set.message(message_id(1)).unwrap();
    assert_eq!(message.at, NOON + Duration::from_millis(999));
    let row = set.conversation(minted(1).conversation).unwrap();
    assert_eq!(row.last_inbound_at, Some(NOON + Duration::from_millis(300)));
}

#[test]
fn a_late_message_moves_neither_the_window_nor_the_activity_back() {
    let mut set = set_at(NOON + Duration::from_secs(60));
    receive(&mut set, "new", 60, 1);
    receive(&mut set, "old", 0, 2);
    let row = set.conversation(minted(1).conversation).unwrap();
    assert_eq!(row.last_inbound_at, Some(NOON + Duration::from_secs(60)));
    assert_eq!(row.last_message.as_ref().unwrap().id, message_id(1));
    assert_eq!(row.unread_count, 2);
}

#[test]
fn a_system_notice_does_not_open_the_window() {
    let mut set = set_at(NOON);
    let mut fact = inbound("notice", NOON);
    fact.kind = MessageType::System;
    take_inbound(&mut set, &client(), &number(), &fact, minted(1));
    assert!(!set.conversation(minted(1).conversation).unwrap().in_window(NOON));
}

#[test]
fn a_late_message_into_a_deleted_conversation_is_seen() {
    let mut set = set_at(NOON + Duration::from_secs(60));
    receive(&mut set, "new", 60, 1);
    let id = minted(1).conversation;
    let curtain = set.message(message_id(1)).unwrap().place();
    set.change_conversation(id, |row| {
        row.hidden = true;
        row.hidden_before = Some(curtain);
    });
    receive(&mut set, "late", 10, 2);
    let row = set.conversation(id).unwrap();
    let late: Place = set.message(message_id(2)).unwrap().place();
    assert!(!row.hidden && row.hidden_before.unwrap() < late);
}

#[test]
fn a_reaction_finds_its_message() {
    let mut set = set_at(NOON);
    receive(&mut set, "a", 0, 1);
    let mut fact = inbound("b", NOON);
    fact.kind = MessageType::Reaction;
    fact.content =
        Content::Reaction(Reaction { message_id: None, wamid: wamid("a"), emoji: "👍".into() });
    take_inbound(&mut set, &client(), &number(), &fact, minted(2));
    let Content::Reaction(reaction) = &set.message(message_id(2)).unwrap().content else {
        panic!()
    };
    assert_eq!(reaction.message_id, Some(message_id(1)));
}

// --- statuses that race the answer of the send

fn sending() -> WorkingSet {
    let mut set = set_at(NOON);
    let order = Order {
        message: message_id(9),
        conversation: minted(9).conversation,
        target: Target::To(PhoneNumber::from_digits("4915112345678").unwrap()),
        body: Body::Template {
            wish: Wish::default(),
            variables: Vec::new(),
            candidate_name: Some("Ana".into()),
        },
        reply_to: None,
        idempotency: None,
        by: "recruiter@linkojob.test".into(),
    };
    assert_eq!(send::place(&mut set, &order), Ok(Placed::New(message_id(9))));
    assert!(matches!(settle::take_up(&mut set, message_id(9), 1), Turn::Send(..)));
    set
}

fn report(status: Status, opaque: Option<&str>) -> StatusReport {
    StatusReport {
        wamid: wamid("out"),
        step: Step { status, at: NOON + Duration::from_secs(1), error: None },
        opaque: opaque.map(str::to_owned),
        recipient: Person::default(),
        pricing: None,
    }
}

#[test]
fn a_status_before_the_answer_waits_for_it_and_both_orders_end_the_same() {
    let delivered = report(Status::Delivered, None);
    let mut status_first = sending();
    advance::take_report(&mut status_first, &number(), &delivered, None);
    settle::accepted(&mut status_first, message_id(9), &wamid("out"));

    let mut answer_first = sending();
    settle::accepted(&mut answer_first, message_id(9), &wamid("out"));
    advance::take_report(&mut answer_first, &number(), &delivered, None);

    let shown = |set: &WorkingSet| set.message(message_id(9)).unwrap().life.clone();
    assert_eq!(shown(&status_first), shown(&answer_first));
    assert_eq!(shown(&status_first).status(), Status::Delivered);
}

#[test]
fn our_own_opaque_data_brings_the_wamid_of_an_unknown_outcome() {
    let mut set = sending();
    settle::unknown(&mut set, message_id(9));
    assert_eq!(set.message(message_id(9)).unwrap().life.status(), Status::Unknown);
    let sent = report(Status::Sent, Some("ours"));
    advance::take_report(&mut set, &number(), &sent, Some(message_id(9)));
    let message = set.message(message_id(9)).unwrap();
    assert_eq!((message.life.status(), &message.wamid), (Status::Sent, &Some(wamid("out"))));
}

#[test]
fn what_is_unknown_is_never_put_back() {
    let mut set = sending();
    settle::unknown(&mut set, message_id(9));
    settle::put_back(&mut set, message_id(9), NOON);
    let message = set.message(message_id(9)).unwrap();
    assert_eq!((message.life.status(), message.due_at()), (Status::Unknown, None));
    assert_eq!(settle::take_up(&mut set, message_id(9), 2), Turn::Nothing);
}

#[test]
fn every_shown_step_is_told_once() {
    let mut set = sending();
    settle::accepted(&mut set, message_id(9), &wamid("out"));
    for _ in 0..3 {
        advance::take_report(&mut set, &number(), &report(Status::Sent, None), None);
    }
    let told: Vec<Status> = set
        .into_batch(Vec::new())
        .events
        .into_iter()
        .filter_map(|event| match event.news {
            News::MessageStatus { status, .. } => Some(status),
            _ => None,
        })
        .collect();
    assert_eq!(told, [Status::Sending, Status::Accepted, Status::Sent]);
}

#[test]
fn an_answer_that_is_recorded_twice_is_one_step() {
    let mut set = sending();
    settle::accepted(&mut set, message_id(9), &wamid("out"));
    let row = set.message(message_id(9)).unwrap().clone();
    let mut later = set_at(NOON + Duration::from_secs(9));
    later.add_message(row.clone());
    settle::accepted(&mut later, message_id(9), &wamid("out"));
    assert_eq!(later.message(message_id(9)), Some(&row));
}

#[test]
fn a_wamid_that_another_message_has_stays_there() {
    let mut set = sending();
    receive(&mut set, "out", 0, 1);
    settle::accepted(&mut set, message_id(9), &wamid("out"));
    let message = set.message(message_id(9)).unwrap();
    assert_eq!((message.life.status(), &message.wamid), (Status::Accepted, &None));
}
