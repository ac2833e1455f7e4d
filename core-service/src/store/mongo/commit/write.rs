//! The writes of a group: one command per collection and kind.
//!
//! Invariant: places are given free before they are taken, within a batch and across the batches of a
//! group; what is changed was seen in this transaction, so a change never misses.

use mongodb::bson::{Binary, RawArrayBuf, RawDocumentBuf, rawdoc};

use super::{
    super::{
        error::Failure,
        field::{CLIENTS, CONVERSATIONS, EVENTS, INBOX, MESSAGES, Name, ORPHANS, TEMPLATES, uuid},
        journal::settlement,
    },
    attempt::Transaction,
    change, documents,
    rows::Rows,
};
use crate::{
    domain::event::Head,
    store::{StoreError, prepare::Prepared},
};

/// A command of changes.
pub(in super::super) fn updates(
    of: Name,
    statements: impl IntoIterator<Item = RawDocumentBuf>,
) -> RawDocumentBuf {
    let statements: RawArrayBuf = statements.into_iter().collect();
    rawdoc! { "update": of, "ordered": true, "updates": statements }
}

fn inserts(of: Name, documents: Vec<RawDocumentBuf>) -> RawDocumentBuf {
    let documents: RawArrayBuf = documents.into_iter().collect();
    rawdoc! { "insert": of, "ordered": true, "documents": documents }
}

fn deletes(of: Name, statements: Vec<RawDocumentBuf>) -> RawDocumentBuf {
    let statements: RawArrayBuf = statements.into_iter().collect();
    rawdoc! { "delete": of, "ordered": true, "deletes": statements }
}

/// Rows of one collection: those that are new, and those that are changed.
#[derive(Default)]
struct Puts {
    new: Vec<RawDocumentBuf>,
    changed: Vec<RawDocumentBuf>,
}

impl Puts {
    fn put(
        &mut self,
        rows: &Rows,
        id: uuid::Uuid,
        row: Result<RawDocumentBuf, StoreError>,
    ) -> Result<(), Failure> {
        let row = row.map_err(Failure::Other)?;
        match rows.seen(id) {
            Some(seen) => {
                let change = change::between(&seen.row, &row).map_err(Failure::Other)?;
                self.changed.push(rawdoc! { "q": { "_id": self::uuid(id) }, "u": change });
            }
            None => self.new.push(row),
        }
        Ok(())
    }

    async fn write(self, transaction: &mut Transaction<'_>, of: Name) -> Result<(), Failure> {
        let Self { new, changed } = self;
        if !changed.is_empty() {
            transaction.run(updates(of, changed)).await?;
        }
        if !new.is_empty() {
            transaction.run(inserts(of, new)).await?;
        }
        Ok(())
    }
}

/// Writes every batch, at the positions that end at its head.
pub(super) async fn all(
    transaction: &mut Transaction<'_>,
    batches: &[(&Prepared, Head)],
    rows: &Rows,
) -> Result<(), Failure> {
    drops(transaction, batches).await?;
    release_identities(transaction, batches, rows).await?;

    let (mut clients, mut conversations) = (Puts::default(), Puts::default());
    let (mut messages, mut templates) = (Puts::default(), Puts::default());
    let (mut orphans, mut events, mut settled) = (Vec::new(), Vec::new(), Vec::new());
    for (batch, head) in batches {
        for stored in &batch.clients {
            clients.put(rows, stored.row.id.uuid(), documents::client(stored))?;
        }
        for stored in &batch.conversations {
            conversations.put(rows, stored.row.id.uuid(), documents::conversation(stored))?;
        }
        for stored in &batch.messages {
            messages.put(rows, stored.row.id.uuid(), documents::message(stored))?;
        }
        for stored in &batch.templates {
            templates.put(rows, stored.row.id.uuid(), documents::template(stored))?;
        }
        for stored in &batch.orphans {
            let row = documents::orphan(&batch.owner, stored).map_err(Failure::Other)?;
            let id = row.get_str("_id").unwrap_or_default();
            orphans.push(rawdoc! { "q": { "_id": id }, "u": row.clone(), "upsert": true });
        }
        let before = head.position.0 - batch.events.len() as u64;
        for (position, stored) in (before + 1..).zip(&batch.events) {
            let row = documents::event(&batch.owner, position, stored);
            events.push(row.map_err(Failure::Other)?);
        }
        for one in &batch.settlements {
            settled.push(settlement(one).map_err(Failure::Other)?);
        }
    }
    clients.write(transaction, CLIENTS).await?;
    conversations.write(transaction, CONVERSATIONS).await?;
    messages.write(transaction, MESSAGES).await?;
    templates.write(transaction, TEMPLATES).await?;
    if !orphans.is_empty() {
        transaction.run(updates(ORPHANS, orphans)).await?;
    }
    if !events.is_empty() {
        transaction.run(inserts(EVENTS, events)).await?;
    }
    if !settled.is_empty() {
        transaction.run(updates(INBOX, settled)).await?;
    }
    Ok(())
}

/// Removes rows.
async fn drops(
    transaction: &mut Transaction<'_>,
    batches: &[(&Prepared, Head)],
) -> Result<(), Failure> {
    let (mut templates, mut orphans) = (Vec::new(), Vec::new());
    for (batch, _) in batches {
        let owner = batch.owner.as_str();
        for id in &batch.dropped_templates {
            templates.push(rawdoc! { "q": { "_id": uuid(id.uuid()), "owner": owner }, "limit": 1 });
        }
        for (number, wamid) in &batch.dropped_orphans {
            let id = super::super::field::orphan_id(owner, number.as_str(), wamid.as_str());
            orphans.push(rawdoc! { "q": { "_id": id }, "limit": 1 });
        }
    }
    if !templates.is_empty() {
        transaction.run(deletes(TEMPLATES, templates)).await?;
    }
    if !orphans.is_empty() {
        transaction.run(deletes(ORPHANS, orphans)).await?;
    }
    Ok(())
}

/// Lets conversations give up the identifiers that they no longer have, before another takes them: the
/// server checks the unique places after every statement.
async fn release_identities(
    transaction: &mut Transaction<'_>,
    batches: &[(&Prepared, Head)],
    rows: &Rows,
) -> Result<(), Failure> {
    let conversations = batches.iter().flat_map(|(batch, _)| &batch.conversations);
    let leaving: Vec<Binary> = conversations
        .filter(|stored| {
            let new = documents::identities(&stored.row);
            let seen = rows.seen(stored.row.id.uuid());
            let old = seen.and_then(|seen| seen.row.get_array("identities").ok());
            let mut old = old.into_iter().flatten().flatten();
            old.any(|one| !new.iter().any(|new| one.as_str() == Some(new)))
        })
        .map(|stored| uuid(stored.row.id.uuid()))
        .collect();
    if leaving.is_empty() {
        return Ok(());
    }
    let none = RawArrayBuf::new();
    let release = leaving.into_iter().map(|id| {
        rawdoc! { "q": { "_id": id }, "u": { "$set": { "identities": none.clone() } } }
    });
    transaction.run(updates(CONVERSATIONS, release)).await
}
