//! Loads that wait together are one look.
//!
//! What a query costs is mostly that it is one, so what is asked for while others are under way is asked
//! together; who waits alone asks at once.
//!
//! Invariant: a look begins after everybody in it asked, so each sees what was committed before.

use std::collections::HashMap;

use tokio::time::timeout_at;

use super::{
    super::{
        db::{Db, READ},
        error,
        line::{self, Line},
        together::{Job, Together},
    },
    load::{ByOwner, Wanted, look_up},
};
use crate::{
    domain::owner::Owner,
    store::{Footprint, Rows, StoreError},
};

/// What a row counts for, in bytes.
const ROW: usize = 1 << 10;

/// So many templates a client has, about.
const TEMPLATES: usize = 64;

type Work = line::Work<Wanted, Rows>;

/// Looks for rows.
struct Look(Db);

/// Loads the rows of footprints.
pub(in super::super) struct Loads(Together<Look>);

impl Loads {
    pub(in super::super) fn new(db: Db) -> Self {
        Self(Together::new(Look(db)))
    }

    /// Finds the rows of a footprint.
    pub(in super::super) async fn load(
        &self,
        owner: &Owner,
        footprint: Footprint,
    ) -> Result<Rows, StoreError> {
        let bytes = rows(&footprint) * ROW;
        self.0.ask(Wanted { owner: owner.clone(), footprint }, bytes, READ).await
    }

    /// Takes nothing more and waits for what is under way.
    pub(in super::super) async fn close(&self) {
        self.0.close().await;
    }
}

impl Job for Look {
    type Item = Wanted;
    type Answer = Rows;
    const GROUP: usize = 64;

    /// Of one owner only what is the same.
    fn gather(line: &mut Line<Wanted, Rows>) -> Option<Vec<Work>> {
        let mut asked: HashMap<Owner, Footprint> = HashMap::new();
        line.gather(|Wanted { owner, footprint }| match asked.get(owner) {
            Some(other) => other == footprint,
            None => asked.insert(owner.clone(), footprint.clone()).is_none(),
        })
    }

    async fn run(&self, works: Vec<Work>) {
        let wanted: HashMap<&Owner, &Wanted> =
            works.iter().map(|work| (&work.item.owner, &work.item)).collect();
        let wanted = Vec::from_iter(wanted.into_values());
        let found = timeout_at(line::last(&works), look_up(&self.0, &wanted)).await;
        match found.unwrap_or_else(|_| Err(error::late())) {
            Ok(rows) => give(works, rows),
            Err(error) => works.into_iter().for_each(|work| work.answer(Err(error.clone()))),
        }
    }
}

/// How many rows a footprint names, about.
fn rows(footprint: &Footprint) -> usize {
    let Footprint {
        live_client: _,
        clients,
        conversations,
        identities,
        messages,
        wamids,
        idempotency: _,
        orphans,
        templates_of,
        templates,
    } = footprint;
    let ids = clients.len() + conversations.len() + messages.len() + templates.len();
    let names = identities.len() + wamids.len() + orphans.len();
    1 + ids + names + templates_of.map_or(0, |_| TEMPLATES)
}

/// Gives everybody the rows of their owner.
fn give(works: Vec<Work>, mut rows: ByOwner) {
    let mut left: HashMap<Owner, usize> = HashMap::new();
    works.iter().for_each(|work| *left.entry(work.item.owner.clone()).or_default() += 1);
    for work in works {
        let owner = &work.item.owner;
        let last = left.get_mut(owner).is_none_or(|left| {
            *left -= 1;
            *left == 0
        });
        let found =
            if last { rows.remove(owner.as_str()) } else { rows.get(owner.as_str()).cloned() };
        work.answer(Ok(found.unwrap_or_default()));
    }
}
