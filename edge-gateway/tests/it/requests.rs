//! What is refused at the door, with the field named, and what gets through to the core.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Edge, problem};

fn fields(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_array().expect("errors");
    errors.iter().map(|error| error["field"].as_str().expect("field")).collect()
}

#[tokio::test]
async fn wrong_fields_are_named_all_at_once() {
    let edge = Edge::start().await;
    let long = "x".repeat(4097);
    for (path, body, wrong) in [
        ("text", json!({"to": "+14155550123"}), vec!["text"]),
        ("text", json!({"text": "a"}), vec!["to"]),
        ("text", json!({"to": "+14155550123", "conversationId": "c", "text": "a"}), vec!["to"]),
        ("text", json!({"to": "123", "text": "", "more": 1}), vec!["to", "text", "more"]),
        ("text", json!({"to": "+14155550123", "text": long}), vec!["text"]),
        ("text", json!({"to": "+14155550123", "text": 5}), vec!["text"]),
        ("text", json!({"to": 14155550123_i64, "text": "a"}), vec!["to"]),
        ("text", json!({"to": {"$ne": null}, "text": "a"}), vec!["to"]),
        (
            "text",
            json!({"to": "+14155550123", "text": "a", "previewUrl": "yes"}),
            vec!["previewUrl"],
        ),
        ("text", json!({"to": "+14155550123", "text": "a\u{0}"}), vec!["text"]),
        ("text", json!([]), vec!["body"]),
        ("template", json!({"to": "+14155550123", "variables": 3}), vec!["variables"]),
        (
            "template",
            json!({"to": "+14155550123", "template": {"language": "!"}}),
            vec!["template.name", "template.language"],
        ),
    ] {
        let answer = edge.post(&format!("/api/messages/{path}"), body.clone()).await;
        let (status, name, problem) = problem(answer).await;
        assert_eq!((status, name.as_str()), (400, "VALIDATION_ERROR"), "{body}");
        assert_eq!(fields(&problem), wrong, "{body}");
    }
    assert!(edge.core.calls("send_text").is_empty());
    assert!(edge.core.calls("send_template").is_empty());
}

#[tokio::test]
async fn a_connection_needs_all_three_or_none() {
    let edge = Edge::start().await;
    assert_eq!(edge.post("/api/clients", json!({})).await.status(), 201);
    assert_eq!(edge.post("/api/clients", json!({"label": "again"})).await.status(), 200);
    let all = json!({"phoneNumberId": "1", "wabaId": "2", "accessToken": "EAAx"});
    assert_eq!(edge.post("/api/clients", all).await.status(), 201);
    let (_, _, body) = problem(edge.post("/api/clients", json!({"wabaId": "2"})).await).await;
    assert_eq!(fields(&body), ["phoneNumberId", "accessToken"]);
    for pin in [json!("12345"), json!("1234567"), json!(123456), json!("12345a"), json!(null)] {
        let answer = edge.post("/api/clients/me/register", json!({ "pin": pin })).await;
        assert_eq!(fields(&problem(answer).await.2), ["pin"]);
    }
    let answer = edge.post("/api/clients/me/register", json!({"pin": "123456"})).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn bodies_are_json_of_bounded_size() {
    let edge = Edge::start().await;
    let post = |kind: &'static str, body: String| {
        let request = edge.request(Method::POST, "/api/messages/text");
        let request = if kind.is_empty() { request } else { request.header("content-type", kind) };
        async move { problem(request.body(body).send().await.expect("answer")).await }
    };
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        assert_eq!(post(kind, "{}".to_owned()).await.1, "UNSUPPORTED_MEDIA_TYPE", "{kind}");
    }
    let json = "application/json; charset=utf-8";
    for wrong in ["", "{", "{}{}", "\"\\ud800\"", r#"{"text":"a","text":"b"}"#] {
        let (status, _, body) = post(json, wrong.to_owned()).await;
        assert_eq!((status, fields(&body)), (400, vec!["body"]), "{wrong}");
    }
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(post(json, deep).await.0, 400);
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(256 * 1024));
    assert_eq!(post(json, large).await.1, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn parameters_are_checked() {
    let edge = Edge::start().await;
    for (query, wrong) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=2147483648", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("unread=yes", "unread"),
        ("sort=name", "sort"),
    ] {
        let answer = edge.get(&format!("/api/conversations?{query}")).await;
        assert_eq!(fields(&problem(answer).await.2), [wrong], "{query}");
    }
    let answer = edge.get("/api/conversations?limit=7&cursor=abc&unread=true&search=Ana%20B").await;
    let page: Value = answer.json().await.expect("json");
    assert_eq!(page["nextCursor"], Value::Null);
    assert_eq!(page["data"][0]["candidate"]["phoneNumber"], "+14155550123");
    let seen = edge.core.calls("list_conversations").pop().expect("a call").request;
    for part in ["page_size: 7", r#"page_token: "abc""#, "unread: true", r#"search: "Ana B""#] {
        assert!(seen.contains(part), "{seen}");
    }
    let body = serde_json::json!({"to": "+14155550123", "text": "hello"});
    let answer = edge.post("/api/messages/text?limit=7", body).await;
    assert_eq!(fields(&problem(answer).await.2), ["limit"], "where there is a body too");
    let forged = edge.get("/api/events?after=forged").await;
    assert_eq!(problem(forged).await.1, "INVALID_CURSOR");
}

