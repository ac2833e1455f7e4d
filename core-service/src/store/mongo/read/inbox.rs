//! Deliveries that wait to be applied.

use bytes::Bytes;
use mongodb::bson::{RawDocument, doc};

use super::super::{
    db::{Db, Find},
    field::{self, INBOX, missing},
};
use crate::{
    domain::{
        delivery::{DeliveryId, Pending},
        owner::Lane,
        time::Timestamp,
    },
    store::StoreError,
};

/// The most deliveries of one answer.
const PAGE: u32 = 1_000;
/// The most bytes of bodies of one answer; a single larger one is still given.
const PAGE_BYTES: usize = 8 << 20;

/// What waits in these lanes, oldest first.
pub(in super::super) async fn pending(
    db: &Db,
    lanes: &[Lane],
    limit: u32,
) -> Result<Vec<Pending>, StoreError> {
    if lanes.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let find = Find {
        fields: doc! { "lane": 1, "received": 1, "attempts": 1, "body": 1 },
        sort: doc! { "_id": 1 },
        limit: limit.min(PAGE),
        hint: Some("waiting"),
        ..Find::all(INBOX, doc! { "lane": { "$in": field::lanes(lanes) }, "state": 0 })
    };
    // Bodies may be large: what the server sends at once is at least a page's bytes, or all.
    let found = db.find_first(find).await?;
    let (mut count, mut bytes) = (0_usize, 0);
    let rows = found.read(|row| {
        bytes += body(row)?.len();
        if bytes > PAGE_BYTES && count > 0 {
            return Ok(None);
        }
        count += 1;
        delivery(row).map(Some)
    })?;
    Ok(rows.into_iter().flatten().collect())
}

fn delivery(row: &RawDocument) -> Result<Pending, StoreError> {
    let lacks = |field| move |_| missing("delivery", field);
    let attempts = row.get_i32("attempts").map_err(lacks("attempts"))?;
    Ok(Pending {
        id: DeliveryId(row.get_i64("_id").map_err(lacks("id"))?),
        lane: field::lane(row.get_i32("lane").map_err(lacks("lane"))?)?,
        received_at: Timestamp::from_millis(row.get_i64("received").map_err(lacks("received"))?),
        attempts: attempts.cast_unsigned(),
        body: Bytes::copy_from_slice(body(row)?),
    })
}

fn body(row: &RawDocument) -> Result<&[u8], StoreError> {
    Ok(row.get_binary("body").map_err(|_| missing("delivery", "body"))?.bytes)
}
