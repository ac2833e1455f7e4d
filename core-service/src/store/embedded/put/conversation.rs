//! The `conversations` table with its side tables: identifiers and search words.
//!
//! Invariant: the side tables say what the row's own `identities` and `words` say.

use rusqlite::{Connection, OptionalExtension, params};

use super::run;
use crate::{
    domain::{conversation::Conversation, search},
    store::{StoreError, embedded::error, prepare::Stored},
};

const OLD: &str = "SELECT phone_number_id, identities, words FROM conversations \
    WHERE id = ?1 AND owner = ?2";
const DROP_IDENTITY: &str =
    "DELETE FROM identities WHERE owner = ?1 AND phone_number_id = ?2 AND identity = ?3";
const ADD_IDENTITY: &str = "INSERT INTO identities \
    (owner, phone_number_id, identity, conversation) VALUES (?1, ?2, ?3, ?4)";
const DROP_WORD: &str = "DELETE FROM words WHERE owner = ?1 AND word = ?2 AND conversation = ?3";
const ADD_WORD: &str = "INSERT INTO words (owner, word, conversation) VALUES (?1, ?2, ?3)";
const UPDATE: &str = "UPDATE conversations SET client = ?3, phone_number_id = ?4, revision = ?5, \
    activity = ?6, hidden = ?7, unread = ?8, identities = ?9, words = ?10, body = ?11 \
    WHERE id = ?1 AND owner = ?2";
const INSERT: &str = "INSERT INTO conversations (id, owner, client, phone_number_id, revision, \
    activity, hidden, unread, identities, words, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// What a conversation has now, and what of it is new to the side tables.
pub(in crate::store::embedded) struct Gains {
    identities: Vec<String>,
    words: Vec<String>,
    new_identities: Vec<String>,
    new_words: Vec<String>,
}

/// Gives free what the conversation no longer has.
pub(in crate::store::embedded) fn release(
    conn: &Connection,
    row: &Conversation,
) -> Result<Gains, StoreError> {
    let (owner, id) = (row.owner.as_str(), row.id.uuid().into_bytes());
    let mut identities: Vec<String> = row.identities.iter().map(|one| one.key()).collect();
    identities.sort_unstable();
    identities.dedup();
    let words = search::words_of(&row.candidate);

    let (old_number, old_identities, old_words) = conn
        .prepare_cached(OLD)
        .and_then(|mut old| {
            old.query_row(params![id, owner], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .optional()
        })
        .map_err(error::of)?
        .unwrap_or_default();
    let same_number = old_number == row.phone_number_id.as_str();
    let kept = |one: &str| same_number && identities.iter().any(|new| new == one);
    for gone in old_identities.lines().filter(|one| !kept(one)) {
        run(conn, DROP_IDENTITY, params![owner, old_number, gone])?;
    }
    for gone in old_words.split_whitespace().filter(|one| !words.iter().any(|new| new == one)) {
        run(conn, DROP_WORD, params![owner, gone, id])?;
    }

    let had = |one: &String| same_number && old_identities.lines().any(|old| old == one);
    let new_identities = identities.iter().filter(|one| !had(one)).cloned().collect();
    let had = |one: &String| old_words.split_whitespace().any(|old| old == one);
    let new_words = words.iter().filter(|one| !had(one)).cloned().collect();
    Ok(Gains { identities, words, new_identities, new_words })
}

/// Inserts or replaces, after all conversations of the batch have released.
pub(in crate::store::embedded) fn put(
    conn: &Connection,
    conversation: &Stored<Conversation>,
    gains: &Gains,
) -> Result<(), StoreError> {
    let Stored { row, body } = conversation;
    let Gains { identities, words, new_identities, new_words } = gains;
    let (owner, id) = (row.owner.as_str(), row.id.uuid().into_bytes());
    let number = row.phone_number_id.as_str();
    let columns = params![
        id,
        owner,
        row.client_id.uuid().into_bytes(),
        number,
        row.revision.cast_signed(),
        row.activity().as_millis(),
        row.hidden,
        row.unread_count,
        identities.join("\n"),
        words.join(" "),
        body
    ];
    if run(conn, UPDATE, columns)? == 0 {
        run(conn, INSERT, columns)?;
    }
    for identity in new_identities {
        run(conn, ADD_IDENTITY, params![owner, number, identity, id])?;
    }
    for word in new_words {
        run(conn, ADD_WORD, params![owner, word, id])?;
    }
    Ok(())
}
