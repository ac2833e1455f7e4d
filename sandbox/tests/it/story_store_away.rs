//! The core is away, the disk is full, a setting is wrong: nothing is promised that is not kept.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::kit::{Account, BINARY, Store, Town, Update, body, inbound, on_both_stores};

on_both_stores! {
    without_a_core_nothing_is_acknowledged,
}

const ANA: &str = "4915800000001";

fn text(n: usize, second: i64, account: &Account) -> Update {
    let message = inbound(ANA, &format!("wamid.away.{n}"), second, &format!("text {n}"));
    Update::of(&body(&[(account, json!({"messages": [message]}))]))
}

async fn without_a_core_nothing_is_acknowledged(store: Store) {
    let mut town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    town.kill_core().await;
    let update = text(1, second, maria.account());
    let began = std::time::Instant::now();
    town.deliver(&update).await.is_unavailable();
    assert!(began.elapsed().as_secs() < 3, "within two seconds");
    maria.get("/api/conversations").await.is_unavailable();
    maria.post("/api/messages/text", json!({"to": ANA, "text": "Hi"})).await.is_unavailable();
    let ready = town.at_edge(reqwest::Method::GET, "/health/ready").send().await;
    assert_eq!(ready.expect("an answer").status(), 503);
    let live = town.at_edge(reqwest::Method::GET, "/health/live").send().await;
    assert_eq!(live.expect("an answer").status(), 200);

    town.restart_core().await;
    town.deliver(&update).await.is(200);
    while socket.next_or_resume().await["type"] != "message:incoming" {}
    assert_eq!(maria.conversations("").await["data"][0]["unreadCount"], 1);

    // An orderly end keeps what it has acknowledged.
    let updates: Vec<Update> = (2..102).map(|n| text(n, second, maria.account())).collect();
    for update in &updates {
        town.deliver(update).await.is(200);
    }
    assert!(town.cores[0].stop().await, "drained, and exit code 0");
    town.restart_core().await;
    let mut heard = 1;
    while heard < 101 {
        heard += usize::from(socket.next_or_resume().await["type"] == "message:incoming");
    }
    assert_eq!(maria.conversations("").await["data"][0]["unreadCount"], 101);
}

/// A script that runs the core so that a write beyond a limit fails instead of ending it.
fn core_that_survives_a_full_disk(folder: &std::path::Path) -> PathBuf {
    let script = folder.join("core.sh");
    let text = format!("#!/bin/sh\ntrap '' XFSZ\nexec '{BINARY}' \"$@\"\n");
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("executable");
    script
}

/// Sets how large a file the process may write; what it has written stays.
fn limit_files(pid: u32, size: &str) {
    let limit = format!("--fsize={size}:unlimited");
    let done = Command::new("prlimit").args(["--pid", &pid.to_string(), &limit]).status();
    assert!(done.expect("prlimit runs").success());
}

#[tokio::test]
async fn a_store_that_cannot_be_written_acknowledges_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::on(Store::Embedded)
        .core_binary(&core_that_survives_a_full_disk(folder.path()))
        .start()
        .await;
    let maria = town.connected("maria@linkojob.test").await;
    let ana = town.phone(ANA);
    let second = town.meta.now_ms().await / 1000;
    let mut socket = maria.socket().await;
    ana.writes(maria.account(), "before").await;
    socket.hears("before").await;

    limit_files(town.cores[0].pid(), "1");
    let update = text(1, second, maria.account());
    town.deliver(&update).await.is_unavailable();
    let send = json!({"to": ana.dialled(), "text": "Hello"});
    maria.post_once("k", "/api/messages/text", &send).await.is_unavailable();
    maria.put("/api/clients/me", json!({"label": "x"})).await.is_unavailable();
    // Reading goes on.
    assert_eq!(maria.conversations("").await["data"][0]["unreadCount"], 1);

    limit_files(town.cores[0].pid(), "unlimited");
    ana.writes(maria.account(), "after").await;
    let heard = socket.hears("after").await;
    assert_eq!(heard["conversation"]["unreadCount"], 2, "the one that was refused is not there");
    town.deliver(&update).await.is(200);
    socket.hears("text 1").await;
    let sent = maria.post_once("k", "/api/messages/text", &send).await.is(201);
    socket.message_is(&sent["id"], "DELIVERED").await;
    assert_eq!(town.meta.accepted_for(ANA).await, 1);
}

