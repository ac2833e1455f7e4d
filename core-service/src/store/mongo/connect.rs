//! Connecting: what the connection string may ask for, and what the server must be.
//!
//! Invariant: nothing is served from a server that could forget what it acknowledged.

use std::time::Duration;

use mongodb::{
    Client, Database,
    bson::{Document, doc},
    options::{Acknowledgment, ClientOptions, ReadConcernLevel, ReadPreference, SelectionCriteria},
};
use tokio::time::{Instant, sleep};

use super::{db::READ, error};
use crate::{secret::Secret, store::StoreError};

/// How long to wait for a primary before an operation fails.
const SELECT: Duration = Duration::from_secs(2);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);
/// How often a member is looked at, so that one that fell silent is noticed.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// The most connections to a member.
const CONNECTIONS: u32 = 64;
/// So many of them may be made at once.
const CONNECTING: u32 = 8;
/// How long the start waits for a primary: members that start together elect one first.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before a server that did not answer is asked again.
const AGAIN: Duration = Duration::from_millis(500);
/// The oldest server, MongoDB 6.0, by the version of its wire protocol.
const OLDEST_WIRE: i32 = 17;

/// A database that can be served from.
pub(super) struct Connected {
    pub(super) database: Database,
    pub(super) time: ServerTime,
}

/// What the server's clock said, and when by ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerTime {
    /// Its milliseconds.
    pub(super) millis: i64,
    /// When its answer was here.
    pub(super) at: std::time::Instant,
}

/// Connects and checks.
///
/// # Errors
/// [`StoreError::Unavailable`] with what is wrong in one line, never with the connection string.
pub(super) async fn connect(uri: &Secret, database: &str) -> Result<Connected, StoreError> {
    connect_within(uri, database, PATIENCE).await
}

/// As [`connect`], with a patience of the caller's.
pub(super) async fn connect_within(
    uri: &Secret,
    database: &str,
    patience: Duration,
) -> Result<Connected, StoreError> {
    let mut options = ClientOptions::parse(uri.expose()).await.map_err(|_| {
        StoreError::Unavailable(
            "is no connection string (mongodb://host:port,…/?replicaSet=name)".to_owned(),
        )
    })?;
    check_asked(&options)?;
    options.app_name.get_or_insert_with(|| "core-service".to_owned());
    options.server_selection_timeout.get_or_insert(SELECT);
    options.connect_timeout.get_or_insert(CONNECT);
    options.heartbeat_freq.get_or_insert(HEARTBEAT);
    options.max_pool_size.get_or_insert(CONNECTIONS);
    options.max_connecting.get_or_insert(CONNECTING);
    let client = Client::with_options(options).map_err(|e| error::of(&e))?;
    let database = client.database(database);
    let hello = hello(&database, patience).await?;
    let at = std::time::Instant::now();
    check_server(&hello)?;
    let millis = hello.get_datetime("localTime").map_or(0, |now| now.timestamp_millis());
    Ok(Connected { database, time: ServerTime { millis, at } })
}

/// Refuses what would weaken what this store promises; it names its concerns with every operation, so a
/// connection string that asks for others is a misunderstanding.
fn check_asked(options: &ClientOptions) -> Result<(), StoreError> {
    if let Some(concern) = &options.write_concern {
        let weaker = !matches!(concern.w, None | Some(Acknowledgment::Majority))
            || concern.journal == Some(false);
        if weaker {
            return refuse("asks for a weaker write concern than w=majority with journal=true");
        }
    }
    if let Some(concern) = &options.read_concern {
        let strong = [
            ReadConcernLevel::Majority,
            ReadConcernLevel::Linearizable,
            ReadConcernLevel::Snapshot,
        ];
        if !strong.contains(&concern.level) {
            return refuse("asks for a weaker read concern than readConcernLevel=majority");
        }
    }
    match &options.selection_criteria {
        None | Some(SelectionCriteria::ReadPreference(ReadPreference::Primary)) => {}
        Some(_) => {
            return refuse("asks for reads that may be stale: readPreference must be primary");
        }
    }
    if options.retry_writes == Some(false) {
        return refuse("asks for retryWrites=false");
    }
    Ok(())
}

async fn hello(database: &Database, patience: Duration) -> Result<Document, StoreError> {
    let until = Instant::now() + patience;
    loop {
        let asked = database.run_command(doc! { "hello": 1, "maxTimeMS": super::db::millis(READ) });
        let failed = match asked.await {
            Ok(hello) => return Ok(hello),
            Err(failed) => failed,
        };
        let authentication =
            matches!(&*failed.kind, mongodb::error::ErrorKind::Authentication { .. });
        if authentication || Instant::now() + AGAIN >= until {
            return Err(error::of(&failed));
        }
        tracing::warn!(error = error::name(&failed), "waiting for MongoDB");
        sleep(AGAIN).await;
    }
}

fn check_server(hello: &Document) -> Result<(), StoreError> {
    let router = hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid");
    if !router && !hello.contains_key("setName") {
        return refuse(
            "is a standalone server; a replica set is needed, and one of a single member will do",
        );
    }
    if hello.get_i32("maxWireVersion").unwrap_or(0) < OLDEST_WIRE {
        return refuse("is older than MongoDB 6.0");
    }
    Ok(())
}

fn refuse<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Unavailable(why.to_owned()))
}
