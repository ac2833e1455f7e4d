//! Who is admitted: headers, roles, peers, doubled headers, origins, named owners.

use reqwest::Method;
use serde_json::json;

use crate::harness::{EMAIL, Edge, TOKEN, problem};

#[tokio::test]
async fn identity_comes_before_everything_else() {
    let edge = Edge::start().await;
    let ok = "200";
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "EMAIL_HEADER_IS_REQUIRED"),
        (&[("role", "MANAGER")], "EMAIL_HEADER_IS_REQUIRED"),
        (&[("email", " "), ("role", "MANAGER")], "EMAIL_HEADER_IS_REQUIRED"),
        (&[("email", "nobody"), ("role", "MANAGER")], "INVALID_EMAIL_FORMAT"),
        (&[("email", "a@b.c,d@e.f"), ("role", "MANAGER")], "INVALID_EMAIL_FORMAT"),
        (&[("email", "a@b.c")], "ROLE_HEADER_IS_REQUIRED"),
        (&[("email", "a@b.c"), ("role", "")], "ROLE_HEADER_IS_REQUIRED"),
        (&[("email", "a@b.c"), ("role", "manager")], "INVALID_ROLE"),
        (&[("email", "a@b.c"), ("role", "MANAGER,ADMIN")], "INVALID_ROLE"),
        (&[("email", "a@b.c"), ("role", "TALENT")], "NOT_REQUIRED_ROLE"),
        (&[("email", "a@b.c"), ("role", "NO_ROLE")], "NOT_REQUIRED_ROLE"),
        (&[("email", "a@b.c"), ("email", "a@b.c"), ("role", "USER")], "VALIDATION_ERROR"),
        (&[("email", "a@b.c"), ("role", "USER"), ("role", "USER")], "VALIDATION_ERROR"),
        (&[("email", " A@b.C "), ("role", "USER")], ok),
        (&[("email", "a@b.c"), ("role", "MANAGER")], ok),
        (&[("email", "a@b.c"), ("role", "ADMIN")], ok),
        (&[("email", "a@b.c"), ("role", "SUPER_ADMIN")], ok),
    ];
    for (headers, expected) in table {
        let mut request = edge.bare(Method::GET, "/api/clients/me");
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("answer");
        if *expected == ok {
            assert_eq!(answer.status(), 200, "{headers:?}");
        } else {
            let (_, name, _) = problem(answer).await;
            assert_eq!(name, *expected, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_paths() {
    let edge = Edge::start().await;
    for (method, path) in [
        (Method::GET, "/api/nothing"),
        (Method::DELETE, "/api/messages/text"),
        (Method::GET, "/nothing"),
        (Method::GET, "/api/ws"),
    ] {
        let stranger = edge.bare(method.clone(), path).send().await.expect("answer");
        assert_eq!(problem(stranger).await.1, "EMAIL_HEADER_IS_REQUIRED", "{path}");
    }
    let known = problem(edge.get("/api/nothing").await).await;
    assert_eq!((known.0, known.1.as_str()), (404, "ROUTE_NOT_FOUND"));
    let known = edge.request(Method::DELETE, "/api/messages/text").send().await.expect("answer");
    assert!(known.headers().contains_key("allow"));
    assert_eq!(problem(known).await.1, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn only_the_gateway_is_believed() {
    let far = Edge::with(|config| {
        config.edge_trusted_proxies = "10.0.0.0/8".parse().expect("networks");
        Ok(())
    })
    .await;
    let (status, name, _) = problem(far.get("/api/clients/me").await).await;
    assert_eq!((status, name.as_str()), (401, "UNTRUSTED_GATEWAY"));

    let edge = Edge::with(|config| {
        config.edge_gateway_secret = Some("between-us".into());
        Ok(())
    })
    .await;
    let send = async |secrets: &[&str]| {
        let mut request = edge.request(Method::GET, "/api/clients/me");
        for secret in secrets {
            request = request.header("x-gateway-secret", *secret);
        }
        request.send().await.expect("answer")
    };
    assert_eq!(send(&["between-us"]).await.status(), 200);
    for wrong in [&[][..], &[""], &["between-u"], &["between-us "][..0], &["Between-us"]] {
        assert_eq!(problem(send(wrong).await).await.1, "UNTRUSTED_GATEWAY", "{wrong:?}");
    }
    assert_eq!(send(&["between-us", "between-us"]).await.status(), 400);
}

#[tokio::test]
async fn only_administrators_may_name_another_owner() {
    let edge = Edge::start().await;
    let as_role = async |role: &str, query: &str| {
        let path = format!("/api/clients/me{query}");
        let request = edge.bare(Method::GET, &path).header("email", EMAIL).header("role", role);
        request.send().await.expect("answer")
    };
    for role in ["MANAGER", "USER"] {
        let answer = as_role(role, "?owner=other@linkojob.test").await;
        assert_eq!(problem(answer).await.1, "NOT_REQUIRED_ROLE");
        assert_eq!(as_role(role, &format!("?owner={EMAIL}")).await.status(), 200);
    }
    assert_eq!(as_role("ADMIN", "?owner=Other@LinkoJob.test").await.status(), 200);
    let seen = edge.core.calls("get_client").pop().expect("a call");
    assert!(seen.request.contains(r#"owner: "other@linkojob.test""#), "{seen:?}");
    assert_eq!(seen.email.as_deref(), Some(EMAIL));
    assert_eq!(seen.role.as_deref(), Some("ADMIN"));
    assert_eq!(seen.token, Some(format!("Bearer {TOKEN}")));
    assert_eq!(as_role("ADMIN", "?owner=a@b.c&owner=a@b.c").await.status(), 400);
    assert_eq!(as_role("ADMIN", "?owner=nobody").await.status(), 400);
}

#[tokio::test]
async fn a_foreign_site_changes_nothing() {
    let edge = Edge::start().await;
    let own = format!("http://{}", edge.address);
    let post = async |name: &str, value: &str| {
        let request = edge.request(Method::POST, "/api/clients").header(name, value);
        request.json(&json!({})).send().await.expect("answer")
    };
    assert_eq!(post("origin", &own).await.status(), 201);
    assert_eq!(post("sec-fetch-site", "same-origin").await.status(), 201);
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let (status, error, _) = problem(post(name, value).await).await;
        assert_eq!((status, error.as_str()), (403, "ORIGIN_NOT_ALLOWED"), "{name}: {value}");
    }
    let refused = edge.socket_with("", &[("origin", "https://evil.example")]).await;
    assert_eq!(refused.err().map(|(status, _)| status), Some(403));
    assert!(edge.socket_with("", &[("origin", own.as_str())]).await.is_ok());
    let reading =
        edge.request(Method::GET, "/api/clients/me").header("origin", "https://x.example");
    assert_eq!(reading.send().await.expect("answer").status(), 200);
}

#[tokio::test]
async fn the_request_id_goes_all_the_way() {
    let edge = Edge::start().await;
    let given = edge.request(Method::GET, "/api/clients/me").header("x-request-id", "trace-7");
    let answer = given.send().await.expect("answer");
    assert_eq!(answer.headers()["x-request-id"], "trace-7");
    let seen = edge.core.calls("get_client").pop().expect("a call");
    assert_eq!(seen.request_id.as_deref(), Some("trace-7"));
    let minted = edge.get("/api/clients/me").await;
    assert_eq!(minted.headers()["x-request-id"].len(), 36);
}