#[tokio::test]
async fn every_operation_answers_in_its_form() {
    let edge = Edge::start().await;
    let client: Value = edge.get("/api/clients/me").await.json().await.expect("json");
    assert_eq!(client["createdAt"], "2023-11-14T22:13:20.123Z");
    assert_eq!(client["qualityRating"], Value::Null);
    assert_eq!(client["settings"]["templateLanguage"], Value::Null);
    let put = edge.request(Method::PUT, "/api/clients/me");
    let put = put.json(&json!({"settings": {"templateLanguage": null}})).send().await.expect("ok");
    assert_eq!(put.status(), 200);
    assert!(edge.core.calls("update_client")[0].request.contains(r#"template_language: Some("")"#));
    for path in ["/api/clients/me", "/api/conversations/c"] {
        let gone = edge.request(Method::DELETE, path).send().await.expect("answer");
        assert_eq!(gone.status(), 204);
    }
    let read = edge.request(Method::PATCH, "/api/conversations/c/read").send().await.expect("ok");
    assert_eq!(read.status(), 200, "the body is optional");
    let window: Value = edge.get("/api/conversations/c9/window").await.json().await.expect("json");
    assert_eq!(window["nextTemplate"], "REENGAGE");
    assert_eq!(window["conversationId"], "c9");
    let sync = edge.request(Method::POST, "/api/templates/sync").send().await.expect("answer");
    assert_eq!(sync.json::<Value>().await.expect("json"), json!({"total": 4, "changed": 1}));
    let purpose = async |body: Value| {
        let request = edge.request(Method::PUT, "/api/templates/t/purpose").json(&body);
        request.send().await.expect("answer").status()
    };
    assert_eq!(purpose(json!({"purpose": null})).await, 200);
    assert_eq!(purpose(json!({"purpose": "REENGAGE"})).await, 200);
    assert_eq!(purpose(json!({})).await, 400);
    assert_eq!(purpose(json!({"purpose": "OTHER"})).await, 400);
    let templates: Value = edge
        .get("/api/templates?purpose=INITIATE&status=APPROVED")
        .await
        .json()
        .await
        .expect("json");
    assert_eq!(templates["data"][0]["components"][0]["type"], "BODY");
    let clients: Value = edge.get("/api/clients").await.json().await.expect("json");
    assert_eq!(clients["nextCursor"], "more");
    let messages: Value =
        edge.get("/api/conversations/c/messages").await.json().await.expect("json");
    assert_eq!(messages["data"][0]["content"], json!({"text": "hi", "previewUrl": false}));
    assert_eq!(messages["data"][0]["error"], Value::Null);
}
