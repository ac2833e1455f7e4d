//! `core-service reseal` as a process: what it says, and how it ends.

use std::{path::Path, process::Command, sync::Arc};

use core_service::{
    domain::client::Sealed,
    store::{
        Store,
        embedded::{Embedded, Options},
    },
};

use crate::reseal::{client, core_with, keys, put};

/// A folder with three clients under key 1.
async fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(open(folder.path()));
    let old = core_with(&store, &[1]);
    for n in 0..3 {
        put(&*store, client(&old, n)).await;
    }
    store.close().await;
    folder
}

fn open(folder: &Path) -> Embedded {
    Embedded::open(folder, &Options::default()).unwrap()
}

/// How it ended, its last words on standard output, and all of standard error.
fn run(folder: &Path, token_keys: &str, flags: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_core-service"));
    command
        .env_clear()
        .env("EMBEDDED_PATH", folder)
        .env("TOKEN_KEYS", token_keys)
        .env("CORE_SERVICE_TOKENS", "edge:canary-canary-canary-canary-canary:edge");
    let output = command.arg("reseal").args(flags).output().unwrap();
    let [said, errors] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    let material = token_keys.split(',').filter_map(|entry| entry.split_once(':'));
    for secret in material.map(|(_, key)| key).chain(["canary"]) {
        assert!(!format!("{said}{errors}").contains(secret), "{said}{errors}");
    }
    (output.status.code(), said, errors)
}

#[tokio::test]
async fn it_counts_then_seals_again_then_has_nothing_to_do() {
    let folder = folder().await;
    for (ring, flags, line) in [
        (&[2, 1][..], &["--dry-run"][..], "12 to reseal, 0 already current, 0 failed"),
        (&[2, 1], &[], "12 resealed, 0 already current, 0 failed"),
        (&[2, 1], &[], "0 resealed, 12 already current, 0 failed"),
        (&[2], &["--log-format", "json"], "0 resealed, 12 already current, 0 failed"),
    ] {
        let (code, said, errors) = run(folder.path(), &keys(ring), flags);
        assert_eq!((code, said), (Some(0), format!("secrets of 3 clients: {line}\n")), "{errors}");
        assert_eq!(errors, "");
    }
}

#[tokio::test]
async fn what_failed_is_named_and_makes_it_fail() {
    let folder = folder().await;
    let (code, said, errors) = run(folder.path(), &keys(&[2]), &[]);
    assert_eq!(code, Some(1));
    assert_eq!(said, "secrets of 3 clients: 0 resealed, 0 already current, 12 failed\n");
    assert_eq!(errors.lines().count(), 12, "{errors}");
    let named =
        |line: &str| line.starts_with("reseal: client ") && line.ends_with("not configured");
    assert!(errors.lines().all(named), "{errors}");

    // One broken value does not keep the others from being sealed again.
    let store: Arc<dyn Store> = Arc::new(open(folder.path()));
    let mut row = client(&core_with(&store, &[1]), 1);
    row.connection.as_mut().unwrap().pin = Some(Sealed("canary".to_owned()));
    put(&*store, row).await;
    store.close().await;
    drop(store);
    let (code, said, errors) = run(folder.path(), &keys(&[2, 1]), &[]);
    assert_eq!(code, Some(1));
    assert_eq!(said, "secrets of 3 clients: 11 resealed, 0 already current, 1 failed\n");
    assert!(errors.ends_with("pin: the sealed value is malformed\n"), "{errors}");
}

#[tokio::test]
async fn what_keeps_it_from_beginning_is_said_in_one_line() {
    let folder = folder().await;
    let path = folder.path().display().to_string();
    let said = |(code, said, errors): (Option<i32>, String, String)| {
        assert_eq!((code, said), (Some(1), String::new()), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        errors
    };
    let store = open(folder.path());
    let line = said(run(folder.path(), &keys(&[2, 1]), &[]));
    assert!(line.contains(&format!("{path} is in use by another process; ")), "{line}");
    assert!(line.ends_with("one process at a time: stop its core first\n"), "{line}");
    Store::close(&store).await;

    let nowhere = folder.path().join("nowhere");
    let line = said(run(&nowhere, &keys(&[2, 1]), &[]));
    assert!(line.ends_with("nowhere: there is no store\n"), "{line}");
    assert!(!nowhere.exists(), "nothing was made");
    for wrong in ["", "1:canary", "canary"] {
        let line = said(run(folder.path(), wrong, &[]));
        assert!(line.starts_with("core-service: TOKEN_KEYS: "), "{line}");
    }
    let line = said(run(folder.path(), &keys(&[1]), &["--all"]));
    assert!(line.contains("unexpected argument '--all'"), "{line}");
}
