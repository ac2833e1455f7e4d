//! What candidates send along: kept when Meta no longer has it, whatever happened on the way.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::kit::{PATIENCE, Phone, Recruiter, Socket, Store, Town, on_both_stores};

on_both_stores! {
    a_cv_is_kept_and_handed_over,
    an_hour_of_503_costs_nothing,
    whatever_befalls_a_file_once_is_overcome,
    what_never_comes_right_is_lost_and_said_so,
    a_file_that_lies_about_its_type_is_only_handed_over,
    nobody_is_led_inside,
    a_file_waits_for_the_next_connection,
    a_core_that_is_killed_in_the_middle_leaves_no_half,
}

const CV: &[u8] = b"%PDF-1.7 my life so far";

async fn talking(town: &Town) -> (Recruiter, Socket, Phone) {
    let maria = town.connected("maria@linkojob.test").await;
    let socket = maria.socket().await;
    (maria, socket, town.phone("4915600000001"))
}

fn cv() -> Value {
    document(CV, "application/pdf", "cv.pdf")
}

fn document(bytes: &[u8], mime_type: &str, filename: &str) -> Value {
    json!({"type": "document", "document": {"caption": "me"},
           "file": {"base64": STANDARD.encode(bytes), "mimeType": mime_type, "filename": filename}})
}

/// A candidate sends a file; gives our id of its message.
async fn sends(from: &Phone, to: &Recruiter, socket: &mut Socket, message: Value) -> Value {
    let wamid = from.sends(to.account(), message).await;
    let told = socket.once("message:incoming", |data| data["message"]["wamid"] == *wamid).await;
    told["message"]["id"].clone()
}

/// Waits until the file of a message is so, and that is told.
async fn becomes(socket: &mut Socket, id: &Value, state: &str) -> Value {
    let told = socket.once("message:updated", |data| {
        data["message"]["id"] == *id && data["message"]["content"]["state"] == state
    });
    told.await["message"].clone()
}

/// Lets business time pass in small steps until the file of a message is so.
async fn becomes_in_time(town: &Town, maria: &Recruiter, id: &Value, state: &str) {
    let began = Instant::now();
    while maria.message(id).await["content"]["state"] != state {
        assert!(began.elapsed() < 3 * PATIENCE, "it never is {state}");
        town.clock("2m").await;
    }
}

fn path(id: &Value) -> String {
    format!("/api/messages/{}/media", id.as_str().expect("an id"))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn download(maria: &Recruiter, id: &Value) -> (u16, Vec<u8>) {
    let answer = maria.request(Method::GET, &path(id)).send().await.expect("an answer");
    (answer.status().as_u16(), answer.bytes().await.expect("a whole body").to_vec())
}

async fn a_cv_is_kept_and_handed_over(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    let id = sends(&ana, &maria, &mut socket, cv()).await;
    let message = becomes(&mut socket, &id, "STORED").await;
    let digest = hex(CV);
    assert_eq!(message["content"]["sha256"], digest);
    assert_eq!(
        (&message["content"]["size"], &message["content"]["url"]),
        (&json!(CV.len()), &json!(path(&id)))
    );

    // Long after Meta has forgotten it.
    town.clock("30d").await;
    let answer = maria.request(Method::GET, &path(&id)).send().await.expect("an answer");
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-disposition"), "attachment; filename=\"cv.pdf\"");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let tag = header("etag");
    assert_eq!(tag, format!("\"{digest}\""));
    assert_eq!(answer.bytes().await.expect("a body"), CV);
    let part = maria.request(Method::GET, &path(&id)).header("range", "bytes=1-3");
    let part = part.send().await.expect("an answer");
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.expect("a body"), CV[1..4]);
    let known = maria.request(Method::GET, &path(&id)).header("if-none-match", tag);
    assert_eq!(known.send().await.expect("an answer").status(), 304);

    // Nobody else's business.
    let eva = town.recruiter("eva@linkojob.test");
    eva.get(&path(&id)).await.refused(404, "MESSAGE_NOT_FOUND");
    let root = town.person("root@linkojob.test", "ADMIN");
    assert_eq!(download(&root, &id).await, (200, CV.to_vec()));
}

async fn an_hour_of_503_costs_nothing(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    let away = json!({"on": "media", "do": {"fail": {"http": 503, "html": true}}});
    town.meta.rule(away).await;
    let id = sends(&ana, &maria, &mut socket, cv()).await;
    for _ in 0..12 {
        town.clock("5m").await;
        let answer = maria.get(&path(&id)).await;
        assert!(answer.header("retry-after").parse::<u64>().expect("seconds") >= 1);
        answer.refused(503, "SERVICE_UNAVAILABLE");
        // Talk is not held up.
        ana.writes(maria.account(), "Did you get it?").await;
    }
    town.meta.behaves_again().await;
    becomes_in_time(&town, &maria, &id, "STORED").await;
    assert_eq!(download(&maria, &id).await, (200, CV.to_vec()));
}

