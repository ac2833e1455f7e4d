//! A collection to write to.

use mongodb::{
    Client, Collection,
    bson::{Document, doc},
    options::{Acknowledgment, CollectionOptions, WriteConcern},
};

/// A collection whose writes are acknowledged by a majority, in its journal.
pub fn durable(client: &Client) -> Collection<Document> {
    let concern = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
    let options = CollectionOptions::builder().write_concern(concern).build();
    client.database("it").collection_with_options("things", options)
}

/// Writes one thing.
pub async fn write(client: &Client, id: i32) -> mongodb::error::Result<()> {
    durable(client).insert_one(doc! { "_id": id }).await.map(|_| ())
}

/// How many things there are.
pub async fn count(client: &Client) -> mongodb::error::Result<u64> {
    durable(client).count_documents(doc! {}).await
}
