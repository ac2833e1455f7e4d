//! Bad input, and what it gets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, Town, Update, body, inbound};

const TEXT: &str = "/api/messages/text";
const TEMPLATE: &str = "/api/messages/template";
const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn webhooks_without_a_right_signature_are_refused() {
    let town = Town::start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    let message = inbound("4915700000001", "wamid.forged", second, "forged");
    let value = body(&[(maria.account(), json!({"messages": [message]}))]);
    let Update { body: text, signature } = Update::of(&value);
    let other = Update::of_text(format!("{text} "));

    let wrong: [&[&str]; 9] = [
        &[],
        &[""],
        &["sha256="],
        &[&signature[..signature.len() - 1]],
        &[&signature.to_uppercase()],
        &[&signature.replace("sha256=", "sha1=")],
        &[&signature.replace("sha256=", "")],
        &[&signature, &signature],
        &[&other.signature],
    ];
    let post = |signatures: &[&str]| {
        let mut request = town.at_edge(Method::POST, "/api/webhooks").body(text.clone());
        for signature in signatures {
            request = request.header("x-hub-signature-256", *signature);
        }
        request.header("content-type", "application/json")
    };
    for signatures in wrong {
        let answer = Answer::of(post(signatures).send().await.expect("an answer")).await;
        answer.refused(401, "INVALID_SIGNATURE");
    }
    let encoded = post(&[&signature]).header("content-encoding", "gzip").send().await;
    Answer::of(encoded.expect("an answer")).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");

    // As large as may be, and one byte more.
    let filled = |size: usize| Update::of_text(format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8)));
    town.deliver(&filled(4 * MIB)).await.is(200);
    town.deliver(&filled(4 * MIB + 1)).await.refused(413, "PAYLOAD_TOO_LARGE");

    // What is signed is kept, whatever it is; a 4xx would bring it back for a week.
    for odd in ["", "not json", "[]", "7", "{\"entry\": 3}", "\u{0}\u{1}", "{\"object\":\"page\"}"]
    {
        let answer = town.deliver(&Update::of_text(odd.to_owned())).await;
        assert_eq!(answer.is(200), json!({"received": true}), "{odd:?}");
    }
    town.arrive(maria.account(), &[("4915700000001", "the end")]).await;
    socket.hears("the end").await;
    assert_eq!(socket.seen.len(), 1, "nothing else came of all that");

    // Meta's question about the address.
    let ask = |query: &str| town.at_edge(Method::GET, &format!("/api/webhooks?{query}")).send();
    let token = sandbox::secrets::VERIFY_TOKEN;
    let good = format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=11-58_20.x");
    let answer = Answer::of(ask(&good).await.expect("an answer")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "11-58_20.x"));
    assert!(answer.header("content-type").starts_with("text/plain"));
    for (query, status, name) in [
        (
            "hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1".to_owned(),
            403,
            "VERIFY_TOKEN_MISMATCH",
        ),
        (good.replace("subscribe", "other"), 403, "VERIFY_TOKEN_MISMATCH"),
        (good.replace("11-58_20.x", "%3Cscript%3E"), 400, "VALIDATION_ERROR"),
        (good.replace("11-58_20.x", &"1".repeat(257)), 400, "VALIDATION_ERROR"),
    ] {
        Answer::of(ask(&query).await.expect("an answer")).await.refused(status, name);
    }
}

#[tokio::test]
async fn requests_name_every_wrong_field() {
    let town = Town::start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let to = "+4915700000002";
    let long = "x".repeat(4097);
    let cases: Vec<(&str, Value, &str)> = vec![
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
    ];
    for (path, body, field) in cases {
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

#[tokio::test]
async fn other_bodies_paths_and_cursors() {
    let town = Town::start().await;
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

#[tokio::test]
async fn only_known_people_with_a_company_role_come_in() {
    let town = Town::start().await;
    let call = |headers: &[(&str, &str)]| {
        let mut request = town.at_edge(Method::GET, "/api/clients");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send()
    };
    let (email, role) = (("email", "maria@linkojob.test"), ("role", "USER"));
    let cases: [(&[(&str, &str)], u16, &str); 12] = [
        (&[], 401, "EMAIL_HEADER_IS_REQUIRED"),
        (&[role], 401, "EMAIL_HEADER_IS_REQUIRED"),
        (&[("email", " "), role], 401, "EMAIL_HEADER_IS_REQUIRED"),
        (&[email], 401, "ROLE_HEADER_IS_REQUIRED"),
        (&[email, ("role", "")], 401, "ROLE_HEADER_IS_REQUIRED"),
        (&[email, ("role", "KING")], 401, "INVALID_ROLE"),
        (&[email, ("role", "manager")], 401, "INVALID_ROLE"),
        (&[email, ("role", "TALENT")], 403, "NOT_REQUIRED_ROLE"),
        (&[email, ("role", "NO_ROLE")], 403, "NOT_REQUIRED_ROLE"),
        (&[("email", "no address"), role], 400, "INVALID_EMAIL_FORMAT"),
        (&[email, email, role], 400, "VALIDATION_ERROR"),
        (&[email, role, role], 400, "VALIDATION_ERROR"),
    ];
    for (headers, status, name) in cases {
        Answer::of(call(headers).await.expect("an answer")).await.refused(status, name);
    }
    // A stranger learns nothing about which paths exist.
    let nowhere = town.at_edge(Method::GET, "/api/nothing").send().await.expect("an answer");
    Answer::of(nowhere).await.refused(401, "EMAIL_HEADER_IS_REQUIRED");
    for path in ["/health/live", "/health/ready", "/api-docs/openapi.json"] {
        let open = town.at_edge(Method::GET, path).send().await.expect("an answer");
        assert_eq!(open.status(), 200, "{path}");
    }
    for path in ["/supervision/health", "/supervision/connectivity"] {
        let maria = town.recruiter("maria@linkojob.test");
        maria.get(path).await.refused(403, "NOT_REQUIRED_ROLE");
        town.person("root@linkojob.test", "ADMIN").get(path).await.is(200);
    }

    // Another site's page may look at nothing through a browser, and change nothing.
    let maria = town.recruiter("maria@linkojob.test");
    let post = || maria.request(Method::POST, "/api/clients").json(&json!({}));
    let foreign = post().header("origin", "https://other.example").send().await;
    Answer::of(foreign.expect("an answer")).await.refused(403, "ORIGIN_NOT_ALLOWED");
    let foreign = post().header("sec-fetch-site", "cross-site").send().await;
    Answer::of(foreign.expect("an answer")).await.refused(403, "ORIGIN_NOT_ALLOWED");
    let own = post().header("origin", format!("http://{}", town.edge_address())).send().await;
    assert_eq!(own.expect("an answer").status(), 201);
}
