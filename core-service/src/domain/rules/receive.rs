//! A candidate wrote: the message, its conversation, the window.
//!
//! Invariant: the same wamid makes one message however often it comes; the window follows Meta's
//! clock and never moves backwards.

use uuid::Uuid;

use crate::domain::{
    client::Client,
    content::{Content, MessageType},
    conversation::{Candidate, Conversation},
    event::News,
    fact::{Inbound, Sender},
    ids::{ConversationId, MessageId, PhoneNumberId},
    message::{Direction, Message, Place},
    status::Life,
    time::Timestamp,
    working_set::WorkingSet,
};

/// Ids minted before the decision, so that deciding again finds its own rows.
#[derive(Debug, Clone, Copy)]
pub struct Minted {
    /// For the message.
    pub message: MessageId,
    /// For the conversation, should it be new.
    pub conversation: ConversationId,
}

/// Takes an inbound message in. Returns false when it was known.
pub fn take_inbound(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    inbound: &Inbound,
    minted: Minted,
) -> bool {
    if set.message_of(number, &inbound.wamid).is_some() {
        return false;
    }
    // A time in the future counts as its arrival; Meta's seconds are whole.
    let sent_at = inbound.sent_at.min(set.now());
    let conversation = meet(set, client, number, &inbound.sender, minted.conversation);
    let mut content = inbound.content.clone();
    if let Content::Reaction(reaction) = &mut content {
        reaction.message_id = set.message_of(number, &reaction.wamid);
    }
    let reply_to = inbound.context.as_ref().and_then(|wamid| set.message_of(number, wamid));
    let message = Message {
        id: minted.message,
        owner: set.owner().clone(),
        conversation_id: conversation,
        client_id: client.id,
        phone_number_id: number.clone(),
        direction: Direction::Inbound,
        wamid: Some(inbound.wamid.clone()),
        kind: inbound.kind,
        content,
        life: Life::received(sent_at),
        purpose: None,
        reply_to,
        retry_of: None,
        sent_by: None,
        at: end_of_second(sent_at),
        edited_at: None,
        revoked_at: None,
        idempotency: None,
        outbox: None,
        revision: 1,
        created_at: set.now(),
    };
    let summary = set.change_conversation(conversation, |row| {
        reveal(row, message.place());
        row.take_in(&message);
        row.unread_count = row.unread_count.saturating_add(1);
        // A system notice is Meta's word, not the candidate's: it opens nothing.
        if message.kind != MessageType::System {
            row.last_inbound_at = row.last_inbound_at.max(Some(sent_at));
        }
    });
    set.insert_message(message.clone());
    if let Some(conversation) = summary {
        set.tell(News::MessageIncoming { conversation, message });
    }
    true
}

/// The last millisecond of the second: what we send within it comes before, what follows after.
fn end_of_second(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis().div_euclid(1000) * 1000 + 999)
}

/// A message that comes late into a deleted conversation must not be lost behind its curtain.
fn reveal(row: &mut Conversation, place: Place) {
    if row.hidden_before.is_some_and(|curtain| place <= curtain) {
        let below = Uuid::from_u128(place.id.uuid().as_u128().saturating_sub(1));
        row.hidden_before = Some(Place { at: place.at, id: MessageId::new(below) });
    }
}

/// Finds the sender's conversation, or begins one; learns what is new about the sender.
fn meet(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    sender: &Sender,
    minted: ConversationId,
) -> ConversationId {
    let identities = sender.identities();
    let known: Vec<Option<ConversationId>> =
        identities.iter().map(|identity| set.conversation_of(number, identity)).collect();
    // The business-scoped id comes first: it beats the number.
    let found = known.iter().flatten().next().copied();
    let conversation = found.unwrap_or_else(|| {
        let row = begin(set, client, number, minted);
        set.insert_conversation(row);
        minted
    });
    let news: Vec<_> = identities
        .into_iter()
        .zip(known)
        // An identifier that stands for another conversation stays there.
        .filter(|(_, owner)| owner.is_none())
        .map(|(identity, _)| identity)
        .collect();
    set.change_conversation(conversation, |row| {
        for identity in news {
            row.identify(identity);
        }
        learn(&mut row.candidate, sender);
        // Another one, when the owner made their client anew.
        row.client_id = client.id;
    });
    conversation
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
        revision: 1,
        created_at: set.now(),
        updated_at: set.now(),
    }
}

/// Fills in what was not known. The name that the recruiter gave stays.
fn learn(candidate: &mut Candidate, sender: &Sender) {
    let Sender { phone, user_id, name, username } = sender;
    if phone.is_some() {
        candidate.phone.clone_from(phone);
    }
    if user_id.is_some() {
        candidate.user_id.clone_from(user_id);
    }
    if candidate.name.is_none() {
        candidate.name.clone_from(name);
    }
    if username.is_some() {
        candidate.username.clone_from(username);
    }
}
