//! A person sends a message: record it, let the outbox send it, wait a while for the outcome.
//!
//! Invariant: what was recorded goes on whether or not the caller waits; the same idempotency key never
//! makes a second message.

mod deliver;
mod handover;
mod hasten;
mod opaque;
mod outcome;
mod places;
mod queued;
mod receipt;
mod record;
mod waiters;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Core, Error};
use crate::domain::{
    actor::{Actor, Scope},
    ids::MessageId,
    message::{Idempotency, Message},
    refusal::Refusal,
    rules::send::{Body, Order, Placed, Target},
};

pub use self::{
    deliver::Taken,
    handover::Handover,
    places::{Counter, Place, Places},
    queued::Queued,
    receipt::Receipts,
    waiters::Waiters,
};

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
        let brought = order.message;
        match (self.send_once(actor, order.clone(), until).await, brought) {
            // Whoever brings an id that is somebody else's is not to learn that from the answer: it is as
            // good as none.
            (Err(Error::Contended(_)), Some(id)) if self.is_anothers(&actor.owner, id).await? => {
                self.send_once(actor, SendOrder { message: None, ..order }, until).await
            }
            (outcome, _) => outcome,
        }
    }

    async fn send_once(
        self: &Arc<Self>,
        actor: &Actor,
        order: SendOrder,
        until: Instant,
    ) -> Result<Sent, Error> {
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
        let message = order.message;
        let waiting = self.waiters.expect(message);
        let (placed, here) = self.record_order(&actor.owner, order).await?;
        match placed {
            Placed::New(_) => self.outcome_of(&actor.owner, waiting, here, until).await,
            Placed::Replayed(id) => {
                let found = self.own_message(&actor.owner, id).await?;
                if id != message {
                    return Ok(Sent { message: found, replayed: true });
                }
                // The very same call, come here after another core had recorded it.
                match found.life.status().is_settled() {
                    true => outcome::told(found),
                    false => self.outcome_of(&actor.owner, waiting, false, until).await,
                }
            }
        }
    }

    /// One message.
    ///
    /// # Errors
    /// `MESSAGE_NOT_FOUND` when it does not exist, is not the caller's, or is hidden with its
    /// conversation.
    pub async fn message(&self, scope: &Scope, id: MessageId) -> Result<Message, Error> {
        let mut message = self.see_message(scope, id).await?.ok_or(Refusal::MessageNotFound)?;
        let conversation = self.conversation(scope, message.conversation_id).await;
        match conversation {
            Ok(row) if row.shows(&message) => {
                message.conversation_id = row.id;
                self.refer(&row.owner, std::slice::from_mut(&mut message)).await?;
                Ok(message)
            }
            Ok(_) | Err(Error::Refused(_)) => Err(Refusal::MessageNotFound.into()),
            Err(error) => Err(error),
        }
    }
}
