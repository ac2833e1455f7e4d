//! Looking at the heads of the logs that somebody listens to: what a lost hint would have told.

use std::{sync::Arc, time::Duration};

use mongodb::bson::doc;

use super::Wakes;
use crate::{
    domain::{event::Position, owner::Owner},
    store::{
        StoreError,
        mongo::{
            db::{Db, Find},
            field::{HEADS, missing},
        },
    },
};

/// How often.
const LOOK: Duration = Duration::from_secs(1);
/// How many heads are read at a time.
const PAGE: usize = 1_000;

pub(super) async fn run(wakes: Arc<Wakes>, db: Db) {
    loop {
        tokio::time::sleep(LOOK).await;
        for owners in wakes.tails.listened().chunks(PAGE) {
            if let Err(error) = look(&wakes, &db, owners).await {
                tracing::debug!(%error, "heads were not looked at");
                break;
            }
        }
    }
}

async fn look(wakes: &Wakes, db: &Db, owners: &[Owner]) -> Result<(), StoreError> {
    let names: Vec<&str> = owners.iter().map(Owner::as_str).collect();
    let filter = doc! { "_id": { "$in": names } };
    let find = Find { fields: doc! { "position": 1 }, ..Find::all(HEADS, filter) };
    let heads = db.find(find).await?.read(|row| {
        let owner = row.get_str("_id").ok().and_then(|owner| Owner::parse(owner).ok());
        let position = row.get_i64("position").map_err(|_| missing("head", "position"))?;
        Ok((owner, Position(position.cast_unsigned())))
    })?;
    for (owner, position) in heads {
        if let Some(owner) = owner {
            wakes.tails.announce(&owner, position);
        }
    }
    Ok(())
}
