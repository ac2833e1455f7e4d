//! The outbox's own steps: taking a message up, and what became of it.
//!
//! Invariant: a message goes to Meta only from `QUEUED`, under the term of a lane; what is not known to
//! have been refused is never put back.

use std::time::Duration;

use crate::domain::{
    client::{Client, ClientStatus},
    content::Content,
    fact::Person,
    identity::{Identity, PhoneNumber},
    ids::{MessageId, Wamid},
    message::Message,
    rules::{
        advance::{advance, bind_wamid, catch_up},
        connect::{self, Loss},
        people,
    },
    status::{Failure, Status, Step},
    time::Timestamp,
    working_set::WorkingSet,
};

/// Queued longer than this is no longer what the recruiter meant.
pub const SEND_EXPIRES: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a message rests while its client cannot send.
const REST: Duration = Duration::from_secs(30);

/// What to do with a message whose turn has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Send it; the set records that it is being sent.
    Send(Box<Message>, Box<Client>),
    /// Nothing to send now.
    Nothing,
}

/// Takes a due message up under a term, or ends it when the rules no longer allow it.
pub fn take_up(set: &mut WorkingSet, id: MessageId, term: u64) -> Turn {
    let now = set.now();
    let Some(message) = set.message(id).cloned() else { return Turn::Nothing };
    if message.due_at().is_none_or(|due| due > now) {
        return Turn::Nothing;
    }
    let client = set.live_client().filter(|client| client.id == message.client_id);
    let Some(client) = client else {
        fail(
            set,
            id,
            Failure::ours("CLIENT_NOT_CONNECTED", "The client was removed before this was sent."),
        );
        return Turn::Nothing;
    };
    if now.since(message.created_at) > SEND_EXPIRES {
        fail(set, id, Failure::ours("SEND_EXPIRED", "It could not be sent within 24 hours."));
        return Turn::Nothing;
    }
    match client.status {
        ClientStatus::Connected if client.phone_number_id() == Some(&message.phone_number_id) => {}
        ClientStatus::TokenExpired | ClientStatus::Restricted => {
            put_back(set, id, now + REST);
            return Turn::Nothing;
        }
        ClientStatus::Connected | ClientStatus::Pending | ClientStatus::Disconnected => {
            fail(
                set,
                id,
                Failure::ours(
                    "CLIENT_NOT_CONNECTED",
                    "The number was disconnected before this was sent.",
                ),
            );
            return Turn::Nothing;
        }
    }
    let open = set.conversation(message.conversation_id).is_some_and(|row| row.in_window(now));
    if matches!(message.content, Content::Text(_)) && !open {
        fail(
            set,
            id,
            Failure::ours("WINDOW_CLOSED", "The 24-hour window closed before this was sent."),
        );
        return Turn::Nothing;
    }
    let Some(to) = reachable(set, &message) else {
        let reason = "The candidate is no longer reached under this number.";
        fail(set, id, Failure::ours("CONVERSATION_NOT_FOUND", reason));
        return Turn::Nothing;
    };
    set.change_message(id, |row| {
        if let Some(outbox) = &mut row.outbox {
            outbox.to = to;
            outbox.attempts += 1;
            outbox.term = Some(term);
        }
    });
    advance(set, id, vec![Step { status: Status::Sending, at: now, error: None }]);
    set.message(id).map_or(Turn::Nothing, |row| Turn::Send(Box::new(row.clone()), Box::new(client)))
}

/// Where the candidate is reached now: a number may have changed hands since the message was recorded.
fn reachable(set: &WorkingSet, message: &Message) -> Option<Identity> {
    let to = message.outbox.as_ref()?.to.clone();
    let Some(row) = set.conversation(message.conversation_id) else { return Some(to) };
    if row.identities.contains(&to) { Some(to) } else { row.address() }
}

/// Puts back what this very term took up without getting as far as asking Meta, as the store did not
/// say whether that was recorded. Only for whoever has it in hand.
pub fn take_back(set: &mut WorkingSet, id: MessageId, term: u64) {
    if set.message(id).is_some_and(|message| message.sending_term() == Some(term)) {
        let now = set.now();
        put_back(set, id, now);
    }
}

/// Meta took it.
pub fn accepted(set: &mut WorkingSet, id: MessageId, wamid: &Wamid) {
    let now = set.now();
    let Some(message) = set.message(id) else { return };
    if message.life.history().iter().any(|step| step.status == Status::Accepted) {
        // Recorded by a try whose answer was lost; its time stays.
        return;
    }
    let heard = if message.wamid.is_some() { None } else { bind_wamid(set, id, wamid) };
    let step = Step { status: Status::Accepted, at: now, error: None };
    match heard {
        Some(heard) => catch_up(set, id, heard, vec![step]),
        None => advance(set, id, vec![step]),
    }
}

/// Meta knows the candidate under another number than the one dialled (it rewrites some): their answer
/// will come from that one, and belongs to the same conversation.
pub fn learn_alias(set: &mut WorkingSet, id: MessageId, phone: &PhoneNumber) {
    let Some(message) = set.message(id) else { return };
    let (number, conversation) = (message.phone_number_id.clone(), message.conversation_id);
    let person = Person { phone: Some(phone.clone()), ..Person::default() };
    people::learn_recipient(set, &number, conversation, &person);
}

/// Meta, or a rule of ours, refused it.
pub fn fail(set: &mut WorkingSet, id: MessageId, error: Failure) {
    let step = Step { status: Status::Failed, at: set.now(), error: Some(error) };
    advance(set, id, vec![step]);
}

/// Nobody knows whether Meta took it: only evidence or a person settles it.
pub fn unknown(set: &mut WorkingSet, id: MessageId) {
    // Evidence that came first has already ended our part.
    if set.message(id).is_some_and(|message| message.life.phase() == Status::Sending) {
        let step = Step { status: Status::Unknown, at: set.now(), error: None };
        advance(set, id, vec![step]);
    }
}

/// Meta surely did not take it: back into the queue until `due`.
pub fn put_back(set: &mut WorkingSet, id: MessageId, due: Timestamp) {
    let now = set.now();
    let Some(message) = set.message(id) else { return };
    let phase = message.life.phase();
    if !matches!(phase, Status::Sending | Status::Queued) {
        return;
    }
    set.change_message(id, |row| {
        if let Some(outbox) = &mut row.outbox {
            outbox.due_at = Some(due);
            outbox.term = None;
        }
    });
    if phase == Status::Sending {
        advance(set, id, vec![Step { status: Status::Queued, at: now, error: None }]);
    }
}

/// What was put off is due now.
pub fn hasten(set: &mut WorkingSet, id: MessageId) {
    let now = set.now();
    if set.message(id).and_then(Message::due_at).is_some_and(|due| due > now) {
        set.change_message(id, |row| {
            if let Some(outbox) = &mut row.outbox {
                outbox.due_at = Some(now);
            }
        });
    }
}

/// Meta refuses the token of `used`, or took its number away. A client that was connected again in the
/// meantime has another token, of which nothing is known.
pub fn client_lost(set: &mut WorkingSet, used: &Client, loss: Loss) {
    let Some(client) = set.live_client() else { return };
    let same = client.id == used.id && client.connection == used.connection;
    if same && client.status == ClientStatus::Connected {
        connect::lose(set, &client, loss);
    }
}
