//! kill -9 of the core, and what the world is promised all the same.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::kit::{Recruiter, Store, Town, Update, audit, body, inbound, on_both_stores};

on_both_stores! {
    threads = 2;
    every_acknowledged_webhook_is_there_once,
    no_send_goes_out_twice_and_none_that_was_promised_is_lost,
    the_ledger_tells_when_something_went_out_twice,
}

const WEBHOOKS: usize = 2_000;
const SENDS: usize = 500;
const CANDIDATES: usize = 40;
const AT_ONCE: usize = 32;

fn candidate(n: usize) -> String {
    format!("4915200000{:03}", n % CANDIDATES)
}

async fn every_acknowledged_webhook_is_there_once(store: Store) {
    let mut town = Town::start(store).await;
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

    let arrived = audit::each_arrives_once(&mut socket, WEBHOOKS).await;
    assert!(acknowledged.is_subset(&arrived));
    audit::saw_the_whole_log(&maria, &socket).await;

    let mut stored = Vec::new();
    for conversation in maria.all("/api/conversations", 100).await {
        for message in maria.messages(&conversation["id"]).await {
            stored.push(message["wamid"].as_str().expect("a wamid").to_owned());
        }
    }
    assert_eq!(stored.len(), WEBHOOKS);
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), arrived);
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
                town.cores[0].kill_now();
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

async fn no_send_goes_out_twice_and_none_that_was_promised_is_lost(store: Store) {
    let mut town = Town::start(store).await;
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

    let accepted = audit::the_ledger_decides(&town, &maria, &mut socket, &promised).await;
    assert!(accepted > SENDS - 2 * AT_ONCE, "{accepted} of {SENDS} went out");
    audit::saw_the_whole_log(&maria, &socket).await;
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
                town.cores[0].kill_now();
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
async fn the_ledger_tells_when_something_went_out_twice(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    maria.send_template(&town.phone(&candidate(0)), "Ana").await.is(201);
    town.meta.accepted_nothing_twice().await;
    let entry = &town.meta.accepted_from(maria.account()).await[0];
    town.meta.repeat(maria.account(), entry).await;
    assert_eq!(town.meta.accepted_twice().await, [entry["opaque"].as_str().expect("our mark")]);
}
