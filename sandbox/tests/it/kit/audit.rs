//! What must be true after a crash, whatever was under way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{PATIENCE, Recruiter, Socket, Town, ids, of_type};

/// Waits until so many texts have arrived in all, and claims that none came twice. Gives their wamids.
pub async fn each_arrives_once(socket: &mut Socket, count: usize) -> BTreeSet<String> {
    let mut arrived = BTreeSet::new();
    let mut read = 0;
    loop {
        for event in &socket.seen[read..] {
            if event["type"] == "message:incoming" {
                let wamid = event["data"]["message"]["wamid"].as_str().expect("a wamid");
                assert!(arrived.insert(wamid.to_owned()), "{wamid} came twice");
            }
        }
        read = socket.seen.len();
        if arrived.len() >= count {
            return arrived;
        }
        let next = tokio::time::timeout(PATIENCE * 9 / 10, socket.next_or_resume()).await;
        assert!(next.is_ok(), "{} of {count} arrived, then nothing", arrived.len());
    }
}

/// Claims that a client which was there all the time saw exactly the owner's log.
pub async fn saw_the_whole_log(recruiter: &Recruiter, socket: &Socket) {
    let log = recruiter.events(None).await;
    let begin = log.iter().position(|event| event["id"] == socket.seen[0]["id"]);
    let log = &log[begin.expect("the first event is in the log")..];
    assert_eq!(ids(&socket.seen), ids(&log[..socket.seen.len()]));
}

/// Meta's ledger decides what went out: nothing twice; what went out is delivered and told, and the
/// rest of what was promised (text and id) is not known to anybody. Gives how many went out.
pub async fn the_ledger_decides(
    town: &Town,
    recruiter: &Recruiter,
    socket: &mut Socket,
    promised: &BTreeMap<String, String>,
) -> usize {
    for id in promised.values() {
        reaches(recruiter, socket, id, &["DELIVERED", "UNKNOWN"]).await;
    }
    let mut accepted = BTreeMap::new();
    for entry in town.meta.accepted_from(recruiter.account()).await {
        let text = entry["body"]["text"]["body"].as_str().expect("a text").to_owned();
        *accepted.entry(text).or_insert(0) += 1;
    }
    assert!(accepted.values().all(|times| *times == 1), "sent twice: {accepted:?}");
    town.meta.accepted_nothing_twice().await;
    for (text, id) in promised {
        if accepted.contains_key(text) {
            reaches(recruiter, socket, id, &["DELIVERED"]).await;
            continue;
        }
        let message = recruiter.message(&json!(id)).await;
        assert_eq!(message["status"], "UNKNOWN", "neither sent nor marked: {message}");
    }
    let sent = of_type(&socket.seen, "message:sent");
    assert_eq!(sent.len(), promised.len(), "each was recorded once");
    accepted.len()
}

/// Waits until a message has had one of these statuses.
async fn reaches(recruiter: &Recruiter, socket: &mut Socket, id: &str, statuses: &[&str]) {
    let told = |event: &Value| {
        event["type"] == "message:status"
            && event["data"]["messageId"] == id
            && event["data"]["status"].as_str().is_some_and(|status| statuses.contains(&status))
    };
    while !socket.seen.iter().rev().any(told) {
        // Sooner than the socket itself gives up, to say what is missing.
        if tokio::time::timeout(PATIENCE * 9 / 10, socket.next_or_resume()).await.is_err() {
            panic!("nothing was told of {}", recruiter.message(&json!(id)).await);
        }
    }
}
