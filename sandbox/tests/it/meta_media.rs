//! Files at the simulated Meta: found, fetched, uploaded, dead in the end, and not what they seem.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::meta::account::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN};
use sandbox::meta::wire;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::meta_kit::{ANA, Sim};

/// Ana sends a file; the object of its type as the webhook has it.
async fn sent(sim: &mut Sim, message: Value) -> Value {
    sim.writes(ANA, message).await;
    let message = sim.app.next().await.value()["messages"][0].clone();
    message[message["type"].as_str().expect("a type")].clone()
}

async fn lookup(sim: &Sim, id: &Value) -> Value {
    let id = id.as_str().expect("an id");
    let path = format!("/v25.0/{id}?phone_number_id={DEFAULT_PHONE_NUMBER_ID}");
    let answer = sim.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains(r#""url":"http:\/\/"#), "{}", answer.text);
    answer.json()
}

fn url(node: &Value) -> &str {
    node["url"].as_str().expect("a url")
}

async fn refusal(sim: &Sim, id: &Value) -> (u16, u64) {
    sim.get(&format!("/v25.0/{}", id.as_str().expect("an id"))).await.refusal()
}

#[tokio::test]
async fn what_a_person_sends_can_be_fetched_for_five_minutes() {
    let mut sim = Sim::start().await;
    let bytes = b"%PDF-1.4 my life";
    let file = json!({"base64": STANDARD.encode(bytes), "mimeType": "application/pdf",
                      "filename": "cv.pdf"});
    let document =
        sent(&mut sim, json!({"type": "document", "document": {"caption": "me"}, "file": file}))
            .await;
    let digest = Sha256::digest(bytes);
    assert_eq!(document["sha256"], STANDARD.encode(digest));
    assert_eq!((&document["filename"], &document["caption"]), (&json!("cv.pdf"), &json!("me")));

    let now = sim.world.clock().now_secs();
    let node = lookup(&sim, &document["id"]).await;
    assert_eq!(node["sha256"], wire::hex(&digest));
    assert_eq!((&node["file_size"], &node["mime_type"]), (&json!(16), &json!("application/pdf")));
    let ext = url(&node).split("ext=").nth(1).and_then(|rest| rest.split('&').next());
    let ext: i64 = ext.expect("ext").parse().expect("seconds");
    assert!((300..=302).contains(&(ext - now)), "{ext} {now}");

    assert_eq!(sim.fetch(url(&node), None).await.status(), 401);
    assert_eq!(sim.fetch(url(&node), Some("EAAother")).await.status(), 401);
    let answer = sim.fetch(url(&node), Some(DEFAULT_TOKEN)).await;
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.bytes().await.expect("bytes").as_ref(), bytes);
    let forged = url(&node).replace("hash=ATt", "hash=ATx");
    assert_eq!(sim.fetch(&forged, Some(DEFAULT_TOKEN)).await.status(), 404);

    sim.control("POST", "/graph/_clock", Some(json!({"advance": "302s"}))).await;
    assert_eq!(sim.fetch(url(&node), Some(DEFAULT_TOKEN)).await.status(), 404);
    let again = lookup(&sim, &document["id"]).await;
    assert_eq!(sim.fetch(url(&again), Some(DEFAULT_TOKEN)).await.status(), 200);
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "7d"}))).await;
    assert_eq!(refusal(&sim, &document["id"]).await, (400, 100), "the id is dead");
}

#[tokio::test]
async fn a_file_belongs_to_one_number_of_one_business() {
    let mut sim = Sim::start().await;
    let image = sent(&mut sim, json!({"type": "image", "image": {}})).await;
    let id = image["id"].as_str().expect("an id");
    let other = sim.control("POST", "/graph/_accounts", Some(json!({}))).await;
    let path = format!("/graph/v25.0/{id}");
    let foreign = sim.call("GET", &path, other["accessToken"].as_str(), None).await;
    assert_eq!(foreign.expect("an answer").refusal(), (400, 100));
    let node = lookup(&sim, &image["id"]).await;
    let foreign = sim.fetch(url(&node), other["accessToken"].as_str()).await;
    assert_eq!(foreign.status(), 404);
    let wrong = format!("/v25.0/{id}?phone_number_id={}", other["phoneNumberId"]);
    assert_eq!(sim.get(&wrong.replace('"', "")).await.refusal(), (400, 100));

    let gone = sim.call("DELETE", &path, Some(DEFAULT_TOKEN), None).await.expect("an answer");
    assert_eq!(gone.json(), json!({"success": true}));
    assert_eq!(refusal(&sim, &image["id"]).await, (400, 100));
}

