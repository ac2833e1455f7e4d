//! Meta delivered something: write it down, say yes, work on it later.
//!
//! Invariant: `accept` returns only after the delivery is durable; applying it again, whole or in part,
//! changes nothing more.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{Core, Error, touched::footprint};
use crate::{
    domain::{
        client::Client,
        delivery::{Delivery, Digest, Settlement},
        fact::{Fact, What},
        ids::{MessageId, PhoneNumberId},
        owner::Lane,
        refusal::Refusal,
        rules::{advance, amend, echo, prefer, receive},
        working_set::WorkingSet,
    },
    meta,
};

/// How long the owner of a business number may be looked for.
const LOOKUP: Duration = Duration::from_millis(300);
/// How many business numbers are remembered.
const ROUTES: usize = 100_000;
/// How long a number without a client is remembered as such.
const UNKNOWN_FOR: Duration = Duration::from_secs(5);

/// Which lane a business number's deliveries go to. A memory of the store: it may be late, and then a
/// delivery is applied by another lane, which is slower but as correct.
#[derive(Debug, Default)]
pub struct Routes(Mutex<HashMap<PhoneNumberId, (Lane, Option<tokio::time::Instant>)>>);

impl Routes {
    fn get(&self, number: &PhoneNumberId) -> Option<Lane> {
        let routes = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (lane, until) = routes.get(number)?;
        until.is_none_or(|until| tokio::time::Instant::now() < until).then_some(*lane)
    }

    fn put(&self, number: PhoneNumberId, lane: Lane, known: bool) {
        let mut routes = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if routes.len() >= ROUTES {
            routes.clear();
        }
        let until = (!known).then(|| tokio::time::Instant::now() + UNKNOWN_FOR);
        routes.insert(number, (lane, until));
    }

    /// Forgets everything: a client came or went.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

impl Core {
    /// Keeps a delivery. Returns true when the same bytes were kept before.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it could not be made durable in time: do not acknowledge it.
    pub async fn accept(&self, body: Bytes) -> Result<bool, Error> {
        let delivery = Delivery {
            digest: Digest(Sha256::digest(&body).into()),
            lane: self.lane_of(&body).await,
            body,
            received_at: self.clock.now(),
        };
        Ok(!self.store.journal(delivery).await?)
    }

    /// The lane of the owner of the first business number in a body. Any lane is correct, so a store
    /// that does not say in time must not keep the delivery from being written down.
    async fn lane_of(&self, body: &[u8]) -> Lane {
        let Some(number) = meta::receive::route(body) else { return Lane::of(b"") };
        if let Some(lane) = self.routes.get(&number) {
            return lane;
        }
        let asked = self.store.clients_by_number(std::slice::from_ref(&number));
        let guess = Lane::of(number.as_str().as_bytes());
        let Ok(Ok(mut clients)) = tokio::time::timeout(LOOKUP, asked).await else { return guess };
        let client = clients.pop();
        let lane = client.as_ref().map_or(guess, |client| client.owner.lane());
        self.routes.put(number, lane, client.is_some());
        lane
    }

    /// Applies facts of one client, and records what is done with them, in one commit.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store is away; `CLIENT_NOT_FOUND` when the client no longer has
    /// its number, whose owner has to be looked up again. Nothing was applied then.
    pub async fn apply(
        &self,
        client: &Client,
        facts: &[Fact],
        settlements: Vec<Settlement>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        // Minted before deciding, so that deciding again after an unknown outcome finds its own rows.
        let minted: Vec<_> = facts.iter().map(|_| self.ids.inbound(now)).collect();
        let named: Vec<Option<MessageId>> =
            facts.iter().map(|fact| self.named(client, fact)).collect();
        let footprint = footprint(client.id, facts, &named);
        self.decide_and_settle(&client.owner, footprint, settlements, |set| {
            let live = set.live_client().filter(|live| live.id == client.id);
            if live.is_none_or(|live| live.phone_number_id() != client.phone_number_id()) {
                return Err(Refusal::ClientNotFound);
            }
            for ((fact, ids), named) in facts.iter().zip(&minted).zip(&named) {
                self.take(set, client, fact, *ids, *named);
            }
            Ok(())
        })
        .await
    }

    /// Takes one fact in.
    fn take(
        &self,
        set: &mut WorkingSet,
        client: &Client,
        fact: &Fact,
        ids: receive::Minted,
        named: Option<MessageId>,
    ) {
        let Fact { phone_number_id: number, what } = fact;
        match what {
            What::Inbound(inbound) => {
                receive::take_inbound(set, client, number, inbound, ids);
            }
            What::Echo(echo) => {
                echo::take_echo(set, client, number, echo, ids);
            }
            What::Amended(amended) => amend::take_amendment(set, number, amended),
            What::Status(report) => advance::take_report(set, number, report, named),
            What::Preference(preference) => {
                prefer::take_preference(set, client, number, preference, ids.conversation);
            }
            What::Account(told) => self.take_told(set, told),
        }
    }

    /// The message that a report's opaque data names, when that is ours and of this owner.
    fn named(&self, client: &Client, fact: &Fact) -> Option<MessageId> {
        match &fact.what {
            What::Inbound(_)
            | What::Echo(_)
            | What::Amended(_)
            | What::Preference(_)
            | What::Account(_) => None,
            What::Status(report) => {
                report.opaque.as_deref().and_then(|opaque| self.read_opaque(&client.owner, opaque))
            }
        }
    }
}
