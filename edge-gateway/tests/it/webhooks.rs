//! Meta's side: signatures, limits, the challenge, and saying yes only when it is kept.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use reqwest::{Method, Response};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::Status;

use crate::harness::{APP_SECRETS, Edge, VERIFY_TOKEN, problem};

fn sign(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("key").chain_update(body);
    let bytes = mac.finalize().into_bytes();
    bytes.iter().fold("sha256=".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

async fn deliver(edge: &Edge, signatures: &[&str], body: impl Into<Vec<u8>>) -> Response {
    let mut request = edge.bare(Method::POST, "/api/webhooks").body(body.into());
    for signature in signatures {
        request = request.header("x-hub-signature-256", *signature);
    }
    request.send().await.expect("answer")
}

#[tokio::test]
async fn only_metas_signature_opens() {
    let edge = Edge::start().await;
    let body = br#"{"object":"whatsapp_business_account","s":"\u00e9 \/ \u0040 \ud83d\ude00"}"#;
    for secret in APP_SECRETS {
        let answer = deliver(&edge, &[&sign(secret, body)], *body).await;
        assert_eq!(answer.status(), 200, "{secret}");
        let kept: serde_json::Value = answer.json().await.expect("json");
        assert_eq!(kept, serde_json::json!({"received": true}));
    }
    let delivered = edge.core.calls("deliver");
    assert_eq!(delivered.len(), 2);
    assert_eq!((&delivered[0].email, &delivered[0].role), (&None, &None));

    let good = sign(APP_SECRETS[0], body);
    let sha1 = good.replace("sha256=", "sha1=");
    for wrong in [
        vec![],
        vec![""],
        vec![good.as_str(), good.as_str()],
        vec![&good.to_uppercase()],
        vec![&good.replace("sha256", "SHA256")],
        vec![&good[..good.len() - 1]],
        vec![&sha1],
        vec![&sign("another-secret", body)],
        vec![&format!("{good}00")],
        vec![&format!("sha256={}", "z".repeat(64))],
    ] {
        let (status, name, _) = problem(deliver(&edge, &wrong, *body).await).await;
        assert_eq!((status, name.as_str()), (401, "INVALID_SIGNATURE"), "{wrong:?}");
    }
    assert_eq!(edge.core.calls("deliver").len(), 2);
}

#[tokio::test]
async fn a_signed_body_that_is_no_json_is_kept() {
    let edge = Edge::start().await;
    for body in [&b"not json"[..], b"", b"\xff\xfe\x00"] {
        let answer = deliver(&edge, &[&sign(APP_SECRETS[1], body)], body).await;
        assert_eq!(answer.status(), 200, "{body:?}");
    }
}

#[tokio::test]
async fn bodies_have_a_limit_and_no_encoding() {
    let edge = Edge::start().await;
    let limit = 4 * 1024 * 1024;
    let body = vec![b' '; limit];
    assert_eq!(deliver(&edge, &[&sign(APP_SECRETS[0], &body)], body).await.status(), 200);
    let body = vec![b' '; limit + 1];
    let signature = sign(APP_SECRETS[0], &body);
    let answer = deliver(&edge, &[&signature], body.clone()).await;
    assert_eq!(problem(answer).await.1, "PAYLOAD_TOO_LARGE");
    let chunks = body.chunks(64 * 1024).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()));
    let chunks = futures_util::stream::iter(chunks.collect::<Vec<_>>());
    let request = edge.bare(Method::POST, "/api/webhooks");
    let request = request.header("x-hub-signature-256", &signature);
    let undeclared = request.body(reqwest::Body::wrap_stream(chunks)).send().await;
    if let Ok(answer) = undeclared {
        assert_eq!(answer.status(), 413);
    }
    let encoded = edge.bare(Method::POST, "/api/webhooks").header("content-encoding", "gzip");
    let encoded = encoded.header("x-hub-signature-256", sign(APP_SECRETS[0], b"{}")).body("{}");
    let answer = encoded.send().await.expect("answer");
    assert_eq!(problem(answer).await.1, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn who_sends_too_much_can_finish_and_reads_why_it_was_refused() {
    let edge = Edge::start().await;
    let body = vec![b' '; 5 * 1024 * 1024];
    let signature = sign(APP_SECRETS[0], &body);
    let mut stream = tokio::net::TcpStream::connect(edge.address).await.expect("connection");
    let head = format!(
        "POST /api/webhooks HTTP/1.1\r\nhost: edge\r\nx-hub-signature-256: {signature}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("head");
    stream.write_all(&body).await.expect("all of the body");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer, then the end");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn what_is_not_kept_is_not_acknowledged() {
    let edge = Edge::start().await;
    let signature = sign(APP_SECRETS[0], b"{}");
    for status in [
        Status::unavailable("store away"),
        Status::internal("a fault"),
        Status::permission_denied("wrong token"),
        Status::resource_exhausted("queue full"),
    ] {
        edge.core.fail(status);
        let answer = deliver(&edge, &[&signature], "{}").await;
        assert!(answer.headers().contains_key("retry-after"));
        assert_eq!(problem(answer).await.1, "SERVICE_UNAVAILABLE");
    }
    edge.core.recover();
    *edge.core.state.delay.lock().expect("lock") = Duration::from_secs(5);
    let began = Instant::now();
    assert_eq!(problem(deliver(&edge, &[&signature], "{}").await).await.0, 503);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    edge.core.stop();
    let began = Instant::now();
    assert_eq!(problem(deliver(&edge, &[&signature], "{}").await).await.0, 503);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn the_challenge_is_repeated_only_for_the_token() {
    let edge = Edge::start().await;
    let ask = async |mode: &str, token: &str, challenge: &str| {
        let (token, challenge) = (escaped(token), escaped(challenge));
        let query = format!("hub.mode={mode}&hub.verify_token={token}&hub.challenge={challenge}");
        let path = format!("/api/webhooks?{query}");
        edge.bare(Method::GET, &path).send().await.expect("answer")
    };
    let long = "x".repeat(256);
    for challenge in ["1158201444", "a_B.c-9", &long] {
        let answer = ask("subscribe", VERIFY_TOKEN, challenge).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.headers()["content-type"].to_str().expect("type").starts_with("text/plain"));
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.text().await.expect("text"), challenge);
    }
    for (mode, token) in [("subscribe", "wrong"), ("subscribe", ""), ("other", VERIFY_TOKEN)] {
        let (status, name, _) = problem(ask(mode, token, "1").await).await;
        assert_eq!((status, name.as_str()), (403, "VERIFY_TOKEN_MISMATCH"));
    }
    let longer = "x".repeat(257);
    for challenge in ["", "<script>", "a b", "a\r\nb", &longer] {
        assert_eq!(problem(ask("subscribe", VERIFY_TOKEN, challenge).await).await.0, 400);
    }
    let bare = edge.bare(Method::GET, "/api/webhooks").send().await.expect("answer");
    assert_eq!(bare.status(), 403);
}

/// One edge for all cases of the property.
fn shared() -> &'static (tokio::runtime::Runtime, Edge) {
    static SHARED: OnceLock<(tokio::runtime::Runtime, Edge)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().expect("runtime");
        let edge = runtime.block_on(Edge::start());
        (runtime, edge)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn one_changed_byte_is_refused(
        body in prop::collection::vec(any::<u8>(), 1..400),
        place in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
        digit in any::<prop::sample::Index>(),
    ) {
        let (runtime, edge) = shared();
        let signature = sign(APP_SECRETS[0], &body);
        let status = |signature: &str, body: &[u8]| {
            runtime.block_on(deliver(edge, &[signature], body)).status().as_u16()
        };
        prop_assert_eq!(status(&signature, &body), 200);
        let mut changed = body.clone();
        changed[place.index(body.len())] ^= flip;
        prop_assert_eq!(status(&signature, &changed), 401);
        let mut other = signature.into_bytes();
        let at = 7 + digit.index(64);
        other[at] = if other[at] == b'0' { b'1' } else { b'0' };
        let other = String::from_utf8(other).expect("ascii");
        prop_assert_eq!(status(&other, &body), 401);
    }
}
