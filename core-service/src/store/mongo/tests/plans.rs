//! How the server ran what we asked, by its own account.
//!
//! Every clause of the contract runs on a server that logs all it does, and then the log is read: also
//! what ran inside transactions is in it. The parts of a union are not, so each collection's count of
//! scans is asked as well.

use std::{fs, sync::Arc, time::Duration};

use dev_mongod::{Options, ReplicaSet};
use futures_util::{StreamExt, TryStreamExt, stream};
use mongodb::{
    Client,
    bson::{Document, doc},
};
use serde_json::Value;

use super::super::{Mongo, schema};
use crate::{
    secret::Secret,
    store::{
        Store,
        conformance::{Clause, every_clause},
    },
};

/// How the names of our databases begin.
const OURS: &str = "plans-";
/// Where the control asks.
const CONTROL: &str = "control";
/// Clauses at a time.
const AT_ONCE: usize = 4;

/// Indexes that no query uses: the name, and why it is there.
const UNIQUE_ONLY: [(&str, &str); 1] =
    [("digest", "a delivery that is kept already is told by the duplicate key")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_needs_a_scan_or_a_sort() {
    let set = ReplicaSet::start(Options::one()).await.unwrap();
    let log_all = doc! { "profile": 0, "slowms": -1, "sampleRate": 1.0 };
    set.command(0, log_all).await.unwrap();
    let client = set.client().await.unwrap();

    stream::iter(every_clause().into_iter().enumerate())
        .for_each_concurrent(AT_ONCE, |(n, clause)| run(&set, &client, n, clause))
        .await;
    ask_without_an_index(&client).await;

    let plans = plans(&set).await;
    let found: Vec<_> = plans.iter().filter(|plan| plan.is_of(OURS) && plan.is_bad()).collect();
    assert!(found.is_empty(), "{found:#?}");
    let control = plans.iter().filter(|plan| plan.is_of(CONTROL) && plan.is_bad()).count();
    assert_eq!(control, 2, "a scan and a sort are seen");
    assert_eq!(scanned(&client, CONTROL).await, ["rows"]);

    for index in schema::indexes() {
        let keys: Vec<_> = index.keys.keys().map(|key| format!("{key}: 1")).collect();
        let keys = format!("{{ {} }}", keys.join(", "));
        let used = plans.iter().any(|plan| plan.is_of(OURS) && plan.summary.contains(&keys));
        let unique_only = UNIQUE_ONLY.iter().any(|(name, _)| *name == index.name);
        assert_eq!(used, !unique_only, "{} of {}: {keys}", index.name, index.of);
    }
}

/// Runs a clause in a database of its own.
async fn run(set: &ReplicaSet, client: &Client, n: usize, (name, clause): Clause) {
    let database = format!("{OURS}{n}");
    let store = Arc::new(Mongo::open(&Secret::new(set.uri()), &database).await.unwrap());
    clause(Arc::clone(&store) as Arc<dyn Store>).await;
    store.close().await;
    let scanned = scanned(client, &database).await;
    assert!(scanned.is_empty(), "{name} reads all of {scanned:?}");
    client.database(&database).drop().await.unwrap();
}

/// The collections that a query read whole.
async fn scanned(client: &Client, database: &str) -> Vec<String> {
    let database = client.database(database);
    let mut scanned = Vec::new();
    for name in database.list_collection_names().await.unwrap() {
        let stats = [doc! { "$collStats": { "queryExecStats": {} } }];
        let stats = database.collection::<Document>(&name).aggregate(stats).await.unwrap();
        let stats: Vec<Document> = stats.try_collect().await.unwrap();
        let scans = stats[0].get_document("queryExecStats").unwrap();
        let scans = scans.get_document("collectionScans").unwrap().get_i64("total").unwrap();
        if scans > 0 {
            scanned.push(name);
        }
    }
    scanned
}

/// What the reader of the log has to find.
async fn ask_without_an_index(client: &Client) {
    let rows = client.database(CONTROL).collection::<Document>("rows");
    rows.insert_one(doc! { "_id": 1, "word": "b" }).await.unwrap();
    rows.insert_one(doc! { "_id": 2, "word": "a" }).await.unwrap();
    rows.find_one(doc! { "word": "a" }).await.unwrap();
    rows.find_one(doc! { "_id": { "$gt": 0 } }).sort(doc! { "word": 1 }).await.unwrap();
}

/// How the server ran one operation.
#[derive(Debug)]
struct Plan {
    namespace: String,
    summary: String,
    sorts: bool,
    /// The line of the log, for who has to look.
    _line: String,
}

impl Plan {
    /// What a line of the log tells; `None` when it tells of no plan.
    fn read(line: &str) -> Option<Self> {
        let entry: Value = serde_json::from_str(line).ok()?;
        let about = entry.get("attr")?;
        let text = |name: &str| about.get(name)?.as_str().map(ToOwned::to_owned);
        Some(Self {
            namespace: text("ns")?,
            summary: text("planSummary")?,
            sorts: about.get("hasSortStage").and_then(Value::as_bool).unwrap_or(false),
            _line: line.chars().take(1_500).collect(),
        })
    }

    fn is_of(&self, database: &str) -> bool {
        self.namespace.starts_with(database)
    }

    fn is_bad(&self) -> bool {
        self.summary.contains("COLLSCAN") || self.sorts
    }
}

/// Every plan in the log, up to the control's last query.
async fn plans(set: &ReplicaSet) -> Vec<Plan> {
    let path = set.log(0).unwrap();
    let read = || {
        let log = fs::read_to_string(&path).unwrap();
        // A change stream walks the log of operations, which has no indexes.
        let lines =
            log.lines().filter(|l| l.contains("planSummary") && !l.contains("$changeStream"));
        lines.filter_map(Plan::read).collect::<Vec<_>>()
    };
    let all_there = |plans: &[Plan]| plans.iter().any(|plan| plan.is_of(CONTROL) && plan.sorts);
    let mut plans = read();
    for _ in 0..50 {
        if all_there(&plans) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        plans = read();
    }
    plans
}
