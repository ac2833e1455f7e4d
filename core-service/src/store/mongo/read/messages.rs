//! Messages of a conversation.

use mongodb::bson::{Bson, Document, doc};

use super::{
    super::{
        db::{Db, Find},
        field::{self, MESSAGES},
    },
    bodies, bounds, count,
};
use crate::{
    domain::{
        ids::ConversationId,
        message::{Message, Place},
        owner::Owner,
        page::{MessageQuery, Page},
    },
    store::StoreError,
};

/// Inbound messages are counted up to here.
const COUNT: u32 = 10_000;

/// The index of places.
const PLACE: &str = "place";

/// One page, newest first.
pub(in super::super) async fn list(
    db: &Db,
    owner: &Owner,
    query: &MessageQuery,
) -> Result<Page<Message>, StoreError> {
    let MessageQuery { conversation, hidden_before, before, limit } = query;
    let (limit, ask) = bounds(*limit);
    if before.is_some_and(|before| hidden_before.is_some_and(|hidden| before <= hidden)) {
        return Ok(Page::cut(Vec::new(), limit));
    }
    let end = |place: &Option<Place>, edge: Bson| {
        let mut end = doc! { "conversation": field::uuid(conversation.uuid()) };
        let (at, id) = place.map_or_else(|| (edge.clone(), edge.clone()), values_of);
        end.extend(doc! { "at": at, "_id": id });
        end
    };
    let with = |mut end: Document, inbound: Bson| {
        end.insert("inbound", inbound);
        end
    };
    let find = Find {
        sort: doc! { "conversation": -1, "at": -1, "_id": -1 },
        limit: ask,
        hint: Some(PLACE),
        // The last key of the index decides on which side of a place a range begins or ends.
        min: with(end(hidden_before, Bson::MinKey), Bson::MaxKey),
        max: with(end(before, Bson::MaxKey), Bson::MinKey),
        ..Find::all(MESSAGES, doc! { "owner": owner.as_str() })
    };
    Ok(Page::cut(bodies(db, find).await?, limit))
}

fn values_of(place: Place) -> (Bson, Bson) {
    let Place { at, id } = place;
    (Bson::Int64(at.as_millis()), field::uuid(id.uuid()).into())
}

/// How many inbound messages come after a place.
pub(in super::super) async fn inbound_after(
    db: &Db,
    owner: &Owner,
    conversation: ConversationId,
    place: Place,
) -> Result<u32, StoreError> {
    let conversation = Bson::from(field::uuid(conversation.uuid()));
    // A conversation is one owner's: one message tells whose all are, and the count needs none.
    let any = Find::all(MESSAGES, doc! { "conversation": conversation.clone() });
    let any = Find { fields: doc! { "_id": 0, "owner": 1 }, limit: 1, hint: Some(PLACE), ..any };
    let owners = db
        .find(any)
        .await?
        .read(|row| Ok(row.get_str("owner").is_ok_and(|o| o == owner.as_str())))?;
    if owners != [true] {
        return Ok(0);
    }
    let (at, id) = values_of(place);
    let after = doc! {
        "conversation": conversation,
        "at": { "$gte": at.clone() },
        "inbound": true,
        "$or": [{ "at": { "$gt": at } }, { "_id": { "$gt": id } }],
    };
    count(db, MESSAGES, PLACE, after, COUNT).await
}
