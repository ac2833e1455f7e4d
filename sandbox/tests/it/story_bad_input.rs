//! Bad requests, and what they are told.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, Store, Town, on_both_stores};

on_both_stores! {
    requests_name_every_wrong_field,
    other_bodies_paths_and_cursors,
}

const TEXT: &str = "/api/messages/text";
const TEMPLATE: &str = "/api/messages/template";
const MIB: usize = 1024 * 1024;

/// Path, body, and the field to be named.
fn wrong_bodies() -> Vec<(&'static str, Value, &'static str)> {
    let (to, long) = ("+4915700000002", "x".repeat(4097));
    vec![
        (TEXT, json!([]), "body"),
        (TEXT, json!({"text": "Hi"}), "to"),
        (TEXT, json!({"to": to, "conversationId": "a", "text": "Hi"}), "to"),
        (TEXT, json!({"to": to}), "text"),
        (TEXT, json!({"to": to, "text": ""}), "text"),
        (TEXT, json!({"to": to, "text": " \n "}), "text"),
        (TEXT, json!({"to": to, "text": long}), "text"),
        (TEXT, json!({"to": to, "text": 7}), "text"),
        (TEXT, json!({"to": to, "text": "a\u{0}b"}), "text"),
        (TEXT, json!({"to": to, "text": "Hi", "previewUrl": "yes"}), "previewUrl"),
        (TEXT, json!({"to": to, "text": "Hi", "replyTo": "../x"}), "replyTo"),
        (TEXT, json!({"to": to, "text": "Hi", "colour": "red"}), "colour"),
        (TEXT, json!({"conversationId": 7, "text": "Hi"}), "conversationId"),
        (TEMPLATE, json!({"to": to, "candidateName": ""}), "candidateName"),
        (TEMPLATE, json!({"to": to, "candidateName": "a\nb"}), "candidateName"),
        (TEMPLATE, json!({"to": to, "variables": "Ana"}), "variables"),
        (TEMPLATE, json!({"to": to, "variables": [1]}), "variables"),
        (TEMPLATE, json!({"to": to, "language": "x"}), "language"),
        (TEMPLATE, json!({"to": to, "template": {"name": "No Name"}}), "template.name"),
        (TEMPLATE, json!({"to": to, "template": {}}), "template.name"),
        (TEMPLATE, json!({"to": to, "template": {"name": "a", "x": 1}}), "template.x"),
        ("/api/clients", json!({"phoneNumberId": "1"}), "accessToken"),
        ("/api/clients", json!({"label": "x".repeat(101)}), "label"),
        (
            "/api/clients",
            json!({"wabaId": "a", "phoneNumberId": "1", "accessToken": "t"}),
            "wabaId",
        ),
        ("/api/clients", json!({"status": "CONNECTED"}), "status"),
    ]
}

async fn requests_name_every_wrong_field(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    for (path, body, field) in wrong_bodies() {
        maria.post(path, body).await.blames(field);
    }
    for number in ["", "+", "12345", "+0049301234567", "+1415555012345678", "+49151x", "Ana"] {
        maria.post(TEXT, json!({"to": number, "text": "Hi"})).await.blames("to");
    }
    maria
        .put("/api/clients/me", json!({"settings": {"sounds": true}}))
        .await
        .blames("settings.sounds");
    maria.put("/api/clients/me", json!({"owner": "jon@linkojob.test"})).await.blames("owner");
    maria.patch("/api/conversations/x/read", Some(json!({"upto": "y"}))).await.blames("upto");

    // Everything that is wrong at once.
    let answer = maria.post(TEXT, json!({"to": "x", "text": "", "a": 1, "b": 2})).await;
    for field in ["to", "text", "a", "b"] {
        answer.blames(field);
    }
    // Queries as well.
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=", ""),
        ("limit=1&limit=2", "limit"),
        ("unread=maybe", "unread"),
        ("sort=name", "sort"),
    ] {
        let answer = maria.get(&format!("/api/conversations?{query}")).await;
        if field.is_empty() { drop(answer.is(200)) } else { answer.blames(field) }
    }
    assert_eq!(town.meta.accepted_from(maria.account()).await.len(), 0, "nothing went out");
}

async fn other_bodies_paths_and_cursors(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let post = |kind: &'static str, body: String| {
        maria.request(Method::POST, TEXT).header("content-type", kind).body(body)
    };
    let json = "application/json";
    let cases = [
        (post(json, "{".to_owned()), 400, "VALIDATION_ERROR"),
        (
            post(json, r#"{"to":"+4915700000002","text":"a","text":"b"}"#.to_owned()),
            400,
            "VALIDATION_ERROR",
        ),
        (post("text/plain", "{}".to_owned()), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (post(json, format!("{{\"text\":\"{}\"}}", "x".repeat(MIB))), 413, "PAYLOAD_TOO_LARGE"),
        (maria.request(Method::GET, "/api/nothing"), 404, "ROUTE_NOT_FOUND"),
        (maria.request(Method::DELETE, TEXT), 405, "METHOD_NOT_ALLOWED"),
        (maria.request(Method::GET, "/api/messages/%FF"), 400, "VALIDATION_ERROR"),
        (maria.request(Method::GET, "/api/messages/%00"), 404, "MESSAGE_NOT_FOUND"),
        (maria.request(Method::GET, "/api/conversations/x"), 404, "CONVERSATION_NOT_FOUND"),
    ];
    for (request, status, name) in cases {
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        answer.refused(status, name);
    }

    // Forged cursors, and true ones of another list.
    let cursor = maria.events(None).await[0]["id"].as_str().expect("a cursor").to_owned();
    let mut bent = cursor.clone();
    bent.replace_range(..1, if cursor.starts_with('A') { "B" } else { "A" });
    let lists = ["/api/conversations?cursor=", "/api/clients?cursor=", "/api/templates?cursor="];
    for list in lists {
        for forged in ["x", bent.as_str(), cursor.as_str(), "%00", "7"] {
            let answer = maria.get(&format!("{list}{forged}")).await;
            answer.refused(400, "INVALID_CURSOR");
        }
    }
    for forged in ["x", bent.as_str(), "%F0%9F%98%80", "9999999"] {
        let answer = maria.get(&format!("/api/events?after={forged}")).await;
        answer.refused(400, "INVALID_CURSOR");
    }
}
