//! Sealing again, with the first key, what older keys have sealed: a walk over all clients, beside cores
//! that serve.
//!
//! Invariant: a client is changed in one commit, on the row as it then is, and in nothing but its
//! envelopes; so the walk can be stopped anywhere and begun again, and a second one finds nothing to do.

use futures_util::{StreamExt as _, stream};

use super::{Core, Error};
use crate::{
    domain::{
        client::Client,
        ids::ClientId,
        page::{self, Page},
        refusal::Refusal,
    },
    keys::{Context, Vault},
    store::Footprint,
};

/// How many clients are in hand at once.
const AT_ONCE: usize = 16;

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Yes.
    Write,
    /// Only counted, as if it were written.
    Count,
}

/// What became of secrets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Clients that were looked at.
    pub clients: u64,
    /// Were under an older key.
    pub resealed: u64,
    /// Are under the first key, and open.
    pub current: u64,
    /// Belonged to deleted clients, which need none.
    pub forgotten: u64,
    /// Do not open, or could not be written.
    pub failed: u64,
}

impl Tally {
    /// Adds another one.
    pub const fn add(&mut self, other: Self) {
        let Self { clients, resealed, current, forgotten, failed } = other;
        self.clients += clients;
        self.resealed += resealed;
        self.current += current;
        self.forgotten += forgotten;
        self.failed += failed;
    }

    const fn changes(self) -> u64 {
        self.resealed + self.forgotten
    }
}

/// A client with a secret that failed, and why. Says nothing of the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which client.
    pub client: ClientId,
    /// Why.
    pub why: String,
}

/// What became of some clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// In numbers.
    pub tally: Tally,
    /// One entry for each secret that failed, or each client that could not be written.
    pub failures: Vec<Failure>,
    /// Where to go on; `None` at the end.
    pub next: Option<ClientId>,
}

impl Core {
    /// Seals again the secrets of the clients that follow `after`, one page of them.
    ///
    /// # Errors
    /// When the store does not give the page. What fails with one client is counted and ends nothing.
    pub async fn reseal(&self, after: Option<ClientId>, mode: Mode) -> Result<Resealed, Error> {
        let Page { rows, more } = self.store.all_clients(after, page::MAX).await?;
        let last = rows.last().map(|row| row.id);
        let each = rows.into_iter().map(|row| self.reseal_client(row, mode));
        let mut each = stream::iter(each).buffer_unordered(AT_ONCE);
        let mut all = Resealed { next: last.filter(|_| more), ..Resealed::default() };
        while let Some(Seen { tally, failures }) = each.next().await {
            all.tally.add(tally);
            all.failures.extend(failures);
        }
        Ok(all)
    }

    async fn reseal_client(&self, found: Client, mode: Mode) -> Seen {
        let (id, owner) = (found.id, found.owner.clone());
        let (_, seen) = renew(&self.vault, found);
        // Most runs find most clients as they should be: those cost no look of their own.
        if mode == Mode::Count || seen.tally.changes() == 0 {
            return seen;
        }
        let footprint = Footprint { clients: vec![id], ..Footprint::default() };
        let decided = self.decide(&owner, footprint, |set| {
            let stored = set.client(id).cloned().ok_or(Refusal::ClientNotFound)?;
            let (renewed, seen) = renew(&self.vault, stored);
            if seen.tally.changes() > 0 {
                set.change_client(id, |row| {
                    let revision = row.revision;
                    *row = Client { revision, ..renewed };
                });
            }
            Ok(seen)
        });
        decided.await.unwrap_or_else(|error| seen.not_written(id, &error))
    }
}

/// What became of one client.
#[derive(Debug, Default)]
struct Seen {
    tally: Tally,
    failures: Vec<Failure>,
}

impl Seen {
    /// What was to be changed has failed; whether it was written is not known, and a second run tells.
    fn not_written(self, client: ClientId, error: &Error) -> Self {
        let Self { mut tally, mut failures } = self;
        tally.failed += tally.changes();
        (tally.resealed, tally.forgotten) = (0, 0);
        failures.push(Failure { client, why: error.to_string() });
        Self { tally, failures }
    }
}

/// The client as it should be, and what that took.
fn renew(vault: &Vault, mut row: Client) -> (Client, Seen) {
    let mut seen = Seen { tally: Tally { clients: 1, ..Tally::default() }, failures: Vec::new() };
    if !row.is_live() {
        seen.tally.forgotten = row.sealed_mut().map(|_| 1).sum();
        row.forget_secrets();
        return (row, seen);
    }
    let client = row.id;
    for (field, sealed) in row.sealed_mut() {
        match vault.reseal(Context { client, field }, sealed) {
            Ok(Some(renewed)) => {
                *sealed = renewed;
                seen.tally.resealed += 1;
            }
            Ok(None) => seen.tally.current += 1,
            Err(error) => {
                seen.tally.failed += 1;
                seen.failures.push(Failure { client, why: format!("{field}: {error}") });
            }
        }
    }
    (row, seen)
}
