//! Makes servers that know nothing of each other a replica set.

use std::time::Duration;

use mongodb::bson::{Bson, Document, doc};

use crate::{
    Error, Server,
    ask::ask,
    until::{Seen, until},
    uri,
};

const INITIATE: Duration = Duration::from_secs(30);
/// The first election and the first synchronisation take seconds, more on a busy machine.
const SETTLE: Duration = Duration::from_secs(60);

/// Forms the set `name` and waits until it has a primary and every other node follows it.
pub(crate) async fn initiate(name: &str, servers: &[Server]) -> Result<(), Error> {
    let [first, ..] = servers else { return Ok(()) };
    ask(first.port(), doc! { "replSetInitiate": configuration(name, servers) }, INITIATE).await?;
    until("a settled replica set", SETTLE, async || {
        let (mut primaries, mut secondaries) = (0, 0);
        for server in servers {
            // One that is too busy to answer in time is not settled yet.
            let Ok(hello) = server.hello().await else { continue };
            primaries += usize::from(is_primary(&hello));
            secondaries += usize::from(hello.get_bool("secondary").unwrap_or_default());
        }
        Ok(if primaries == 1 && secondaries == servers.len() - 1 {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{primaries} primary, {secondaries} secondary"))
        })
    })
    .await
}

/// Whether the server that said this takes writes.
pub(crate) fn is_primary(hello: &Document) -> bool {
    hello.get_bool("isWritablePrimary").unwrap_or_default()
}

/// Elections after one second without a primary instead of ten: tests wait for them.
fn configuration(name: &str, servers: &[Server]) -> Document {
    let members: Vec<Bson> = (0_i32..)
        .zip(servers)
        .map(|(id, server)| doc! { "_id": id, "host": uri::host(server.port()) }.into())
        .collect();
    doc! {
        "_id": name,
        "members": members,
        "settings": { "electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 500 },
    }
}
