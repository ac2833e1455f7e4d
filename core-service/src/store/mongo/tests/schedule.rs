//! The schedule that makes a set forget what only its primary had: both secondaries die, somebody
//! writes, the primary dies, and the secondaries come back first.

use std::{collections::HashSet, fs, path::Path, sync::Arc};

use bytes::Bytes;
use dev_mongod::ReplicaSet;
use mongodb::{
    Collection,
    bson::{Document, doc},
    options::{Acknowledgment, CollectionOptions, ReadConcern, WriteConcern},
};
use tokio::task::JoinSet;

use super::{
    super::Mongo,
    kit::{lanes, let_primaries_be, once, open_on, others, surely, three, unavailable, until},
};
use crate::{
    domain::ids::MessageId,
    store::{
        Store,
        conformance::samples::{Desk, delivery},
    },
};

/// How many of each kind are written at a time.
const EACH: i32 = 8;

/// Everything that was acknowledged by our store.
#[derive(Default)]
struct Ledger {
    messages: HashSet<MessageId>,
    deliveries: HashSet<Bytes>,
}

/// What somebody has who asks for less than a majority.
struct Control(Collection<Document>);

impl Control {
    async fn new(set: &ReplicaSet) -> Self {
        let concern = WriteConcern::builder().w(Acknowledgment::Nodes(1)).journal(true).build();
        let options = CollectionOptions::builder()
            .write_concern(concern)
            .read_concern(ReadConcern::majority())
            .build();
        let client = set.client().await.unwrap();
        Self(client.database("control").collection_with_options("things", options))
    }

    async fn write(&self, from: i32) {
        for id in from..from + EACH {
            self.0.insert_one(doc! { "_id": id }).await.unwrap();
        }
    }

    async fn count(&self) -> u64 {
        self.0.count_documents(doc! {}).await.unwrap()
    }
}

/// Writes with our store; what was acknowledged stands in the ledger afterwards. Says how many were.
async fn write(store: &Arc<Mongo>, ledger: &mut Ledger) -> usize {
    let (mut commits, mut keeps) = (JoinSet::new(), JoinSet::new());
    for n in 0..EACH {
        let desk = Desk::new();
        let (at, to) = (Arc::clone(store), Arc::clone(store));
        let ((id, batch), delivery) = (once(&desk, i64::from(n)), delivery(&desk.owner, 100));
        commits.spawn(async move { (id, at.commit(batch).await) });
        let body = delivery.body.clone();
        keeps.spawn(async move { (body, to.journal(delivery).await) });
    }
    let before = ledger.messages.len() + ledger.deliveries.len();
    for (id, answer) in commits.join_all().await {
        assert!(answer.is_ok() || unavailable(&answer), "{answer:?}");
        if answer.is_ok() {
            ledger.messages.insert(id);
        }
    }
    for (body, answer) in keeps.join_all().await {
        assert!(answer.is_ok() || unavailable(&answer), "{answer:?}");
        if answer.is_ok() {
            ledger.deliveries.insert(body);
        }
    }
    ledger.messages.len() + ledger.deliveries.len() - before
}

/// Kills, and brings back in the order that forgets most; returns who was the primary.
async fn lose_the_primary(set: &ReplicaSet, first: usize) {
    set.kill(first).await.unwrap();
    let [a, b] = others(first);
    tokio::try_join!(set.restart(a), set.restart(b)).unwrap();
    // Elections come late in this set: one of them is told to stand, as soon as it can.
    until("a secondary that stands", async || {
        set.command(a, doc! { "replSetStepUp": 1 }).await.ok()
    })
    .await;
    assert_ne!(set.primary().await.unwrap(), first);
    set.restart(first).await.unwrap();
    // Whoever follows the new primary has an entry of its term, and nothing that it does not have.
    let new = set.primary().await.unwrap();
    until("the old primary as a follower", async || {
        let (new, old) = (term(set, new).await?, term(set, first).await?);
        (old == new).then_some(())
    })
    .await;
}

/// The term of the last entry that a node has.
async fn term(set: &ReplicaSet, node: usize) -> Option<i64> {
    let hello = set.command(node, doc! { "hello": 1 }).await.ok()?;
    let last = hello.get_document("lastWrite").ok()?.get_document("opTime").ok()?;
    last.get_i64("t").ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replica_set_that_rolls_back_has_nothing_to_take_back_of_what_was_acknowledged() {
    let set = three().await;
    let_primaries_be(&set).await;
    let (store, control) = (open_on(&set).await, Control::new(&set).await);
    let mut ledger = Ledger::default();
    assert_eq!(write(&store, &mut ledger).await, 2 * usize::try_from(EACH).unwrap());
    control.write(0).await;

    let first = set.primary().await.unwrap();
    let [a, b] = others(first);
    tokio::try_join!(set.kill(a), set.kill(b)).unwrap();
    control.write(EACH).await;
    assert_eq!(write(&store, &mut ledger).await, 0, "nothing is acknowledged without a majority");
    lose_the_primary(&set, first).await;

    for id in &ledger.messages {
        assert!(surely(|| store.message(*id)).await.is_some(), "a message is lost");
    }
    let lanes = lanes();
    let waiting = surely(|| store.pending(&lanes, 1_000)).await;
    let waiting: HashSet<Bytes> = waiting.into_iter().map(|row| row.body).collect();
    assert!(ledger.deliveries.is_subset(&waiting), "a delivery is lost");

    let taken_back = TakenBack::read(set.log(first).unwrap().parent().unwrap());
    assert!(taken_back.has_control, "the control: what only the primary had was taken back");
    assert!(control.count().await < 2 * u64::from(EACH.unsigned_abs()), "the control lost");
    assert!(ledger.messages.is_disjoint(&taken_back.messages));
    assert!(ledger.deliveries.is_disjoint(&taken_back.deliveries));
    // Whoever asks again is served.
    assert!(surely(|| store.journal(delivery(&Desk::new().owner, 10))).await);
}

/// What a node put aside when it had to follow others again.
#[derive(Default)]
struct TakenBack {
    messages: HashSet<MessageId>,
    deliveries: HashSet<Bytes>,
    has_control: bool,
}

impl TakenBack {
    fn read(folder: &Path) -> Self {
        let mut all = Self::default();
        for collection in fs::read_dir(folder.join("rollback")).unwrap() {
            for file in fs::read_dir(collection.unwrap().path()).unwrap() {
                let bytes = fs::read(file.unwrap().path()).unwrap();
                let mut rest = bytes.as_slice();
                while let Ok(row) = Document::from_reader(&mut rest) {
                    all.add(&row);
                }
            }
        }
        all
    }

    fn add(&mut self, row: &Document) {
        if row.get_i32("_id").is_ok() && row.len() == 1 {
            self.has_control = true;
        }
        if let Ok(bytes) = row.get_binary_generic("body") {
            self.deliveries.insert(Bytes::copy_from_slice(bytes));
        }
        if let Some(mongodb::bson::Bson::Binary(id)) = row.get("_id")
            && let Ok(id) = uuid::Uuid::from_slice(&id.bytes)
        {
            self.messages.insert(MessageId::new(id));
        }
    }
}
