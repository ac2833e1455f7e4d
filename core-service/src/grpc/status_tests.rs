//! Every refusal, and what a caller reads of it.

use uuid::Uuid;

use super::*;

fn message() -> MessageId {
    MessageId::new(Uuid::from_u128(7))
}

fn seen(status: &Status) -> (Code, String, HashMap<String, String>) {
    let info = status.get_error_details().error_info().expect("an ErrorInfo").clone();
    assert_eq!(info.domain, "whatsapp.linkojob");
    (status.code(), info.reason, info.metadata)
}

/// One of each, with the code and the name that it must have. The map itself is exhaustive, so that
/// a new refusal does not compile before somebody has decided; this table says that it was decided
/// as promised.
fn every_refusal() -> Vec<(Refusal, Code, &'static str)> {
    use Code::{AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, PermissionDenied};
    let meta = MetaReason { code: 131_026, details: "no".to_owned(), ..MetaReason::default() };
    let text = String::from;
    vec![
        (Refusal::field("text", "is wrong"), InvalidArgument, "VALIDATION_ERROR"),
        (Refusal::InvalidCursor, InvalidArgument, "INVALID_CURSOR"),
        (Refusal::WindowClosed { message: None }, FailedPrecondition, "WINDOW_CLOSED"),
        (Refusal::WindowOpen, FailedPrecondition, "WINDOW_OPEN"),
        (
            Refusal::TemplateParametersInvalid(text("x")),
            InvalidArgument,
            "TEMPLATE_PARAMETERS_INVALID",
        ),
        (Refusal::NotRequiredRole, PermissionDenied, "NOT_REQUIRED_ROLE"),
        (Refusal::ClientNotFound, NotFound, "CLIENT_NOT_FOUND"),
        (Refusal::ConversationNotFound, NotFound, "CONVERSATION_NOT_FOUND"),
        (Refusal::MessageNotFound, NotFound, "MESSAGE_NOT_FOUND"),
        (Refusal::NoFile, NotFound, "MESSAGE_NOT_FOUND"),
        (
            Refusal::FilePending { retry_after: Duration::from_secs(3) },
            Code::Unavailable,
            "SERVICE_UNAVAILABLE",
        ),
        (Refusal::TemplateNotFound, NotFound, "TEMPLATE_NOT_FOUND"),
        (Refusal::ClientAlreadyExists, AlreadyExists, "CLIENT_ALREADY_EXISTS"),
        (Refusal::PhoneNumberAlreadyConnected, AlreadyExists, "PHONE_NUMBER_ALREADY_CONNECTED"),
        (Refusal::ClientNotConnected, FailedPrecondition, "CLIENT_NOT_CONNECTED"),
        (Refusal::TemplateNotConfigured(text("x")), FailedPrecondition, "TEMPLATE_NOT_CONFIGURED"),
        (Refusal::TemplateNotApproved(text("x")), FailedPrecondition, "TEMPLATE_NOT_APPROVED"),
        (Refusal::CandidateOptedOut, FailedPrecondition, "CANDIDATE_OPTED_OUT"),
        (Refusal::IdempotencyKeyReused, AlreadyExists, "IDEMPOTENCY_KEY_REUSED"),
        (
            Refusal::MetaRejected { reason: meta, message: None },
            FailedPrecondition,
            "META_REJECTED",
        ),
        (
            Refusal::RateLimited { retry_after: Duration::from_secs(3) },
            Code::ResourceExhausted,
            "RATE_LIMITED",
        ),
    ]
}

#[test]
fn every_refusal_has_its_code_and_its_name() {
    for (refusal, code, name) in every_refusal() {
        let status = of(Error::Refused(refusal));
        let (seen_code, seen_name, _) = seen(&status);
        assert_eq!((seen_code, seen_name.as_str()), (code, name));
        assert!(!status.message().is_empty(), "{name}");
    }
}

#[test]
fn wrong_fields_are_named_all_at_once() {
    let fields =
        vec![FieldError::new("text", "is wrong"), FieldError::new("options", "is missing")];
    let details = of_refusal(Refusal::Validation(fields)).get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    let named: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(named, ["text", "options"]);
}

#[test]
fn what_meta_said_and_the_message_are_in_the_metadata() {
    let reason = MetaReason {
        code: 131_026,
        subcode: Some(5),
        details: "cannot be reached".to_owned(),
        fbtrace_id: Some("trace".to_owned()),
    };
    let rejected = Refusal::MetaRejected { reason, message: Some(message()) };
    let (_, _, metadata) = seen(&of_refusal(rejected));
    for (name, value) in [
        ("code", "131026"),
        ("subcode", "5"),
        ("details", "cannot be reached"),
        ("fbtrace_id", "trace"),
        ("message_id", "00000000-0000-0000-0000-000000000007"),
    ] {
        assert_eq!(metadata.get(name).map(String::as_str), Some(value), "{name}");
    }
    let ours = Refusal::MetaRejected { reason: MetaReason::default(), message: None };
    let (_, _, metadata) = seen(&of_refusal(ours));
    assert!(!metadata.contains_key("code"), "no code of Meta's");
    let (_, _, metadata) = seen(&of_refusal(Refusal::WindowClosed { message: Some(message()) }));
    assert_eq!(metadata.len(), 1);
}

#[test]
fn waiting_is_advised_where_it_helps() {
    let delay = |status: Status| {
        let details = status.get_error_details();
        details.retry_info().and_then(|info| info.retry_delay)
    };
    let limited = Refusal::RateLimited { retry_after: Duration::from_secs(3) };
    assert_eq!(delay(of_refusal(limited)), Some(Duration::from_secs(3)));
    assert_eq!(delay(of(Error::Unavailable("away".to_owned()))), Some(COME_BACK));
    assert_eq!(delay(of_refusal(Refusal::ClientNotFound)), None);
}

#[test]
fn our_faults_are_not_explained_to_callers() {
    let canary = || "canary /var/lib".to_owned();
    let errors = [
        (Error::Unavailable(canary()), Code::Unavailable, "SERVICE_UNAVAILABLE"),
        (Error::Contended(canary()), Code::Unavailable, "SERVICE_UNAVAILABLE"),
        (Error::MetaUnavailable(canary()), Code::Unavailable, "META_UNAVAILABLE"),
        (Error::Internal(canary()), Code::Internal, "UNEXPECTED_ERROR"),
    ];
    for (error, code, name) in errors {
        let status = of(error);
        let (seen_code, seen_name, _) = seen(&status);
        assert_eq!((seen_code, seen_name.as_str()), (code, name));
        assert!(!format!("{status:?}").contains("canary"));
    }
}

#[test]
fn a_caller_that_is_not_admitted_learns_what_is_missing() {
    for (denied, code, name) in [
        (Denied::Unauthenticated, Code::Unauthenticated, "UNAUTHENTICATED"),
        (Denied::InvalidEmail, Code::InvalidArgument, "INVALID_EMAIL_FORMAT"),
        (Denied::InvalidRole, Code::Unauthenticated, "INVALID_ROLE"),
        (Refusal::NotRequiredRole.into(), Code::PermissionDenied, "NOT_REQUIRED_ROLE"),
    ] {
        let (seen_code, seen_name, _) = seen(&of_denied(denied));
        assert_eq!((seen_code, seen_name.as_str()), (code, name));
    }
}
