//! Three nodes: elections.

use dev_mongod::{Options, ReplicaSet};

use crate::kit::{count, write};

#[tokio::test]
async fn replica_set_elects_another_primary_when_its_own_is_killed() {
    let set = ReplicaSet::start(Options::three()).await.unwrap();
    let client = set.client().await.unwrap();
    let first = set.primary().await.unwrap();
    write(&client, 1).await.unwrap();

    set.kill(first).await.unwrap();
    let second = set.primary().await.unwrap();
    assert_ne!(second, first);
    write(&client, 2).await.unwrap();

    set.restart(first).await.unwrap();
    set.kill(second).await.unwrap();
    write(&client, 3).await.unwrap();
    assert_eq!(count(&client).await.unwrap(), 3);
}

#[tokio::test]
async fn replica_set_elects_another_primary_when_its_own_is_frozen() {
    let set = ReplicaSet::start(Options::three()).await.unwrap();
    let first = set.primary().await.unwrap();

    set.stop(first).await.unwrap();
    let second = set.primary().await.unwrap();
    assert_ne!(second, first);
    set.cont(first).await.unwrap();

    // The first still believes that it is the primary, but its election is the older one.
    assert_eq!(set.primary().await.unwrap(), second);
}

#[tokio::test]
async fn replica_set_hands_over_when_its_primary_steps_down() {
    let set = ReplicaSet::start(Options::three()).await.unwrap();
    let first = set.primary().await.unwrap();
    set.step_down().await.unwrap();
    assert_ne!(set.primary().await.unwrap(), first);
}
