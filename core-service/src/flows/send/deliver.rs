//! The outbox's journey: take a message up, ask Meta, settle.
//!
//! Invariant: Meta is asked only after `SENDING` is durable, at most once per attempt; what may have
//! reached Meta is never asked again by itself.

use std::time::Duration;

use super::Queued;
use crate::{
    domain::{
        client::Client,
        conversation::Conversation,
        identity::Identity,
        ids::MessageId,
        message::Message,
        refusal::MetaReason,
        rules::{
            connect::Loss,
            settle::{self, Turn},
        },
        status::Failure,
        time::Timestamp,
        working_set::WorkingSet,
    },
    flows::{Core, Error, decide::Remembered},
    meta::{NotTaken, Outgoing, SendOutcome, Token, failure_name},
    store::{Footprint, Rows},
};

/// The first pause after Meta surely did not take a message; it grows fourfold, as Meta advises.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long to wait before settling is tried again while the store is away.
const SETTLE_PAUSE: Duration = Duration::from_millis(250);

/// A message that was taken up, with the rows around it as they were stored with it.
#[derive(Debug)]
pub struct Taken {
    message: Box<Message>,
    client: Box<Client>,
    conversation: Option<Conversation>,
}

impl Taken {
    pub(super) fn of(set: &WorkingSet, message: Box<Message>, client: Box<Client>) -> Self {
        let conversation = set.conversation(message.conversation_id).cloned();
        Self { message, client, conversation }
    }

    /// The message.
    pub const fn message(&self) -> &Message {
        &self.message
    }
}

impl Core {
    /// Takes one due message up under a lane's term. When there is nothing to send, tells when it is
    /// due again, should it have been put back.
    ///
    /// # Errors
    /// When the store is away. Whether the message was taken up is then not known: the caller keeps it
    /// in hand and calls again, with `again`.
    pub async fn take_up(
        &self,
        queued: &Queued,
        term: u64,
        again: bool,
    ) -> Result<Result<Taken, Option<Timestamp>>, Error> {
        let message = queued.message();
        let remembered = if again { None } else { self.remembered(queued) };
        let known = remembered.is_some();
        // A commit that was written although it was called a conflict leaves it taken up.
        let mut tried = again;
        let taken = self.decide_from(&message.owner, remembered, footprint(message, true), |set| {
            if std::mem::replace(&mut tried, true) {
                settle::take_back(set, message.id, term);
            }
            Ok(match settle::take_up(set, message.id, term) {
                Turn::Send(message, client) => Ok(Taken::of(set, message, client)),
                Turn::Nothing => Err(set.message(message.id).cloned()),
            })
        });
        match taken.await? {
            Ok(taken) => {
                if !known {
                    self.clients.put((*taken.client).clone());
                }
                Ok(Ok(taken))
            }
            Err(stands) => {
                stands.iter().for_each(|message| self.waiters.stands(message));
                Ok(Err(stands.and_then(|message| message.due_at())))
            }
        }
    }

    /// Asks Meta to take a message that was taken up, and records what became of it. Returns when it is
    /// due again, should it have been put back.
    pub async fn deliver(&self, taken: &Taken) -> Option<Timestamp> {
        let Taken { message, client, conversation } = taken;
        let outcome = match self.token(client) {
            Ok(token) => self.ask(&token, message).await,
            Err(error) => {
                tracing::error!(client.id = %client.id, %error, "the access token does not open");
                lost_token()
            }
        };
        let stands = self.settle(message, conversation.clone(), client, &outcome).await;
        stands.iter().for_each(|message| self.waiters.stands(message));
        stands.and_then(|message| message.due_at())
    }

    /// The client's access token in the clear.
    pub(crate) fn token(&self, client: &Client) -> Result<Token, Error> {
        let sealed = client.connection.as_ref().and_then(|connection| connection.token.as_ref());
        let sealed = sealed.ok_or_else(|| Error::Internal("the client has no token".to_owned()))?;
        let context = crate::flows::onboard::sealed_token(client.id);
        let secret = self.vault.open(context, sealed)?;
        Token::parse(secret.expose().to_owned()).map_err(|error| Error::Internal(error.to_string()))
    }

    async fn ask(&self, token: &Token, message: &Message) -> SendOutcome {
        let Some(outbox) = &message.outbox else { return lost_token() };
        let opaque = self.opaque(&message.owner, message.id);
        let outgoing = Outgoing {
            to: &outbox.to,
            kind: message.kind,
            content: &message.content,
            context: outbox.context.as_ref(),
            opaque: &opaque,
        };
        self.meta.send(token, &message.phone_number_id, outgoing).await
    }

