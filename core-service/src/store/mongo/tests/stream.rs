//! A reader at one process who follows writers at another, while the change stream between them breaks.

use std::{sync::Arc, time::Duration};

use dev_mongod::{Options, ReplicaSet};
use mongodb::bson::{Document, Timestamp, doc};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use super::{
    super::Mongo,
    kit::{self, LONG, commit_surely, once, open_at, open_on, surely, until},
    proxy::Proxy,
    wakes::{acquainted, moves},
};
use crate::{
    domain::event::Position,
    store::{
        Store,
        conformance::samples::{Desk, delivery},
    },
};

const WRITERS: i64 = 16;

/// Follows a log to its end at `until`, as the readers of the service do.
fn follow(store: &Arc<Mongo>, desk: &Desk, until: i64) -> JoinHandle<()> {
    let (store, desk) = (Arc::clone(store), desk.clone());
    tokio::spawn(async move {
        let mut tail = store.tail(&desk.owner);
        let mut at = Position(0);
        while at.0 < until.cast_unsigned() {
            tail.mark_unchanged();
            let news = surely(|| store.events(&desk.owner, at, 7)).await;
            if news.is_empty() {
                // Hints may be late and lost, but not for ever.
                timeout(LONG, tail.changed()).await.expect("no hint comes").unwrap();
            }
            for entry in news {
                assert_eq!(entry.position, at.next(), "a gap or a repeat");
                at = entry.position;
            }
        }
    })
}

/// Sixteen writers commit `each` one after another.
async fn write(store: &Arc<Mongo>, desk: &Desk, each: i64) {
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, desk) = (Arc::clone(store), desk.clone());
        writers.spawn(async move {
            for n in 0..each {
                let (id, batch) = once(&desk, n);
                commit_surely(&store, id, &batch).await;
            }
        });
    }
    writers.join_all().await;
}

/// That what one process keeps wakes the other.
async fn assert_heard(from: &Mongo, at: &Mongo) {
    let mut arrivals = at.arrivals();
    until("a hint by the stream", async || {
        // The stream may still be opening: then this one is not heard, and the next one is.
        surely(|| from.journal(delivery(&Desk::new().owner, 10))).await;
        timeout(Duration::from_millis(500), arrivals.changed()).await.ok()
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_misses_nothing_when_the_server_restarts_under_the_stream() {
    let set = kit::one().await;
    let (a, b) = (open_on(&set).await, open_on(&set).await);
    acquainted(&a, &b).await;
    let desk = Desk::new();
    let reader = follow(&b, &desk, 3 * WRITERS * 4);
    write(&a, &desk, 4).await;
    let restart = async {
        set.kill(0).await.unwrap();
        set.restart(0).await.unwrap();
    };
    tokio::join!(restart, write(&a, &desk, 4));
    write(&a, &desk, 4).await;
    timeout(LONG, reader).await.expect("the reader waits for ever").unwrap();
    assert_heard(&a, &b).await;
}

/// The time of the oldest entry that the server still has.
async fn oldest(set: &ReplicaSet) -> Timestamp {
    let client = set.client().await.unwrap();
    let oplog = client.database("local").collection::<Document>("oplog.rs");
    let first = oplog.find_one(doc! {}).sort(doc! { "$natural": 1 }).await.unwrap().unwrap();
    client.shutdown().immediate(true).await;
    first.get_timestamp("ts").unwrap()
}

/// The server's time now.
async fn now(set: &ReplicaSet) -> Timestamp {
    let answer = set.command(0, doc! { "hello": 1 }).await.unwrap();
    let last = answer.get_document("lastWrite").unwrap().get_document("opTime").unwrap();
    last.get_timestamp("ts").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_misses_nothing_when_the_server_forgot_where_the_stream_was() {
    // The server forgets only what a checkpoint has, and makes one a minute by itself.
    let arguments = vec!["--syncdelay".to_owned(), "1".to_owned()];
    let options = Options { oplog_mb: 1, arguments, ..Options::one() };
    let set = ReplicaSet::start(options).await.unwrap();
    let proxy = Proxy::before(set.server(0).unwrap().port()).await;
    let (a, b) = (open_on(&set).await, open_at(&proxy.uri()).await);
    acquainted(&a, &b).await;
    let (desk, other) = (Desk::new(), Desk::new());
    let reader = follow(&b, &desk, 2 * WRITERS * 4);
    write(&a, &desk, 4).await;
    let mut arrivals = b.arrivals();
    moved_once(&a, &mut arrivals).await;

    proxy.cut();
    let left = now(&set).await;
    write(&a, &desk, 4).await;
    until("the end of the server's memory", async || {
        for _ in 0..4 {
            a.journal(delivery(&other.owner, 256 << 10)).await.unwrap();
        }
        (oldest(&set).await > left).then_some(())
    })
    .await;
    proxy.mend();
    timeout(LONG, reader).await.expect("the reader waits for ever").unwrap();
    assert_heard(&a, &b).await;
}

/// The stream is there: a hint came through it.
async fn moved_once(from: &Mongo, arrivals: &mut tokio::sync::watch::Receiver<u64>) {
    arrivals.mark_unchanged();
    from.journal(delivery(&Desk::new().owner, 10)).await.unwrap();
    moves(arrivals).await;
}
