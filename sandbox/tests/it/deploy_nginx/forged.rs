//! Nobody gets in as somebody else, through any location, however it is spelled.

use std::net::SocketAddr;

use futures_util::{StreamExt as _, future::join_all, stream};
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    edge::Claim,
    gateway::{self, Edges, Gateway, SECRET, nobody},
    identity::{BLOCKED, session},
    locations::{self, Caller, LOCATIONS},
    spellings::{self, FORGED, Spelling},
};
use crate::kit::PATIENCE;

const SELF: &str = "recruiter@linkojob.test";

#[tokio::test]
async fn nginx_accepts_the_shipped_configuration_without_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    gateway::install(folder.path(), nobody().await, [nobody().await; 2], nobody().await);
    let (fine, said) = gateway::check(folder.path());
    assert!(fine, "{said}");
    assert!(!said.contains("[warn]"), "{said}");
}

#[test]
fn nginx_accepts_the_stand_in_for_the_identity_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = gateway::shipped().join("../sandbox/identity.conf");
    let file = file.canonicalize().expect("the file");
    let main = format!("pid nginx.pid;\nevents {{}}\nhttp {{ include {}; }}\n", file.display());
    std::fs::write(folder.path().join("nginx.conf"), main).expect("a file");
    let (fine, said) = gateway::check(folder.path());
    assert!(fine && !said.contains("[warn]"), "{said}");
}

#[test]
fn every_location_says_who_the_caller_is() {
    locations::check();
}

/// Sends bytes and reads what comes until the other side ends; the status, if it was HTTP.
async fn send(address: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.expect("NGINX listens");
        // It may refuse and close before all is sent.
        let _refused = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        // The head is enough: one stand-in answers with a stream that does not end by itself.
        while let Ok(read @ 1..) = stream.read(&mut chunk).await {
            answer.extend_from_slice(&chunk[..read]);
            if answer.windows(4).any(|end| end == b"\r\n\r\n") {
                break;
            }
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        text.split(' ').nth(1).and_then(|status| status.parse().ok())
    };
    tokio::time::timeout(PATIENCE, exchange).await.expect("NGINX answers")
}

/// Sends one spelling to one location, as somebody who is signed in or not, and checks the answer.
async fn attempt(gateway: &Gateway, path: &str, caller: Caller, forgery: &Spelling, signed: bool) {
    let cookie = signed.then(|| session(SELF));
    let bytes = forgery.request(path, cookie.as_deref());
    let status = send(gateway.address, &bytes).await;
    let what = &forgery.what;
    let refused = status.is_none_or(|status| (400..500).contains(&status));
    match status {
        Some(200) => assert!(signed || caller != Caller::Person, "{path} let {what} in"),
        _ => assert!(refused, "{path}: {what}: {status:?}"),
    }
}

fn is(claim: &Claim, name: &str, expected: &[&str]) -> bool {
    claim[name].iter().eq(expected)
}

#[tokio::test]
async fn no_spelling_of_an_identity_gets_through_any_location() {
    let gateway = Gateway::start().await;
    let forgeries = spellings::all();
    assert!(forgeries.len() >= 100, "{}", forgeries.len());
    let mut reached = 0;
    for (location, path, caller) in LOCATIONS {
        for signed in [false, true] {
            let attempts = forgeries.iter().map(|one| attempt(&gateway, path, caller, one, signed));
            stream::iter(attempts).buffer_unordered(16).collect::<Vec<()>>().await;
            let claims = gateway.edge.claims();
            let known = signed && caller != Caller::Nobody;
            let (email, role): (&[_], &[_]) =
                if known { (&[SELF], &["MANAGER"]) } else { (&[], &[]) };
            for claim in &claims {
                let own = is(claim, "email", email) && is(claim, "role", role);
                assert!(own && is(claim, "x-gateway-secret", &[SECRET]), "{location}: {claim:?}");
            }
            // Otherwise the loop above would have looked at nothing.
            let may = signed || caller != Caller::Person;
            assert_eq!(claims.len() > forgeries.len() / 2, may, "{location}: {}", claims.len());
            reached += claims.len();
        }
    }
    println!(
        "{} spellings × {} locations × 2, {reached} reached an edge",
        forgeries.len(),
        LOCATIONS.len()
    );
}

#[tokio::test]
async fn the_same_spellings_get_in_where_no_gateway_is() {
    let gateway = Gateway::start_with(Edges::None, false).await;
    let unguarded = gateway.edge.serve("unguarded").await;
    let forgeries = spellings::all();
    let sent = forgeries.iter().map(|forgery| async move {
        send(unguarded, &forgery.request("/api/conversations", None)).await
    });
    join_all(sent).await;
    let claims = gateway.edge.claims();
    let forged =
        claims.iter().filter(|claim| claim["email"].iter().any(|email| email.contains(FORGED)));
    assert!(forged.count() > 30, "the control shows that the spellings are worth trying");
}

#[tokio::test]
async fn who_may_not_come_in_is_told_so_in_the_form_of_the_api() {
    let gateway = Gateway::start().await;
    for (cookie, status, name) in
        [("none=1", 401, "EMAIL_HEADER_IS_REQUIRED"), (BLOCKED, 403, "NOT_REQUIRED_ROLE")]
    {
        let request = gateway.request(Method::GET, "/api/conversations").header("cookie", cookie);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
        let problem: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(problem["error"]["name"], name);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["requestId"], id.as_str());
    }
    assert!(gateway.edge.claims().is_empty());
}

#[tokio::test]
async fn a_consent_comes_back_with_the_session_or_without_one() {
    let gateway = Gateway::start().await;
    let path = "/api/auth/whatsapp/callback?code=a&state=b";
    for (cookie, email) in [("none=1", None), (BLOCKED, None), (session(SELF).as_str(), Some(SELF))]
    {
        let request = gateway.request(Method::GET, path).header("cookie", cookie);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        let echo: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(echo["uri"], path);
        assert_eq!(echo["claim"]["email"][0].as_str(), email);
    }
}
