//! Conversations by activity: a walk along the activity index that tests what it passes.
//!
//! Invariant: a walk shows each conversation at most once and leaves out none that did not move:
//! activity never falls, so a row that moves only moves out of the part that is still to come.

use rusqlite::{Connection, Row, params};

use super::{bounds, search};
use crate::{
    domain::{
        actor::Scope,
        conversation::Conversation,
        ids::PhoneNumberId,
        page::{ActivityPlace, ConversationQuery, Page, Shown},
    },
    store::{
        StoreError,
        embedded::{
            columns::{Id, LAST_ID},
            error,
        },
        form,
    },
};

/// A walk with one more condition; ?1 and ?2 are the place to begin below, ?3 and ?4 what is shown.
macro_rules! walk {
    ($condition:literal) => {
        concat!(
            "SELECT words, body FROM conversations WHERE hidden = 0 AND ",
            $condition,
            " AND (activity, id) < (?1, ?2)",
            " AND (?3 IS NULL OR client = ?3 OR phone_number_id = ?4)",
            " ORDER BY activity DESC, id DESC"
        )
    };
}

const OF_OWNER: &str = walk!("owner = ?5");
const UNREAD_OF_OWNER: &str = walk!("owner = ?5 AND unread > 0");
const OF_ALL: &str = walk!("TRUE");
const UNREAD_OF_ALL: &str = walk!("unread > 0");

/// One page.
pub(in crate::store::embedded) fn list(
    conn: &Connection,
    query: &ConversationQuery,
) -> Result<Page<Conversation>, StoreError> {
    if let Scope::Owner(owner) = &query.scope
        && let Some(hits) = search::few(conn, owner, &query.words)?
    {
        return search::page_of(conn, owner, query, &hits);
    }
    walk(conn, query)
}

/// Where a page begins: below this place.
pub(super) fn begin(after: Option<ActivityPlace>) -> (i64, Id) {
    after.map_or((i64::MAX, LAST_ID), |ActivityPlace { activity, id }| {
        (activity.as_millis(), id.uuid().into_bytes())
    })
}

/// What is shown, as columns: the client, and the number.
pub(super) fn shown_columns(shown: Option<&Shown>) -> (Option<Id>, Option<&str>) {
    shown.map_or((None, None), |Shown { client, number }| {
        (Some(client.uuid().into_bytes()), number.as_ref().map(PhoneNumberId::as_str))
    })
}

fn walk(conn: &Connection, query: &ConversationQuery) -> Result<Page<Conversation>, StoreError> {
    let ConversationQuery { scope, shown, unread, words, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let (activity, id) = begin(*after);
    let (client, number) = shown_columns(shown.as_ref());
    let sql = match (scope, unread) {
        (Scope::Owner(_), false) => OF_OWNER,
        (Scope::Owner(_), true) => UNREAD_OF_OWNER,
        (Scope::All, false) => OF_ALL,
        (Scope::All, true) => UNREAD_OF_ALL,
    };
    let mut statement = conn.prepare_cached(sql).map_err(error::of)?;
    let mut passed = match scope {
        Scope::Owner(owner) => {
            statement.query(params![activity, id, client, number, owner.as_str()])
        }
        Scope::All => statement.query(params![activity, id, client, number]),
    }
    .map_err(error::of)?;
    let mut rows = Vec::new();
    while rows.len() < ask as usize
        && let Some(row) = passed.next().map_err(error::of)?
    {
        if search::hits(words, row.get_ref(0).and_then(|w| Ok(w.as_str()?)).map_err(error::of)?) {
            rows.push(body(row, 1)?);
        }
    }
    Ok(Page::cut(rows, limit))
}

/// Reads a row's body.
pub(super) fn body(row: &Row<'_>, column: usize) -> Result<Conversation, StoreError> {
    let bytes = row.get_ref(column).and_then(|body| Ok(body.as_blob()?)).map_err(error::of)?;
    form::decode(bytes)
}
