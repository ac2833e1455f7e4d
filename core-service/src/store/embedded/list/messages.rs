//! Messages of a conversation.

use rusqlite::{Connection, params};

use super::bounds;
use crate::{
    domain::{
        ids::ConversationId,
        message::{Message, Place},
        owner::Owner,
        page::{MessageQuery, Page},
    },
    store::{
        StoreError,
        embedded::{
            columns::{self, LAST_ID},
            error,
        },
    },
};

/// Inbound messages are counted up to here.
const COUNT: u32 = 10_000;

const BACKWARDS: &str = "SELECT body FROM messages \
    WHERE conversation = ?1 AND owner = ?2 AND (at, id) < (?3, ?4) AND (at, id) > (?5, ?6) \
    ORDER BY at DESC, id DESC LIMIT ?7";
const INBOUND_AFTER: &str = "SELECT count(*) FROM (SELECT 1 FROM messages \
    WHERE conversation = ?1 AND owner = ?2 AND (at, id) > (?3, ?4) AND inbound = 1 LIMIT ?5)";

/// One page, newest first.
pub(in crate::store::embedded) fn list(
    conn: &Connection,
    owner: &Owner,
    query: &MessageQuery,
) -> Result<Page<Message>, StoreError> {
    let MessageQuery { conversation, hidden_before, before, limit } = query;
    let (limit, ask) = bounds(*limit);
    let (before_at, before_id) = before.map_or((i64::MAX, LAST_ID.to_vec()), columns_of);
    let (after_at, after_id) = hidden_before.map_or((i64::MIN, Vec::new()), columns_of);
    let conversation = conversation.uuid().into_bytes();
    let range =
        params![conversation, owner.as_str(), before_at, before_id, after_at, after_id, ask];
    Ok(Page::cut(columns::many(conn, BACKWARDS, range)?, limit))
}

/// How many inbound messages come after a place.
pub(in crate::store::embedded) fn inbound_after(
    conn: &Connection,
    owner: &Owner,
    conversation: ConversationId,
    place: Place,
) -> Result<u32, StoreError> {
    let (at, id) = columns_of(place);
    let conversation = conversation.uuid().into_bytes();
    conn.prepare_cached(INBOUND_AFTER)
        .and_then(|mut count| {
            count.query_row(params![conversation, owner.as_str(), at, id, COUNT], |row| row.get(0))
        })
        .map_err(error::of)
}

fn columns_of(place: Place) -> (i64, Vec<u8>) {
    let Place { at, id } = place;
    (at.as_millis(), id.uuid().into_bytes().to_vec())
}
