//! Opening: connection, collections and indexes, the numbers that name this history, and a proof that we
//! may do what we have to.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use mongodb::{
    bson::{Document, doc},
    options::{Acknowledgment, ReturnDocument, WriteConcern},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    commit::Commits,
    connect::{self, Connected},
    db::{Db, READ, within},
    error,
    field::{HEADS, META, WAKES},
    journal::{Journal, Numbers, Walk, older},
    leases,
    read::loads::Loads,
    schema,
    wakes::Wakes,
};
use crate::{secret::Secret, store::StoreError};

/// How long proving may take.
const PROVE: Duration = Duration::from_secs(10);

/// The store on MongoDB.
pub struct Mongo {
    pub(super) db: Db,
    pub(super) loads: Loads,
    pub(super) commits: Commits,
    pub(super) journal: Journal,
    pub(super) wakes: Arc<Wakes>,
    pub(super) walk: Walk,
    pub(super) epoch: u64,
    pub(super) syncs: Arc<AtomicU64>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl Drop for Mongo {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl std::fmt::Debug for Mongo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mongo").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Mongo {
    /// Opens the store in a database, making what is missing in it. Waits up to half a minute for a
    /// primary.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be used: away, standalone, too old, without the
    /// privileges that are needed; [`StoreError::Corrupt`] when what is there is of a newer version or an
    /// index is not as it must be.
    pub async fn open(uri: &Secret, database: &str) -> Result<Self, StoreError> {
        let Connected { database, time } = connect::connect(uri, database).await?;
        let db = Db::new(database);
        schema::prepare(&db).await?;
        let version = fixed(&db, "schema", schema::VERSION).await?;
        if version != schema::VERSION {
            return Err(StoreError::Corrupt(format!(
                "the database has schema {version}, this version knows {}",
                schema::VERSION
            )));
        }
        let epoch = fixed(&db, "epoch", rand::random::<i64>()).await?.cast_unsigned();
        leases::prepare(&db).await?;
        within(PROVE, prove(&db)).await?;
        let older = older::are_there(&db).await?;

        let (wakes, syncs) = (Arc::new(Wakes::new()), Arc::new(AtomicU64::new(0)));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let process = format!("{:032x}", rand::random::<u128>());
        wakes.start(&db, &process, &tasks, &stop);
        if older {
            let (work, stop) = (older::bring_up(db.clone()), stop.clone());
            tasks.spawn(async move { stop.run_until_cancelled(work).await });
        }
        Ok(Self {
            loads: Loads::new(db.clone()),
            commits: Commits::new(db.clone(), Arc::clone(&wakes), Arc::clone(&syncs)),
            journal: Journal::new(
                db.clone(),
                Arc::clone(&wakes),
                Numbers::new(time),
                Arc::clone(&syncs),
            ),
            db,
            wakes,
            walk: Walk::default(),
            epoch,
            syncs,
            tasks,
            stop,
        })
    }
}

/// A number that the first process writes and all others find.
async fn fixed(db: &Db, name: &str, value: i64) -> Result<i64, StoreError> {
    let rows = db.database().collection::<Document>(META);
    let new = doc! { "$setOnInsert": { "value": value } };
    let row = rows
        .find_one_and_update(doc! { "_id": name }, new)
        .upsert(true)
        .return_document(ReturnDocument::After)
        .write_concern(durable());
    let row = within(READ, async { row.await.map_err(|e| error::of(&e)) }).await?;
    let value = row.and_then(|row| row.get_i64("value").ok());
    value.ok_or_else(|| StoreError::Corrupt(format!("the database has no {name}")))
}

/// Does once what serving needs: a transaction of several collections, and a change stream.
async fn prove(db: &Db) -> Result<(), StoreError> {
    let client = db.database().client();
    let proved = async {
        let mut session = client.start_session().await?;
        session.start_transaction().write_concern(durable()).await?;
        let heads = db.database().collection::<Document>(HEADS);
        heads.find_one(doc! { "_id": "" }).session(&mut session).await?;
        let meta = db.database().collection::<Document>(META);
        let seen = doc! { "$currentDate": { "at": true } };
        let filter = doc! { "_id": "opened" };
        meta.update_one(filter, seen).upsert(true).session(&mut session).await?;
        session.commit_transaction().await?;
        db.database().collection::<Document>(WAKES).watch().await.map(drop)
    };
    // Two processes that start together may meet in that row.
    match proved.await {
        Err(e) if e.contains_label(mongodb::error::TRANSIENT_TRANSACTION_ERROR) => Ok(()),
        proved => proved.map_err(|e| error::of(&e)),
    }
}

fn durable() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
}