    /// Records an outcome, however long the store takes: what Meta said must not be forgotten. Should
    /// the process end first, the message is found as sent by nobody and becomes `UNKNOWN`.
    ///
    /// The first try is on the rows as they were when the message was taken up.
    async fn settle(
        &self,
        message: &Message,
        conversation: Option<Conversation>,
        client: &Client,
        outcome: &SendOutcome,
    ) -> Option<Message> {
        let footprint = footprint_of(outcome, message);
        let rows = Rows {
            clients: if footprint.live_client { vec![client.clone()] } else { Vec::new() },
            conversations: conversation.into_iter().collect(),
            messages: vec![message.clone()],
            ..Rows::default()
        };
        // Of a message whose conversation was merged, the row that it names is not among these.
        let is_whole = rows.conversations.iter().all(|row| row.id == message.conversation_id);
        let mut remembered = is_whole.then_some(Remembered { rows, look: None });
        let attempts = message.outbox.as_ref().map_or(1, |outbox| outbox.attempts);
        let pause = pause(attempts);
        let stands = loop {
            let from = (remembered.take(), footprint.clone());
            let settled = self.decide_from(&message.owner, from.0, from.1, |set| {
                record(set, message.id, client, outcome, pause);
                Ok(set.message(message.id).cloned())
            });
            match settled.await {
                Ok(stands) => break stands,
                Err(error) => {
                    tracing::warn!(message.id = %message.id, %error, "outcome not recorded yet");
                    tokio::time::sleep(SETTLE_PAUSE).await;
                }
            }
        };
        if let SendOutcome::Unknown { reason } = outcome {
            tracing::warn!(message.id = %message.id, reason, "nobody knows whether Meta took it");
        }
        stands
    }

    /// Settles messages that another holder of their lane left behind: it asked Meta and is gone.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn abandon(&self, message: &Message) -> Result<(), Error> {
        let abandoned = self.decide(&message.owner, footprint(message, false), |set| {
            settle::unknown(set, message.id);
            Ok(set.message(message.id).cloned())
        });
        abandoned.await?.iter().for_each(|message| self.waiters.stands(message));
        Ok(())
    }
}

fn record(
    set: &mut WorkingSet,
    id: MessageId,
    client: &Client,
    outcome: &SendOutcome,
    pause: Duration,
) {
    match outcome {
        SendOutcome::Accepted { wamid, wa_id } => {
            settle::accepted(set, id, wamid);
            if let Some(phone) = wa_id {
                settle::learn_alias(set, id, phone);
            }
        }
        SendOutcome::Unknown { reason: _ } => settle::unknown(set, id),
        SendOutcome::Refused { class: _, reason } => {
            let name = failure_name(reason.code);
            settle::fail(set, id, Failure::of_meta(reason.clone(), name));
        }
        SendOutcome::NotTaken { why, reason: _, retry_after } => {
            let due = set.now() + retry_after.unwrap_or(pause).max(FIRST_PAUSE);
            settle::put_back(set, id, due);
            match why {
                NotTaken::TokenRefused => settle::client_lost(set, client, Loss::Token),
                NotTaken::AccessLost => settle::client_lost(set, client, Loss::Access),
                NotTaken::Throttled
                | NotTaken::PairThrottled
                | NotTaken::Limited
                | NotTaken::Unavailable
                | NotTaken::NotConnected
                | NotTaken::Paused => {}
            }
        }
    }
}

/// How long to wait after this many attempts: 1, 4, 16 … seconds, and up to half as much again, so
/// that what was put back together does not come back together.
fn pause(attempts: u32) -> Duration {
    let grown = FIRST_PAUSE.saturating_mul(4_u32.saturating_pow(attempts.saturating_sub(1)));
    grown.min(LONGEST_PAUSE).mul_f64(rand::random_range(1.0..1.5))
}

/// Stands for a token that we no longer have: as if Meta had refused it.
fn lost_token() -> SendOutcome {
    SendOutcome::NotTaken {
        why: NotTaken::TokenRefused,
        reason: MetaReason::default(),
        retry_after: None,
    }
}

/// The message and its conversation; the client for decisions that depend on it.
fn footprint(message: &Message, live_client: bool) -> Footprint {
    Footprint {
        live_client,
        messages: vec![message.id],
        conversations: vec![message.conversation_id],
        ..Footprint::default()
    }
}

/// What recording an outcome may touch.
fn footprint_of(outcome: &SendOutcome, message: &Message) -> Footprint {
    match outcome {
        SendOutcome::Accepted { wamid, wa_id } => {
            let number = &message.phone_number_id;
            let alias = wa_id.iter().map(|phone| (number.clone(), Identity::Phone(phone.clone())));
            Footprint {
                wamids: vec![(number.clone(), wamid.clone())],
                orphans: vec![(number.clone(), wamid.clone())],
                identities: alias.collect(),
                ..footprint(message, false)
            }
        }
        SendOutcome::Unknown { reason: _ } | SendOutcome::Refused { class: _, reason: _ } => {
            footprint(message, false)
        }
        // It may be the client's fault.
        SendOutcome::NotTaken { why: _, reason: _, retry_after: _ } => footprint(message, true),
    }
}
