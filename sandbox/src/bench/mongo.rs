//! The MongoDB under the core: one node of our own, or a replica set that runs already.
//!
//! Invariant: it is on this machine, as everything else that is measured: its processor time is read
//! from `/proc`. Of a set with several nodes only the primary is metered.

use dev_mongod::{Journal, Options, ReplicaSet};
use mongodb::{
    Client,
    bson::{Bson, Document, doc},
    options::{ClientOptions, ServerAddress},
};

use super::{error::BenchError, meters::Kept};
use crate::processes::MongoDb;

/// A running MongoDB, and a database in it that goes with this value's [`Mongo::close`].
#[derive(Debug)]
pub(super) struct Mongo {
    uri: String,
    client: Client,
    database: String,
    /// The process of the primary.
    pub(super) pid: u32,
    /// Ends with this value.
    own: Option<ReplicaSet>,
}

impl Mongo {
    /// Starts one node.
    pub(super) async fn start() -> Result<Self, BenchError> {
        let set = ReplicaSet::start(as_in_production()).await?;
        let uri = set.uri();
        let joined = Self::join(&uri).await?;
        Ok(Self { own: Some(set), ..joined })
    }

    /// Uses one that runs.
    pub(super) async fn join(uri: &str) -> Result<Self, BenchError> {
        let options = ClientOptions::parse(uri).await.map_err(failed("the address of MongoDB"))?;
        if let Some(far) = options.hosts.iter().find(|host| !is_here(host)) {
            let answer = format!("{far} is another machine");
            return Err(BenchError::Refused { what: "the address of MongoDB", answer });
        }
        let client = Client::with_options(options).map_err(failed("the client of MongoDB"))?;
        let status = status(&client).await?;
        let pid = number(&status, &["pid"]).and_then(|pid| u32::try_from(pid).ok());
        let missing =
            || BenchError::Refused { what: STATUS, answer: String::from("no pid in the answer") };
        Ok(Self {
            uri: uri.to_owned(),
            client,
            database: format!("bench_{:08x}", rand::random::<u32>()),
            pid: pid.ok_or_else(missing)?,
            own: None,
        })
    }

    /// What a core needs to use it.
    pub(super) fn settings(&self) -> MongoDb {
        MongoDb { uri: self.uri.clone(), database: self.database.clone() }
    }

    /// What it has counted so far.
    pub(super) async fn kept(&self) -> Result<Kept, BenchError> {
        let status = status(&self.client).await?;
        Ok(Kept {
            syncs: number(&status, &["wiredTiger", "log", "log sync operations"]),
            transactions: number(&status, &["transactions", "totalCommitted"]),
        })
    }

    /// Removes what the core wrote.
    pub(super) async fn close(self) -> Result<(), BenchError> {
        let Self { uri: _, client, database, pid: _, own } = self;
        if own.is_none() {
            let dropped = client.database(&database).drop().await;
            dropped.map_err(failed("dropping the benchmark's database"))?;
        }
        client.shutdown().await;
        Ok(())
    }
}

/// A server as `docs/OPERATIONS.md` sets it up, not the small one of the tests.
fn as_in_production() -> Options {
    let history = ["--setParameter", "minSnapshotHistoryWindowInSeconds=10"];
    Options {
        test_commands: false,
        oplog_mb: 1_024,
        cache_mb: 1_024,
        journal: Journal::AsShipped,
        arguments: history.map(ToOwned::to_owned).to_vec(),
        ..Options::one()
    }
}

const STATUS: &str = "the statistics of MongoDB";

fn failed(what: &'static str) -> impl Fn(mongodb::error::Error) -> BenchError {
    move |source| BenchError::Mongo { what, source: Box::new(source) }
}

async fn status(client: &Client) -> Result<Document, BenchError> {
    let admin = client.database("admin");
    admin.run_command(doc! {"serverStatus": 1}).await.map_err(failed(STATUS))
}

fn is_here(host: &ServerAddress) -> bool {
    match host {
        ServerAddress::Tcp { host, port: _ } => {
            let address = host.parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        ServerAddress::Unix { path: _ } => true,
        // The driver may learn of other kinds; none of them is known to be here.
        _ => false,
    }
}

/// A count at this place; MongoDB writes some as 32, some as 64 bits.
fn number(document: &Document, place: &[&str]) -> Option<u64> {
    let (last, way) = place.split_last()?;
    let inner = way.iter().try_fold(document, |inner, key| inner.get_document(key).ok())?;
    match inner.get(last)? {
        Bson::Int32(n) => u64::try_from(*n).ok(),
        Bson::Int64(n) => u64::try_from(*n).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::proc;

    #[test]
    fn counts_are_found_whatever_their_width() {
        let status = doc! {"pid": 7_i64, "a": {"b": {"c d": 3_i32}}, "x": "y"};
        assert_eq!(number(&status, &["pid"]), Some(7));
        assert_eq!(number(&status, &["a", "b", "c d"]), Some(3));
        for missing in [&["x"][..], &["a"], &["a", "x"], &["x", "b"], &[]] {
            assert_eq!(number(&status, missing), None, "{missing:?}");
        }
    }

    #[tokio::test]
    async fn only_this_machine_is_a_target() {
        for far in ["mongodb://10.0.0.1", "mongodb://127.0.0.1,db.example.com:27017"] {
            let refused = Mongo::join(far).await.map(|_| ());
            assert!(matches!(refused, Err(BenchError::Refused { .. })), "{far}");
        }
    }

    #[tokio::test]
    async fn a_running_one_is_metered_and_left_as_it_was() {
        let mongo = Mongo::join(dev_mongod::shared().await.uri()).await.expect("joined");
        assert!(proc::cpu(mongo.pid).is_ok(), "the process is here");
        let before = mongo.kept().await.expect("read");
        let rows = mongo.client.database(&mongo.database).collection::<Document>("rows");
        rows.insert_one(doc! {"a": 1}).await.expect("written");
        let after = mongo.kept().await.expect("read");
        assert!(
            before.transactions.is_some() && after.syncs >= before.syncs,
            "{before:?} {after:?}"
        );
        mongo.close().await.expect("dropped");
    }
}
