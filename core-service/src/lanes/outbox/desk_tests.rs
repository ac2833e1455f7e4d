//! Turns, bounds, and what is left in the store.

use super::*;
use crate::domain::{
    content::{Content, MessageType, Text},
    ids::{ClientId, ConversationId, PhoneNumberId},
    message::{Beginning, Direction, Message},
    status::Life,
};

fn owner(name: &str) -> Owner {
    Owner::parse(&format!("{name}@linkojob.test")).unwrap()
}

fn queued(name: &str, n: u128) -> Queued {
    let at = Timestamp::from_seconds(1_800_000_000);
    let unknown = uuid::Uuid::from_u128(1);
    let number = name.bytes().fold(1, |number, byte| number * 257 + u128::from(byte));
    Queued::found(Message::begin(Beginning {
        id: MessageId::new(uuid::Uuid::from_u128(number * 1_000_000 + n)),
        owner: owner(name),
        conversation_id: ConversationId::new(unknown),
        client_id: ClientId::new(unknown),
        phone_number_id: PhoneNumberId::parse("1").unwrap(),
        direction: Direction::Outbound,
        kind: MessageType::Text,
        content: Content::Text(Text { text: "hello".into(), preview_url: false }),
        life: Life::queued(at),
        at,
        now: at,
    }))
}

fn put(desk: &Desk, name: &str, count: usize) {
    (0..count as u128).for_each(|n| desk.put(queued(name, n)));
}

fn start(desk: &Desk) -> Vec<Turn> {
    std::iter::from_fn(|| desk.next()).collect()
}

fn of(turns: &[Turn], name: &str) -> usize {
    turns.iter().filter(|turn| turn.queued.message().owner == owner(name)).count()
}

#[test]
fn one_owner_leaves_room_for_the_others() {
    let desk = Desk::default();
    put(&desk, "hog", 500);
    put(&desk, "ana", 3);
    let turns = start(&desk);
    assert_eq!((of(&turns, "hog"), of(&turns, "ana")), (EACH, 3));
    // They take turns: nobody waits behind all of another's.
    let second = turns[1].queued.message().owner.clone();
    assert_eq!(second, owner("ana"));
}

#[test]
fn a_place_that_is_freed_goes_to_whoever_waits() {
    let desk = Desk::default();
    put(&desk, "ana", EACH + 1);
    let mut turns = start(&desk);
    assert_eq!(turns.len(), EACH);
    let Turn { queued: _, place, hold } = turns.pop().unwrap();
    drop(place);
    // Resting, it is still in hand, and its place is another's.
    assert_eq!(start(&desk).len(), 1);
    desk.put(queued("ana", EACH as u128 - 1));
    drop(hold);
    assert!(desk.next().is_none(), "what is in hand is not taken twice");
}

#[test]
fn no_more_than_all_places_are_taken() {
    let desk = Desk::default();
    for n in 0..2 * ON_THEIR_WAY / EACH {
        put(&desk, &format!("r{n}"), EACH);
    }
    let turns = start(&desk);
    assert_eq!(turns.len(), ON_THEIR_WAY);
    drop(turns);
    assert_eq!(start(&desk).len(), ON_THEIR_WAY);
}

#[test]
fn what_a_pile_could_not_take_is_wanted_when_it_is_empty() {
    let desk = Desk::default();
    put(&desk, "hog", IN_HAND_EACH + 1);
    let mut sent = 0;
    while sent < IN_HAND_EACH {
        assert!(!desk.wants_more(), "after {sent}");
        sent += start(&desk).len();
    }
    assert!(desk.wants_more() && !desk.wants_more());
    assert!(desk.state().owners.is_empty() && desk.state().in_hand.is_empty());
}

#[test]
fn what_the_store_still_has_is_wanted_when_nothing_waits() {
    let desk = Desk::default();
    put(&desk, "ana", EACH + 1);
    desk.fell_behind();
    let turns = start(&desk);
    assert!(!desk.wants_more());
    drop(turns);
    assert_eq!(start(&desk).len(), 1);
    assert!(desk.wants_more());
    desk.caught_up();
    assert!(!desk.wants_more());
}

#[test]
fn the_desk_is_bounded() {
    let desk = Desk::default();
    for n in 0..2 * IN_HAND / IN_HAND_EACH {
        put(&desk, &format!("r{n}"), IN_HAND_EACH);
    }
    assert!(desk.is_full() && desk.state().in_hand.len() == IN_HAND);
    while !start(&desk).is_empty() {}
    assert!(desk.wants_more());
}
