//! Whose conversation it is: found, or begun.
//!
//! Invariant: a person has one conversation with a business number, under whichever of their identifiers
//! they write.

use uuid::Uuid;

use super::people;
use crate::domain::{
    client::Client,
    conversation::{Candidate, Conversation},
    fact::Person,
    ids::{ConversationId, MessageId, PhoneNumberId},
    kinship::Kinship,
    message::Place,
    time::Timestamp,
    working_set::WorkingSet,
};

/// Finds a person's conversation, or begins one; learns what is new about the person.
pub(super) fn meet(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    person: &Person,
    at: Timestamp,
    minted: ConversationId,
) -> ConversationId {
    let found = people::find(set, number, person);
    let conversation = found.unwrap_or_else(|| start(set, client, number, minted));
    let conversation = people::learn(set, number, conversation, person, at);
    carry(set, conversation, client);
    conversation
}

/// As [`meet`], of a person whose identifiers changed at this time: `old` is who they were before.
pub(super) fn meet_changed(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    (old, new): (&Person, &Person),
    at: Timestamp,
    minted: ConversationId,
) -> ConversationId {
    let found = people::find(set, number, old).or_else(|| people::find(set, number, new));
    let conversation = found.unwrap_or_else(|| start(set, client, number, minted));
    let conversation = people::change(set, number, conversation, (old, new), at);
    carry(set, conversation, client);
    conversation
}

fn start(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    minted: ConversationId,
) -> ConversationId {
    let row = begin(set, client, number, minted);
    set.insert_conversation(row);
    minted
}

/// Another client, when the owner made theirs anew.
fn carry(set: &mut WorkingSet, conversation: ConversationId, client: &Client) {
    if set.conversation(conversation).is_some_and(|row| row.client_id != client.id) {
        set.change_conversation(conversation, |row| row.client_id = client.id);
    }
}

/// A conversation with nobody in it yet.
pub(super) fn begin(
    set: &WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    id: ConversationId,
) -> Conversation {
    Conversation {
        id,
        owner: set.owner().clone(),
        client_id: client.id,
        phone_number_id: number.clone(),
        candidate: Candidate::default(),
        identities: Vec::new(),
        last_message: None,
        last_message_at: None,
        unread_count: 0,
        last_inbound_at: None,
        contacted: false,
        hidden: false,
        hidden_before: None,
        kin: Kinship::default(),
        merged_into: None,
        revision: 1,
        created_at: set.now(),
        updated_at: set.now(),
    }
}

/// The last millisecond of the second: what we send within it comes before, what follows after.
pub(super) fn end_of_second(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis().div_euclid(1000) * 1000 + 999)
}

/// A message that comes late into a deleted conversation must not be lost behind its curtain.
pub(super) fn reveal(row: &mut Conversation, place: Place) {
    if row.hidden_before.is_some_and(|curtain| place <= curtain) {
        let below = Uuid::from_u128(place.id.uuid().as_u128().saturating_sub(1));
        row.hidden_before = Some(Place { at: place.at, id: MessageId::new(below) });
    }
}
