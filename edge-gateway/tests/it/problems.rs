//! What the core refuses, as the outside sees it.

use std::{collections::HashMap, time::Duration};

use linkojob_proto::ERROR_DOMAIN;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::harness::{Edge, problem};

fn named(reason: &str, metadata: &[(&str, &str)]) -> ErrorDetails {
    let metadata: HashMap<String, String> =
        metadata.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    ErrorDetails::with_error_info(reason, ERROR_DOMAIN, metadata)
}

#[tokio::test]
async fn every_reason_has_its_status() {
    let edge = Edge::start().await;
    for (reason, status) in [
        ("VALIDATION_ERROR", 400),
        ("INVALID_CURSOR", 400),
        ("WINDOW_CLOSED", 400),
        ("WINDOW_OPEN", 400),
        ("INVALID_EMAIL_FORMAT", 400),
        ("TEMPLATE_PARAMETERS_INVALID", 400),
        ("INVALID_ROLE", 401),
        ("NOT_REQUIRED_ROLE", 403),
        ("CLIENT_NOT_FOUND", 404),
        ("CONVERSATION_NOT_FOUND", 404),
        ("MESSAGE_NOT_FOUND", 404),
        ("TEMPLATE_NOT_FOUND", 404),
        ("CLIENT_ALREADY_EXISTS", 409),
        ("PHONE_NUMBER_ALREADY_CONNECTED", 409),
        ("CLIENT_NOT_CONNECTED", 409),
        ("TEMPLATE_NOT_CONFIGURED", 409),
        ("TEMPLATE_NOT_APPROVED", 409),
        ("IDEMPOTENCY_KEY_REUSED", 409),
        ("META_REJECTED", 422),
        ("RATE_LIMITED", 429),
        ("META_UNAVAILABLE", 502),
        ("SERVICE_UNAVAILABLE", 503),
        ("TIMEOUT", 504),
        ("UNEXPECTED_ERROR", 500),
    ] {
        let mut details = named(reason, &[]);
        if reason == "VALIDATION_ERROR" {
            details.add_bad_request_violation("options.target.to", "must be a number");
        }
        edge.core.fail(Status::with_error_details(Code::Unknown, "Said by the core.", details));
        let answer = edge.get("/api/clients/me").await;
        let waits = answer.headers().contains_key("retry-after");
        assert_eq!(waits, matches!(status, 429 | 502 | 503), "{reason}");
        let (got, name, body) = problem(answer).await;
        assert_eq!((got, name.as_str()), (status, reason));
        let told = status < 500 || reason == "META_UNAVAILABLE";
        assert_eq!(body["detail"] == "Said by the core.", told, "{body}");
        if reason == "VALIDATION_ERROR" {
            assert_eq!(body["errors"][0]["field"], "to");
        }
    }
}

#[tokio::test]
async fn without_a_reason_the_code_decides() {
    let edge = Edge::start().await;
    for (code, status, name) in [
        (Code::Unavailable, 503, "SERVICE_UNAVAILABLE"),
        (Code::DeadlineExceeded, 504, "TIMEOUT"),
        (Code::ResourceExhausted, 429, "RATE_LIMITED"),
        (Code::PermissionDenied, 403, "NOT_REQUIRED_ROLE"),
        (Code::Unauthenticated, 500, "UNEXPECTED_ERROR"),
        (Code::Internal, 500, "UNEXPECTED_ERROR"),
        (Code::Unimplemented, 500, "UNEXPECTED_ERROR"),
    ] {
        edge.core.fail(Status::new(code, "secret words"));
        let (got, error, body) = problem(edge.get("/api/clients/me").await).await;
        assert_eq!((got, error.as_str()), (status, name), "{code:?}");
        assert!(!body.to_string().contains("secret words"), "{body}");
    }
}

#[tokio::test]
async fn the_core_says_how_long_to_wait() {
    let edge = Edge::start().await;
    let mut details = named("RATE_LIMITED", &[]);
    details.set_retry_info(Some(Duration::from_millis(6_200)));
    edge.core.fail(Status::with_error_details(Code::ResourceExhausted, "Slower.", details));
    assert_eq!(edge.get("/api/clients/me").await.headers()["retry-after"], "7");
}

#[tokio::test]
async fn metas_refusal_is_told_in_full() {
    let edge = Edge::start().await;
    let metadata = [
        ("code", "131026"),
        ("subcode", "2494010"),
        ("details", "Message undeliverable"),
        ("fbtrace_id", "Az1"),
        ("message_id", "m-1"),
    ];
    let details = named("META_REJECTED", &metadata);
    edge.core.fail(Status::with_error_details(Code::FailedPrecondition, "Meta said no.", details));
    let (status, _, body) = problem(edge.get("/api/clients/me").await).await;
    assert_eq!(status, 422);
    assert_eq!(
        body["error"]["meta"],
        serde_json::json!({
            "code": 131026, "subcode": 2494010, "details": "Message undeliverable",
            "fbtraceId": "Az1", "messageId": "m-1"
        })
    );
}
