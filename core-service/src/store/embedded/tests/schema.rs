//! Folders of other versions: older ones are upgraded as a whole, newer ones are left alone.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::{
    super::{commit, connect, inbox, schema},
    has_everything, open,
};
use crate::{
    domain::{
        delivery::{Outcome, SetAside},
        journal::{JournalQuery, Range, Which},
    },
    store::{
        Store, StoreError,
        conformance::samples::{Desk, Fill, delivery, event},
        form,
        prepare::Prepared,
    },
};

/// The steps that were released, by their SHA-256.
const RELEASED: [&str; 4] = [
    "0ANWvvbhMV+nZ58zGanfdBXdYxxd05RK7AsQPksQaCU=",
    "ADxqBhZHLVadQygeQCY/iJCoVtS00lDA1O5bqjkBW68=",
    "ho6jBl2wjhvcYPn3vjrdaa6gYE6aIJT3r1e7xlt8/V0=",
    "sO4dsG9lYxNbE0j3VEQtn8+ssNDKbDcg0aPzzumEelE=",
];

/// The newest version.
const NEWEST: usize = schema::STEPS.len();

fn database(folder: &Path) -> Connection {
    connect::for_writing(&folder.join("store.sqlite")).unwrap()
}

/// A folder as an older version left it, with something in it: written by this version, and copied as far
/// as the older one had a place for it.
fn older(folder: &Path, version: usize) -> Desk {
    let (newest, desk) = (tempfile::tempdir().unwrap(), Desk::new());
    let mut conn = database(newest.path());
    let conversation = desk.conversation(1);
    let batch = desk.batch().put(desk.client()).put(&conversation);
    let batch = batch.put(desk.queued(&conversation, 1)).event(event(1)).event(event(2));
    let transaction = conn.transaction().unwrap();
    schema::prepare(&transaction, &schema::STEPS).unwrap();
    commit::commit(&transaction, &Prepared::new(batch).unwrap()).unwrap();
    inbox::keep(&transaction, &delivery(&desk.owner, 10)).unwrap();
    transaction.commit().unwrap();

    let mut conn = database(folder);
    let transaction = conn.transaction().unwrap();
    schema::prepare(&transaction, &schema::STEPS[..version]).unwrap();
    transaction.commit().unwrap();
    // Only now: what is attached would be taken for the folder's own.
    let source = newest.path().join("store.sqlite");
    conn.execute("ATTACH ?1 AS newest", [source.to_str().unwrap()]).unwrap();
    let transaction = conn.transaction().unwrap();
    // Those two begin filled.
    let tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' \
        AND name NOT LIKE 'sqlite_%' AND name NOT IN ('meta', 'lanes')";
    for table in texts(&transaction, tables) {
        let columns = format!("SELECT name FROM pragma_table_info('{table}', 'main')");
        let columns = texts(&transaction, &columns).join(", ");
        let copy =
            format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}");
        transaction.execute_batch(&copy).unwrap();
    }
    transaction.commit().unwrap();
    desk
}

fn texts(conn: &Connection, query: &str) -> Vec<String> {
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
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

#[tokio::test]
async fn what_was_applied_in_part_is_told_apart_by_an_upgrade() {
    let folder = tempfile::tempdir().unwrap();
    let conn = database(folder.path());
    schema::prepare(&conn, &schema::STEPS[..2]).unwrap();
    let aside = SetAside { element: 3, reason: "no sender".to_owned() };
    let outcomes = [
        Some(Outcome::Applied { set_aside: vec![aside] }),
        Some(Outcome::Applied { set_aside: Vec::new() }),
        None,
    ];
    for (n, outcome) in (0_u8..).zip(&outcomes) {
        let insert = "INSERT INTO inbox (digest, lane, received_at, state, outcome, body) \
            VALUES (?1, 0, 0, ?2, ?3, x'00')";
        let stored = outcome.as_ref().map(|outcome| form::encode(outcome).unwrap());
        conn.execute(insert, (vec![n; 32], stored.is_some(), stored)).unwrap();
    }
    drop(conn);
    let store = open(folder.path()).unwrap();
    let query = |which| JournalQuery { range: Range::ALL, which, newest_first: false, limit: 9 };
    for (which, n) in [(Which::Failed, 0), (Which::Applied, 1), (Which::Waiting, 2)] {
        let rows = store.deliveries(query(which)).await.unwrap();
        assert_eq!(rows.len(), 1, "{which:?}");
        assert_eq!(rows[0].outcome, outcomes[n], "{which:?}");
    }
    store.close().await;
}
