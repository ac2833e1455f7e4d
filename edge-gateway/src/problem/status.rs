//! From a gRPC status of the core to a problem: by the public reason first, by the code second.

use std::{collections::HashMap, error::Error as _};

use linkojob_proto::ERROR_DOMAIN;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{FieldError, MetaError, Name, Problem};

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let info = status.get_details_error_info().filter(|info| info.domain == ERROR_DOMAIN);
        let named = info.as_ref().and_then(|info| Name::parse(&info.reason));
        let name = named.unwrap_or_else(|| match broke_off(&status) {
            true => Name::ServiceUnavailable,
            false => by_code(status.code()),
        });
        let cause = format!(
            "core answered {:?} {}",
            status.code(),
            info.as_ref().map_or("without a reason", |info| info.reason.as_str())
        );

        // The core's words are made for the caller only where they come with a public reason; a
        // fault's words stay in the log. That Meta is away is no fault, and may need another step.
        let fault = name.status().is_server_error() && name != Name::MetaUnavailable;
        let tell = named.is_some() && !fault;
        let mut problem = match (tell, status.message()) {
            (true, text) if !text.is_empty() => Self::new(name, text.to_owned()),
            _ => Self::new(name, name.sentence()),
        }
        .because(if name.status().is_server_error() {
            format!("{cause}: {}", status.message())
        } else {
            cause
        });

        if name == Name::ValidationError {
            problem.0.fields = violations(&status);
        }
        if name == Name::MetaRejected {
            problem.0.meta = info.map(|info| meta(&info.metadata));
        }
        if let Some(delay) = status.get_details_retry_info().and_then(|info| info.retry_delay) {
            problem.0.retry_after = Some(delay.as_millis().div_ceil(1000).max(1) as u64);
        }
        problem
    }
}

/// True when the connection broke under the call. What a core said itself has no source.
fn broke_off(status: &Status) -> bool {
    status.code() == Code::Unknown && status.source().is_some()
}

/// For a status without a public reason: of a proxy, of tonic itself, or of an older core.
fn by_code(code: Code) -> Name {
    match code {
        Code::InvalidArgument => Name::ValidationError,
        Code::PermissionDenied => Name::NotRequiredRole,
        Code::ResourceExhausted => Name::RateLimited,
        Code::Unavailable | Code::Cancelled => Name::ServiceUnavailable,
        Code::DeadlineExceeded => Name::Timeout,
        Code::Ok
        | Code::Unknown
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss
        | Code::Unauthenticated => Name::UnexpectedError,
    }
}

fn violations(status: &Status) -> Vec<FieldError> {
    let listed = status.get_details_bad_request().map(|bad| bad.field_violations);
    listed
        .unwrap_or_default()
        .into_iter()
        .map(|violation| FieldError {
            field: rest_field(&violation.field),
            message: violation.description,
        })
        .collect()
}

/// The REST name of a field of the core's request: `options.target.to` is `to` here.
fn rest_field(path: &str) -> String {
    let path = path.strip_prefix("options.").unwrap_or(path);
    let path = path.strip_prefix("target.").unwrap_or(path);
    match path {
        "target" => "to".to_owned(),
        "idempotency_key" => "Idempotency-Key".to_owned(),
        "page_size" => "limit".to_owned(),
        "page_token" => "cursor".to_owned(),
        _ => path.split('.').map(camel).collect::<Vec<_>>().join("."),
    }
}

fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut upper = false;
    for letter in snake.chars() {
        if letter == '_' {
            upper = true;
        } else if upper {
            out.extend(letter.to_uppercase());
            upper = false;
        } else {
            out.push(letter);
        }
    }
    out
}

fn meta(metadata: &HashMap<String, String>) -> MetaError {
    let text = |key: &str| metadata.get(key).filter(|value| !value.is_empty()).cloned();
    let number = |key: &str| metadata.get(key).and_then(|value| value.parse().ok());
    MetaError {
        code: number("code"),
        subcode: number("subcode"),
        details: text("details"),
        fbtrace_id: text("fbtrace_id"),
        message_id: text("message_id"),
    }
}

#[cfg(test)]
mod tests {
    use linkojob_proto::v1::Reason;
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn every_reason_of_the_core_has_a_name_or_is_a_fault_of_ours() {
        for number in 1.. {
            let Ok(reason) = Reason::try_from(number) else { break };
            let word = reason.as_str_name().trim_start_matches("REASON_");
            if reason == Reason::Unauthenticated {
                assert_eq!(Name::parse(word), None, "our own token is nobody else's business");
            } else {
                assert!(Name::parse(word).is_some(), "{word}");
            }
        }
    }

    #[test]
    fn the_reason_decides_before_the_code() {
        for name in Name::ALL {
            let details =
                ErrorDetails::with_error_info(name.as_str(), ERROR_DOMAIN, HashMap::new());
            let status = Status::with_error_details(Code::Unknown, "words", details);
            assert_eq!(Problem::from(status).name(), *name);
        }
    }

    #[test]
    fn a_reason_of_another_domain_decides_nothing() {
        let details =
            ErrorDetails::with_error_info("WINDOW_OPEN", "elsewhere.example", HashMap::new());
        let status = Status::with_error_details(Code::Unavailable, "away", details);
        assert_eq!(Problem::from(status).name(), Name::ServiceUnavailable);
    }

    #[test]
    fn a_connection_that_breaks_is_an_outage() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let status = Status::from_error(Box::new(reset));
        assert_eq!(Problem::from(status).name(), Name::ServiceUnavailable);
        let said = Status::unknown("something");
        assert_eq!(Problem::from(said).name(), Name::UnexpectedError);
    }

    #[test]
    fn fields_get_their_rest_names() {
        for (theirs, ours) in [
            ("options.target.to", "to"),
            ("options.target", "to"),
            ("options.target.conversation_id", "conversationId"),
            ("options.reply_to", "replyTo"),
            ("options.idempotency_key", "Idempotency-Key"),
            ("settings.template_language", "settings.templateLanguage"),
            ("variables[0].value", "variables[0].value"),
            ("text", "text"),
            ("page_token", "cursor"),
        ] {
            assert_eq!(rest_field(theirs), ours);
        }
    }

    #[test]
    fn internals_stay_inside() {
        let problem = Problem::from(Status::internal("mongodb at 10.1.2.3 said no"));
        assert_eq!(problem.0.detail, Name::UnexpectedError.sentence());
    }
}
