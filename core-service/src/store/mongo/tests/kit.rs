//! What the tests of faults share: stores on a set of their own, batches that can be told apart, and the
//! audit of what was written.

use std::{sync::Arc, time::Duration};

use dev_mongod::{Options, ReplicaSet};
use mongodb::bson::{Document, doc};
use tokio::time::{Instant, sleep};

use super::super::{
    Mongo,
    field::{MESSAGES, Name},
};
use crate::{
    domain::{
        change::{Batch, Key, State},
        event::Position,
        ids::MessageId,
        owner::Lane,
    },
    secret::Secret,
    store::{
        Store, StoreError,
        conformance::samples::{Desk, Fill, event},
    },
};

/// Longer than anything here takes; what waits so long has failed.
pub(super) const LONG: Duration = Duration::from_secs(30);

/// Between two looks at what nobody tells.
const PAUSE: Duration = Duration::from_millis(20);

/// The name that our connections give themselves, so that fail points meet nobody else's.
const APP: &str = "faults";

/// The database of tests that have a set of their own.
pub(super) const DATABASE: &str = "faults";

/// A set of one node.
pub(super) async fn one() -> ReplicaSet {
    ReplicaSet::start(Options::one()).await.unwrap()
}

/// A set of three nodes.
pub(super) async fn three() -> ReplicaSet {
    ReplicaSet::start(Options::three()).await.unwrap()
}

/// A store on a set.
pub(super) async fn open_on(set: &ReplicaSet) -> Arc<Mongo> {
    open_at(&set.uri()).await
}

/// A store at a connection string.
pub(super) async fn open_at(uri: &str) -> Arc<Mongo> {
    let uri = Secret::new(format!("{uri}&appName={APP}"));
    Arc::new(Mongo::open(&uri, DATABASE).await.unwrap())
}

/// Elections only after a long silence: a primary without a majority stays one for the length of a test.
pub(super) async fn let_primaries_be(set: &ReplicaSet) {
    let primary = set.primary().await.unwrap();
    let answer = set.command(primary, doc! { "replSetGetConfig": 1 }).await.unwrap();
    let mut config = answer.get_document("config").unwrap().clone();
    let version = config.get_i32("version").unwrap();
    config.insert("version", version + 1);
    config.get_document_mut("settings").unwrap().insert("electionTimeoutMillis", 60_000);
    set.command(primary, doc! { "replSetReconfig": config }).await.unwrap();
}

/// The other nodes of a set of three.
pub(super) fn others(of: usize) -> [usize; 2] {
    [(of + 1) % 3, (of + 2) % 3]
}

/// A fault that some of our next commands meet.
pub(super) struct Fault<'a> {
    set: &'a ReplicaSet,
    /// How often fail points of this server were met before.
    before: i64,
}

impl<'a> Fault<'a> {
    /// Lets the next `times` commands of our connections fail as `data` says.
    pub(super) async fn set(set: &'a ReplicaSet, times: i32, mut data: Document) -> Self {
        data.insert("appName", APP);
        let before = Self::count(set, doc! { "mode": "off" }).await;
        Self::count(set, doc! { "mode": { "times": times }, "data": data }).await;
        Self { set, before }
    }

    /// Takes it back; how often it was met.
    pub(super) async fn met(self) -> i64 {
        Self::count(self.set, doc! { "mode": "off" }).await - self.before
    }

    async fn count(set: &ReplicaSet, how: Document) -> i64 {
        let mut command = doc! { "configureFailPoint": "failCommand" };
        command.extend(how);
        let answer = set.command(set.primary().await.unwrap(), command).await.unwrap();
        let count = answer.get("count").unwrap();
        count.as_i64().or(count.as_i32().map(i64::from)).unwrap()
    }
}

/// A message with its event, which can be written only once.
pub(super) fn once(desk: &Desk, n: i64) -> (MessageId, Batch) {
    let message = desk.inbound(&desk.conversation(1), n);
    let expected = desk.batch().expecting(Key::Message(message.id), State::Absent);
    (message.id, expected.put(&message).event(event(n)))
}

/// Whether this is the answer of a store that cannot answer.
pub(super) fn unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

/// Commits until it is known to be written; a store that is away is asked again.
pub(super) async fn commit_surely(store: &Mongo, id: MessageId, batch: &Batch) {
    let mut asked_before = false;
    loop {
        match store.commit(batch.clone()).await {
            Ok(_) => return,
            Err(StoreError::Unavailable(_)) => asked_before = true,
            Err(StoreError::Conflict(why)) => {
                assert!(asked_before, "{why}: it was asked for once");
                assert!(surely(|| store.message(id)).await.is_some(), "{why}: it was not written");
                return;
            }
            Err(error @ StoreError::Corrupt(_)) => panic!("{error}"),
        }
    }
}

/// Asks until the store answers.
pub(super) async fn surely<T, F>(ask: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let end = Instant::now() + LONG;
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(StoreError::Unavailable(why)) => assert!(Instant::now() < end, "{why}, for long"),
            Err(error @ (StoreError::Conflict(_) | StoreError::Corrupt(_))) => panic!("{error}"),
        }
        sleep(PAUSE).await;
    }
}

/// Looks again and again at what nobody tells.
pub(super) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + LONG;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "{what} does not come");
        sleep(PAUSE).await;
    }
}

/// That an owner's log has `count` events without a gap, each with one row, and the head says so.
pub(super) async fn assert_written(store: &Mongo, desk: &Desk, count: u64) {
    let head = surely(|| store.head(&desk.owner)).await;
    assert_eq!(head.position, Position(count), "the head of {}", desk.owner);
    let log = surely(|| store.events(&desk.owner, Position(0), 100_000)).await;
    let positions: Vec<u64> = log.iter().map(|entry| entry.position.0).collect();
    assert_eq!(positions, (1..=count).collect::<Vec<_>>(), "the log of {}", desk.owner);
    let rows = rows(store, MESSAGES, doc! { "owner": desk.owner.as_str() }).await;
    assert_eq!(rows, count, "the rows of {}", desk.owner);
}

/// How many rows there are, past our own reads.
pub(super) async fn rows(store: &Mongo, of: Name, filter: Document) -> u64 {
    store.db.collection(of).count_documents(filter).await.unwrap()
}

/// Every lane.
pub(super) fn lanes() -> Vec<Lane> {
    Lane::all().collect()
}
