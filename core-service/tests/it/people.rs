//! Who is who: numbers and business-scoped ids that come, change, and change hands.

use std::time::Duration;

use core_service::domain::{
    change::Key,
    content::Text,
    conversation::Conversation,
    event::News,
    fact::{Inbound, Person},
    identity::{Identity, PhoneNumber, UserId},
    message::Message,
    rules::{
        people,
        receive::take_inbound,
        send::{self, Body, Order, Placed, Target},
        settle::{self, Turn},
    },
    working_set::WorkingSet,
};

use crate::kit::{NOON, client, inbound, message_id, minted, number, set_at};

const OLD: &str = "4915110000001";
const NEW: &str = "4915110000002";

fn phone(digits: &str) -> PhoneNumber {
    PhoneNumber::from_digits(digits).unwrap()
}

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn person(digits: Option<&str>, id: Option<&str>) -> Person {
    Person { phone: digits.map(phone), user_id: id.map(user), ..Person::default() }
}

/// Somebody writes at a second after noon; the message and the conversation have this number.
fn writes(set: &mut WorkingSet, n: u8, second: u64, sender: Person) {
    let fact = Inbound {
        sender,
        sent_at: NOON + Duration::from_secs(second),
        ..inbound(&format!("m{n}"), NOON)
    };
    assert!(take_inbound(set, &client(), &number(), &fact, minted(n.into())));
}

/// Their identifiers change.
fn changes(set: &mut WorkingSet, n: u8, second: u64, old: Person, new: Person) {
    let fact = Inbound {
        sender: old,
        became: Some(Box::new(new)),
        sent_at: NOON + Duration::from_secs(second),
        ..inbound(&format!("m{n}"), NOON)
    };
    assert!(take_inbound(set, &client(), &number(), &fact, minted(n.into())));
}

fn desk() -> WorkingSet {
    set_at(NOON + Duration::from_secs(600))
}

/// The conversation of a message.
fn of(set: &WorkingSet, n: u8) -> Conversation {
    let message: &Message = set.message(message_id(n.into())).unwrap();
    set.conversation(message.conversation_id).unwrap().clone()
}

fn together(set: &WorkingSet, one: u8, other: u8) -> bool {
    of(set, one).id == of(set, other).id
}

#[test]
fn somebody_without_a_number_is_found_by_their_id_and_their_number_is_learnt_later() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(None, Some("DE.1")));
    writes(&mut set, 2, 2, person(Some(OLD), Some("DE.1")));
    writes(&mut set, 3, 3, person(Some(OLD), None));
    assert!(together(&set, 1, 2) && together(&set, 2, 3));
    assert_eq!(of(&set, 1).candidate.phone, Some(phone(OLD)));
    assert_eq!(of(&set, 1).unread_count, 3);
}

#[test]
fn two_conversations_that_turn_out_to_be_one_are_merged_and_both_are_told() {
    let mut set = desk();
    writes(&mut set, 1, 5, person(None, Some("DE.1")));
    writes(&mut set, 2, 9, person(Some(OLD), None));
    assert!(!together(&set, 1, 2));
    writes(&mut set, 3, 7, person(Some(OLD), Some("DE.1")));
    assert!(together(&set, 1, 2) && together(&set, 2, 3));
    let whole = of(&set, 1);
    // The one with the id goes on, and knows what it was made of.
    assert_eq!(whole.id, minted(1).conversation);
    assert_eq!(whole.kin.absorbed[0].id, minted(2).conversation);
    assert_eq!(whole.unread_count, 3);
    assert_eq!(whole.last_message.as_ref().unwrap().id, message_id(2));
    assert_eq!(whole.last_inbound_at, Some(NOON + Duration::from_secs(9)));
    let threads: Vec<_> = whole.threads().map(|(id, _)| id).collect();
    assert_eq!(threads, [minted(1).conversation, minted(2).conversation]);

    let batch = set.into_batch(Vec::new());
    let merged = batch.events.iter().filter_map(|event| match &event.news {
        News::ConversationUpdated { conversation } => {
            Some((conversation.id, conversation.merged_into, conversation.hidden))
        }
        _ => None,
    });
    let (heir, other) = (minted(1).conversation, minted(2).conversation);
    assert_eq!(merged.collect::<Vec<_>>(), [(other, Some(heir), true), (heir, None, false)]);
}

