//! A browser that comes back from Meta's dialog is sent on to the dashboard.

use std::collections::HashMap;

use linkojob_proto::ERROR_DOMAIN;
use reqwest::{Method, Response, redirect::Policy};
use serde_json::Value;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    harness::{Edge, PATIENCE, problem},
    logged::Logged,
};

const PAGE: &str = "https://dash.linkojob.test/whatsapp";
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn edge_with_a_page() -> Edge {
    let edge = Edge::start().await;
    edge.core.state.onboarding.lock().expect("lock").return_url = PAGE.to_owned();
    edge
}

async fn browse(edge: &Edge, query: &str, headers: &[(&str, &str)]) -> Response {
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(PATIENCE).no_proxy();
    let url = format!("http://{}/api/auth/whatsapp/callback{query}", edge.address);
    let request = client.build().expect("client").request(Method::GET, url);
    let request = request.header("accept", ACCEPT);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.expect("answer");
    assert_eq!(
        answer.headers()["set-cookie"],
        "__Host-wa_oauth=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    );
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    answer
}

/// The query that the dashboard's page gets.
async fn lands(edge: &Edge, query: &str, headers: &[(&str, &str)]) -> String {
    let answer = browse(edge, query, headers).await;
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"].to_str().expect("ascii").to_owned();
    assert_eq!(answer.text().await.expect("text"), "");
    location.strip_prefix(&format!("{PAGE}?")).expect("the page of the settings").to_owned()
}

fn named(reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, HashMap::new());
    Status::with_error_details(Code::Unknown, "Said by the core.", details)
}

#[tokio::test]
async fn the_dashboard_is_told_what_came_of_it() {
    let edge = edge_with_a_page().await;
    let came = "?state=s&code=c";
    assert_eq!(lands(&edge, came, &[]).await, "result=connected");
    for attention in ["PHONE_NUMBER_MISSING", "ONBOARDING_REJECTED", "A_NEW_ONE"] {
        edge.core.state.onboarding.lock().expect("lock").attention = Some(attention);
        let expected = format!("result=failed&reason={attention}");
        assert_eq!(lands(&edge, came, &[]).await, expected);
    }
    let invalid = "result=failed&reason=OAUTH_STATE_INVALID";
    let evil = "?code=c&return_url=https://evil.example&result=connected";
    for nothing in ["", "?state=s&state=s&code=c", evil] {
        assert_eq!(lands(&edge, nothing, &[]).await, invalid);
    }
    let unadmitted = [("email", "a@b.c"), ("role", "TALENT")];
    let refused = lands(&edge, came, &unadmitted).await;
    assert_eq!(refused, "result=failed&reason=NOT_REQUIRED_ROLE");
}

#[tokio::test]
async fn refusals_of_the_core_are_named_and_logged_once() {
    let log = Logged::start();
    for (reason, query) in [
        ("OAUTH_DENIED", "result=denied&reason=OAUTH_DENIED"),
        ("OAUTH_STATE_INVALID", "result=failed&reason=OAUTH_STATE_INVALID"),
        ("META_REJECTED", "result=failed&reason=META_REJECTED"),
        ("META_UNAVAILABLE", "result=failed&reason=META_UNAVAILABLE"),
        ("PHONE_NUMBER_ALREADY_CONNECTED", "result=failed&reason=PHONE_NUMBER_ALREADY_CONNECTED"),
    ] {
        let edge = edge_with_a_page().await;
        edge.core.state.onboarding.lock().expect("lock").refusal = Some(named(reason));
        let id = format!("asked-for-{reason}");
        assert_eq!(lands(&edge, "?state=s&code=c", &[("x-request-id", &id)]).await, query);
        let lines = log.lines(&id);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains(&format!("error.name=\"{reason}\"")), "{lines:?}");
    }
}

#[tokio::test]
async fn with_nowhere_to_go_a_browser_reads_the_answer() {
    let edge = Edge::start().await;
    let answer = browse(&edge, "?state=s&code=c", &[]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.expect("json")["id"], "client-1");
    let answer = browse(&edge, "?code=c", &[]).await;
    assert_eq!(problem(answer).await.1, "OAUTH_STATE_INVALID");
    edge.core.fail(Status::unavailable("the store is away"));
    let answer = browse(&edge, "?state=s&code=c", &[]).await;
    assert_eq!(problem(answer).await.1, "SERVICE_UNAVAILABLE");
}

#[tokio::test]
async fn only_browsers_are_sent_on() {
    let edge = edge_with_a_page().await;
    for accept in ["*/*", "application/json", "text/html;q=0"] {
        let request = edge.bare(Method::GET, "/api/auth/whatsapp/callback?state=s&code=c");
        let answer = request.header("accept", accept).send().await.expect("answer");
        assert_eq!(answer.status(), 200, "{accept}");
        assert!(answer.headers().get("location").is_none());
    }
    assert!(edge.core.calls("get_onboarding_settings").is_empty());
}
