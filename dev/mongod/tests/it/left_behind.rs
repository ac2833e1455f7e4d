//! Nothing outlives its starter: no process, no folder.

use std::{fs, net::TcpStream, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{sleep, timeout},
};

/// The command, with a folder of its own for what it leaves, and the address that it prints.
async fn start(folder: &Path, arguments: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dev-mongod"))
        .arg("replica-set")
        .args(arguments)
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let uri = lines.next_line().await.unwrap().unwrap();
    let address = uri.strip_prefix("mongodb://").unwrap();
    let address = address.split(['/', ',']).next().unwrap().to_owned();
    (child, address)
}

/// The folder goes last, after the process: an empty one means that all is gone.
async fn all_is_gone(folder: &Path, address: &str) {
    let empty = async {
        while fs::read_dir(folder).unwrap().next().is_some() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), empty).await.expect("something is left");
    TcpStream::connect(address).expect_err("it still listens");
}

#[tokio::test]
async fn nothing_is_left_when_the_starter_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut starter, address) = start(folder.path(), &["1"]).await;
    TcpStream::connect(&address).unwrap();

    starter.kill().await.unwrap();

    all_is_gone(folder.path(), &address).await;
}

#[tokio::test]
async fn nothing_is_left_when_the_starter_loses_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (mut starter, address) = start(folder.path(), &["--until-stdin-ends"]).await;
    TcpStream::connect(&address).unwrap();

    drop(starter.stdin.take());

    assert!(starter.wait().await.unwrap().success());
    all_is_gone(folder.path(), &address).await;
}
