//! Meta's callbacks about a person: the signature is the identity.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384};
use tonic::Status;

use crate::harness::{APP_SECRETS, Edge, problem};

const DEAUTHORIZE: &str = "/api/auth/whatsapp/deauthorize";
const DELETION: &str = "/api/auth/whatsapp/data-deletion";
const FORM: &str = "application/x-www-form-urlencoded";

fn about(user: Value) -> Value {
    json!({"algorithm": "HMAC-SHA256", "issued_at": 1_700_000_000, "user_id": user})
}

fn mac(secret: &str, payload: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("key");
    mac.chain_update(payload).finalize().into_bytes().to_vec()
}

/// As Meta does it.
fn sign(secret: &str, payload: &Value) -> String {
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac(secret, &payload)))
}

async fn send(edge: &Edge, path: &str, form: String) -> Response {
    let request = edge.bare(Method::POST, path).header("content-type", FORM);
    request.body(form).send().await.expect("answer")
}

async fn signed(edge: &Edge, path: &str, payload: &Value) -> Response {
    send(edge, path, format!("signed_request={}", sign(APP_SECRETS[0], payload))).await
}

#[tokio::test]
async fn access_that_was_taken_away_is_told_to_the_core() {
    let edge = Edge::start().await;
    for (user, read) in [(json!("218471"), "218471"), (json!(10_158_218_471_u64), "10158218471")] {
        let answer = signed(&edge, DEAUTHORIZE, &about(user)).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.expect("json"), json!({"success": true}));
        let seen = edge.core.calls("deauthorize").pop().expect("a call");
        assert_eq!((seen.email, seen.role), (None, None));
        let user = format!(r#"user_id: "{read}""#);
        for part in [user.as_str(), "seconds: 1700000000", "delete_data: false"] {
            assert!(seen.request.contains(part), "{}", seen.request);
        }
    }
    let lasting = json!({"algorithm": "hmac-sha256", "user_id": "1", "expires": 0, "user": {}});
    assert_eq!(signed(&edge, DEAUTHORIZE, &lasting).await.status(), 200);
    let seen = edge.core.calls("deauthorize").pop().expect("a call").request;
    assert!(seen.contains("issued_at: None"), "{seen}");
}

#[tokio::test]
async fn identity_and_origin_of_a_browser_do_not_matter() {
    let edge = Edge::with(|config| {
        config.edge_trusted_proxies = "10.0.0.0/8".parse().expect("networks");
        Ok(())
    })
    .await;
    let form = format!("signed_request={}", sign(APP_SECRETS[0], &about(json!("1"))));
    let request = edge.request(Method::POST, DEAUTHORIZE).header("content-type", FORM);
    let request = request.header("origin", "https://www.facebook.com");
    assert_eq!(request.body(form).send().await.expect("answer").status(), 200);
    let seen = edge.core.calls("deauthorize").pop().expect("a call");
    assert_eq!((seen.email, seen.role), (None, None));
}

#[tokio::test]
async fn a_deletion_is_confirmed_in_metas_words() {
    let edge = Edge::start().await;
    let answer = signed(&edge, DELETION, &about(json!("1"))).await;
    assert_eq!(answer.status(), 200);
    let url = format!("https://{}{DELETION}?code=deletion-1", edge.address);
    let expected = json!({"url": url, "confirmation_code": "deletion-1"});
    assert_eq!(answer.json::<Value>().await.expect("json"), expected);
    let seen = edge.core.calls("deauthorize").pop().expect("a call").request;
    assert!(seen.contains("delete_data: true"), "{seen}");

    let url = "https://wa.linkojob.test/api/auth/whatsapp/data-deletion?code=deletion-1";
    edge.core.state.onboarding.lock().expect("lock").status_url = url.to_owned();
    let answer = signed(&edge, DELETION, &about(json!("1"))).await;
    let expected = json!({"url": url, "confirmation_code": "deletion-1"});
    assert_eq!(answer.json::<Value>().await.expect("json"), expected);
}

