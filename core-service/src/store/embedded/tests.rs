//! The contract on this backend, and what only a folder can do.

use std::{fs, path::Path, sync::Arc};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{Embedded, Options};
use crate::{
    domain::{
        change::{Key, State},
        event::Position,
        owner::Lane,
    },
    store::{
        Appetite, Store, StoreError,
        conformance::{
            Fixture,
            samples::{Desk, Fill, delivery, event},
        },
    },
};

mod schema;

mod contract {
    use crate::store::conformance::store_conformance;

    store_conformance!(crate::store::embedded::tests::fresh);
}

async fn fresh() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()).unwrap());
    Fixture { store, _keep: Box::new(folder) }
}

fn open(folder: &Path) -> Result<Embedded, StoreError> {
    Embedded::open(folder, &Options { readers: 2, ..Options::default() })
}

/// A store with something in each part of it.
async fn used(folder: &TempDir) -> (Embedded, Desk) {
    let (store, desk) = (open(folder.path()).unwrap(), Desk::new());
    let conversation = desk.conversation(1);
    let batch = desk.batch().put(desk.client()).put(&conversation);
    let batch = batch.put(desk.queued(&conversation, 1)).event(event(1)).event(event(2));
    store.commit(batch).await.unwrap();
    store.journal(delivery(&desk.owner, 10)).await.unwrap();
    (store, desk)
}

async fn has_everything(store: &Embedded, desk: &Desk) {
    assert!(store.client(desk.client).await.unwrap().is_some());
    assert_eq!(store.head(&desk.owner).await.unwrap().position, Position(2));
    assert_eq!(store.events(&desk.owner, Position(0), 9).await.unwrap().len(), 2);
    let lanes: Vec<_> = Lane::all().collect();
    assert_eq!(store.pending(&lanes, 9).await.unwrap().len(), 1);
    assert!(store.next_due(&lanes).await.unwrap().is_some());
}

#[tokio::test]
async fn everything_is_there_after_closing_and_opening() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = used(&folder).await;
    let (epoch, term) = (
        store.epoch(),
        store.lease("a", std::time::Duration::MAX, Appetite::Share).await.unwrap()[0].term,
    );
    store.close().await;
    let closed = store.ping().await;
    assert!(matches!(closed, Err(StoreError::Unavailable(_))), "{closed:?}");
    drop(store);
    assert!(!folder.path().join("store.sqlite-wal").exists(), "the log file was copied back");

    let store = open(folder.path()).unwrap();
    has_everything(&store, &desk).await;
    assert_eq!(store.epoch(), epoch);
    // The same holder in another process is another holder.
    assert!(
        store.lease("a", std::time::Duration::MAX, Appetite::Share).await.unwrap()[0].term > term
    );
}

#[tokio::test]
async fn everything_acknowledged_is_there_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = used(&folder).await;
    // What the disk holds at this moment, while the store is open: what a crash leaves behind.
    let crashed = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, crashed.path().join(path.file_name().unwrap())).unwrap();
    }
    has_everything(&open(crashed.path()).unwrap(), &desk).await;
    store.close().await;
}

#[tokio::test]
async fn a_second_process_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).unwrap();
    let refused = open(folder.path()).unwrap_err().to_string();
    assert!(refused.ends_with("is in use by another process"), "{refused}");
    assert!(!refused.contains('\n'));
    first.close().await;
    open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("store.sqlite"), [b'x'; 8_192]).unwrap();
    let refused = open(folder.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt(_)), "{refused}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = open(&file.join("data")).unwrap_err().to_string();
    assert!(refused.contains("file/data"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_that_wait_together_are_made_durable_together() {
    const WORKS: u64 = 200;
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()).unwrap());
    let before = store.syncs();
    let mut works = JoinSet::new();
    for n in 0..WORKS {
        let (store, desk) = (Arc::clone(&store), Desk::new());
        works.spawn(async move {
            // Every fourth one loses; it must not sink its neighbours.
            let state = if n % 4 == 0 { State::Exists } else { State::Absent };
            let batch = desk.batch().expecting(Key::LiveClient, state).event(event(1));
            (state == State::Absent, store.commit(batch).await, desk)
        });
    }
    for (wins, ended, desk) in works.join_all().await {
        let position = store.head(&desk.owner).await.unwrap().position;
        if wins {
            assert_eq!(ended.unwrap().position, Position(1));
            assert_eq!(position, Position(1));
        } else {
            assert!(matches!(ended, Err(StoreError::Conflict(_))), "{ended:?}");
            assert_eq!(position, Position(0));
        }
    }
    let syncs = store.syncs() - before;
    assert!(syncs < WORKS / 4, "{syncs} syncs for {WORKS} works");
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().close().await;
    // Room for some deliveries of 64 KiB, then for none.
    let options = Options { readers: 1, max_pages: Some(128) };
    let store = Embedded::open(folder.path(), &options).unwrap();
    let (owner, mut kept) = (Desk::new().owner, 0);
    let refused = loop {
        match store.journal(delivery(&owner, 64 << 10)).await {
            Ok(new) => kept += usize::from(new),
            Err(error) => break error,
        }
        assert!(kept < 100, "the file is not bounded");
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    let lanes: Vec<_> = Lane::all().collect();
    assert_eq!(store.pending(&lanes, 100).await.unwrap().len(), kept);
    // It goes on as soon as something fits.
    store.commit(Desk::new().batch()).await.unwrap();
    assert_eq!(store.pending(&lanes, 100).await.unwrap().len(), kept);
}

#[tokio::test]
async fn many_writes_keep_the_log_file_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    let owner = Desk::new().owner;
    // 192 MiB in all: a log file that nobody copies back would have as much.
    for _ in 0..64 {
        store.journal(delivery(&owner, 3 << 20)).await.unwrap();
    }
    let log = fs::metadata(folder.path().join("store.sqlite-wal")).unwrap().len();
    assert!(log < 160 << 20, "{} MiB", log >> 20);
    store.close().await;
}

#[tokio::test]
async fn a_panic_is_the_end_of_one_call_and_not_of_its_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = used(&folder).await;
    for _ in 0..4 {
        let read = store.readers.read::<(), _>(|_| panic!("on purpose"));
        assert!(matches!(read.await, Err(StoreError::Unavailable(_))));
        let deadline = std::time::Duration::from_secs(5);
        let write = store.writer.write::<(), _, _>(0, deadline, |_| panic!("on purpose"), |()| ());
        assert!(matches!(write.await, Err(StoreError::Unavailable(_))));
    }
    has_everything(&store, &desk).await;
    store.ping().await.unwrap();
}
