//! Folders of other versions: older ones are upgraded as a whole, newer ones are left alone.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::{
    super::{commit, connect, inbox, schema},
    has_everything, open,
};
use crate::store::{
    Store, StoreError,
    conformance::samples::{Desk, Fill, delivery, event},
    prepare::Prepared,
};

/// The steps that were released, by their SHA-256.
const RELEASED: [&str; 2] = [
    "0ANWvvbhMV+nZ58zGanfdBXdYxxd05RK7AsQPksQaCU=",
    "ADxqBhZHLVadQygeQCY/iJCoVtS00lDA1O5bqjkBW68=",
];

/// The newest version.
const NEWEST: usize = schema::STEPS.len();

fn database(folder: &Path) -> Connection {
    connect::for_writing(&folder.join("store.sqlite")).unwrap()
}

/// A folder as an older version left it, with something in it.
fn older(folder: &Path, version: usize) -> Desk {
    let (mut conn, desk) = (database(folder), Desk::new());
    let conversation = desk.conversation(1);
    let batch = desk.batch().put(desk.client()).put(&conversation);
    let batch = batch.put(desk.queued(&conversation, 1)).event(event(1)).event(event(2));
    let transaction = conn.transaction().unwrap();
    schema::prepare(&transaction, &schema::STEPS[..version]).unwrap();
    commit::commit(&transaction, &Prepared::new(batch).unwrap()).unwrap();
    inbox::keep(&transaction, &delivery(&desk.owner, 10)).unwrap();
    transaction.commit().unwrap();
    desk
}

/// Every table and index as the folder describes it, and its version.
fn described(folder: &Path) -> (Vec<[String; 3]>, i64) {
    let conn = database(folder);
    let all = "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name";
    let mut all = conn.prepare(all).unwrap();
    let all = all.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?])).unwrap();
    (all.map(Result::unwrap).collect(), schema::meta(&conn, "schema").unwrap())
}

#[tokio::test]
async fn an_older_folder_ends_like_a_new_one_with_all_that_was_in_it() {
    let new = tempfile::tempdir().unwrap();
    open(new.path()).unwrap().close().await;
    let new = described(new.path());
    assert_eq!(new.1, i64::try_from(NEWEST).unwrap());
    for version in 1..NEWEST {
        let folder = tempfile::tempdir().unwrap();
        let desk = older(folder.path(), version);
        let epoch = schema::meta(&database(folder.path()), "epoch").unwrap().cast_unsigned();
        assert_ne!(described(folder.path()), new, "version {version} is another one");

        let store = open(folder.path()).unwrap();
        has_everything(&store, &desk).await;
        assert_eq!(store.epoch(), epoch, "it is the same history");
        let consent = desk.consent(600);
        store.keep_consent(consent.clone()).await.unwrap();
        assert_eq!(store.take_consent(&consent.state).await.unwrap(), Some(consent));
        store.close().await;
        assert_eq!(described(folder.path()), new, "from version {version}");
        // And once more, with nothing left to do.
        open(folder.path()).unwrap().close().await;
        assert_eq!(described(folder.path()), new, "from version {version}, again");
    }
}

#[tokio::test]
async fn an_upgrade_that_fails_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let desk = older(folder.path(), 1);
    let before = described(folder.path());
    let mut conn = database(folder.path());
    let steps = [schema::STEPS[0], "CREATE TABLE half (id INTEGER) STRICT; and nonsense"];
    let transaction = conn.transaction().unwrap();
    let failed = schema::prepare(&transaction, &steps);
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    drop(transaction);
    drop(conn);
    assert_eq!(described(folder.path()), before);
    has_everything(&open(folder.path()).unwrap(), &desk).await;
}

#[tokio::test]
async fn a_folder_of_a_version_that_is_not_known_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let desk = older(folder.path(), NEWEST);
    let newer = i64::try_from(NEWEST).unwrap() + 1;
    let set = |version: i64| {
        let raise = "UPDATE meta SET value = ?1 WHERE key = 'schema'";
        database(folder.path()).execute(raise, [version]).unwrap();
    };
    for version in [newer, i64::MAX, 0, -1] {
        set(version);
        let before = described(folder.path());
        let Err(StoreError::Corrupt(why)) = open(folder.path()) else {
            panic!("a folder of schema {version} was opened");
        };
        assert!(why.contains(&format!("schema {version},")), "{why}");
        assert_eq!(described(folder.path()), before);
    }
    set(newer - 1);
    has_everything(&open(folder.path()).unwrap(), &desk).await;
}

#[test]
fn no_released_step_was_edited() {
    let found = schema::STEPS.map(|step| STANDARD.encode(Sha256::digest(step)));
    assert_eq!(found, RELEASED, "a change of the schema is a step of its own");
}
