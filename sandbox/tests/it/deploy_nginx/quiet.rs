//! What NGINX logs has no secret of an address, whatever goes wrong.

use reqwest::Method;
use serde_json::Value;

use super::gateway::{Edges, Gateway};

const CANARY: &str = "canary-in-an-address";

/// Addresses whose queries have secrets.
const SECRET: [&str; 2] = [
    "/api/auth/whatsapp/callback?code=canary-in-an-address&state=canary-in-an-address",
    "/api/webhooks?hub.mode=subscribe&hub.challenge=1&hub.verify_token=canary-in-an-address",
];

async fn visit(gateway: &Gateway, expected: u16) {
    for path in SECRET {
        let request = gateway.request(Method::GET, path);
        let answer = request.header("referer", format!("https://a.test/?{CANARY}")).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), expected, "{path}");
        if expected == 503 {
            assert_eq!(answer.headers()["retry-after"], "2");
            let problem: Value = answer.json().await.expect("a problem");
            assert_eq!(problem["error"]["name"], "SERVICE_UNAVAILABLE", "{path}");
        }
    }
}

fn check(gateway: &Gateway) {
    let logs = gateway.logs();
    for path in SECRET {
        let path = path.split('?').next().expect("a path");
        assert!(logs.contains(&format!("\"path\":\"{path}\"")), "{path} is logged: {logs}");
    }
    assert!(!logs.contains(CANARY), "{logs}");
}

#[tokio::test]
async fn nothing_is_logged_of_a_query_that_has_secrets() {
    let gateway = Gateway::start().await;
    visit(&gateway, 200).await;
    check(&gateway);
}

#[tokio::test]
async fn nor_when_edges_and_identity_are_away() {
    let gateway = Gateway::start_with(Edges::None, false).await;
    visit(&gateway, 503).await;
    check(&gateway);
    // Elsewhere a fault is logged: an operator needs to see it.
    let answer =
        gateway.request(Method::GET, "/api/conversations").send().await.expect("an answer");
    assert_eq!(answer.status(), 503);
    assert!(gateway.logs().contains("[error]"), "{}", gateway.logs());
}
