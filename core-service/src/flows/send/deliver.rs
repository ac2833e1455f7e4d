//! The outbox's journey: take a message up, ask Meta, settle.
//!
//! Invariant: Meta is asked only after `SENDING` is durable, at most once per attempt; what may have
//! reached Meta is never asked again by itself.

use std::time::Duration;

use crate::{
    domain::{
        client::{Client, ClientStatus},
        identity::Identity,
        ids::MessageId,
        message::Message,
        refusal::MetaReason,
        rules::settle::{self, Turn},
        status::Failure,
        working_set::WorkingSet,
    },
    flows::{Core, Error, clients::live_client},
    meta::{NotTaken, Outgoing, SendOutcome, Token, failure_name},
    store::Footprint,
};

/// The first pause after Meta surely did not take a message; it grows fourfold, as Meta advises.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long to wait before settling is tried again while the store is away.
const SETTLE_PAUSE: Duration = Duration::from_millis(250);

impl Core {
    /// Sends one due message under a lane's term, and records what became of it.
    ///
    /// # Errors
    /// When the store is away before Meta was asked. Whether the message was taken up is then not
    /// known: the caller keeps it in hand and calls again, with `again`.
    pub async fn deliver(&self, message: &Message, term: u64, again: bool) -> Result<(), Error> {
        let id = message.id;
        let turn = self
            .decide(&message.owner, footprint(message), |set| {
                if again {
                    settle::take_back(set, id, term);
                }
                Ok(settle::take_up(set, id, term))
            })
            .await?;
        let Turn::Send(message, client) = turn else {
            self.waiters.settled(id);
            return Ok(());
        };
        let outcome = match self.token(&client) {
            Ok(token) => self.ask(&token, &message).await,
            Err(error) => {
                tracing::error!(client.id = %client.id, %error, "the access token does not open");
                lost_token()
            }
        };
        self.settle(&message, &client, &outcome).await;
        self.waiters.settled(id);
        Ok(())
    }

    /// The client's access token in the clear.
    pub(crate) fn token(&self, client: &Client) -> Result<Token, Error> {
        let sealed = client.connection.as_ref().and_then(|connection| connection.token.as_ref());
        let sealed = sealed.ok_or_else(|| Error::Internal("the client has no token".to_owned()))?;
        let context = crate::keys::Context { client: client.id, field: "token" };
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
    async fn settle(&self, message: &Message, client: &Client, outcome: &SendOutcome) {
        let mut footprint = footprint(message);
        if let SendOutcome::Accepted { wamid, wa_id } = outcome {
            let number = &message.phone_number_id;
            footprint.wamids.push((number.clone(), wamid.clone()));
            footprint.orphans.push((number.clone(), wamid.clone()));
            let alias = wa_id.iter().map(|phone| (number.clone(), Identity::Phone(phone.clone())));
            footprint.identities.extend(alias);
        }
        let attempts = message.outbox.as_ref().map_or(1, |outbox| outbox.attempts);
        let pause = pause(attempts);
        loop {
            let settled = self.decide(&message.owner, footprint.clone(), |set| {
                record(set, message.id, client, outcome, pause);
                Ok(())
            });
            match settled.await {
                Ok(()) => break,
                Err(error) => {
                    tracing::warn!(message.id = %message.id, %error, "outcome not recorded yet");
                    tokio::time::sleep(SETTLE_PAUSE).await;
                }
            }
        }
        if let SendOutcome::Unknown { reason } = outcome {
            tracing::warn!(message.id = %message.id, reason, "nobody knows whether Meta took it");
        }
    }

    /// Settles messages that another holder of their lane left behind: it asked Meta and is gone.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn abandon(&self, message: &Message) -> Result<(), Error> {
        let id = message.id;
        self.decide(&message.owner, footprint(message), |set| {
            settle::unknown(set, id);
            Ok(())
        })
        .await?;
        self.waiters.settled(id);
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
                NotTaken::TokenRefused => {
                    settle::client_lost(set, client, ClientStatus::TokenExpired)
                }
                NotTaken::AccessLost => settle::client_lost(set, client, ClientStatus::Restricted),
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

fn footprint(message: &Message) -> Footprint {
    Footprint {
        messages: vec![message.id],
        conversations: vec![message.conversation_id],
        ..live_client()
    }
}
