//! Webhooks that Meta never sent, and those that it sends and nobody understands.

use reqwest::Method;
use serde_json::json;

use crate::kit::{Answer, Store, Town, Update, body, inbound, on_both_stores};

on_both_stores! {
    webhooks_without_a_right_signature_are_refused,
    metas_question_about_the_address_is_answered_to_meta_alone,
}

const MIB: usize = 1024 * 1024;

async fn webhooks_without_a_right_signature_are_refused(store: Store) {
    let town = Town::start(store).await;
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
}

async fn metas_question_about_the_address_is_answered_to_meta_alone(store: Store) {
    let town = Town::start(store).await;
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
