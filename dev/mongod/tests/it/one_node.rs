//! One node: transactions, kill and restart, fail points.

use std::time::{Duration, Instant};

use dev_mongod::{Error, Options, ReplicaSet, Server};
use mongodb::{Client, bson::doc, error::ErrorKind};
use tokio::time::timeout;

use crate::kit::{count, durable, write};

#[tokio::test]
async fn what_was_written_is_there_after_a_kill_and_a_restart() {
    let set = ReplicaSet::start(Options::one()).await.unwrap();
    let client = set.client().await.unwrap();
    write(&client, 1).await.unwrap();

    set.kill(0).await.unwrap();
    assert_eq!(set.primary_now().await, None);
    set.restart(0).await.unwrap();

    assert_eq!(set.primary().await.unwrap(), 0);
    assert_eq!(count(&client).await.unwrap(), 1);
    assert!(set.log(0).unwrap().is_file());
}

#[tokio::test]
async fn a_transaction_left_open_is_aborted_by_the_server() {
    let lifetime = Duration::from_secs(1);
    let options = Options { transaction_lifetime: lifetime, ..Options::one() };
    let set = ReplicaSet::start(options).await.unwrap();
    let (first, second) = (set.client().await.unwrap(), set.client().await.unwrap());
    let things = durable(&first);
    things.insert_one(doc! { "_id": 1, "n": 0 }).await.unwrap();

    let mut session = first.start_session().await.unwrap();
    let begun = Instant::now();
    session.start_transaction().await.unwrap();
    let add = doc! { "$inc": { "n": 1 } };
    things.update_one(doc! { "_id": 1 }, add.clone()).session(&mut session).await.unwrap();

    // Outside a transaction the server itself tries again until the abandoned one is gone.
    durable(&second).update_one(doc! { "_id": 1 }, add).await.unwrap();
    assert!(begun.elapsed() >= lifetime, "nothing was in the way");
    session.commit_transaction().await.unwrap_err();
    let thing = things.find_one(doc! { "_id": 1 }).await.unwrap().unwrap();
    assert_eq!(thing.get_i32("n").unwrap(), 1);
}

#[tokio::test]
async fn a_fail_point_does_what_it_says() {
    let set = ReplicaSet::start(Options::one()).await.unwrap();
    let client = set.client().await.unwrap();
    let fail_point = doc! {
        "configureFailPoint": "failCommand",
        "mode": { "times": 1 },
        "data": { "failCommands": ["insert"], "errorCode": 50 },
    };
    assert_eq!(set.configure_fail_point(fail_point).await.unwrap(), 0);

    let error = write(&client, 1).await.unwrap_err();
    assert!(matches!(*error.kind, ErrorKind::Command(ref command) if command.code == 50));
    write(&client, 1).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_stopped_answers_nothing_until_it_goes_on() {
    let set = ReplicaSet::start(Options::one()).await.unwrap();
    let client = set.client().await.unwrap();
    write(&client, 1).await.unwrap();

    set.stop(0).await.unwrap();
    timeout(Duration::from_millis(300), write(&client, 2)).await.unwrap_err();
    assert_eq!(set.primary_now().await, None);
    set.cont(0).await.unwrap();

    write(&client, 3).await.unwrap();
}

#[tokio::test]
async fn a_single_node_that_steps_down_is_the_primary_again() {
    let set = ReplicaSet::start(Options::one()).await.unwrap();
    let client = set.client().await.unwrap();
    let election = async || {
        let hello = set.command(0, doc! { "hello": 1 }).await.unwrap();
        hello.get_object_id("electionId").unwrap()
    };
    let before = election().await;
    set.step_down().await.unwrap();

    assert_eq!(set.primary().await.unwrap(), 0);
    assert!(election().await > before);
    write(&client, 1).await.unwrap();
}

#[tokio::test]
async fn a_standalone_server_has_no_transactions() {
    let server = Server::standalone(&Options::one()).await.unwrap();
    let client = Client::with_uri_str(server.uri()).await.unwrap();
    let mut session = client.start_session().await.unwrap();
    session.start_transaction().await.unwrap();

    let things = client.database("it").collection("things");
    things.insert_one(doc! { "_id": 1 }).session(&mut session).await.unwrap_err();
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let arguments = vec!["--noSuchOption".to_owned()];
    let error = ReplicaSet::start(Options { arguments, ..Options::one() }).await.unwrap_err();
    assert!(matches!(error, Error::Ended { .. }), "{error}");
    assert!(error.to_string().contains("noSuchOption"), "{error}");
}

#[tokio::test]
async fn a_node_that_is_not_there_is_named() {
    let set = ReplicaSet::start(Options::one()).await.unwrap();
    assert!(matches!(set.kill(1).await, Err(Error::NoSuchNode { node: 1, nodes: 1 })));
}
