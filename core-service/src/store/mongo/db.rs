//! Queries: majority, on the primary, bounded in rows and time.

use std::{future::Future, time::Duration};

use futures_util::{Stream, StreamExt, TryStreamExt};
use mongodb::{
    Collection, Database,
    bson::{Document, RawDocument, RawDocumentBuf, doc},
    options::{
        Acknowledgment, FindOptions, Hint, ReadConcern, ReadPreference, SelectionCriteria,
        WriteConcern,
    },
    raw_batch_cursor::{RawBatch, RawBatchCursor},
};

use super::{error, field::Name};
use crate::store::StoreError;

/// How long a read may take.
pub(super) const READ: Duration = Duration::from_secs(4);

/// More rows than any answer has: what the server sends at once ends at 16 MiB only.
pub(super) const ANSWER: u32 = 100_000;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Db(Database);

/// One query. What is empty is left out.
#[derive(Debug, Clone)]
pub(super) struct Find {
    /// Of which collection.
    pub(super) of: Name,
    /// Which rows.
    pub(super) filter: Document,
    /// Which fields; all when empty.
    pub(super) fields: Document,
    /// In which order.
    pub(super) sort: Document,
    /// At most so many; 0: all, for filters that name their rows.
    pub(super) limit: u32,
    /// The index to use where the planner could choose a worse one.
    pub(super) hint: Option<&'static str>,
    /// Where on the hinted index to begin, with that place: a value for each of its keys.
    pub(super) min: Document,
    /// Where on the hinted index to end, without that place: a value for each of its keys.
    pub(super) max: Document,
}

impl Find {
    /// All rows of a filter that names them.
    pub(super) fn all(of: Name, filter: Document) -> Self {
        Self {
            of,
            filter,
            fields: Document::new(),
            sort: Document::new(),
            limit: 0,
            hint: None,
            min: Document::new(),
            max: Document::new(),
        }
    }

    /// As the driver takes it; within a transaction it has no concern of its own.
    pub(super) fn into_parts(self, concern: Option<ReadConcern>) -> (Name, Document, FindOptions) {
        let Self { of, filter, fields, sort, limit, hint, min, max } = self;
        let some = |part: Document| (!part.is_empty()).then_some(part);
        let mut options = FindOptions::default();
        options.projection = some(fields);
        options.sort = some(sort);
        options.limit = (limit > 0).then_some(i64::from(limit));
        options.hint = hint.map(|name| Hint::Name(name.to_owned()));
        options.min = some(min);
        options.max = some(max);
        options.batch_size = Some(ANSWER);
        options.max_time = Some(READ);
        options.read_concern = concern;
        options.selection_criteria = Some(primary());
        (of, filter, options)
    }
}

/// Where reads go.
pub(super) fn primary() -> SelectionCriteria {
    SelectionCriteria::ReadPreference(ReadPreference::Primary)
}

/// How single writes outside a transaction are acknowledged.
pub(super) fn durable() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).w_timeout(READ).build()
}

/// What a query found.
pub(super) struct Found(Vec<RawBatch>);

impl Found {
    /// Takes a query's answers.
    pub(super) async fn collect(
        answers: impl Stream<Item = mongodb::error::Result<RawBatch>>,
    ) -> Result<Self, StoreError> {
        answers.try_collect().await.map(Self).map_err(|e| error::of(&e))
    }

    /// Reads every row with `read`, in order.
    pub(super) fn read<T>(
        &self,
        mut read: impl FnMut(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        for batch in &self.0 {
            for row in batch.doc_slices().map_err(|e| error::of(&e))? {
                let row = row.ok().and_then(|row| row.as_document()).ok_or_else(broken)?;
                rows.push(read(row)?);
            }
        }
        Ok(rows)
    }
}

fn broken() -> StoreError {
    StoreError::Unavailable("MongoDB's answer cannot be read".to_owned())
}

impl Db {
    pub(super) fn new(database: Database) -> Self {
        Self(database)
    }

    /// The database itself, for what is no query.
    pub(super) fn database(&self) -> &Database {
        &self.0
    }

    /// A collection of raw documents.
    pub(super) fn collection(&self, name: Name) -> Collection<RawDocumentBuf> {
        self.0.collection(name)
    }

    /// Runs a query.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer in time.
    pub(super) async fn find(&self, find: Find) -> Result<Found, StoreError> {
        within(READ, async { Found::collect(self.ask(find).await?).await }).await
    }

    /// Runs a query and takes only what the server sends at once: at most 16 MiB.
    ///
    /// # Errors
    /// As [`Db::find`].
    pub(super) async fn find_first(&self, find: Find) -> Result<Found, StoreError> {
        within(READ, async { Found::collect(self.ask(find).await?.take(1)).await }).await
    }

    async fn ask(&self, find: Find) -> Result<RawBatchCursor, StoreError> {
        let (of, filter, options) = find.into_parts(Some(ReadConcern::majority()));
        let rows = self.collection(of);
        let query = rows.find(filter).with_options(options).batch();
        // The driver's futures are large: they are kept out of ours.
        Box::pin(query).await.map_err(|e| error::of(&e))
    }

    /// Proves that the primary answers.
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        let ping = self.0.run_command(doc! { "ping": 1, "maxTimeMS": millis(READ) });
        within(READ, async { ping.await.map(|_| ()).map_err(|e| error::of(&e)) }).await
    }
}

/// Ends what takes longer than `time`.
pub(super) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(time, work).await.unwrap_or_else(|_| Err(error::late()))
}

/// A duration as the server takes it.
pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
