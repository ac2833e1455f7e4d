//! Coming back from Meta's dialog: who it is, what came along, and what must not be seen.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::{
    fake::Seen,
    harness::{EMAIL, Edge, problem},
    logged::Logged,
};

const CLEARED: &str = "__Host-wa_oauth=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

fn callback(edge: &Edge, query: &str) -> RequestBuilder {
    edge.bare(Method::GET, &format!("/api/auth/whatsapp/callback{query}"))
}

async fn sent(request: RequestBuilder) -> Response {
    let answer = request.send().await.expect("answer");
    assert_eq!(answer.headers()["set-cookie"], CLEARED);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    answer
}

/// The call that was made of it.
async fn completes(edge: &Edge, request: RequestBuilder) -> Seen {
    let before = edge.core.calls("complete_consent").len();
    assert_eq!(sent(request).await.status(), 200);
    let mut calls = edge.core.calls("complete_consent");
    assert_eq!(calls.len(), before + 1);
    calls.pop().expect("a call")
}

#[tokio::test]
async fn what_meta_and_the_browser_brought_is_handed_on() {
    let edge = Edge::start().await;
    let request = callback(&edge, "?code=AQB%2Fx&state=s-1&granted_scopes=all#_=_");
    let request = request.header("cookie", "theme=dark; __Host-wa_oauth=kept-1");
    let seen = completes(&edge, request).await;
    assert_eq!((seen.email, seen.role), (None, None), "nobody named anybody");
    let parts = [r#"state: "s-1""#, r#"code: "AQB/x""#, r#"error: """#, r#"secret: "kept-1""#];
    for part in parts {
        assert!(seen.request.contains(part), "{}", seen.request);
    }
    let refused = "?error=access_denied&error_code=200&error_reason=user_denied\
                   &error_description=Permissions+error&state=s-2";
    let seen = completes(&edge, callback(&edge, refused)).await.request;
    for part in [r#"code: """#, r#"error: "access_denied""#, r#"browser_secret: """#] {
        assert!(seen.contains(part), "{seen}");
    }
    let reason = callback(&edge, "?error_reason=user_denied&state=s-3");
    let seen = completes(&edge, reason).await.request;
    assert!(seen.contains(r#"error: "user_denied""#), "{seen}");
    let client: Value = sent(callback(&edge, "?state=s&code=c")).await.json().await.expect("json");
    assert_eq!((&client["id"], &client["status"]), (&"client-1".into(), &"CONNECTED".into()));
}

#[tokio::test]
async fn whoever_only_looks_at_a_link_uses_nothing_up() {
    let edge = Edge::start().await;
    let request = edge.bare(Method::HEAD, "/api/auth/whatsapp/callback?state=s&code=c");
    assert_eq!(sent(request).await.status(), 405);
    assert!(edge.core.calls("complete_consent").is_empty());
}

#[tokio::test]
async fn a_cookie_that_stands_twice_is_none() {
    let edge = Edge::start().await;
    for cookies in [
        &["__Host-wa_oauth=mine; __Host-wa_oauth=theirs"][..],
        &["__Host-wa_oauth=mine", "__Host-wa_oauth=mine"],
        &["__host-wa_oauth=mine"],
        &["wa_oauth=mine"],
    ] {
        let mut request = callback(&edge, "?state=s&code=c");
        for cookie in cookies {
            request = request.header("cookie", *cookie);
        }
        let seen = completes(&edge, request).await.request;
        assert!(seen.contains(r#"browser_secret: """#), "{cookies:?}: {seen}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_state_is_not_asked_about() {
    let edge = Edge::start().await;
    let long = "s".repeat(4097);
    for query in [
        "",
        "?code=c",
        "?state=&code=c",
        "?state=s&state=s&code=c",
        "?state=s&code=c&code=d",
        "?state=s&error=a&error=b",
        &format!("?state={long}&code=c"),
        &format!("?state=s&code={long}"),
        &format!("?state=s&error={long}"),
        &format!("?state=s&error_reason={long}"),
    ] {
        let answer = sent(callback(&edge, query).header("cookie", "__Host-wa_oauth=kept")).await;
        let (status, name, _) = problem(answer).await;
        assert_eq!((status, name.as_str()), (400, "OAUTH_STATE_INVALID"), "{query}");
    }
    assert!(edge.core.calls("complete_consent").is_empty());
}

#[tokio::test]
async fn who_is_named_is_admitted_as_everywhere_or_not_at_all() {
    let edge = Edge::with(|config| {
        config.edge_gateway_secret = Some("between-us".into());
        Ok(())
    })
    .await;
    let named = |headers: &[(&str, &str)]| {
        let request = callback(&edge, "?state=s&code=c");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    let gateway = ("x-gateway-secret", "between-us");
    let seen = completes(&edge, named(&[gateway, ("email", " A@b.C "), ("role", "USER")])).await;
    assert_eq!((seen.email.as_deref(), seen.role.as_deref()), (Some("a@b.c"), Some("USER")));
    for nobody in [&[][..], &[gateway], &[("role", "ADMIN")], &[("role", "x"), ("role", "y")]] {
        let seen = completes(&edge, named(nobody)).await;
        assert_eq!((seen.email, seen.role), (None, None), "{nobody:?}");
    }
    let calls = edge.core.calls("complete_consent").len();
    let (email, role) = (("email", EMAIL), ("role", "MANAGER"));
    for (headers, expected) in [
        (&[email, role][..], "UNTRUSTED_GATEWAY"),
        (&[email, role, ("x-gateway-secret", "guess")], "UNTRUSTED_GATEWAY"),
        (&[gateway, gateway, email, role], "VALIDATION_ERROR"),
        (&[gateway, email, email, role], "VALIDATION_ERROR"),
        (&[gateway, email, role, role], "VALIDATION_ERROR"),
        (&[gateway, email], "ROLE_HEADER_IS_REQUIRED"),
        (&[gateway, ("email", ""), role], "EMAIL_HEADER_IS_REQUIRED"),
        (&[gateway, ("email", "nobody"), role], "INVALID_EMAIL_FORMAT"),
        (&[gateway, email, ("role", "manager")], "INVALID_ROLE"),
        (&[gateway, email, ("role", "TALENT")], "NOT_REQUIRED_ROLE"),
    ] {
        let (_, name, _) = problem(sent(named(headers)).await).await;
        assert_eq!(name, expected, "{headers:?}");
    }
    assert_eq!(edge.core.calls("complete_consent").len(), calls, "the state is not used up");
}

#[tokio::test]
async fn headers_from_elsewhere_name_nobody() {
    let far = Edge::with(|config| {
        config.edge_trusted_proxies = "10.0.0.0/8".parse().expect("networks");
        Ok(())
    })
    .await;
    let seen = completes(&far, callback(&far, "?state=s&code=c")).await;
    assert_eq!(seen.email, None);
    let named = callback(&far, "?state=s&code=c").header("email", EMAIL).header("role", "USER");
    assert_eq!(problem(sent(named).await).await.1, "UNTRUSTED_GATEWAY");
}

#[tokio::test]
async fn state_code_and_cookie_are_in_no_log() {
    let log = Logged::everything();
    let edge = Edge::start().await;
    assert_eq!(edge.get("/api/auth/whatsapp/url").await.status(), 200);
    for accept in ["application/json", "text/html"] {
        for failure in [None, Some(tonic::Status::internal("a fault"))] {
            *edge.core.state.failure.lock().expect("lock") = failure;
            let request =
                callback(&edge, "?state=canary-state&code=canary-code&error=canary-error");
            let request = request.header("cookie", "__Host-wa_oauth=canary-cookie");
            sent(request.header("accept", accept)).await;
        }
    }
    let body = serde_json::json!({"code": "canary-code"});
    edge.post("/api/auth/whatsapp/exchange", body).await;
    let refused = log.lines("/api/auth/whatsapp/callback");
    assert!(refused.iter().any(|line| line.contains("UNEXPECTED_ERROR")), "{refused:?}");
    assert!(!log.lines(" TRACE h2::").is_empty(), "what we are made of is heard too");
    // The fake core runs on other threads; the test's own client does not, and says where it goes.
    let ours = log.lines("canary").into_iter().filter(|line| !line.contains(" reqwest::"));
    assert_eq!(ours.collect::<Vec<_>>(), Vec::<String>::new());
}
