//! What the store refuses to serve from: with one line that says why, and never says how to connect.

use std::time::Duration;

use dev_mongod::{Options, ReplicaSet, Server};
use mongodb::{
    IndexModel,
    bson::{Document, doc},
};
use tokio::time::{Instant, timeout};

use super::{
    super::{
        Mongo, connect,
        field::{MESSAGES, META},
    },
    fresh_database,
    kit::{self, LONG},
    open,
};
use crate::{secret::Secret, store::StoreError};

/// Opens, expecting a refusal: one line that holds `why` and nothing of the connection string.
async fn refused(uri: &str, database: &str, why: &str) {
    let secret = Secret::new(uri.to_owned());
    let error = timeout(LONG, Mongo::open(&secret, database)).await.expect("it hangs").unwrap_err();
    assert_line(&error, uri, why);
}

fn assert_line(error: &StoreError, uri: &str, why: &str) {
    let line = error.to_string();
    assert!(line.contains(why), "{line}");
    assert!(!line.contains('\n'), "{line}");
    let host = uri.trim_start_matches("mongodb://").split(['/', ',']).next().unwrap();
    for part in host.split('@') {
        assert!(!line.contains(part), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standalone_server_is_refused() {
    let server = Server::standalone(&Options::one()).await.unwrap();
    refused(&server.uri(), "db", "is a standalone server").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_string_that_asks_for_less_is_refused() {
    let database = fresh_database().await;
    let weaker = [
        ("w=1", "write concern"),
        ("w=0", "write concern"),
        ("w=2", "write concern"),
        ("w=majority&journal=false", "write concern"),
        ("journal=false", "write concern"),
        ("readConcernLevel=local", "read concern"),
        ("readConcernLevel=available", "read concern"),
        ("readPreference=secondary", "readPreference must be primary"),
        ("readPreference=primaryPreferred", "readPreference must be primary"),
        ("readPreference=nearest", "readPreference must be primary"),
        ("retryWrites=false", "retryWrites"),
    ];
    for (asked, why) in weaker {
        refused(&format!("{}&{asked}", database.uri()), database.name(), why).await;
    }
    let same = "w=majority&journal=true&readConcernLevel=majority&readPreference=primary";
    let uri = Secret::new(format!("{}&{same}&retryWrites=true", database.uri()));
    Mongo::open(&uri, database.name()).await.unwrap();
    refused("what is this", "db", "is no connection string").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_who_may_not_are_refused() {
    let set = ReplicaSet::start(Options { access_control: true, ..Options::one() }).await.unwrap();
    for (user, role) in [("reader", "read"), ("writer", "readWrite")] {
        let roles = doc! { "role": role, "db": "db" };
        let create = doc! { "createUser": user, "pwd": "hidden", "roles": [roles] };
        set.command(0, create).await.unwrap();
    }
    refused(&set.uri_of("reader", "hidden"), "db", "Unauthorized").await;
    refused(&set.uri_of("writer", "hidden"), "other", "Unauthorized").await;
    refused(&set.uri_of_nobody(), "db", "Unauthorized").await;
    let begun = Instant::now();
    refused(&set.uri_of("reader", "wrong"), "db", "user name or password").await;
    assert!(begun.elapsed() < Duration::from_secs(5), "waiting does not help");
    // Reading and writing its own database is all that is needed.
    let uri = Secret::new(set.uri_of("writer", "hidden"));
    Mongo::open(&uri, "db").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_in_another_form_is_refused() {
    let database = fresh_database().await;
    let store = open(&database).await;
    let messages = store.db.database().collection::<Document>(MESSAGES);
    messages.drop_index("wamid").await.unwrap();
    // One that is missing is made.
    open(&database).await;

    messages.drop_index("wamid").await.unwrap();
    let keys = doc! { "owner": 1, "number": 1, "wamid": 1 };
    let named = mongodb::options::IndexOptions::builder().name("wamid".to_owned()).build();
    let loose = IndexModel::builder().keys(keys).options(named).build();
    messages.create_index(loose).await.unwrap();
    refused(database.uri(), database.name(), "messages has no index wamid").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_break_a_unique_index_are_refused() {
    let database = fresh_database().await;
    let store = open(&database).await;
    let messages = store.db.database().collection::<Document>(MESSAGES);
    messages.drop_index("wamid").await.unwrap();
    let row = |id| doc! { "_id": id, "owner": "o", "number": "1", "wamid": "w" };
    messages.insert_many([row(1), row(2)]).await.unwrap();
    refused(database.uri(), database.name(), "11000").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_newer_version_is_refused() {
    let database = fresh_database().await;
    let store = open(&database).await;
    let meta = store.db.database().collection::<Document>(META);
    let newer = doc! { "$set": { "value": 2_i64 } };
    meta.update_one(doc! { "_id": "schema" }, newer).await.unwrap();
    refused(database.uri(), database.name(), "the database has schema 2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_waited_for_and_then_refused() {
    let set = kit::one().await;
    let uri = set.uri();
    set.kill(0).await.unwrap();
    let patience = Duration::from_secs(3);
    let (asked, begun) = (Secret::new(uri.clone()), Instant::now());
    let away = timeout(LONG, connect::connect_within(&asked, "db", patience));
    let error = away.await.expect("it hangs").err().unwrap();
    assert_line(&error, &uri, "no primary can be reached");
    assert!(begun.elapsed() >= Duration::from_secs(2), "it was not waited for");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());

    // One that comes meanwhile is served from.
    let (opened, restarted) = tokio::join!(Mongo::open(&asked, "db"), set.restart(0));
    restarted.unwrap();
    opened.unwrap();
}
