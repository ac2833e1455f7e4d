//! Reading anew at Meta what its news left open: a number's quality, templates that are new or different.
//!
//! What is wanted stands in the client's row since the commit that found it out, so it survives this
//! process. `lanes/refresh.rs` does it.
//!
//! Invariant: what is wanted is wanted until a read that was asked for later has been recorded.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tokio::sync::watch;

use super::{Core, Error, clients::live_client};
use crate::{
    domain::{
        account::NumberRead,
        client::Client,
        ids::ClientId,
        owner::{Lane, Owner},
        page,
        rules::account,
    },
    meta::NumberFacts,
};

/// Whose clients have something to read anew. A hint within this process: who commits that it is wanted
/// reads it, and should that process end, whoever then holds the owner's lane.
#[derive(Debug, Default)]
pub struct Refreshes {
    owners: Mutex<HashSet<Owner>>,
    told: watch::Sender<u64>,
}

impl Refreshes {
    /// This owner's client has.
    pub(super) fn tell(&self, owner: Owner) {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner).insert(owner);
        self.told.send_modify(|count| *count += 1);
    }

    /// Grows with every hint.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    /// Whose they were since they were last taken.
    pub fn take(&self) -> HashSet<Owner> {
        std::mem::take(&mut *self.owners.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Core {
    /// The owners in these lanes whose clients have something to read anew.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn stale(&self, lanes: &[Lane]) -> Result<Vec<Owner>, Error> {
        let (mut found, mut after): (Vec<Owner>, Option<ClientId>) = (Vec::new(), None);
        loop {
            let page = self.store.all_clients(after, page::MAX).await?;
            after = page.rows.last().map(|client| client.id);
            let ours = |client: &Client| client.is_live() && lanes.contains(&client.owner.lane());
            let stale = page.rows.into_iter().filter(|c| c.standing.is_stale() && ours(c));
            found.extend(stale.map(|client| client.owner));
            if !page.more {
                return Ok(found);
            }
        }
    }

    /// Reads anew what is wanted for an owner's client. One that is not connected is read when it is.
    ///
    /// # Errors
    /// What Meta said, or when Meta or the store is away: it is still wanted.
    pub async fn refresh(&self, owner: &Owner) -> Result<(), Error> {
        let Some(client) = self.store.load(owner, live_client()).await?.clients.pop() else {
            return Ok(());
        };
        let Some(connection) = client.usable() else { return Ok(()) };
        let standing = &client.standing;
        if !standing.is_stale() {
            return Ok(());
        }
        let token = self.token(&client)?;
        if standing.number_stale.is_some() {
            let asked = self.clock.now();
            let facts = self.meta.phone_number(&token, &connection.phone_number_id).await?;
            let read = number_read(facts);
            self.decide(owner, live_client(), |set| {
                let live = set.live_client().filter(|live| is_same(live, &client));
                live.iter().for_each(|live| account::take_number(set, live, &read, asked));
                Ok(())
            })
            .await?;
        }
        if standing.templates_stale.is_some() {
            let asked = self.clock.now();
            let definitions = self.meta.templates(&token, &connection.waba_id).await?;
            let synced = self.take_templates(&client, definitions, asked).await?;
            tracing::info!(client.id = %client.id, changed = synced.changed, "templates read anew");
        }
        Ok(())
    }
}

/// True while a client has the same connection.
fn is_same(live: &Client, seen: &Client) -> bool {
    let number = |client: &Client| client.phone_number_id().cloned();
    live.id == seen.id && number(live) == number(seen)
}

fn number_read(facts: NumberFacts) -> NumberRead {
    let NumberFacts {
        display_phone_number,
        verified_name,
        quality_rating,
        messaging_limit,
        status: _,
        is_registered: _,
        is_on_biz_app: _,
    } = facts;
    NumberRead { display_phone_number, verified_name, quality_rating, messaging_limit }
}
