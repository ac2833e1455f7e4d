//! `core-service journal` as a process: what it says, and how it ends.

use std::{path::Path, process::Command, sync::Arc};

use core_service::{
    domain::{
        delivery::{Delivery, Digest, Outcome, SetAside, Settlement},
        journal::{JournalQuery, Range, Which},
        owner::Lane,
        time::Timestamp,
    },
    store::{
        Store,
        embedded::{Embedded, Options},
    },
};
use serde_json::Value;

use crate::{
    kit::{self, NOON},
    lanes::body,
};

/// A folder with four deliveries: one applied, one applied in part, one given up, one that waits.
async fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(open(folder.path()));
    let lanes: Vec<Lane> = Lane::all().collect();
    let aside = SetAside { element: 1, reason: "no sender".to_owned() };
    let outcomes = [
        Some(Outcome::Applied { set_aside: Vec::new() }),
        Some(Outcome::Applied { set_aside: vec![aside] }),
        Some(Outcome::Poisoned { reason: "five times".to_owned() }),
        None,
    ];
    for (n, outcome) in (0_u8..).zip(outcomes) {
        let names = ["canary".to_owned(), n.to_string()];
        store
            .journal(Delivery {
                digest: Digest([n; 32]),
                body: body(&kit::number(), &names).to_string().into(),
                lane: kit::owner().lane(),
                received_at: Timestamp::from_millis(NOON.as_millis() + i64::from(n) * 60_000),
            })
            .await
            .unwrap();
        let id = store.pending(&lanes, 9).await.unwrap().pop().expect("it waits").id;
        if let Some(outcome) = outcome {
            store.settle(vec![Settlement { id, outcome }]).await.unwrap();
        }
    }
    store.close().await;
    folder
}

fn open(folder: &Path) -> Embedded {
    Embedded::open(folder, &Options::default()).unwrap()
}

/// How it ended, and what it said: on standard output, and on standard error.
fn run(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_core-service"));
    command
        .env_clear()
        .env("EMBEDDED_PATH", folder)
        .env("TOKEN_KEYS", "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        .env("CORE_SERVICE_TOKENS", "edge:tokens-tokens-tokens-tokens-tokens:edge");
    let output = command.arg("journal").args(words).output().unwrap();
    let [said, errors] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), said, errors)
}

#[tokio::test]
async fn it_needs_no_files() {
    let folder = folder().await;
    // No folder can be made there.
    std::fs::write(folder.path().join("media"), b"").unwrap();
    good(folder.path(), &["list"]);
}

/// Runs it, expecting success and no complaint.
fn good(folder: &Path, words: &[&str]) -> String {
    let (code, said, errors) = run(folder, words);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{words:?}: {said}");
    said
}

/// The numbers of a listing for programs.
fn listed(folder: &Path, words: &[&str]) -> Vec<String> {
    let said = good(folder, &[&["list", "--json"], words].concat());
    let id = |line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    said.lines().map(id).collect()
}

#[tokio::test]
async fn it_lists_what_is_asked_for() {
    let folder = folder().await;
    let path = folder.path();
    let said = good(path, &["list"]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("NUMBER  RECEIVED "), "{said}");
    assert_eq!(lines.len(), 5, "{said}");
    assert!(lines[1].starts_with("4       2027-01-15T08:03:00.000Z  waiting "), "{said}");
    assert!(lines[2].ends_with("  five times") && lines[2].contains(" given-up "), "{said}");
    assert!(lines[3].ends_with("  element 1: no sender"), "{said}");

    assert_eq!(listed(path, &[]), ["4", "3", "2", "1"]);
    assert_eq!(listed(path, &["--oldest-first", "--limit", "4"]), ["1", "2", "3", "4"]);
    assert_eq!(listed(path, &["--state", "failed"]), ["3", "2"]);
    assert_eq!(listed(path, &["--state", "waiting"]), ["4"]);
    assert_eq!(listed(path, &["--state", "applied"]), ["1"]);
    let between = ["--since", "2027-01-15T08:01:00Z", "--until", "2027-01-15T09:03:00+01:00"];
    assert_eq!(listed(path, &between), ["3", "2"]);
    assert_eq!(good(path, &["list", "--since", "2028-01-01"]), "no deliveries\n");
    let (code, _, errors) = run(path, &["list", "--limit", "1"]);
    assert_eq!((code, errors.lines().count()), (Some(0), 1), "it says that there are more");
}

#[tokio::test]
async fn it_shows_a_body_only_when_it_is_asked_for() {
    let folder = folder().await;
    let said = good(folder.path(), &["show", "2"]);
    assert!(said.contains("\n  state        in-part\n"), "{said}");
    let number = kit::number();
    let applied = format!("\n0        message  {number}  applied\n");
    let aside = format!("\n1        message  {number}  set aside  no sender\n");
    assert!(said.contains(&applied) && said.contains(&aside), "{said}");
    assert!(!said.contains("canary"), "{said}");
    let said = good(folder.path(), &["show", "2", "--json"]);
    let shown: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(shown["elements"][1]["state"], "set-aside");
    assert_eq!(shown["setAside"][0]["reason"], "no sender");
    assert!(!said.contains("canary"), "{said}");

    assert!(good(folder.path(), &["show", "2", "--body"]).contains("wamid.canary"));
    let said = good(folder.path(), &["show", "2", "--body", "--json"]);
    let shown: Value = serde_json::from_str(&said).unwrap();
    assert!(shown["body"].as_str().unwrap().contains("wamid.canary"));
    let (code, said, errors) = run(folder.path(), &["show", "99"]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert_eq!(errors, "core-service: there is no delivery 99\n");
}

#[tokio::test]
async fn it_asks_for_what_is_named() {
    let folder = folder().await;
    let path = folder.path();
    for (words, line) in [
        (&["--failed", "--dry-run"][..], "2 deliveries would be applied again\n"),
        (&["--from", "1", "--dry-run"], "3 deliveries would be applied again\n"),
        (&["--id", "3"], "1 delivery is to be applied again\n"),
        (&["--failed"], "1 delivery is to be applied again\n"),
        (&["--failed"], "0 deliveries are to be applied again\n"),
    ] {
        let (code, said, errors) = run(path, &[&["replay"], words].concat());
        assert_eq!((code, said.as_str()), (Some(0), line), "{words:?}: {errors}");
        let asked = |line: &str| line.contains("the command line asked for ");
        assert!(errors.lines().all(asked), "every asking is logged, and nothing else: {errors}");
    }
    let store = open(path);
    let query =
        JournalQuery { range: Range::ALL, which: Which::Waiting, newest_first: false, limit: 9 };
    let rows = store.deliveries(query).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id.0).collect::<Vec<_>>(), [2, 3, 4]);
    // The store is in use now.
    let (code, said, errors) = run(path, &["replay", "--failed"]);
    assert_eq!((code, said.as_str(), errors.lines().count()), (Some(1), "", 1), "{errors}");
    assert!(errors.ends_with("one process at a time: stop its core first\n"), "{errors}");
    Store::close(&store).await;
}
