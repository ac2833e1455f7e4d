//! Hearing the other processes by a change stream.
//!
//! The stream carries no data that matters, so it is never resumed over a gap: after a break a new one
//! begins now, and everybody who waits is woken to look for themselves.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use mongodb::{
    bson::{Document, doc},
    change_stream::event::ChangeStreamEvent,
    error::Error,
};

use super::Wakes;
use crate::{
    domain::{event::Position, owner::Owner},
    store::mongo::{db::Db, error, field::WAKES},
};

/// How long to wait before another stream is opened.
const AGAIN: Duration = Duration::from_millis(250);

pub(super) async fn run(wakes: Arc<Wakes>, db: Db, process: String) {
    let mut others = wakes.others.subscribe();
    loop {
        if others.wait_for(|others| *others).await.is_err() {
            return;
        }
        let heard = tokio::select! {
            heard = follow(&wakes, &db, &process) => heard,
            Ok(_) = others.wait_for(|others| !*others) => continue,
        };
        if let Err(error) = heard {
            tracing::warn!(error = error::name(&error), "other processes are not heard");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn follow(wakes: &Wakes, db: &Db, process: &str) -> Result<(), Error> {
    let told = doc! { "$match": {
        "operationType": { "$in": ["insert", "replace"] },
        "documentKey._id": { "$ne": process },
    } };
    let rows = db.database().collection::<Document>(WAKES);
    let mut stream = rows.watch().pipeline([told]).await?;
    // What was told before the stream began was not heard.
    wakes.arrivals.send_modify(|count| *count += 1);
    wakes.queued.send_modify(|count| *count += 1);
    while let Some(event) = stream.next().await {
        hear(wakes, event?);
    }
    Ok(())
}

fn hear(wakes: &Wakes, event: ChangeStreamEvent<Document>) {
    let Some(row) = event.full_document else { return };
    for head in row.get_array("heads").into_iter().flatten() {
        let Some(head) = head.as_document() else { continue };
        let owner = head.get_str("owner").ok().and_then(|owner| Owner::parse(owner).ok());
        if let (Some(owner), Ok(position)) = (owner, head.get_i64("position")) {
            wakes.tails.announce(&owner, Position(position.cast_unsigned()));
        }
    }
    if row.get_bool("arrived").unwrap_or(false) {
        wakes.arrivals.send_modify(|count| *count += 1);
    }
    if row.get_bool("queued").unwrap_or(false) {
        wakes.queued.send_modify(|count| *count += 1);
    }
}
