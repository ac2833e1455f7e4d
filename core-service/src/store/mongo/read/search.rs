//! Search by words, whose cost does not depend on how common the words are.
//!
//! When one of the question's words begins few words of the owner's candidates, those rows are sorted
//! in memory. Otherwise hits are common, and a walk by activity meets them soon.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use mongodb::bson::{Document, RawDocument, doc, spec::BinarySubtype};
use uuid::Uuid;

use super::{
    super::{
        db::{Db, Find, Found},
        field::{self, CONVERSATIONS, missing},
    },
    among, bounds,
    look::Look,
};
use crate::{
    domain::{
        conversation::Conversation,
        ids::ConversationId,
        owner::Owner,
        page::{ActivityPlace, ConversationQuery, Page, Shown},
        time::Timestamp,
    },
    store::{StoreError, form::Form},
};

/// More hits than these are common.
const FEW: u32 = 1_000;

/// One of a row's words begins so.
pub(super) fn begins(word: &str) -> Document {
    // Above every word that begins so: words are letters and digits, this is neither.
    doc! { "$elemMatch": { "$gte": word, "$lt": format!("{word}\u{10ffff}") } }
}

/// The page of a question of which a word is rare with this owner; `None` when all its words are
/// common, or there are none.
pub(super) async fn few(
    db: &Db,
    owner: &Owner,
    query: &ConversationQuery,
) -> Result<Option<Page<Conversation>>, StoreError> {
    if query.words.is_empty() {
        return Ok(None);
    }
    let mut look = Look::new(db).await?;
    for word in &query.words {
        let filter = doc! { "owner": owner.as_str(), "words": begins(word) };
        let fields = doc! {
            "activity": 1, "hidden": 1, "unread": 1, "client": 1, "number": 1, "words": 1,
        };
        let hits = Find::all(CONVERSATIONS, filter);
        let hits = Find { fields, limit: FEW + 1, hint: Some("words"), ..hits };
        let hits = look.find(hits).await?.read(|row| place_of_hit(row, query))?;
        if hits.len() <= FEW as usize {
            let hits = hits.into_iter().flatten().collect();
            return page_of(&mut look, query.limit, hits).await.map(Some);
        }
    }
    Ok(None)
}

/// The place of a row that is an answer; `None` when the row is none.
fn place_of_hit(
    row: &RawDocument,
    query: &ConversationQuery,
) -> Result<Option<ActivityPlace>, StoreError> {
    let ConversationQuery { scope: _, shown, unread, words, after, limit: _ } = query;
    let lacks = |field| move |_| missing(Conversation::KIND, field);
    let place = ActivityPlace {
        activity: Timestamp::from_millis(row.get_i64("activity").map_err(lacks("activity"))?),
        id: ConversationId::new(id_of(row)?),
    };
    let is_shown = match shown {
        None => true,
        Some(Shown { client, number }) => {
            row.get_binary("client").map_err(lacks("client"))?.bytes == client.uuid().as_bytes()
                || number
                    .as_ref()
                    .is_some_and(|n| row.get_str("number").is_ok_and(|own| own == n.as_str()))
        }
    };
    let is_hit = !row.get_bool("hidden").map_err(lacks("hidden"))?
        && (!unread || row.get_i64("unread").map_err(lacks("unread"))? > 0)
        && is_shown
        && after.is_none_or(|after| place < after)
        && has_all(row, words)?;
    Ok(is_hit.then_some(place))
}

/// True when each word of the question begins one of a row's words.
fn has_all(row: &RawDocument, question: &[String]) -> Result<bool, StoreError> {
    let own = row.get_array("words").map_err(|_| missing(Conversation::KIND, "words"))?;
    let own: Vec<&str> = own.into_iter().flatten().filter_map(|word| word.as_str()).collect();
    Ok(question.iter().all(|wanted| own.iter().any(|word| word.starts_with(wanted.as_str()))))
}

/// The newest of these.
async fn page_of(
    look: &mut Look<'_>,
    limit: u32,
    mut hits: Vec<ActivityPlace>,
) -> Result<Page<Conversation>, StoreError> {
    let (limit, ask) = bounds(limit);
    hits.sort_unstable_by_key(|place| Reverse(*place));
    hits.truncate(ask as usize);
    if hits.is_empty() {
        return Ok(Page::cut(Vec::new(), limit));
    }
    let ids: BTreeSet<_> = hits.iter().map(|place| place.id.uuid()).collect();
    let rows = Find::all(CONVERSATIONS, doc! { "_id": among(ids) });
    let mut rows = by_id(&look.find(rows).await?)?;
    let rows = hits.iter().filter_map(|place| rows.remove(&place.id.uuid())).collect();
    Ok(Page::cut(rows, limit))
}

fn by_id(found: &Found) -> Result<BTreeMap<Uuid, Conversation>, StoreError> {
    let rows = found.read(|row| Ok((id_of(row)?, field::body(row)?)))?;
    Ok(rows.into_iter().collect())
}

fn id_of(row: &RawDocument) -> Result<Uuid, StoreError> {
    match row.get_binary("_id") {
        Ok(id) if id.subtype == BinarySubtype::Uuid => Uuid::from_slice(id.bytes).ok(),
        Ok(_) | Err(_) => None,
    }
    .ok_or_else(|| missing(Conversation::KIND, "id"))
}
