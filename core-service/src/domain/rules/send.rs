//! A person sends: may it be, and what is recorded.
//!
//! Invariant: the same idempotency key makes one message, for ever; no key is spent when no message is
//! made; text goes only inside the customer service window, a template only outside it.

use std::time::Duration;

use crate::domain::{
    client::{Client, Connection},
    content::{Content, MessageType, Text, Variable},
    conversation::Conversation,
    event::News,
    identity::{Identity, PhoneNumber},
    ids::{ClientId, ConversationId, MessageId, Wamid},
    message::{Beginning, Direction, Idempotency, Message, Outbox},
    refusal::Refusal,
    rules::{meet::begin, pick},
    status::Life,
    template::Purpose,
    time::Timestamp,
    working_set::WorkingSet,
};

/// To whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A number, whether or not there is a conversation with it.
    To(PhoneNumber),
    /// The candidate of a conversation.
    Conversation(ConversationId),
}

/// What is sent.
#[derive(Debug, Clone)]
pub enum Body {
    /// Free text.
    Text(Text),
    /// A template.
    Template {
        /// Which one.
        wish: pick::Wish,
        /// Its variables.
        variables: Vec<Variable>,
        /// Names the candidate.
        candidate_name: Option<String>,
    },
}

/// A send, parsed.
#[derive(Debug, Clone)]
pub struct Order {
    /// The message's id, minted by whoever took the call first.
    pub message: MessageId,
    /// The conversation's id, should it be new.
    pub conversation: ConversationId,
    /// To whom.
    pub target: Target,
    /// What.
    pub body: Body,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The promise under a key.
    pub idempotency: Option<Idempotency>,
    /// Who sends it.
    pub by: String,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Placed {
    /// Recorded; the outbox sends it.
    New(MessageId),
    /// The same order was placed before.
    Replayed(MessageId),
}

/// Records a send, or refuses it.
///
/// # Errors
/// Any of the refusals of a send; nothing was recorded then.
pub fn place(set: &mut WorkingSet, order: &Order) -> Result<Placed, Refusal> {
    if let Some(earlier) = earlier(set, order)? {
        return Ok(Placed::Replayed(earlier));
    }
    let client = set.live_client().ok_or(Refusal::ClientNotFound)?;
    let connection = client.usable().ok_or(Refusal::ClientNotConnected)?.clone();
    let found = find(set, client.id, &connection, &order.target)?;
    let known = found.and_then(|id| set.conversation(id)).cloned();
    let open = known.as_ref().is_some_and(|row| row.in_window(set.now()));
    let (content, kind, purpose) = compose(set, &client, known.as_ref(), open, &order.body)?;
    let context = quoted(set, order.reply_to, found)?;
    let to = address(known.as_ref(), &order.target)?;

    let conversation = found.unwrap_or(order.conversation);
    if found.is_none() {
        let mut row = begin(set, &client, &connection.phone_number_id, order.conversation);
        row.identify(to.clone());
        if let Identity::Phone(phone) = &to {
            row.candidate.phone = Some(phone.clone());
        }
        set.insert_conversation(row);
    }
    let begun = Message::begin(Beginning {
        id: order.message,
        owner: set.owner().clone(),
        conversation_id: conversation,
        client_id: client.id,
        phone_number_id: connection.phone_number_id,
        direction: Direction::Outbound,
        kind,
        content,
        life: Life::queued(set.now()),
        at: moment(set, known.as_ref()),
        now: set.now(),
    });
    let message = Message {
        purpose,
        reply_to: order.reply_to,
        sent_by: Some(order.by.clone()),
        idempotency: order.idempotency.clone(),
        outbox: Some(Outbox { to, context, due_at: Some(set.now()), attempts: 0, term: None }),
        ..begun
    };
    record(set, conversation, message, &order.body);
    Ok(Placed::New(order.message))
}

/// The message that this order made before, by its key or by its own id.
fn earlier(set: &mut WorkingSet, order: &Order) -> Result<Option<MessageId>, Refusal> {
    if let Some(promise) = &order.idempotency
        && let Some(earlier) = set.message_of_key(&promise.key)
    {
        let same =
            earlier.idempotency.as_ref().is_some_and(|p| p.fingerprint == promise.fingerprint);
        return if same { Ok(Some(earlier.id)) } else { Err(Refusal::IdempotencyKeyReused) };
    }
    // The same call, repeated on another core after a lost answer.
    Ok(set.message(order.message).map(|message| message.id))
}

/// The conversation of the target, when there is one.
fn find(
    set: &mut WorkingSet,
    client: ClientId,
    connection: &Connection,
    target: &Target,
) -> Result<Option<ConversationId>, Refusal> {
    match target {
        Target::To(phone) => {
            let identity = Identity::Phone(phone.clone());
            Ok(set.conversation_of(&connection.phone_number_id, &identity))
        }
        Target::Conversation(id) => {
            let row = set
                .conversation(*id)
                .filter(|row| !row.hidden)
                .ok_or(Refusal::ConversationNotFound)?;
            if row.phone_number_id == connection.phone_number_id {
                // Its heir's, when it was merged into another.
                Ok(Some(row.id))
            } else if row.client_id == client {
                // It belongs to a number that is no longer connected.
                Err(Refusal::ClientNotConnected)
            } else {
                // It is hidden with a client that was deleted.
                Err(Refusal::ConversationNotFound)
            }
        }
    }
}

/// The identifier to send to.
fn address(known: Option<&Conversation>, target: &Target) -> Result<Identity, Refusal> {
    if let Target::To(phone) = target {
        return Ok(Identity::Phone(phone.clone()));
    }
    known.and_then(Conversation::address).ok_or(Refusal::ConversationNotFound)
}

/// The wamid of the message that is answered.
fn quoted(
    set: &WorkingSet,
    reply_to: Option<MessageId>,
    conversation: Option<ConversationId>,
) -> Result<Option<Wamid>, Refusal> {
    let Some(id) = reply_to else { return Ok(None) };
    let thread = conversation.and_then(|id| set.conversation(id));
    let message = set
        .message(id)
        .filter(|message| thread.is_some_and(|row| row.shows(message)))
        .ok_or(Refusal::MessageNotFound)?;
    match &message.wamid {
        Some(wamid) => Ok(Some(wamid.clone())),
        None => Err(Refusal::field("options.reply_to", "has not reached WhatsApp yet")),
    }
}

fn compose(
    set: &WorkingSet,
    client: &Client,
    known: Option<&Conversation>,
    open: bool,
    body: &Body,
) -> Result<(Content, MessageType, Option<Purpose>), Refusal> {
    match body {
        Body::Text(text) if open => Ok((Content::Text(text.clone()), MessageType::Text, None)),
        Body::Text(_) => Err(Refusal::WindowClosed { message: None }),
        Body::Template { .. } if open => Err(Refusal::WindowOpen),
        Body::Template { wish, variables, candidate_name } => {
            let purpose = pick::purpose(known);
            let wish = pick::Wish {
                usual_language: client.settings.template_language.clone(),
                ..wish.clone()
            };
            let template = pick::choose(set.templates(), purpose, &wish)?;
            let stopped = known.is_some_and(|row| row.kin.marketing.is_some_and(|m| m.stopped));
            if stopped && template.definition.is_marketing() {
                return Err(Refusal::CandidateOptedOut);
            }
            let text = pick::fill(template, variables, candidate_name.as_deref())?;
            Ok((Content::Template(text), MessageType::Template, Some(purpose)))
        }
    }
}

/// When it is sent. What a candidate wrote counts as the end of its second, so the curtain of a
/// conversation that was just deleted may lie ahead of now; the message must not fall behind it.
fn moment(set: &WorkingSet, known: Option<&Conversation>) -> Timestamp {
    let curtain = known.and_then(|row| row.hidden_before).map(|place| place.at);
    curtain.map_or(set.now(), |at| set.now().max(at + Duration::from_millis(1)))
}

/// Puts the message into the set, with its conversation and its entry in the log.
fn record(set: &mut WorkingSet, conversation: ConversationId, message: Message, body: &Body) {
    let name = match body {
        Body::Template { candidate_name, .. } => candidate_name.clone(),
        Body::Text(_) => None,
    };
    let summary = set.change_conversation(conversation, |row| {
        row.take_in(&message);
        // Another one, when the owner made their client anew.
        row.client_id = message.client_id;
        if name.is_some() {
            row.candidate.name = name;
            row.kin.name_given = true;
        }
    });
    set.insert_message(message.clone());
    if let Some(conversation) = summary {
        set.tell(News::MessageSent { conversation, message });
    }
}
