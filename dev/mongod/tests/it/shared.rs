//! The shared set.

use dev_mongod::shared;
use mongodb::{Client, bson::doc};

#[tokio::test]
async fn a_database_of_the_shared_set_is_gone_after_its_guard() {
    let shared = shared().await;
    let client = Client::with_uri_str(shared.uri()).await.unwrap();
    let (mine, other) = (shared.database(), shared.database());
    assert_ne!(mine.name(), other.name());
    for database in [&mine, &other] {
        let things = client.database(database.name()).collection("things");
        things.insert_one(doc! { "_id": 1 }).await.unwrap();
    }

    let name = mine.name().to_owned();
    drop(mine);

    let names = client.list_database_names().await.unwrap();
    assert!(!names.contains(&name));
    assert!(names.iter().any(|name| name == other.name()));
}