#[tokio::test]
async fn any_of_our_secrets_signs_and_padding_may_be_there() {
    let edge = Edge::start().await;
    for secret in APP_SECRETS {
        let padded = URL_SAFE.encode(about(json!("12")).to_string());
        let whole = format!("{}.{padded}", URL_SAFE.encode(mac(secret, &padded)));
        assert!(whole.contains('='), "{whole}");
        for signed in [sign(secret, &about(json!("12"))), whole.replace('=', "%3D"), whole] {
            let answer = send(&edge, DEAUTHORIZE, format!("signed_request={signed}")).await;
            assert_eq!(answer.status(), 200, "{signed}");
        }
    }
    let rotated = Edge::with(|config| {
        config.meta_app_secrets = Some("app-secret-three".into());
        Ok(())
    })
    .await;
    let old = signed(&rotated, DEAUTHORIZE, &about(json!("1"))).await;
    assert_eq!(problem(old).await.1, "INVALID_SIGNATURE");
    let form = format!("signed_request={}", sign("app-secret-three", &about(json!("1"))));
    assert_eq!(send(&rotated, DEAUTHORIZE, form).await.status(), 200);
}

#[tokio::test]
async fn only_metas_signature_opens() {
    let edge = Edge::start().await;
    let good = sign(APP_SECRETS[0], &about(json!("1")));
    let (of_good, payload) = good.split_once('.').expect("two parts");
    let other = sign(APP_SECRETS[0], &about(json!("2")));
    let (_, other_payload) = other.split_once('.').expect("two parts");
    let sha384 = Hmac::<Sha384>::new_from_slice(APP_SECRETS[0].as_bytes()).expect("key");
    let sha384 = URL_SAFE_NO_PAD.encode(sha384.chain_update(payload).finalize().into_bytes());
    let algorithm = |algorithm: Value| {
        let payload = json!({"algorithm": algorithm, "user_id": "1"});
        format!("signed_request={}", sign(APP_SECRETS[0], &payload))
    };
    for form in [
        String::new(),
        "signed_request=".to_owned(),
        "signed_request=.".to_owned(),
        format!("signed_request={payload}"),
        format!("signed_request=.{payload}"),
        format!("signed_request={of_good}."),
        format!("signed_request={of_good}.{other_payload}"),
        format!("signed_request={}.{payload}", &of_good[..of_good.len() - 1]),
        format!("signed_request={of_good}A.{payload}"),
        format!("signed_request={of_good}.{payload}.{payload}"),
        format!("signed_request={}.{payload}", STANDARD.encode([0xff; 32]).replace('+', "%2B")),
        format!("signed_request={}", sign("another-secret", &about(json!("1")))),
        format!("signed_request={sha384}.{payload}"),
        format!("signed_request={good}&signed_request={good}"),
        format!("Signed_Request={good}"),
        algorithm(json!("HMAC-SHA384")),
        algorithm(json!("none")),
        algorithm(Value::Null),
    ] {
        for path in [DEAUTHORIZE, DELETION] {
            let (status, name, _) = problem(send(&edge, path, form.clone()).await).await;
            assert_eq!((status, name.as_str()), (401, "INVALID_SIGNATURE"), "{form}");
        }
    }
    assert!(edge.core.calls("deauthorize").is_empty());
}

