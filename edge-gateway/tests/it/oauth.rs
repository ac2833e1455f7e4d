//! Connecting and disconnecting by a person: what is asked, what is answered, what the core is told.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{EMAIL, Edge, problem};

const BASE: &str = "/api/auth/whatsapp";

#[tokio::test]
async fn a_consent_begins_with_an_address_and_a_cookie() {
    let edge = Edge::start().await;
    let answer = edge.get("/api/auth/whatsapp/url").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["set-cookie"],
        "__Host-wa_oauth=canary-browser-secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"
    );
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let body: Value = answer.json().await.expect("json");
    let url = "https://www.facebook.com/dialog/oauth?state=canary-state-begun";
    assert_eq!(body, json!({"url": url, "expiresAt": "2023-11-14T22:13:20.123Z"}));
    let seen = edge.core.calls("begin_consent").pop().expect("a call");
    assert_eq!((seen.email.as_deref(), seen.role.as_deref()), (Some(EMAIL), Some("MANAGER")));
    assert!(seen.request.contains(r#"owner: """#), "{}", seen.request);

    let refused = edge.get("/api/auth/whatsapp/url?return_to=https://evil.example").await;
    assert!(refused.headers().get("set-cookie").is_none());
    assert_eq!(problem(refused).await.1, "VALIDATION_ERROR");
}

#[tokio::test]
async fn an_administrator_connects_for_another_owner() {
    let edge = Edge::start().await;
    for (method, path, call) in [
        (Method::GET, "url", "begin_consent"),
        (Method::POST, "exchange", "exchange_code"),
        (Method::POST, "resume", "resume_onboarding"),
        (Method::POST, "disconnect", "disconnect"),
    ] {
        let send = async |role: &str| {
            let path = format!("{BASE}/{path}?owner=other@linkojob.test");
            let mut request = edge.bare(method.clone(), &path);
            request = request.header("email", EMAIL).header("role", role);
            if path.contains("exchange") {
                request = request.json(&json!({"code": "AQB"}));
            }
            request.send().await.expect("answer")
        };
        assert_eq!(problem(send("MANAGER").await).await.1, "NOT_REQUIRED_ROLE", "{path}");
        assert!(edge.core.calls(call).is_empty(), "{path}");
        assert_eq!(send("ADMIN").await.status(), 200, "{path}");
        let seen = edge.core.calls(call).pop().expect("a call");
        assert_eq!(seen.email.as_deref(), Some(EMAIL));
        assert!(seen.request.contains(r#"owner: "other@linkojob.test""#), "{}", seen.request);
    }
}

#[tokio::test]
async fn what_changes_a_connection_needs_a_person_and_the_own_site() {
    let edge = Edge::start().await;
    for (method, path) in [
        (Method::GET, "url"),
        (Method::POST, "exchange"),
        (Method::POST, "resume"),
        (Method::POST, "disconnect"),
    ] {
        let path = format!("{BASE}/{path}");
        let nobody = edge.bare(method.clone(), &path).send().await.expect("answer");
        assert_eq!(problem(nobody).await.1, "EMAIL_HEADER_IS_REQUIRED", "{path}");
        if method == Method::POST {
            let foreign = edge.request(method, &path).header("origin", "https://evil.example");
            let answer = foreign.send().await.expect("answer");
            assert_eq!(problem(answer).await.1, "ORIGIN_NOT_ALLOWED", "{path}");
        }
    }
    for call in ["begin_consent", "exchange_code", "resume_onboarding", "disconnect"] {
        assert!(edge.core.calls(call).is_empty(), "{call}");
    }
}

#[tokio::test]
async fn a_code_of_the_popup_is_exchanged() {
    let edge = Edge::start().await;
    let post = async |body: Value| edge.post("/api/auth/whatsapp/exchange", body).await;
    let answer = post(json!({"code": "AQB", "phoneNumberId": "1001", "wabaId": "2001"})).await;
    let client: Value = answer.json().await.expect("json");
    assert_eq!((&client["status"], &client["attention"]), (&json!("CONNECTED"), &Value::Null));
    let seen = edge.core.calls("exchange_code").pop().expect("a call").request;
    for part in [r#"code: "AQB""#, r#"number_id: Some("1001")"#, r#"waba_id: Some("2001")"#] {
        assert!(seen.contains(part), "{seen}");
    }
    assert_eq!(post(json!({"code": "AQB", "wabaId": null})).await.status(), 200);
    let long = "a".repeat(4097);
    for (wrong, field) in [
        (json!({}), "code"),
        (json!({"code": ""}), "code"),
        (json!({"code": null}), "code"),
        (json!({"code": "a b"}), "code"),
        (json!({"code": long}), "code"),
        (json!({"code": "a", "phoneNumberId": "1x"}), "phoneNumberId"),
        (json!({"code": "a", "wabaId": 5}), "wabaId"),
        (json!({"code": "a", "accessToken": "EAA"}), "accessToken"),
    ] {
        let (status, name, body) = problem(post(wrong.clone()).await).await;
        assert_eq!((status, name.as_str()), (400, "VALIDATION_ERROR"), "{wrong}");
        assert_eq!(body["errors"][0]["field"], field, "{wrong}");
    }
    assert_eq!(edge.core.calls("exchange_code").len(), 2);
}

#[tokio::test]
async fn a_connection_that_waits_says_for_what_and_goes_on() {
    let edge = Edge::start().await;
    edge.core.state.onboarding.lock().expect("lock").attention =
        Some("PHONE_NUMBER_CHOICE_REQUIRED");
    let path = "/api/auth/whatsapp/resume";
    let empty = edge.request(Method::POST, path).send().await.expect("answer");
    let client: Value = empty.json().await.expect("json");
    assert_eq!(client["status"], "PENDING");
    assert_eq!(client["onboarding"]["step"], "NUMBER");
    assert_eq!(client["onboarding"]["choices"][0]["phoneNumberId"], "1001");
    assert_eq!(client["attention"]["name"], "PHONE_NUMBER_CHOICE_REQUIRED");
    let chosen = edge.post(path, json!({"phoneNumberId": "1001", "wabaId": "2001"})).await;
    assert_eq!(chosen.status(), 200);
    let seen = edge.core.calls("resume_onboarding");
    assert!(seen[0].request.contains("phone_number_id: None, waba_id: None"), "{seen:?}");
    assert!(seen[1].request.contains(r#"number_id: Some("1001"), waba_id: Some("2001")"#));
    let unknown = edge.post(path, json!({"code": "AQB"})).await;
    assert_eq!(problem(unknown).await.2["errors"][0]["field"], "code");
}

#[tokio::test]
async fn a_connection_ends_and_metas_part_is_reported() {
    let edge = Edge::start().await;
    let path = "/api/auth/whatsapp/disconnect";
    for body in [None, Some(json!({}))] {
        let request = edge.request(Method::POST, path);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.expect("answer");
        assert_eq!(answer.status(), 200, "{body:?}");
        let answer: Value = answer.json().await.expect("json");
        assert_eq!(answer["client"]["status"], "DISCONNECTED");
        let problems = ["Meta did not take the token back."];
        let report = json!({"unsubscribed": true, "revoked": false, "problems": problems});
        assert_eq!(answer["report"], report);
    }
    let unknown = edge.post(path, json!({"force": true})).await;
    assert_eq!(problem(unknown).await.1, "VALIDATION_ERROR");
    assert_eq!(edge.core.calls("disconnect").len(), 2);
}
