//! The owners' logs.

use mongodb::bson::{RawDocument, doc};

use super::super::{
    db::{Db, Find},
    field::{self, EVENTS, HEADS, event_id, missing},
};
use super::BY_ID;
use crate::{
    domain::{
        event::{Event, Head, Logged, Position},
        owner::Owner,
    },
    store::{StoreError, form::Form},
};

/// The most entries of one answer.
const PAGE: u32 = 1_000;

/// The end of an owner's log.
pub(in super::super) async fn head(db: &Db, owner: &Owner) -> Result<Head, StoreError> {
    let fields = doc! { "_id": 0, "position": 1, "kept_from": 1 };
    let find = Find { fields, ..Find::all(HEADS, doc! { "_id": owner.as_str() }) };
    let found = db.find(find).await?.read(|row| {
        // The first trim writes it; until then everything is kept.
        let kept_from = match row.get("kept_from") {
            Ok(None) => Position(0),
            Ok(Some(_)) | Err(_) => position(row, "head", "kept_from")?,
        };
        Ok(Head { position: position(row, "head", "position")?, kept_from })
    })?;
    Ok(found.first().copied().unwrap_or_default())
}

/// The entries after a position.
pub(in super::super) async fn events(
    db: &Db,
    owner: &Owner,
    after: Position,
    limit: u32,
) -> Result<Vec<Logged>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let range = doc! { "$gt": event_id(owner, after.0), "$lte": event_id(owner, u64::MAX) };
    let find = Find {
        fields: doc! { "_id": 0, "position": 1, "body": 1 },
        sort: doc! { "_id": 1 },
        limit: limit.min(PAGE),
        hint: Some(BY_ID),
        ..Find::all(EVENTS, doc! { "_id": range })
    };
    db.find(find).await?.read(|row| {
        let position = position(row, Event::KIND, "position")?;
        Ok(Logged { owner: owner.clone(), position, event: field::body(row)? })
    })
}

fn position(row: &RawDocument, kind: &str, name: &str) -> Result<Position, StoreError> {
    let stored = row.get_i64(name).map_err(|_| missing(kind, name))?;
    Ok(Position(stored.cast_unsigned()))
}
