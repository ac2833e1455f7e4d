//! A person sends a message: record it, let the outbox send it, wait a while for the outcome.
//!
//! Invariant: what was recorded goes on whether or not the caller waits; the same idempotency key never
//! makes a second message.

mod deliver;
mod handover;
mod hasten;
mod opaque;
mod outcome;
mod queued;
mod receipt;
mod waiters;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Core, Error, clients::live_client, decide::Remembered};
use crate::{
    domain::{
        actor::{Actor, Scope},
        client::Client,
        identity::Identity,
        ids::MessageId,
        message::{Idempotency, Message},
        owner::Owner,
        refusal::Refusal,
        rules::send::{Body, Order, Placed, Target, place},
        working_set::WorkingSet,
    },
    store::{Footprint, Rows},
};

pub use self::{handover::Handover, queued::Queued, receipt::Receipts, waiters::Waiters};

/// A send as a caller orders it.
#[derive(Debug, Clone)]
pub struct SendOrder {
    /// Minted by the caller, so that a call repeated on another core is the same send.
    pub message: Option<MessageId>,
    /// To whom.
    pub target: Target,
    /// What.
    pub body: Body,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The promise under a key.
    pub idempotency: Option<Idempotency>,
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The message as it is now.
    pub message: Message,
    /// True when an earlier order made it.
    pub replayed: bool,
}

impl Core {
    /// Records a send and waits up to `wait` for Meta's answer.
    ///
    /// # Errors
    /// The refusals of a send; `META_REJECTED` or `WINDOW_CLOSED` with the message's id when Meta
    /// refused for good while the caller waited.
    pub async fn send(
        self: &Arc<Self>,
        actor: &Actor,
        order: SendOrder,
        wait: Duration,
    ) -> Result<Sent, Error> {
        let until = Instant::now() + wait;
        let now = self.clock.now();
        let SendOrder { message, target, body, reply_to, idempotency } = order;
        let order = Order {
            message: message.unwrap_or_else(|| self.ids.message(now)),
            conversation: self.ids.conversation(now),
            target,
            body,
            reply_to,
            idempotency,
            by: actor.by.clone(),
        };
        let waiting = self.waiters.expect(order.message);
        let promise = self.handover.promise();
        let (placed, queued) = self.place(&actor.owner, &order).await?;
        match placed {
            Placed::New(_) => {
                let here = queued.is_some_and(|queued| promise.offer(queued));
                self.outcome_of(&actor.owner, waiting, here, until).await
            }
            Placed::Replayed(id) => {
                drop(promise);
                let message = self.store.message(id).await?.ok_or(Refusal::MessageNotFound)?;
                if id != order.message {
                    return Ok(Sent { message, replayed: true });
                }
                // The very same call, come here after another core had recorded it.
                match message.life.status().is_settled() {
                    true => outcome::told(message),
                    false => self.outcome_of(&actor.owner, waiting, false, until).await,
                }
            }
        }
    }

    /// Records an order. The client comes first, as identifiers belong to its number; it is remembered
    /// from earlier sends, so that the rest is one look.
    async fn place(&self, owner: &Owner, order: &Order) -> Result<(Placed, Option<Queued>), Error> {
        let mut rule = |set: &mut WorkingSet| {
            let placed = place(set, order)?;
            Ok((placed, Queued::recorded(set, order.message)))
        };
        if let Some(client) = self.clients.get(owner) {
            // That nobody used the id or the key before is not looked up: the commit proves it.
            let look = Footprint {
                live_client: false,
                messages: order.reply_to.into_iter().collect(),
                idempotency: None,
                ..footprint(Some(&client), order)
            };
            let rows = Rows { clients: vec![client], ..Rows::default() };
            let remembered = Remembered { rows, look: Some(look) };
            if let Some(done) = self.try_on(owner, remembered, &mut rule).await? {
                return Ok(done);
            }
        }
        let client = self.store.load(owner, live_client()).await?.clients.pop();
        client.iter().for_each(|client| self.clients.put(client.clone()));
        self.decide(owner, footprint(client.as_ref(), order), rule).await
    }

    /// One message.
    ///
    /// # Errors
    /// `MESSAGE_NOT_FOUND` when it does not exist, is not the caller's, or is hidden with its
    /// conversation.
    pub async fn message(&self, scope: &Scope, id: MessageId) -> Result<Message, Error> {
        let found = self.store.message(id).await?.filter(|row| scope.sees(&row.owner));
        let message = found.ok_or(Refusal::MessageNotFound)?;
        let conversation = self.conversation(scope, message.conversation_id).await;
        match conversation {
            Ok(row) if row.hidden_before.is_none_or(|curtain| message.place() > curtain) => {
                Ok(message)
            }
            Ok(_) | Err(Error::Refused(_)) => Err(Refusal::MessageNotFound.into()),
            Err(error) => Err(error),
        }
    }
}

/// The rows that an order needs, with this client. The decision is bound to the client's revision, so a
/// change in between is noticed.
fn footprint(client: Option<&Client>, order: &Order) -> Footprint {
    let number = client.and_then(|client| client.phone_number_id().cloned());
    let mut footprint = live_client();
    match &order.target {
        Target::Conversation(id) => footprint.conversations.push(*id),
        Target::To(phone) => footprint
            .identities
            .extend(number.map(|number| (number, Identity::Phone(phone.clone())))),
    }
    footprint.messages.push(order.message);
    footprint.messages.extend(order.reply_to);
    footprint.idempotency = order.idempotency.as_ref().map(|promise| promise.key.clone());
    if matches!(order.body, Body::Template { .. }) {
        footprint.templates_of = client.map(|client| client.id);
    }
    footprint
}
