//! Access control.

use dev_mongod::{Options, ReplicaSet};
use mongodb::{Client, bson::doc};

use crate::kit::{count, write};

#[tokio::test]
async fn a_user_may_do_what_its_roles_say() {
    let options = Options { access_control: true, ..Options::one() };
    let set = ReplicaSet::start(options).await.unwrap();
    write(&set.client().await.unwrap(), 1).await.unwrap();

    let nobody = Client::with_uri_str(set.uri_of_nobody()).await.unwrap();
    count(&nobody).await.unwrap_err();

    let reader = doc! {
        "createUser": "reader",
        "pwd": "secret",
        "roles": [{ "role": "read", "db": "it" }],
    };
    set.command(0, reader).await.unwrap();
    let reader = Client::with_uri_str(set.uri_of("reader", "secret")).await.unwrap();
    assert_eq!(count(&reader).await.unwrap(), 1);
    write(&reader, 2).await.unwrap_err();
}

#[tokio::test]
async fn replica_set_nodes_know_each_other_by_their_key() {
    let options = Options { access_control: true, ..Options::three() };
    let set = ReplicaSet::start(options).await.unwrap();
    let first = set.primary().await.unwrap();
    write(&set.client().await.unwrap(), 1).await.unwrap();
    set.step_down().await.unwrap();
    assert_ne!(set.primary().await.unwrap(), first);
}