#[tokio::test]
async fn every_kind_has_a_sample_and_too_much_arrives_without_a_file() {
    let mut sim = Sim::start().await;
    let kinds = [
        ("image", "image/jpeg", None),
        ("video", "video/mp4", None),
        ("audio", "audio/ogg; codecs=opus", Some(("voice", json!(true)))),
        ("document", "application/pdf", Some(("filename", json!("document.pdf")))),
        ("sticker", "image/webp", Some(("animated", json!(false)))),
    ];
    for (kind, mime_type, more) in kinds {
        let content = sent(&mut sim, json!({"type": kind, (kind): {}})).await;
        assert_eq!(content["mime_type"], mime_type);
        assert_eq!(content.get("voice").is_some(), kind == "audio");
        if let Some((field, value)) = more {
            assert_eq!(content[field], value, "{kind}");
        }
        let node = lookup(&sim, &content["id"]).await;
        let answer = sim.fetch(url(&node), Some(DEFAULT_TOKEN)).await;
        let length = answer.bytes().await.expect("bytes").len();
        assert_eq!(node["file_size"], length);
    }
    let large = json!({"type": "video", "file": {"bytes": 3_000_000}});
    let video = sent(&mut sim, large).await;
    assert_eq!(lookup(&sim, &video["id"]).await["file_size"], 3_000_000);
    let too_large = json!({"type": "video", "file": {"bytes": 100 * 1024 * 1024 + 1}});
    sim.writes(ANA, too_large).await;
    let message = sim.app.next().await.value()["messages"][0].clone();
    assert_eq!((message.get("video"), &message["errors"][0]["code"]), (None, &json!(131_052)));
    let stray = json!({"type": "location", "location": {}, "file": {}});
    let path = format!("/phone/{ANA}/messages");
    let refused = sim.call("POST", &path, None, Some(stray)).await.expect("an answer");
    assert_eq!(refused.status, 400, "a place has no file");
    let dangling = sent(&mut sim, json!({"type": "image", "image": {"id": "17"}})).await;
    assert_eq!(refusal(&sim, &dangling["id"]).await, (400, 100));
}

#[tokio::test]
async fn uploads_have_types_and_sizes() {
    let sim = Sim::start().await;
    let id = sim.upload("image/png", b"\x89PNG").await.json()["id"].clone();
    let node = lookup(&sim, &id).await;
    assert_eq!((&node["mime_type"], &node["file_size"]), (&json!("image/png"), &json!(4)));
    assert_eq!(sim.upload("text/html", b"<p>").await.refusal(), (400, 100));
    assert_eq!(sim.upload("image/png", &[0; 5_242_881]).await.refusal(), (400, 131_053));
    assert_eq!(sim.upload("image/png", b"").await.refusal(), (400, 131_053));
    let path = format!("/v25.0/{DEFAULT_PHONE_NUMBER_ID}/media");
    assert_eq!(sim.post(&path, json!({"file": "x"})).await.refusal(), (400, 100));
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "29d"}))).await;
    lookup(&sim, &id).await;
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "1d"}))).await;
    assert_eq!(refusal(&sim, &id).await, (400, 100));
}

#[tokio::test]
async fn lookups_lie_and_fail_as_scripted() {
    let mut sim = Sim::start().await;
    let image = sent(&mut sim, json!({"type": "image", "image": {}})).await;
    let rule = |action: Value| json!([{"on": "lookup", "to": ANA, "times": 1, "do": action}]);
    sim.script(rule(json!({"fail": {"code": 2}}))).await;
    assert_eq!(refusal(&sim, &image["id"]).await, (503, 2));
    let truth = lookup(&sim, &image["id"]).await;
    sim.script(rule(json!({"file": "wrongDigest"}))).await;
    assert_ne!(lookup(&sim, &image["id"]).await["sha256"], truth["sha256"]);
    sim.script(rule(json!({"file": "lyingType"}))).await;
    assert_eq!(lookup(&sim, &image["id"]).await["mime_type"], "image/png");
    sim.script(rule(json!({"file": {"oversize": 200_000_000}}))).await;
    assert_eq!(lookup(&sim, &image["id"]).await["file_size"], 200_000_000);
    sim.script(rule(json!({"file": {"redirect": "http://169.254.169.254/latest"}}))).await;
    assert_eq!(lookup(&sim, &image["id"]).await["url"], "http://169.254.169.254/latest");
    sim.script(rule(json!({"file": "expired"}))).await;
    let over = lookup(&sim, &image["id"]).await;
    assert_eq!(sim.fetch(url(&over), Some(DEFAULT_TOKEN)).await.status(), 404);
}

