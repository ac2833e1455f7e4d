//! What must pass: large bodies, upgrades, streams, and Socket.IO to one edge.

use std::collections::BTreeMap;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, header};
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};

use super::{
    gateway::{Edges, Gateway},
    identity::session,
    locations::LOCATIONS,
};
use crate::kit::PATIENCE;

const MIB: usize = 1024 * 1024;
const SELF: &str = "recruiter@linkojob.test";

/// The status, and what reached the edge.
async fn post(gateway: &Gateway, path: &str, size: usize) -> (u16, Value) {
    let request = gateway.request(Method::POST, path).header(header::COOKIE, session(SELF));
    let answer = request.body(vec![b'a'; size]).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn bodies_of_four_mebibytes_pass_and_larger_ones_only_as_media() {
    let gateway = Gateway::start().await;
    for path in ["/api/webhooks", "/api/messages/text"] {
        let (status, echo) = post(&gateway, path, 4 * MIB).await;
        assert_eq!((status, &echo["bytes"]), (200, &(4 * MIB).into()), "{path}");
        let (status, problem) = post(&gateway, path, 4 * MIB + 1).await;
        assert_eq!(
            (status, &problem["error"]["name"]),
            (413, &"PAYLOAD_TOO_LARGE".into()),
            "{path}"
        );
    }
    let (status, echo) = post(&gateway, "/api/media", 5 * MIB).await;
    assert_eq!((status, &echo["bytes"]), (200, &(5 * MIB).into()));
}

#[tokio::test]
async fn a_socket_opens_and_talks_both_ways() {
    let gateway = Gateway::start().await;
    let mut request = format!("ws://{}/api/ws?after=a", gateway.address)
        .into_client_request()
        .expect("a request");
    request.headers_mut().insert("cookie", session(SELF).parse().expect("a value"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let hello = socket.next().await.expect("a frame").expect("a frame");
    let claim: Value = serde_json::from_str(hello.to_text().expect("text")).expect("JSON");
    assert_eq!(claim["email"][0], SELF);
    socket.send(Message::text("typing")).await.expect("sent");
    assert_eq!(socket.next().await.expect("a frame").expect("a frame"), Message::text("typing"));
}

#[tokio::test]
async fn no_other_upgrade_is_passed_on() {
    let gateway = Gateway::start().await;
    for (_, path, _) in LOCATIONS.iter().filter(|(_, path, _)| *path != "/api/events") {
        let request = gateway.request(Method::GET, path).header(header::COOKIE, session(SELF));
        let request =
            request.header("upgrade", "h2c").header("connection", "upgrade, http2-settings");
        let echo: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        let names = echo["names"].as_array().into_iter().flatten();
        let hop =
            names.filter(|name| ["upgrade", "connection"].contains(&name.as_str().unwrap_or("")));
        assert_eq!(hop.count(), 0, "{path}: {echo}");
    }
}

#[tokio::test]
async fn events_pass_as_they_come() {
    let gateway = Gateway::start().await;
    let request = gateway.request(Method::GET, "/api/events").header(header::COOKIE, session(SELF));
    let mut events = request.send().await.expect("an answer").bytes_stream();
    let first = timeout(PATIENCE, events.next()).await.expect("the first event is not held back");
    assert_eq!(first.expect("a chunk").expect("bytes"), "data: 1\n\n");
    // Only now is there a second one.
    gateway.edge.go_on.notify_one();
    let second = timeout(PATIENCE, events.next()).await.expect("the second event");
    assert_eq!(second.expect("a chunk").expect("bytes"), "data: 2\n\n");
}

/// The edge that a request of this person reaches.
async fn edge_of(gateway: &Gateway, path: &str, email: &str) -> String {
    let request = gateway.request(Method::GET, path).header(header::COOKIE, session(email));
    let echo: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    echo["edge"].as_str().expect("a name").to_owned()
}

#[tokio::test]
async fn socket_io_of_one_person_always_reaches_the_same_edge() {
    let gateway = Gateway::start().await;
    let mut people = BTreeMap::<String, u32>::new();
    for person in 0..24 {
        let email = format!("recruiter-{person}@linkojob.test");
        let first = edge_of(&gateway, "/socket.io/?EIO=4&transport=polling", &email).await;
        for _ in 0..4 {
            let path = format!("/socket.io/?EIO=4&transport=polling&sid={person}");
            assert_eq!(edge_of(&gateway, &path, &email).await, first, "{email}");
        }
        *people.entry(first).or_default() += 1;
    }
    assert_eq!(people.len(), 2, "people are spread over the edges: {people:?}");
}

#[tokio::test]
async fn with_one_edge_away_everything_goes_to_the_other() {
    let gateway = Gateway::start_with(Edges::OnlySecond, true).await;
    for turn in 0..8 {
        let email = format!("recruiter-{turn}@linkojob.test");
        for path in ["/api/conversations", "/socket.io/?EIO=4&transport=polling", "/api/webhooks"] {
            assert_eq!(edge_of(&gateway, path, &email).await, "second", "{path}");
        }
        assert_eq!(post(&gateway, "/api/webhooks", MIB).await.0, 200);
    }
}