#[tokio::test]
async fn what_meta_signed_must_name_a_person() {
    let edge = Edge::start().await;
    let with = |name: &str, value: Value| {
        let mut payload = about(json!("1"));
        payload[name] = value;
        payload
    };
    for (payload, field) in [
        (json!({"algorithm": "HMAC-SHA256"}), "user_id"),
        (with("user_id", json!("")), "user_id"),
        (with("user_id", json!("a b")), "user_id"),
        (with("user_id", json!("1".repeat(65))), "user_id"),
        (with("user_id", json!(-1)), "user_id"),
        (with("user_id", json!(1.5)), "user_id"),
        (with("user_id", json!({"$ne": null})), "user_id"),
        (with("issued_at", json!("soon")), "issued_at"),
        (with("issued_at", json!(-1)), "issued_at"),
        (with("issued_at", json!(i64::MAX)), "issued_at"),
        (json!(["HMAC-SHA256"]), "signed_request"),
    ] {
        let answer = signed(&edge, DEAUTHORIZE, &payload).await;
        let (status, name, body) = problem(answer).await;
        assert_eq!((status, name.as_str()), (400, "VALIDATION_ERROR"), "{payload}");
        assert_eq!(body["errors"][0]["field"], field, "{payload}");
    }
    let twice =
        URL_SAFE_NO_PAD.encode(r#"{"algorithm":"HMAC-SHA256","user_id":"1","user_id":"2"}"#);
    let twice = format!("{}.{twice}", URL_SAFE_NO_PAD.encode(mac(APP_SECRETS[0], &twice)));
    let answer = send(&edge, DEAUTHORIZE, format!("signed_request={twice}")).await;
    assert_eq!(problem(answer).await.1, "VALIDATION_ERROR");
    assert!(edge.core.calls("deauthorize").is_empty());
}

#[tokio::test]
async fn the_form_has_a_type_and_a_limit() {
    let edge = Edge::start().await;
    let good = format!("signed_request={}", sign(APP_SECRETS[0], &about(json!("1"))));
    let charset = "application/x-www-form-urlencoded; charset=UTF-8";
    for (headers, status) in [
        (&[][..], 415),
        (&[("content-type", "application/json")], 415),
        (&[("content-type", "multipart/form-data; boundary=x")], 415),
        (&[("content-type", FORM), ("content-type", FORM)], 415),
        (&[("content-type", FORM), ("content-encoding", "gzip")], 415),
        (&[("content-type", charset)], 200),
    ] {
        for path in [DEAUTHORIZE, DELETION] {
            let request = edge.bare(Method::POST, path);
            let request =
                headers.iter().fold(request, |request, (name, v)| request.header(*name, *v));
            let answer = request.body(good.clone()).send().await.expect("answer");
            assert_eq!(answer.status(), status, "{headers:?}");
        }
    }
    let filled = |length: usize| format!("{good}&more={}", "x".repeat(length - good.len() - 6));
    assert_eq!(send(&edge, DEAUTHORIZE, filled(64 * 1024)).await.status(), 200);
    let answer = send(&edge, DEAUTHORIZE, filled(64 * 1024 + 1)).await;
    assert_eq!(problem(answer).await.1, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn what_was_not_done_is_not_acknowledged() {
    let edge = Edge::start().await;
    edge.core.fail(Status::unavailable("the store is away"));
    for path in [DEAUTHORIZE, DELETION] {
        let answer = signed(&edge, path, &about(json!("1"))).await;
        assert!(answer.headers().contains_key("retry-after"));
        let (status, name, _) = problem(answer).await;
        assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"));
    }
}

#[tokio::test]
async fn a_person_reads_that_it_was_done() {
    let edge = Edge::start().await;
    let longest = "a".repeat(128);
    for code in ["deletion-1", "A_b-9", &longest] {
        let page = edge.bare(Method::GET, &format!("{DELETION}?code={code}&fbclid=Iw.AR1"));
        let page = page.send().await.expect("answer");
        assert_eq!(page.status(), 200);
        assert_eq!(page.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
        assert_eq!(page.headers()["cache-control"], "no-store");
        let text = page.text().await.expect("text");
        assert!(text.contains("was carried out") && text.contains(code), "{text}");
    }
    for query in
        ["", "?code=", "?code=<b>", "?code=a%20b", "?code=%C3%BC", "?code=a&code=a", "?Code=a"]
            .map(ToOwned::to_owned)
            .into_iter()
            .chain([format!("?code={longest}a")])
    {
        let page = edge.bare(Method::GET, &format!("{DELETION}{query}")).send().await;
        let (status, name, body) = problem(page.expect("answer")).await;
        assert_eq!((status, name.as_str()), (400, "VALIDATION_ERROR"), "{query}");
        assert!(!body.to_string().contains("<b>"), "{body}");
    }
}
