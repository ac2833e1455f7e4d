//! kill -9 of the core, and what the world is promised all the same.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::kit::{PATIENCE, Recruiter, Socket, Town, Update, body, ids, inbound, of_type};

const WEBHOOKS: usize = 2_000;
const SENDS: usize = 500;
const CANDIDATES: usize = 40;
const AT_ONCE: usize = 32;

fn candidate(n: usize) -> String {
    format!("4915200000{:03}", n % CANDIDATES)
}

/// The log of an owner has exactly the events that a client saw who was there all the time.
async fn saw_the_whole_log(maria: &Recruiter, socket: &Socket) {
    let log = maria.events(None).await;
    let begin = log.iter().position(|event| event["id"] == socket.seen[0]["id"]);
    let log = &log[begin.expect("the first event is in the log")..];
    assert_eq!(ids(&socket.seen), ids(&log[..socket.seen.len()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_webhook_is_there_once() {
    let mut town = Town::start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    let updates: Vec<(String, Update)> = (0..WEBHOOKS)
        .map(|n| {
            let (wamid, text) = (format!("wamid.crash.{n}"), format!("text {n}"));
            let message = inbound(&candidate(n), &wamid, second, &text);
            let value = body(&[(maria.account(), json!({"messages": [message]}))]);
            (wamid, Update::of(&value))
        })
        .collect();

    let acknowledged = deliver_all_through_a_crash(&mut town, &updates).await;

    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    while arrived.len() < WEBHOOKS {
        let event = socket.next_or_resume().await;
        if event["type"] == "message:incoming" {
            let wamid = event["data"]["message"]["wamid"].as_str().expect("a wamid");
            *arrived.entry(wamid.to_owned()).or_default() += 1;
        }
    }
    assert!(arrived.values().all(|times| *times == 1), "an event came twice");
    assert!(acknowledged.iter().all(|wamid| arrived.contains_key(wamid)));
    saw_the_whole_log(&maria, &socket).await;

    let mut stored = BTreeMap::new();
    for conversation in maria.all("/api/conversations", 100).await {
        for message in maria.messages(&conversation["id"]).await {
            let wamid = message["wamid"].as_str().expect("a wamid").to_owned();
            *stored.entry(wamid).or_insert(0) += 1;
        }
    }
    assert_eq!(stored, arrived);
}

/// Delivers everything, 32 at a time; the core dies in the middle. As Meta does: what is not
/// acknowledged comes again, until it is. Gives what was acknowledged.
async fn deliver_all_through_a_crash(
    town: &mut Town,
    updates: &[(String, Update)],
) -> BTreeSet<String> {
    let mut open: Vec<&(String, Update)> = updates.iter().collect();
    let mut acknowledged = BTreeSet::new();
    let mut refused = 0;
    let mut killed = false;
    while !open.is_empty() {
        let mut answers = stream::iter(std::mem::take(&mut open))
            .map(|update| {
                let town = &*town;
                async move { (update, town.try_deliver(&update.1).await) }
            })
            .buffer_unordered(AT_ONCE);
        let mut crash = false;
        while let Some((update, answer)) = answers.next().await {
            match answer {
                Ok(answer) if answer.status == 200 => {
                    acknowledged.insert(update.0.clone());
                }
                Ok(answer) => {
                    answer.is_unavailable();
                    refused += 1;
                    open.push(update);
                }
                Err(error) => panic!("the edge lives: {error}"),
            }
            if !killed && acknowledged.len() >= WEBHOOKS / 4 {
                killed = true;
                crash = true;
                signal_kill(town.core_pid());
            }
        }
        drop(answers);
        if crash {
            town.kill_core().await;
            town.restart_core().await;
        }
    }
    assert!(killed && refused > 0, "the crash fell into the middle");
    acknowledged
}

/// The crash itself, in the midst of whatever is under way; the process is collected later.
fn signal_kill(pid: u32) {
    let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    assert!(killed.expect("kill runs").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_send_goes_out_twice_and_none_that_was_promised_is_lost() {
    let mut town = Town::start().await;
    let maria = town.connected("maria@linkojob.test").await;
    town.meta.settings(json!({"limits": "off"})).await;
    let mut socket = maria.socket().await;
    let hello = |n| {
        let (phone, account) = (town.phone(&candidate(n)), maria.account());
        async move { phone.writes(account, "hello").await }
    };
    futures_util::future::join_all((0..CANDIDATES).map(hello)).await;
    for _ in 0..CANDIDATES {
        socket.expect("message:incoming").await;
    }

    let promised = send_all_through_a_crash(&mut town, &maria).await;
    assert_eq!(promised.values().collect::<BTreeSet<_>>().len(), SENDS, "one message per key");

    // Meta's ledger decides what went out; what went out is delivered and told, the rest is not known.
    for id in promised.values() {
        reaches(&maria, &mut socket, id, &["DELIVERED", "UNKNOWN"]).await;
    }
    let mut accepted = BTreeMap::new();
    for entry in town.meta.accepted_from(maria.account()).await {
        let text = entry["body"]["text"]["body"].as_str().expect("a text").to_owned();
        *accepted.entry(text).or_insert(0) += 1;
    }
    assert!(accepted.values().all(|times| *times == 1), "sent twice: {accepted:?}");
    town.meta.accepted_nothing_twice().await;
    for (text, id) in &promised {
        if accepted.contains_key(text) {
            reaches(&maria, &mut socket, id, &["DELIVERED"]).await;
            continue;
        }
        let message = maria.message(&json!(id)).await;
        assert_eq!(message["status"], "UNKNOWN", "neither sent nor marked: {message}");
    }
    assert!(accepted.len() > SENDS - 2 * AT_ONCE, "{} of {SENDS} went out", accepted.len());
    saw_the_whole_log(&maria, &socket).await;
    let sent = of_type(&socket.seen, "message:sent");
    assert_eq!(sent.len(), SENDS, "each was recorded once");
}

/// Waits until a message has had one of these statuses.
async fn reaches(maria: &Recruiter, socket: &mut Socket, id: &str, statuses: &[&str]) {
    let told = |event: &Value| {
        event["type"] == "message:status"
            && event["data"]["messageId"] == id
            && event["data"]["status"].as_str().is_some_and(|status| statuses.contains(&status))
    };
    while !socket.seen.iter().rev().any(told) {
        if tokio::time::timeout(PATIENCE / 2, socket.next_or_resume()).await.is_err() {
            panic!("nothing was told of {}", maria.message(&json!(id)).await);
        }
    }
}

/// Sends everything, each under a key of its own and again until it is promised; the core dies in
/// the middle. Gives the promised messages: text and id.
async fn send_all_through_a_crash(town: &mut Town, maria: &Recruiter) -> BTreeMap<String, String> {
    let mut promised: BTreeMap<String, String> = BTreeMap::new();
    let mut open: Vec<usize> = (0..SENDS).collect();
    let mut killed = false;
    while !open.is_empty() {
        let alive = !killed;
        let mut answers = stream::iter(std::mem::take(&mut open))
            .map(|n| async move { (n, send(maria, n).await) })
            .buffer_unordered(AT_ONCE);
        while let Some((n, answer)) = answers.next().await {
            match answer {
                Some(message) => {
                    let id = message["id"].as_str().expect("an id").to_owned();
                    promised.insert(format!("send {n}"), id);
                }
                None => open.push(n),
            }
            if !killed && promised.len() >= SENDS / 4 {
                killed = true;
                signal_kill(town.core_pid());
            }
        }
        drop(answers);
        if killed && alive {
            town.kill_core().await;
            town.restart_core().await;
        }
    }
    assert!(killed, "the crash fell into the middle");
    promised
}

async fn send(maria: &Recruiter, n: usize) -> Option<Value> {
    let body = json!({"to": format!("+{}", candidate(n)), "text": format!("send {n}")});
    let answer = maria.post_once(&format!("key-{n}"), "/api/messages/text", &body).await;
    match answer.status {
        200..=202 => Some(answer.json()),
        502..=504 => None,
        _ => panic!("{}: {}", answer.status, answer.text),
    }
}

/// What the claims above rest on: a second send of the same message would be seen.
#[tokio::test]
async fn the_ledger_tells_when_something_went_out_twice() {
    let town = Town::start().await;
    let maria = town.connected("maria@linkojob.test").await;
    maria.send_template(&town.phone(&candidate(0)), "Ana").await.is(201);
    town.meta.accepted_nothing_twice().await;
    let entry = &town.meta.accepted_from(maria.account()).await[0];
    town.meta.repeat(maria.account(), entry).await;
    assert_eq!(town.meta.accepted_twice().await, [entry["opaque"].as_str().expect("our mark")]);
}