#[test]
fn a_number_in_new_hands_is_another_person() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(OLD), Some("DE.1")));
    writes(&mut set, 2, 100, person(Some(OLD), Some("DE.2")));
    assert!(!together(&set, 1, 2));
    assert_eq!(of(&set, 1).candidate.phone, None);
    assert_eq!(of(&set, 2).candidate.phone, Some(phone(OLD)));
    // What comes late of the time before takes it from nobody.
    writes(&mut set, 3, 50, person(Some(OLD), Some("DE.1")));
    assert!(together(&set, 1, 3));
    assert_eq!(of(&set, 2).candidate.phone, Some(phone(OLD)));
    assert_eq!(of(&set, 1).candidate.phone, None);
}

#[test]
fn whoever_changes_number_and_id_stays_who_they_are_and_their_old_number_is_free() {
    let old = || person(Some(OLD), Some("DE.1"));
    let new = || person(Some(NEW), Some("DE.9"));
    // In order; told of before anything else came; and when the new number is known first.
    for order in [[1, 2, 3], [2, 1, 3], [3, 1, 2], [3, 2, 1], [2, 3, 1], [1, 3, 2]] {
        let mut set = desk();
        for step in order {
            match step {
                1 => writes(&mut set, 1, 1, old()),
                2 => changes(&mut set, 2, 50, old(), new()),
                _ => writes(&mut set, 3, 90, new()),
            }
        }
        assert!(together(&set, 1, 2) && together(&set, 2, 3), "{order:?}");
        let row = of(&set, 1);
        assert_eq!(row.candidate.phone, Some(phone(NEW)), "{order:?}");
        assert_eq!(row.candidate.user_id, Some(user("DE.9")), "{order:?}");
        assert!(!row.identities.contains(&Identity::Phone(phone(OLD))), "{order:?}");

        writes(&mut set, 4, 100, person(Some(OLD), None));
        assert!(!together(&set, 1, 4), "{order:?}: the number has a new owner");
        // What is told late, of the time before, makes one of nobody.
        writes(&mut set, 5, 30, old());
        assert!(together(&set, 1, 5) && !together(&set, 1, 4), "{order:?}");
        people::learn_recipient(&mut set, &number(), row.id, &person(Some(OLD), Some("DE.1")));
        people::learn_recipient(&mut set, &number(), row.id, &person(Some(OLD), None));
        assert!(!together(&set, 1, 4), "{order:?}");
    }
}

#[test]
fn whoever_keeps_their_number_with_another_id_is_found_under_it() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(OLD), Some("DE.1")));
    changes(&mut set, 2, 5, person(Some(OLD), Some("DE.1")), person(Some(OLD), Some("DE.2")));
    assert_eq!(of(&set, 1).candidate.phone, Some(phone(OLD)));
    writes(&mut set, 3, 9, person(Some(OLD), None));
    assert!(together(&set, 1, 3));
}

#[test]
fn a_number_that_was_left_and_taken_back_is_theirs_in_any_order() {
    for order in [[1, 2, 3], [3, 2, 1], [1, 3, 2]] {
        let mut set = desk();
        for step in order {
            match step {
                1 => writes(&mut set, 1, 1, person(Some(OLD), Some("DE.1"))),
                2 => {
                    changes(
                        &mut set,
                        2,
                        20,
                        person(Some(OLD), Some("DE.1")),
                        person(Some(NEW), Some("DE.2")),
                    );
                }
                _ => {
                    changes(
                        &mut set,
                        3,
                        40,
                        person(Some(NEW), Some("DE.2")),
                        person(Some(OLD), Some("DE.3")),
                    );
                }
            }
        }
        let last = of(&set, 3);
        assert_eq!(last.candidate.phone, Some(phone(OLD)), "{order:?}");
        assert!(last.identities.contains(&Identity::Phone(phone(OLD))), "{order:?}");
    }
}

#[test]
fn a_name_from_before_names_had_times_stays() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(OLD), None));
    set.change_conversation(of(&set, 1).id, |row| row.candidate.name = Some("Given".into()));
    let named = Person { name: Some("Ana".into()), ..person(Some(OLD), None) };
    writes(&mut set, 2, 9, named);
    assert_eq!(of(&set, 1).candidate.name.as_deref(), Some("Given"));
}

