//! Messages that their authors change or take back, and messages of the business's own phone.

use std::time::Duration;

use core_service::domain::{
    amendment::{Amendment, Change},
    content::{Content, MessageType, Text},
    conversation::Conversation,
    event::News,
    fact::{Amended, Echo, Inbound, Person, StatusReport},
    identity::PhoneNumber,
    message::{Direction, Message},
    rules::{advance, amend::take_amendment, echo::take_echo, receive::take_inbound},
    status::{Status, Step},
    working_set::WorkingSet,
};

use crate::kit::{NOON, client, inbound, message_id, minted, number, set_at, wamid};

fn text(words: &str) -> Content {
    Content::Text(Text { text: words.into(), preview_url: false })
}

fn amended(original: &str, by: &str, second: u64, change: Change) -> Amended {
    let at = NOON + Duration::from_secs(second);
    let amendment = Amendment { wamid: wamid(by), direction: Direction::Inbound, at, change };
    Amended { original: wamid(original), amendment }
}

fn edit(by: &str, second: u64, words: &str) -> Amended {
    let change = Change::Edited { kind: MessageType::Text, content: Box::new(text(words)) };
    amended("a", by, second, change)
}

fn receive(set: &mut WorkingSet) {
    assert!(take_inbound(set, &client(), &number(), &inbound("a", NOON), minted(1)));
}

fn shown(set: &WorkingSet) -> Message {
    set.message(message_id(1)).unwrap().clone()
}

#[test]
fn the_last_edit_holds_whenever_it_comes_and_the_preview_follows() {
    let edits = [edit("e1", 10, "better"), edit("e2", 20, "best"), edit("e3", 20, "bust")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        // Before the message, around it, and after it.
        for place in 0..=3 {
            let mut set = set_at(NOON + Duration::from_secs(60));
            for (n, which) in order.into_iter().enumerate() {
                if n == place {
                    receive(&mut set);
                }
                take_amendment(&mut set, &number(), &edits[which]);
                take_amendment(&mut set, &number(), &edits[which]);
            }
            if place == 3 {
                receive(&mut set);
            }
            let message = shown(&set);
            assert_eq!(message.content, text("bust"), "{order:?} {place}");
            assert_eq!(message.edited_at, Some(NOON + Duration::from_secs(20)));
            let row = set.conversation(message.conversation_id).unwrap();
            assert_eq!(row.last_message.as_ref().unwrap().preview, "bust");
            assert_eq!((row.unread_count, row.last_inbound_at), (1, Some(NOON)));
        }
    }
}

#[test]
fn what_was_taken_back_stays_so_and_is_told_once() {
    let mut set = set_at(NOON + Duration::from_secs(60));
    receive(&mut set);
    for _ in 0..2 {
        take_amendment(&mut set, &number(), &amended("a", "r", 30, Change::Revoked));
    }
    take_amendment(&mut set, &number(), &edit("e", 40, "too late"));
    let message = shown(&set);
    assert_eq!(message.revoked_at, Some(NOON + Duration::from_secs(30)));
    let row = set.conversation(message.conversation_id).unwrap();
    assert_eq!(row.last_message.as_ref().unwrap().preview, "[revoked]");
    let told = set.into_batch(Vec::new()).events;
    let updates = told.iter().filter(|e| matches!(e.news, News::MessageUpdated { .. })).count();
    assert_eq!(updates, 2);
}

#[test]
fn nobody_changes_another_s_words() {
    let mut set = set_at(NOON + Duration::from_secs(60));
    receive(&mut set);
    let mut foreign = edit("e", 40, "not mine");
    foreign.amendment.direction = Direction::Outbound;
    take_amendment(&mut set, &number(), &foreign);
    assert_eq!(shown(&set).content, text("hello"));
}