#[tokio::test]
async fn downloads_misbehave_as_scripted() {
    let mut sim = Sim::start().await;
    let message = json!({"type": "image", "file": {"bytes": 1000, "mimeType": "image/png"}});
    let image = sent(&mut sim, message).await;
    let node = lookup(&sim, &image["id"]).await;
    let rule = |action: Value| json!([{"on": "media", "times": 1, "do": action}]);
    let fetch = async || sim.fetch(url(&node), Some(DEFAULT_TOKEN)).await;

    sim.script(rule(json!({"fail": {"http": 503, "html": true}}))).await;
    let failed = fetch().await;
    assert_eq!(
        (failed.status().as_u16(), &failed.headers()["content-type"]),
        (503, &"text/html; charset=utf-8".parse().expect("a header"))
    );
    sim.script(rule(json!({"file": "wrongDigest"}))).await;
    let wrong = fetch().await.bytes().await.expect("bytes");
    assert_eq!(wrong.len(), 1000);
    assert_ne!(STANDARD.encode(Sha256::digest(&wrong)), image["sha256"]);
    sim.script(rule(json!({"file": "lyingType"}))).await;
    let lying = fetch().await;
    assert_eq!(lying.headers()["content-type"], "image/png");
    assert!(lying.text().await.expect("text").starts_with("<!DOCTYPE html>"));
    sim.script(rule(json!({"file": "expired"}))).await;
    assert_eq!(fetch().await.status(), 404);
    sim.script(rule(json!({"file": {"redirect": "http://127.0.0.1:1/"}}))).await;
    let moved = fetch().await;
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"] == "http://127.0.0.1:1/"),
        (302, true)
    );
    sim.script(rule(json!({"file": "truncated"}))).await;
    let torn = fetch().await;
    assert_eq!(torn.content_length(), Some(1000));
    assert!(torn.bytes().await.is_err());
    sim.script(rule(json!({"file": {"oversize": 5_000_000}}))).await;
    let endless = fetch().await;
    assert_eq!(endless.content_length(), None);
    assert_eq!(endless.bytes().await.expect("bytes").len(), 5_000_000);
    sim.script(rule(json!({"file": {"slowMs": 200}}))).await;
    let began = std::time::Instant::now();
    assert_eq!(fetch().await.bytes().await.expect("bytes").len(), 1000);
    assert!(began.elapsed().as_millis() >= 200);
    sim.script(
        json!([{"on": "any", "path": "attachments", "times": 1, "do": {"dropBefore": true}}]),
    )
    .await;
    assert!(reqwest::get(url(&node)).await.is_ok(), "without a token no rule is spent");
    assert_eq!(sim.control("GET", "/graph/_script", None).await["rules"][8]["hits"], 0);
}

#[tokio::test]
async fn files_survive_a_restart_and_leave_the_disk_when_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = async || Sim::start_in(Some(folder.path().to_owned())).await;
    let sim = start().await;
    let id = sim.upload("text/plain", b"kept").await.json()["id"].clone();
    let lost = sim.upload("text/plain", b"lost").await.json()["id"].clone();
    let path = format!("/graph/v25.0/{}", lost.as_str().expect("an id"));
    sim.stop().await;
    assert_eq!(std::fs::read_dir(folder.path().join("media")).expect("files").count(), 2);

    let sim = start().await;
    sim.call("DELETE", &path, Some(DEFAULT_TOKEN), None).await.expect("an answer");
    let node = lookup(&sim, &id).await;
    let answer = sim.fetch(url(&node), Some(DEFAULT_TOKEN)).await;
    assert_eq!(answer.text().await.expect("text"), "kept");
    sim.stop().await;
    assert_eq!(std::fs::read_dir(folder.path().join("media")).expect("files").count(), 1);
}
