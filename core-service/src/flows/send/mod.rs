//! A person sends a message: record it, let the outbox send it, wait a while for the outcome.
//!
//! Invariant: what was recorded goes on whether or not the caller waits; the same idempotency key never
//! makes a second message.

mod deliver;
mod hasten;
mod opaque;
mod receipt;
mod waiters;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Core, Error, clients::live_client};
use crate::{
    domain::{
        actor::{Actor, Scope},
        identity::Identity,
        ids::MessageId,
        message::{Idempotency, Message},
        refusal::Refusal,
        rules::send::{Body, Order, Placed, Target, place},
        status::Status,
    },
    store::Footprint,
};

pub use waiters::Waiters;
use waiters::Waiting;

/// How often a waiting caller looks at its message without being woken.
const LOOK: Duration = Duration::from_secs(1);

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
        let footprint = self.footprint(actor, &order).await?;
        let waiting = self.waiters.expect(order.message);
        match self.decide(&actor.owner, footprint, |set| place(set, &order)).await? {
            Placed::New(id) => {
                self.waiters.wake_outbox();
                self.wait_for(id, waiting, until).await
            }
            Placed::Replayed(id) => {
                let message = self.store.message(id).await?.ok_or(Refusal::MessageNotFound)?;
                Ok(Sent { message, replayed: true })
            }
        }
    }

    /// The rows that an order needs. The client comes first, as identifiers belong to its number; the
    /// decision is bound to the client's revision, so a change in between is noticed.
    async fn footprint(&self, actor: &Actor, order: &Order) -> Result<Footprint, Error> {
        let client = self.store.load(&actor.owner, live_client()).await?.clients.pop();
        let number = client.as_ref().and_then(|client| client.phone_number_id().cloned());
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
        Ok(footprint)
    }

    /// Waits until a message has settled, or until the time is over.
    async fn wait_for(
        &self,
        id: MessageId,
        mut waiting: Waiting<'_>,
        until: Instant,
    ) -> Result<Sent, Error> {
        let mut hinted = false;
        loop {
            let over = Instant::now() >= until || self.stop.is_cancelled();
            let nap = until.min(Instant::now() + LOOK);
            if !over && !hinted {
                tokio::select! {
                    _ = &mut waiting.woken => hinted = true,
                    () = self.stop.cancelled() => {}
                    () = tokio::time::sleep_until(nap) => {}
                }
            } else if !over {
                let slept = tokio::time::sleep_until(nap);
                let _: Option<()> = self.stop.run_until_cancelled(slept).await;
            }
            let message = self.store.message(id).await?.ok_or(Refusal::MessageNotFound)?;
            // What is put back beyond the caller's patience will not settle while they wait.
            let left = until.saturating_duration_since(Instant::now());
            let later = message.due_at().is_some_and(|due| due.since(self.clock.now()) > left);
            if over || later || message.life.status().is_settled() {
                return outcome(message);
            }
        }
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

/// What a caller who waited is told. A message that Meta took is a success, whatever came after.
fn outcome(message: Message) -> Result<Sent, Error> {
    let taken = message.life.history().iter().any(|step| step.status == Status::Accepted);
    match message.life.failure() {
        Some(failure) if !taken => {
            let id = Some(message.id);
            Err(Error::Refused(match failure.name.as_str() {
                "WINDOW_CLOSED" => Refusal::WindowClosed { message: id },
                "CLIENT_NOT_CONNECTED" => Refusal::ClientNotConnected,
                _ => Refusal::MetaRejected { reason: failure.reason(), message: id },
            }))
        }
        Some(_) | None => Ok(Sent { message, replayed: false }),
    }
}