#[test]
fn what_an_earlier_version_did_not_understand_is_read_again() {
    let mut set = set_at(NOON);
    let unread = Inbound {
        kind: MessageType::Unsupported,
        content: Content::Unsupported(core_service::domain::content::Unsupported {
            reason: "messages of type text are not known here".into(),
            raw: "{}".into(),
        }),
        ..inbound("a", NOON)
    };
    assert!(take_inbound(&mut set, &client(), &number(), &unread, minted(1)));
    // The same element out of the journal, by a parser that knows it.
    assert!(!take_inbound(&mut set, &client(), &number(), &inbound("a", NOON), minted(2)));
    let message = shown(&set);
    assert_eq!((message.kind, message.content), (MessageType::Text, text("hello")));
    // And never the other way.
    assert!(!take_inbound(&mut set, &client(), &number(), &unread, minted(3)));
    assert_eq!(shown(&set).kind, MessageType::Text);
    let row = set.conversation(shown(&set).conversation_id).unwrap();
    assert_eq!(row.unread_count, 1);
    assert_eq!(row.last_message.as_ref().unwrap().preview, "hello");
}

// --- the business's own phone

fn echo(name: &str) -> Echo {
    Echo {
        wamid: wamid(name),
        recipient: Person {
            phone: Some(PhoneNumber::from_digits("4915112345678").unwrap()),
            ..Person::default()
        },
        sent_at: NOON,
        kind: MessageType::Text,
        content: text("from the app"),
        context: None,
        raw: None,
    }
}

#[test]
fn what_the_business_wrote_elsewhere_is_shown_and_opens_no_window() {
    let mut set = set_at(NOON + Duration::from_secs(5));
    assert!(take_echo(&mut set, &client(), &number(), &echo("z"), minted(1)));
    assert!(!take_echo(&mut set, &client(), &number(), &echo("z"), minted(2)));
    let message = shown(&set);
    assert_eq!((message.direction, message.life.status()), (Direction::Outbound, Status::Sent));
    assert_eq!((message.due_at(), message.sent_by), (None, None));
    let row = set.conversation(message.conversation_id).unwrap();
    assert!(row.contacted && !row.in_window(NOON));
    assert_eq!(row.unread_count, 0);
}

#[test]
fn reports_before_the_echo_wait_for_it() {
    let mut set = set_at(NOON + Duration::from_secs(5));
    let report = StatusReport {
        wamid: wamid("z"),
        step: Step { status: Status::Read, at: NOON + Duration::from_secs(2), error: None },
        opaque: None,
        recipient: Person::default(),
        pricing: None,
    };
    advance::take_report(&mut set, &number(), &report, None);
    take_echo(&mut set, &client(), &number(), &echo("z"), minted(1));
    assert_eq!(shown(&set).life.status(), Status::Read);
}

#[test]
fn what_was_taken_back_before_its_echo_or_its_answer_came_stays_taken_back() {
    let mut set = set_at(NOON + Duration::from_secs(60));
    let mut revoked = amended("z", "r", 30, Change::Revoked);
    revoked.amendment.direction = Direction::Outbound;
    take_amendment(&mut set, &number(), &revoked);
    take_echo(&mut set, &client(), &number(), &echo("z"), minted(1));
    assert_eq!(shown(&set).revoked_at, Some(NOON + Duration::from_secs(30)));

    // A send of ours whose wamid is learnt from a report.
    let mut set = set_at(NOON + Duration::from_secs(60));
    take_amendment(&mut set, &number(), &revoked);
    let row = Message { wamid: None, ..stored_echo() };
    set.add_conversation(conversation_of(&row));
    set.add_message(row);
    let report = StatusReport {
        wamid: wamid("z"),
        step: Step { status: Status::Sent, at: NOON, error: None },
        opaque: Some("ours".into()),
        recipient: Person::default(),
        pricing: None,
    };
    advance::take_report(&mut set, &number(), &report, Some(message_id(1)));
    assert_eq!(shown(&set).revoked_at, Some(NOON + Duration::from_secs(30)));
}

fn told_of_echo() -> WorkingSet {
    let mut set = set_at(NOON + Duration::from_secs(60));
    take_echo(&mut set, &client(), &number(), &echo("z"), minted(1));
    set
}

fn stored_echo() -> Message {
    shown(&told_of_echo())
}

fn conversation_of(row: &Message) -> Conversation {
    told_of_echo().conversation(row.conversation_id).unwrap().clone()
}
