//! The rows of a footprint, found in one state of the store.
//!
//! Invariant: every row is the owner's, and none is given twice.

use std::collections::HashSet;

use rusqlite::{Connection, Params, params};
use uuid::Uuid;

use super::columns;
use crate::{
    domain::{client::Client, conversation::Conversation, message::Message, owner::Owner},
    store::{Footprint, Rows, StoreError},
};

const LIVE_CLIENT: &str = "SELECT body FROM clients WHERE owner = ?1 AND live = 1";
const CLIENT: &str = "SELECT body FROM clients WHERE owner = ?1 AND id = ?2";
const CONVERSATION: &str = "SELECT body FROM conversations WHERE owner = ?1 AND id = ?2";
const BY_IDENTITY: &str = "SELECT c.body FROM identities i \
    JOIN conversations c ON c.id = i.conversation \
    WHERE i.owner = ?1 AND i.phone_number_id = ?2 AND i.identity = ?3";
const MESSAGE: &str = "SELECT body FROM messages WHERE owner = ?1 AND id = ?2";
const BY_WAMID: &str =
    "SELECT body FROM messages WHERE owner = ?1 AND phone_number_id = ?2 AND wamid = ?3";
const BY_IDEMPOTENCY: &str = "SELECT body FROM messages WHERE owner = ?1 AND idempotency_key = ?2";
const TEMPLATES_OF: &str =
    "SELECT body FROM templates WHERE client = ?2 AND owner = ?1 ORDER BY name, language, id";
const TEMPLATE: &str = "SELECT body FROM templates WHERE owner = ?1 AND id = ?2";
const ORPHAN: &str =
    "SELECT body FROM orphans WHERE owner = ?1 AND phone_number_id = ?2 AND wamid = ?3";

/// What is found so far. Ids are of all kinds: UUIDs of two kinds never meet.
struct Found<'a> {
    conn: &'a Connection,
    seen: HashSet<Uuid>,
    rows: Rows,
}

impl Found<'_> {
    fn client(&mut self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        let found: Option<Client> = columns::one(self.conn, sql, params)?;
        let new = found.filter(|row| self.seen.insert(row.id.uuid()));
        self.rows.clients.extend(new);
        Ok(())
    }

    fn conversation(&mut self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        let found: Option<Conversation> = columns::one(self.conn, sql, params)?;
        let new = found.filter(|row| self.seen.insert(row.id.uuid()));
        self.rows.conversations.extend(new);
        Ok(())
    }

    fn message(&mut self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        let found: Option<Message> = columns::one(self.conn, sql, params)?;
        let new = found.filter(|row| self.seen.insert(row.id.uuid()));
        self.rows.messages.extend(new);
        Ok(())
    }
}

/// Finds the rows of a footprint.
pub(super) fn load(
    conn: &Connection,
    owner: &Owner,
    footprint: &Footprint,
) -> Result<Rows, StoreError> {
    let Footprint {
        live_client,
        clients,
        conversations,
        identities,
        messages,
        wamids,
        idempotency,
        orphans,
        templates_of,
        templates,
    } = footprint;
    let owner = owner.as_str();
    let mut found = Found { conn, seen: HashSet::new(), rows: Rows::default() };
    if *live_client {
        found.client(LIVE_CLIENT, [owner])?;
    }
    for id in clients {
        found.client(CLIENT, params![owner, id.uuid().into_bytes()])?;
    }
    for id in messages {
        found.message(MESSAGE, params![owner, id.uuid().into_bytes()])?;
    }
    for (number, wamid) in wamids {
        found.message(BY_WAMID, params![owner, number.as_str(), wamid.as_str()])?;
    }
    if let Some(key) = idempotency {
        found.message(BY_IDEMPOTENCY, [owner, key])?;
    }
    for id in conversations {
        found.conversation(CONVERSATION, params![owner, id.uuid().into_bytes()])?;
    }
    for (number, identity) in identities {
        found.conversation(BY_IDENTITY, params![owner, number.as_str(), identity.key()])?;
    }
    let of_messages: Vec<_> = found.rows.messages.iter().map(|row| row.conversation_id).collect();
    for id in of_messages {
        if !found.seen.contains(&id.uuid()) {
            found.conversation(CONVERSATION, params![owner, id.uuid().into_bytes()])?;
        }
    }
    let Found { conn, mut seen, mut rows } = found;
    if let Some(client) = templates_of {
        let all = params![owner, client.uuid().into_bytes()];
        rows.templates = columns::many(conn, TEMPLATES_OF, all)?;
        seen.extend(rows.templates.iter().map(|row| row.id.uuid()));
    }
    for id in templates.iter().filter(|id| seen.insert(id.uuid())) {
        rows.templates.extend(columns::one(
            conn,
            TEMPLATE,
            params![owner, id.uuid().into_bytes()],
        )?);
    }
    let mut parked = HashSet::new();
    for (number, wamid) in orphans.iter().filter(|key| parked.insert(*key)) {
        let key = params![owner, number.as_str(), wamid.as_str()];
        rows.orphans.extend(columns::one(conn, ORPHAN, key)?);
    }
    Ok(rows)
}
