//! Recording an order: queued, or queued and taken up in the same commit when there is a place for it.
//!
//! Invariant: an order that has a place is recorded by a task of its own, which ends with the message in
//! somebody's hand even when the caller goes.

use std::sync::Arc;

use super::{
    super::{Core, Error, clients::live_client, decide::Remembered},
    deliver::Taken,
    places::Place,
    queued::Queued,
};
use crate::{
    domain::{
        client::Client,
        identity::Identity,
        owner::Owner,
        refusal::Refusal,
        rules::{
            send::{Body, Order, Placed, Target, place},
            settle::{self, Turn},
        },
        working_set::WorkingSet,
    },
    store::{Footprint, Rows},
};

/// An order that is recorded.
enum Recorded {
    /// By an earlier one.
    Before,
    /// It waits for its turn.
    Queued(Queued),
    /// Its turn has come.
    TakenUp(Taken),
}

impl Core {
    /// Records an order. Tells whether this process sends it.
    pub(super) async fn record_order(
        self: &Arc<Self>,
        owner: &Owner,
        order: Order,
    ) -> Result<(Placed, bool), Error> {
        let Some(at) = self.places.take(owner, order.message) else {
            let promise = self.handover.promise();
            let (placed, recorded) = self.decide_on(owner, &order, None, &mut None).await?;
            let here = match recorded {
                Recorded::Queued(queued) => promise.offer(queued),
                Recorded::Before | Recorded::TakenUp(_) => false,
            };
            return Ok((placed, here));
        };
        let (core, owner) = (Arc::clone(self), owner.clone());
        let recording = tokio::spawn(async move { core.record_at(&owner, &order, at).await });
        recording.await.unwrap_or_else(|panic| Err(Error::Internal(panic.to_string())))
    }

    /// Records an order that has a place, and sends it from there.
    async fn record_at(
        &self,
        owner: &Owner,
        order: &Order,
        at: Box<dyn Place>,
    ) -> Result<(Placed, bool), Error> {
        let mut tried = None;
        match self.decide_on(owner, order, Some(at.term()), &mut tried).await {
            Ok((placed, Recorded::TakenUp(taken))) => {
                at.send(taken);
                Ok((placed, true))
            }
            // What could not be taken up now is found in the store when it is due.
            Ok((placed, Recorded::Queued(_))) => Ok((placed, false)),
            Ok((placed, Recorded::Before)) => {
                // A commit that was written although it was called a conflict: nobody else has it in hand.
                if let (Placed::Replayed(id), Some(queued)) = (&placed, tried)
                    && *id == order.message
                {
                    at.find_out(queued);
                }
                Ok((placed, false))
            }
            Err(error) => {
                if let (Error::Unavailable(_), Some(queued)) = (&error, tried) {
                    at.find_out(queued);
                }
                Err(error)
            }
        }
    }

    /// Decides on an order and commits it. The client comes first, as identifiers belong to its number;
    /// it is remembered from earlier sends, so that the rest is one look.
    ///
    /// `tried` is told what a commit was asked for that may have been written although this fails.
    async fn decide_on(
        &self,
        owner: &Owner,
        order: &Order,
        term: Option<u64>,
        tried: &mut Option<Queued>,
    ) -> Result<(Placed, Recorded), Error> {
        let mut rule = |set: &mut WorkingSet| {
            let placed = place(set, order)?;
            let recorded = recorded(set, &placed, term, tried)?;
            Ok((placed, recorded))
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
}

/// What is recorded of an order that was placed.
fn recorded(
    set: &mut WorkingSet,
    placed: &Placed,
    term: Option<u64>,
    tried: &mut Option<Queued>,
) -> Result<Recorded, Refusal> {
    let Placed::New(id) = *placed else { return Ok(Recorded::Before) };
    let queued = Queued::recorded(set, id).ok_or(Refusal::MessageNotFound)?;
    *tried = Some(queued.clone());
    let Some(term) = term else { return Ok(Recorded::Queued(queued)) };
    Ok(match settle::take_up(set, id, term) {
        Turn::Send(message, client) => Recorded::TakenUp(Taken::of(set, message, client)),
        Turn::Nothing => Recorded::Queued(queued),
    })
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
