//! Telling the other processes. What comes while one telling is under way goes with the next.

use std::sync::{Arc, PoisonError};

use mongodb::{
    bson::{RawArrayBuf, RawDocumentBuf, rawdoc},
    options::{Acknowledgment, WriteConcern},
};

use super::{News, Wakes};
use crate::store::mongo::{
    db::{Db, READ, within},
    error,
    field::WAKES,
};

pub(super) async fn run(wakes: Arc<Wakes>, db: Db, process: String) {
    let mut number = 0_i64;
    loop {
        wakes.told.notified().await;
        let news = std::mem::take(&mut *wakes.news.lock().unwrap_or_else(PoisonError::into_inner));
        if news.is_empty() {
            continue;
        }
        number += 1;
        let row = row(&process, number, &news);
        let rows = db.collection(WAKES);
        // A hint need not survive anything.
        let concern = WriteConcern::builder().w(Acknowledgment::Nodes(1)).build();
        let filter = mongodb::bson::doc! { "_id": &process };
        let write = rows.replace_one(filter, row).upsert(true).write_concern(concern);
        let told = within(READ, async { write.await.map(|_| ()).map_err(|e| error::of(&e)) });
        if let Err(error) = told.await {
            tracing::debug!(%error, "other processes were not told");
        }
    }
}

fn row(process: &str, number: i64, news: &News) -> RawDocumentBuf {
    let News { heads, arrived, queued } = news;
    let heads: RawArrayBuf = heads
        .iter()
        .map(|(owner, position)| {
            rawdoc! { "owner": owner.as_str(), "position": position.0.cast_signed() }
        })
        .collect();
    rawdoc! {
        "_id": process, "number": number,
        "arrived": *arrived, "queued": *queued, "heads": heads,
    }
}