/// Runs a part with these settings; gives its exit code and what it said.
fn run(part: &str, settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command.arg(part).env_clear().envs(settings.iter().copied());
    let output = command.output().expect("it runs");
    assert!(output.stdout.is_empty(), "nothing was promised");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn wrong_settings_stop_the_start_with_one_line_that_names_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("core").display().to_string();
    let keys = format!("1:{}", STANDARD.encode([7_u8; 32]));
    let short = format!("1:{}", STANDARD.encode([7_u8; 31]));
    let token = "t".repeat(40);
    let tokens = format!("edge:{token}:edge");
    let core = [
        ("CORE_LISTEN", "127.0.0.1:0"),
        ("CORE_METRICS_LISTEN", "none"),
        ("EMBEDDED_PATH", path.as_str()),
        ("TOKEN_KEYS", keys.as_str()),
        ("CORE_SERVICE_TOKENS", tokens.as_str()),
        ("META_GRAPH_URL", "http://127.0.0.1:9/graph"),
        ("META_APP_ID", "1"),
        ("META_APP_SECRETS", "secret"),
    ];
    let edge = [
        ("EDGE_LISTEN", "127.0.0.1:0"),
        ("CORE_URL", "http://127.0.0.1:9"),
        ("CORE_SERVICE_TOKEN", token.as_str()),
        ("META_APP_SECRETS", "secret"),
        ("META_VERIFY_TOKEN", "verify"),
    ];
    let cases = [
        ("core", "CORE_LISTEN", "nowhere"),
        ("core", "CORE_METRICS_LISTEN", "nowhere"),
        ("core", "TOKEN_KEYS", ""),
        ("core", "TOKEN_KEYS", short.as_str()),
        ("core", "TOKEN_KEYS", "one"),
        ("core", "CORE_SERVICE_TOKENS", "edge:short:edge"),
        ("core", "CORE_SERVICE_TOKENS", "edge"),
        ("core", "META_GRAPH_URL", "not a url"),
        ("core", "EMBEDDED_PATH", "/dev/null/data"),
        ("core", "MEDIA_STORE", "s3://bucket"),
        ("core", "MEDIA_STORE", "file:/dev/null/media"),
        ("core", "META_MEDIA_HOSTS", "*.com"),
        ("core", "STORE", "papyrus"),
        ("core", "LOG_FORMAT", "xml"),
        ("edge", "EDGE_LISTEN", "127.0.0.1"),
        ("edge", "CORE_URL", "ftp://core"),
        ("edge", "CORE_SERVICE_TOKEN", ""),
        ("edge", "META_APP_SECRETS", ""),
        ("edge", "META_VERIFY_TOKEN", ""),
        ("edge", "EDGE_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("edge", "EDGE_ALLOWED_ORIGINS", "somewhere"),
        ("edge", "EDGE_SOCKET_MAX_AGE", "soon"),
        ("edge", "LOG_FORMAT", "xml"),
    ];
    for (part, name, value) in cases {
        let mut settings = if part == "core" { core.to_vec() } else { edge.to_vec() };
        settings.retain(|(other, _)| *other != name);
        settings.push((name, value));
        let (code, said) = run(part, &settings);
        assert!(code.is_some_and(|code| code != 0), "{part} {name}={value}: {code:?} {said}");
        assert_eq!(said.lines().count(), 1, "{part} {name}={value}: {said}");
        assert!(said.contains(name), "{part} {name}={value}: {said}");
        for secret in [keys.as_str(), token.as_str(), short.as_str()] {
            assert!(!said.contains(secret), "{part} {name}={value} shows a secret");
        }
    }
}
