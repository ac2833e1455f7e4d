//! THE map from errors to gRPC: which public reason, which code, and what else a caller is told.
//!
//! Invariant: nothing else in this crate makes a `Status` out of an error. A caller learns what it can
//! act on; what only we can act on goes into the log, once, here.

use std::{collections::HashMap, time::Duration};

use linkojob_proto::{ERROR_DOMAIN, v1::Reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use super::auth::Denied;
use crate::{
    domain::{
        ids::MessageId,
        refusal::{FieldError, MetaReason, Refusal},
    },
    flows::Error,
};

/// When a caller may come back whose call met an outage of ours.
const COME_BACK: Duration = Duration::from_secs(1);

/// Said to people whose code may be used up.
const START_AGAIN: &str = "Meta's answer was lost. Start connecting again.";

/// The status of a flow's error.
pub(super) fn of(error: Error) -> Status {
    match error {
        Error::Refused(refusal) => of_refusal(refusal),
        Error::Unavailable(why) | Error::Contended(why) => {
            tracing::warn!(%why, "a call met an outage of ours");
            let facts = Facts { retry: Some(COME_BACK), ..Facts::default() };
            build(Reason::ServiceUnavailable, "the service cannot do this now", facts)
        }
        Error::MetaUnavailable(why) => {
            tracing::warn!(%why, "a call met an outage of Meta's");
            build(Reason::MetaUnavailable, "Meta cannot be reached now", Facts::default())
        }
        Error::StartAgain(why) => {
            tracing::warn!(%why, "a person has to begin connecting again");
            build(Reason::MetaUnavailable, START_AGAIN, Facts::default())
        }
        Error::NotSetUp(what) => {
            tracing::warn!(what, "a call needs what is not set up");
            build(Reason::ServiceUnavailable, "this is not set up here", Facts::default())
        }
        Error::Internal(why) => unexpected(&why),
    }
}

/// The status of a refusal.
pub(super) fn of_refusal(refusal: Refusal) -> Status {
    let (reason, words) = (reason(&refusal), refusal.to_string());
    build(reason, &words, Facts::of(refusal))
}

/// The status of a caller that is not admitted.
pub(super) fn of_denied(denied: Denied) -> Status {
    let reason = match denied {
        Denied::Unauthenticated => Reason::Unauthenticated,
        Denied::InvalidEmail => Reason::InvalidEmailFormat,
        Denied::InvalidRole => Reason::InvalidRole,
        Denied::Refused(refusal) => return of_refusal(refusal),
    };
    build(reason, &denied.to_string(), Facts::default())
}

/// The caller is of a kind that may not make this call.
pub(super) fn not_permitted() -> Status {
    of_refusal(Refusal::NotRequiredRole)
}

/// There is no such call.
pub(super) fn unknown_call() -> Status {
    Status::unimplemented("there is no such call")
}

/// A fault of ours. The caller is told no more than that.
pub(super) fn unexpected(why: &str) -> Status {
    tracing::error!(why, "a call met a fault of ours");
    build(Reason::UnexpectedError, "an unexpected error", Facts::default())
}

/// What a status carries beside its reason.
#[derive(Default)]
struct Facts {
    fields: Vec<FieldError>,
    retry: Option<Duration>,
    metadata: HashMap<String, String>,
}

impl Facts {
    fn of(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Validation(fields) => Self { fields, ..Self::default() },
            Refusal::WindowClosed { message } => Self::default().about(message),
            Refusal::MetaRejected { reason, message } => {
                Self::default().meta(reason).about(message)
            }
            Refusal::RateLimited { retry_after } | Refusal::FilePending { retry_after } => {
                Self { retry: Some(retry_after), ..Self::default() }
            }
            Refusal::InvalidCursor
            | Refusal::WindowOpen
            | Refusal::OauthStateInvalid
            | Refusal::OauthDenied
            | Refusal::TemplateParametersInvalid(_)
            | Refusal::NotRequiredRole
            | Refusal::ClientNotFound
            | Refusal::ConversationNotFound
            | Refusal::MessageNotFound
            | Refusal::NoFile
            | Refusal::TemplateNotFound
            | Refusal::ClientAlreadyExists
            | Refusal::PhoneNumberAlreadyConnected
            | Refusal::ClientNotConnected
            | Refusal::TemplateNotConfigured(_)
            | Refusal::TemplateNotApproved(_)
            | Refusal::CandidateOptedOut
            | Refusal::IdempotencyKeyReused => Self::default(),
        }
    }

    /// Names the message that was recorded all the same.
    fn about(mut self, message: Option<MessageId>) -> Self {
        self.metadata.extend(message.map(|id| ("message_id".to_owned(), id.to_string())));
        self
    }

    fn meta(mut self, reason: MetaReason) -> Self {
        let MetaReason { code, subcode, details, fbtrace_id } = reason;
        let known = [
            // 0 is nobody's: the reason is one that we found in Meta's answers.
            ("code", (code != 0).then(|| code.to_string())),
            ("subcode", subcode.map(|subcode| subcode.to_string())),
            ("details", Some(details)),
            ("fbtrace_id", fbtrace_id),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        self.metadata.extend(known);
        self
    }
}

fn build(reason: Reason, words: &str, facts: Facts) -> Status {
    let Facts { fields, retry, metadata } = facts;
    let mut details = ErrorDetails::new();
    details.set_error_info(name(reason), ERROR_DOMAIN, metadata);
    if !fields.is_empty() {
        let violation = |FieldError { field, message }| FieldViolation::new(field, message);
        details.set_bad_request(fields.into_iter().map(violation).collect::<Vec<_>>());
    }
    if retry.is_some() {
        details.set_retry_info(retry);
    }
    Status::with_error_details(code(reason), words, details)
}

/// The public name of a reason.
fn name(reason: Reason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("REASON_").unwrap_or(name)
}

const fn reason(refusal: &Refusal) -> Reason {
    match refusal {
        Refusal::Validation(_) => Reason::ValidationError,
        Refusal::InvalidCursor => Reason::InvalidCursor,
        Refusal::WindowClosed { message: _ } => Reason::WindowClosed,
        Refusal::WindowOpen => Reason::WindowOpen,
        Refusal::TemplateParametersInvalid(_) => Reason::TemplateParametersInvalid,
        Refusal::NotRequiredRole => Reason::NotRequiredRole,
        Refusal::ClientNotFound => Reason::ClientNotFound,
        Refusal::ConversationNotFound => Reason::ConversationNotFound,
        Refusal::MessageNotFound | Refusal::NoFile => Reason::MessageNotFound,
        Refusal::FilePending { retry_after: _ } => Reason::ServiceUnavailable,
        Refusal::TemplateNotFound => Reason::TemplateNotFound,
        Refusal::ClientAlreadyExists => Reason::ClientAlreadyExists,
        Refusal::PhoneNumberAlreadyConnected => Reason::PhoneNumberAlreadyConnected,
        Refusal::ClientNotConnected => Reason::ClientNotConnected,
        Refusal::TemplateNotConfigured(_) => Reason::TemplateNotConfigured,
        Refusal::TemplateNotApproved(_) => Reason::TemplateNotApproved,
        Refusal::CandidateOptedOut => Reason::CandidateOptedOut,
        Refusal::IdempotencyKeyReused => Reason::IdempotencyKeyReused,
        Refusal::MetaRejected { reason: _, message: _ } => Reason::MetaRejected,
        Refusal::RateLimited { retry_after: _ } => Reason::RateLimited,
        Refusal::OauthStateInvalid => Reason::OauthStateInvalid,
        Refusal::OauthDenied => Reason::OauthDenied,
    }
}

const fn code(reason: Reason) -> Code {
    match reason {
        Reason::ValidationError
        | Reason::InvalidCursor
        | Reason::InvalidEmailFormat
        | Reason::OauthStateInvalid
        | Reason::OauthDenied
        | Reason::TemplateParametersInvalid => Code::InvalidArgument,
        Reason::WindowClosed
        | Reason::WindowOpen
        | Reason::ClientNotConnected
        | Reason::TemplateNotConfigured
        | Reason::TemplateNotApproved
        | Reason::CandidateOptedOut
        | Reason::MetaRejected => Code::FailedPrecondition,
        Reason::ClientAlreadyExists
        | Reason::PhoneNumberAlreadyConnected
        | Reason::IdempotencyKeyReused => Code::AlreadyExists,
        Reason::Unauthenticated | Reason::InvalidRole => Code::Unauthenticated,
        Reason::NotRequiredRole => Code::PermissionDenied,
        Reason::ClientNotFound
        | Reason::ConversationNotFound
        | Reason::MessageNotFound
        | Reason::TemplateNotFound => Code::NotFound,
        Reason::RateLimited => Code::ResourceExhausted,
        Reason::MetaUnavailable | Reason::ServiceUnavailable => Code::Unavailable,
        Reason::Timeout => Code::DeadlineExceeded,
        Reason::Unspecified | Reason::UnexpectedError => Code::Internal,
    }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
