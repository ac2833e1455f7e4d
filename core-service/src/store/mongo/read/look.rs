//! Several queries that see one state of the store.
//!
//! Invariant: the first answer's time is the time of all others, and it is not before any write that was
//! acknowledged when the look began.

use mongodb::{
    ClientSession,
    bson::{Document, doc},
    options::{AggregateOptions, Hint, ReadConcern, SessionOptions},
};

use super::super::{
    db::{ANSWER, Db, Find, Found, READ, primary, within},
    error,
};
use crate::store::StoreError;

/// A state of the store, fixed by the first query.
pub(super) struct Look<'a> {
    db: &'a Db,
    session: ClientSession,
}

impl<'a> Look<'a> {
    pub(super) async fn new(db: &'a Db) -> Result<Self, StoreError> {
        let options = SessionOptions::builder().snapshot(true).build();
        let session = db.database().client().start_session().with_options(options).await;
        Ok(Self { db, session: session.map_err(|e| error::of(&e))? })
    }

    /// Runs a query.
    pub(super) async fn find(&mut self, find: Find) -> Result<Found, StoreError> {
        // Named, as a session adds only the time to a concern that is there already.
        let (of, filter, options) = find.into_parts(Some(ReadConcern::snapshot()));
        within(READ, async {
            let rows = self.db.collection(of);
            let query = rows.find(filter).with_options(options).session(&mut self.session);
            let mut cursor = Box::pin(query.batch()).await.map_err(|e| error::of(&e))?;
            Found::collect(cursor.stream(&mut self.session)).await
        })
        .await
    }

    /// Runs queries in one round trip: the same work for the server, and half the time.
    ///
    /// The rows come in the order of the queries. Only filters count, and the hint of the
    /// first one: the server takes none for those that follow.
    pub(super) async fn find_all(
        &mut self,
        first: Find,
        others: Vec<Find>,
    ) -> Result<Found, StoreError> {
        let mut options = AggregateOptions::default();
        options.hint = first.hint.map(|name| Hint::Name(name.to_owned()));
        options.batch_size = Some(ANSWER);
        options.max_time = Some(READ);
        options.read_concern = Some(ReadConcern::snapshot());
        options.selection_criteria = Some(primary());
        let rows = self.db.collection(first.of);
        let mut pipeline = stages(first);
        pipeline.extend(others.into_iter().map(|find| {
            let of = find.of;
            doc! { "$unionWith": { "coll": of, "pipeline": stages(find) } }
        }));
        within(READ, async {
            let query = rows.aggregate(pipeline).with_options(options).session(&mut self.session);
            let mut cursor = Box::pin(query.batch()).await.map_err(|e| error::of(&e))?;
            Found::collect(cursor.stream(&mut self.session)).await
        })
        .await
    }
}

fn stages(find: Find) -> Vec<Document> {
    let Find { of: _, filter, fields: _, sort: _, limit: _, hint: _, min: _, max: _ } = find;
    vec![doc! { "$match": filter }]
}
