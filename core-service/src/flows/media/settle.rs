//! Recording what became of a try at a file.
//!
//! Invariant: what is recorded is told in the same commit; a try that comes too late changes nothing.

use super::Fetched;
use crate::{
    domain::{
        content::{Content, Media, MediaState},
        fetch::{Fetch, pending},
        message::Message,
        rules::{
            connect::Loss,
            fetch::{self, Setback},
            settle,
        },
        working_set::WorkingSet,
    },
    flows::{Core, Error},
    store::Footprint,
};

impl Core {
    /// Records what a try for the file of a message brought.
    ///
    /// # Errors
    /// When the store is away. The file is still to be fetched then.
    pub async fn settle_fetch(&self, message: &Message, fetched: &Fetched) -> Result<(), Error> {
        let Some((_, name)) = pending(&message.content) else { return Ok(()) };
        let footprint = Footprint {
            live_client: matches!(fetched, Fetched::TokenRefused(_)),
            messages: vec![message.id],
            conversations: vec![message.conversation_id],
            ..Footprint::default()
        };
        let spread = rand::random_range(0.0..1.0);
        let settled = self.decide(&message.owner, footprint, |set| {
            record(set, message, name, fetched, spread);
            Ok(set.message(message.id).cloned())
        });
        if let Some(stands) = settled.await? {
            self.report(&stands).await;
        }
        Ok(())
    }

    /// Logs what is over or takes longer, and cleans up after what was given up.
    async fn report(&self, message: &Message) {
        let id = message.id;
        let Content::Media(Media { state, .. }) = &message.content else { return };
        let why = message.fetch.as_ref().and_then(|fetch| fetch.last_error.as_deref());
        let why = why.unwrap_or_default();
        match (state, message.fetch.as_deref()) {
            (MediaState::Lost, _) => {
                tracing::warn!(message.id = %id, why, "the file of message {id} is lost");
                if let Err(error) = self.media.delete(id).await {
                    tracing::warn!(message.id = %id, %error, "what was begun of it stays");
                }
            }
            (MediaState::Pending, Some(Fetch { attempts, .. })) => {
                tracing::info!(message.id = %id, attempts, why, "the file of message {id} waits");
            }
            (MediaState::Pending, None) | (MediaState::Stored, _) => {}
        }
    }
}

fn record(set: &mut WorkingSet, message: &Message, name: &str, fetched: &Fetched, spread: f64) {
    match fetched {
        Fetched::Stored(file) => fetch::stored(set, message.id, name, file),
        Fetched::Failed(setback) => fetch::set_back(set, message.id, name, setback, spread),
        Fetched::TokenRefused(client) => {
            settle::client_lost(set, client, Loss::Token);
            fetch::set_back(set, message.id, name, &Setback::NotConnected, spread);
        }
    }
}