#[test]
fn an_id_that_changes_alone_is_the_same_person() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(None, Some("DE.1")));
    changes(&mut set, 2, 5, person(None, Some("DE.1")), person(None, Some("DE.2")));
    writes(&mut set, 3, 9, person(None, Some("DE.2")));
    assert!(together(&set, 1, 2) && together(&set, 2, 3));
    assert_eq!(of(&set, 1).candidate.user_id, Some(user("DE.2")));
}

#[test]
fn a_report_teaches_whom_a_message_reached_and_takes_nothing_away() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(OLD), None));
    let conversation = of(&set, 1).id;
    people::learn_recipient(&mut set, &number(), conversation, &person(None, Some("DE.1")));
    writes(&mut set, 2, 5, person(None, Some("DE.1")));
    assert!(together(&set, 1, 2));
    // A report for somebody else says nothing of this one.
    people::learn_recipient(&mut set, &number(), conversation, &person(Some(NEW), Some("DE.7")));
    assert!(!of(&set, 1).identities.contains(&Identity::User(user("DE.7"))));
    assert_eq!(of(&set, 1).candidate.phone, Some(phone(OLD)));
}

#[test]
fn a_number_that_meta_writes_otherwise_is_the_same_person() {
    let (dialled, rewritten) = ("525512345678", "5215512345678");
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(rewritten), Some("MX.1")));
    writes(&mut set, 2, 2, person(Some(dialled), None));
    assert!(!together(&set, 1, 2));
    let conversation = of(&set, 2).id;
    people::learn_recipient(&mut set, &number(), conversation, &person(Some(rewritten), None));
    assert!(together(&set, 1, 2));
    assert_eq!(of(&set, 2).id, minted(1).conversation);
}

#[test]
fn a_name_is_the_newest_that_whatsapp_knows_unless_the_recruiter_gave_one() {
    let named = |name: &str| Person { name: Some(name.into()), ..person(Some(OLD), None) };
    let mut set = desk();
    writes(&mut set, 1, 10, named("Ana"));
    writes(&mut set, 2, 5, named("An old name"));
    assert_eq!(of(&set, 1).candidate.name.as_deref(), Some("Ana"));
    writes(&mut set, 3, 20, named("Ana B."));
    assert_eq!(of(&set, 1).candidate.name.as_deref(), Some("Ana B."));
    set.change_conversation(of(&set, 1).id, |row| {
        row.candidate.name = Some("Ana of the agency".into());
        row.kin.name_given = true;
    });
    writes(&mut set, 4, 30, named("Ana C."));
    assert_eq!(of(&set, 1).candidate.name.as_deref(), Some("Ana of the agency"));
}

#[test]
fn a_number_that_was_given_up_can_be_asked_for_again_in_the_same_decision() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(OLD), Some("DE.1")));
    let mut stored = of(&set, 1);
    stored.revision = 7;
    let mut set = desk();
    set.add_conversation(stored);
    changes(&mut set, 2, 50, person(Some(OLD), Some("DE.1")), person(Some(NEW), Some("DE.9")));
    writes(&mut set, 3, 5, person(Some(OLD), Some("DE.1")));
    // The store still has it: insisting that nobody has it would never be committed.
    let absent = Key::Identity(number(), Identity::Phone(phone(OLD)));
    let batch = set.into_batch(Vec::new());
    assert!(batch.expects.iter().all(|expect| expect.key != absent));
}

#[test]
fn what_waits_for_its_turn_goes_to_where_the_candidate_is_by_then() {
    let mut set = desk();
    writes(&mut set, 1, 1, person(Some(OLD), Some("DE.1")));
    let order = Order {
        message: message_id(9),
        conversation: minted(9).conversation,
        target: Target::Conversation(of(&set, 1).id),
        body: Body::Text(Text { text: "hello".into(), preview_url: false }),
        reply_to: None,
        idempotency: None,
        by: "recruiter@linkojob.test".into(),
    };
    assert_eq!(send::place(&mut set, &order), Ok(Placed::New(message_id(9))));
    changes(&mut set, 2, 50, person(Some(OLD), Some("DE.1")), person(Some(NEW), Some("DE.9")));
    writes(&mut set, 3, 60, person(Some(OLD), Some("DE.7")));
    let Turn::Send(message, _) = settle::take_up(&mut set, message_id(9), 1) else { panic!() };
    assert_eq!(message.outbox.unwrap().to, Identity::Phone(phone(NEW)));
}
