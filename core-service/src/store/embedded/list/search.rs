//! Search by words, whose cost does not depend on how common the words are.
//!
//! When one of the question's words begins few words of the owner's candidates, those rows are sorted
//! in memory. Otherwise hits are common, and a walk by activity meets them soon.

use std::{cmp::Reverse, collections::BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{bounds, conversations};
use crate::{
    domain::{
        conversation::Conversation,
        owner::Owner,
        page::{ConversationQuery, Page},
    },
    store::{
        StoreError,
        embedded::{
            columns::{self, Id},
            error,
        },
    },
};

/// More hits than these are common.
const FEW: u32 = 1_000;

const PREFIX: &str = "SELECT conversation FROM words \
    WHERE owner = ?1 AND word >= ?2 AND word < ?3 LIMIT ?4";
const HIT: &str = "SELECT activity, words FROM conversations \
    WHERE id = ?1 AND hidden = 0 AND (?2 = 0 OR unread > 0) \
    AND (?3 IS NULL OR client = ?3 OR phone_number_id = ?4)";
const BODY: &str = "SELECT body FROM conversations WHERE id = ?1";

/// True when each word of the question begins one of a row's words.
pub(super) fn hits(question: &[String], words: &str) -> bool {
    question
        .iter()
        .all(|wanted| words.split_whitespace().any(|word| word.starts_with(wanted.as_str())))
}

/// The conversations of a word of the question that is rare with this owner; `None` when all its
/// words are common, or there are none.
pub(super) fn few(
    conn: &Connection,
    owner: &Owner,
    question: &[String],
) -> Result<Option<BTreeSet<Id>>, StoreError> {
    let mut prefix = conn.prepare_cached(PREFIX).map_err(error::of)?;
    for word in question {
        // Above every word that begins so: words are letters and digits, this is neither.
        let above = format!("{word}\u{10ffff}");
        let rows = prefix
            .query_map(params![owner.as_str(), word, above, FEW + 1], |row| row.get::<_, Id>(0))
            .map_err(error::of)?;
        let ids = rows.collect::<Result<Vec<_>, _>>().map_err(error::of)?;
        if ids.len() <= FEW as usize {
            return Ok(Some(ids.into_iter().collect()));
        }
    }
    Ok(None)
}

/// The page of a question whose candidates are these few.
pub(super) fn page_of(
    conn: &Connection,
    owner: &Owner,
    query: &ConversationQuery,
    candidates: &BTreeSet<Id>,
) -> Result<Page<Conversation>, StoreError> {
    let ConversationQuery { scope: _, shown, unread, words, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let (client, number) = conversations::shown_columns(shown.as_ref());
    let begin = conversations::begin(*after);
    let mut hit = conn.prepare_cached(HIT).map_err(error::of)?;
    let mut found = Vec::new();
    for id in candidates {
        let row = hit
            .query_row(params![id, unread, client, number], |row| {
                Ok((row.get::<_, i64>(0)?, hits(words, row.get_ref(1)?.as_str()?)))
            })
            .optional()
            .map_err(error::of)?;
        match row {
            Some((activity, true)) if (activity, *id) < begin => found.push((activity, *id)),
            Some(_) | None => {}
        }
    }
    found.sort_unstable_by_key(|place| Reverse(*place));
    found.truncate(ask as usize);
    let mut rows = Vec::with_capacity(found.len());
    for (_, id) in found {
        rows.extend(columns::one::<Conversation>(conn, BODY, [id])?);
    }
    debug_assert!(rows.iter().all(|row| row.owner == *owner), "words are the owner's own");
    Ok(Page::cut(rows, limit))
}
