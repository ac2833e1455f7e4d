//! Checks what a batch relied on.
//!
//! Invariant: a key is looked up among the batch's owner's rows only; another owner's row is absent.

use rusqlite::{Connection, OptionalExtension, Params};

use super::error;
use crate::{
    domain::{
        change::{Expect, Key, State},
        owner::Owner,
    },
    store::StoreError,
};

const CLIENT: &str = "SELECT revision FROM clients WHERE id = ?2 AND owner = ?1";
const LIVE_CLIENT: &str = "SELECT revision FROM clients WHERE owner = ?1 AND live = 1";
const CONVERSATION: &str = "SELECT revision FROM conversations WHERE id = ?2 AND owner = ?1";
const IDENTITY: &str = "SELECT c.revision FROM identities i \
    JOIN conversations c ON c.id = i.conversation \
    WHERE i.owner = ?1 AND i.phone_number_id = ?2 AND i.identity = ?3";
const MESSAGE: &str = "SELECT revision FROM messages WHERE id = ?2 AND owner = ?1";
const WAMID: &str =
    "SELECT revision FROM messages WHERE owner = ?1 AND phone_number_id = ?2 AND wamid = ?3";
const IDEMPOTENCY: &str = "SELECT revision FROM messages WHERE owner = ?1 AND idempotency_key = ?2";
const TEMPLATE: &str = "SELECT revision FROM templates WHERE id = ?2 AND owner = ?1";
const ORPHAN: &str =
    "SELECT revision FROM orphans WHERE owner = ?1 AND phone_number_id = ?2 AND wamid = ?3";

/// Checks one expectation.
///
/// # Errors
/// [`StoreError::Conflict`] when it does not hold.
pub(super) fn check(conn: &Connection, owner: &Owner, expect: &Expect) -> Result<(), StoreError> {
    let Expect { key, state } = expect;
    let found = revision(conn, owner, key)?;
    let holds = match *state {
        State::Absent => found.is_none(),
        State::At(revision) => found == Some(revision),
        State::Exists => found.is_some(),
    };
    if holds {
        return Ok(());
    }
    Err(StoreError::Conflict(format!("{} is not {state:?}", key.kind())))
}

fn revision(conn: &Connection, owner: &Owner, key: &Key) -> Result<Option<u64>, StoreError> {
    let owner = owner.as_str();
    match key {
        Key::Client(id) => look(conn, CLIENT, (owner, id.uuid().into_bytes())),
        Key::LiveClient => look(conn, LIVE_CLIENT, [owner]),
        Key::Conversation(id) => look(conn, CONVERSATION, (owner, id.uuid().into_bytes())),
        Key::Identity(number, identity) => {
            look(conn, IDENTITY, (owner, number.as_str(), identity.key()))
        }
        Key::Message(id) => look(conn, MESSAGE, (owner, id.uuid().into_bytes())),
        Key::Wamid(number, wamid) => look(conn, WAMID, (owner, number.as_str(), wamid.as_str())),
        Key::Idempotency(key) => look(conn, IDEMPOTENCY, (owner, key.as_str())),
        Key::Template(id) => look(conn, TEMPLATE, (owner, id.uuid().into_bytes())),
        Key::Orphan(number, wamid) => look(conn, ORPHAN, (owner, number.as_str(), wamid.as_str())),
    }
}

fn look(conn: &Connection, sql: &str, params: impl Params) -> Result<Option<u64>, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(error::of)?;
    let revision = statement.query_row(params, |row| row.get::<_, i64>(0)).optional();
    Ok(revision.map_err(error::of)?.map(i64::cast_unsigned))
}
