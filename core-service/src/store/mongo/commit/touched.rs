//! What the batches of a group touch.
//!
//! Invariant: of two batches of one owner in a group, neither writes a row or takes a place that the
//! other relies on, writes or takes; so it does not matter which of them came first.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        change::{Expect, Key},
        owner::Owner,
    },
    store::prepare::Prepared,
};

/// What one owner's batches touch.
#[derive(Default)]
struct Keys {
    read: HashSet<Key>,
    written: HashSet<Key>,
}

/// What the batches of a group touch, by owner.
#[derive(Default)]
pub(super) struct Touched(HashMap<Owner, Keys>);

impl Touched {
    /// Takes a batch in; false when it touches what another one does.
    pub(super) fn take(&mut self, batch: &Prepared) -> bool {
        let (read, written) = keys(batch);
        let known = self.0.entry(batch.owner.clone()).or_default();
        let meets =
            written.iter().any(|key| known.read.contains(key) || known.written.contains(key))
                || read.iter().any(|key| known.written.contains(key));
        if !meets {
            known.read.extend(read);
            known.written.extend(written);
        }
        !meets
    }
}

/// What a batch relies on, and what it writes and takes.
fn keys(batch: &Prepared) -> (Vec<Key>, Vec<Key>) {
    let read = batch.expects.iter().map(|Expect { key, state: _ }| key.clone()).collect();
    let mut written = Vec::new();
    for stored in &batch.clients {
        written.extend([Key::Client(stored.row.id), Key::LiveClient]);
    }
    for stored in &batch.conversations {
        let (number, identities) = (&stored.row.phone_number_id, &stored.row.identities);
        written.push(Key::Conversation(stored.row.id));
        written.extend(identities.iter().map(|one| Key::Identity(number.clone(), one.clone())));
    }
    for stored in &batch.messages {
        let row = &stored.row;
        written.push(Key::Message(row.id));
        let wamid = row.wamid.iter();
        written.extend(wamid.map(|wamid| Key::Wamid(row.phone_number_id.clone(), wamid.clone())));
        written.extend(row.idempotency.iter().map(|promise| Key::Idempotency(promise.key.clone())));
    }
    written.extend(batch.templates.iter().map(|stored| Key::Template(stored.row.id)));
    written.extend(batch.dropped_templates.iter().map(|id| Key::Template(*id)));
    for stored in &batch.orphans {
        let (number, wamid) = (stored.row.phone_number_id.clone(), stored.row.wamid.clone());
        written.push(Key::Orphan(number, wamid));
    }
    let dropped = batch.dropped_orphans.iter();
    written.extend(dropped.map(|(number, wamid)| Key::Orphan(number.clone(), wamid.clone())));
    (read, written)
}