async fn whatever_befalls_a_file_once_is_overcome(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    for rule in [
        json!({"on": "media", "do": {"file": "expired"}}),
        json!({"on": "media", "do": {"file": "wrongDigest"}}),
        json!({"on": "media", "do": {"file": "lyingType"}}),
        json!({"on": "media", "do": {"file": "truncated"}}),
        json!({"on": "media", "do": {"file": {"oversize": 200_000_000}}}),
        json!({"on": "media", "do": {"dropBefore": true}}),
        json!({"on": "media", "do": {"fail": {"http": 429, "html": true}}}),
        json!({"on": "lookup", "do": {"file": "expired"}}),
        json!({"on": "lookup", "do": {"file": {"redirect": "http://169.254.169.254/latest"}}}),
        json!({"on": "lookup", "do": {"fail": {"code": 2}}}),
        json!({"on": "lookup", "do": {"fail": {"code": 100, "subcode": 33}}}),
        json!({"on": "lookup", "do": {"malformed": true}}),
    ] {
        let mut once = rule.clone();
        once["times"] = json!(1);
        town.meta.rule(once).await;
        let id = sends(&ana, &maria, &mut socket, cv()).await;
        let oversize = rule["do"]["file"].get("oversize").is_some();
        let end = if oversize { "LOST" } else { "STORED" };
        becomes_in_time(&town, &maria, &id, end).await;
        if !oversize {
            assert_eq!(download(&maria, &id).await, (200, CV.to_vec()), "{rule}");
        }
        town.meta.behaves_again().await;
    }
}

async fn what_never_comes_right_is_lost_and_said_so(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    town.meta.rule(json!({"on": "media", "do": {"file": "wrongDigest"}})).await;
    let id = sends(&ana, &maria, &mut socket, cv()).await;
    becomes_in_time(&town, &maria, &id, "LOST").await;
    becomes(&mut socket, &id, "LOST").await;
    maria.get(&path(&id)).await.refused(404, "MESSAGE_NOT_FOUND");
    assert_eq!(town.media_files(), Vec::<String>::new());
}

async fn a_file_that_lies_about_its_type_is_only_handed_over(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    let page = b"<!DOCTYPE html><script>steal(document.cookie)</script>";
    let file = json!({"base64": STANDARD.encode(page), "mimeType": "image/jpeg"});
    let id = sends(&ana, &maria, &mut socket, json!({"type": "image", "file": file})).await;
    becomes(&mut socket, &id, "STORED").await;
    let answer = maria.request(Method::GET, &path(&id)).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let disposition = answer.headers()["content-disposition"].to_str().expect("text").to_owned();
    assert!(disposition.starts_with("attachment; "), "{disposition}");
    assert_eq!(answer.headers()["content-security-policy"], "sandbox; default-src 'none'");
    assert_eq!(answer.bytes().await.expect("a body"), page.as_slice());
}

async fn nobody_is_led_inside(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    let inside = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let there = format!("http://{}/latest/meta-data", inside.local_addr().expect("an address"));
    for on in ["media", "lookup"] {
        let rule = json!({"on": on, "do": {"file": {"redirect": there}}});
        town.meta.rule(rule).await;
        let id = sends(&ana, &maria, &mut socket, cv()).await;
        // Several tries.
        for _ in 0..10 {
            town.clock("1m").await;
        }
        assert_eq!(maria.message(&id).await["content"]["state"], "PENDING");
        town.meta.behaves_again().await;
        becomes_in_time(&town, &maria, &id, "STORED").await;
    }
    let reached = tokio::time::timeout(Duration::ZERO, inside.accept()).await;
    assert!(reached.is_err(), "somebody was led to {there}");
}

async fn a_file_waits_for_the_next_connection(store: Store) {
    let town = Town::start(store).await;
    let (mut maria, mut socket, ana) = talking(&town).await;
    let account = maria.account().clone();
    town.meta.revoke(&account).await;
    let id = sends(&ana, &maria, &mut socket, cv()).await;
    socket.once("client:updated", |data| data["client"]["status"] == "TOKEN_EXPIRED").await;
    maria.get(&path(&id)).await.refused(503, "SERVICE_UNAVAILABLE");
    let fresh = town.meta.another_token(&account).await;
    maria.connect_to(fresh).await.is(200);
    // At once, although it was put off.
    becomes(&mut socket, &id, "STORED").await;
    assert_eq!(download(&maria, &id).await, (200, CV.to_vec()));
}

async fn a_core_that_is_killed_in_the_middle_leaves_no_half(store: Store) {
    let mut town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    let slow = json!({"on": "media", "times": 1, "do": {"file": {"slowMs": 120_000}}});
    town.meta.rule(slow).await;
    let video = json!({"type": "video", "file": {"bytes": 60_000_000}});
    let id = sends(&ana, &maria, &mut socket, video).await;
    // The first part is written when a tenth has come and is more than a part.
    let begun = tokio::time::timeout(PATIENCE, async {
        while town.media_files().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    begun.await.expect("it is begun");
    assert!(town.media_files()[0].contains('#'), "{:?}", town.media_files());
    maria.get(&path(&id)).await.refused(503, "SERVICE_UNAVAILABLE");
    town.kill_core().await;
    assert_eq!(town.media_files().len(), 1, "the half is still there");
    town.restart_core().await;
    socket.resume().await;
    let message = becomes(&mut socket, &id, "STORED").await;
    assert_eq!(message["content"]["size"], 60_000_000);
    let files = town.media_files();
    assert!(files.len() == 1 && !files[0].contains('#'), "{files:?}");
    let (status, bytes) = download(&maria, &id).await;
    assert_eq!((status, bytes.len()), (200, 60_000_000));
    assert_eq!(message["content"]["sha256"], hex(&bytes));
}
