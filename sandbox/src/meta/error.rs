//! Meta's refusals: shape, codes, and the HTTP status that goes with each code.
//!
//! Invariant: a client can decide on `error.code` alone; titles and statuses are decoration.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::graph::answer;
use super::ids;

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    code: u32,
    subcode: Option<u32>,
    http: u16,
    kind: &'static str,
    message: String,
    details: Option<String>,
}

impl GraphError {
    /// The refusal that Meta documents for this code.
    #[must_use]
    pub fn of(code: u32) -> Self {
        let (http, title) = documented(code);
        Self {
            code,
            subcode: None,
            http,
            kind: "OAuthException",
            message: format!("(#{code}) {title}"),
            details: None,
        }
    }

    /// Invalid parameter.
    #[must_use]
    pub fn parameter(message: impl std::fmt::Display) -> Self {
        Self { message: format!("(#100) {message}"), ..Self::of(100) }
    }

    /// An object that does not exist, or that the caller may not see; Meta does not tell them apart.
    #[must_use]
    pub fn unknown_object(method: &str, id: &str) -> Self {
        Self {
            subcode: Some(33),
            kind: "GraphMethodException",
            message: format!(
                "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded \
                 due to missing permissions, or does not support this operation. Please read the \
                 Graph API documentation at https://developers.facebook.com/docs/graph-api",
                method.to_lowercase()
            ),
            ..Self::of(100)
        }
    }

    /// A token that does not open anything (any more).
    #[must_use]
    pub fn token(subcode: Option<u32>, message: &str) -> Self {
        Self { subcode, message: message.to_owned(), ..Self::of(190) }
    }

    /// Something that a token's owner did not consent to, or took back.
    #[must_use]
    pub fn permission(scope: &str) -> Self {
        Self {
            message: format!(
                "(#10) Application does not have permission for this action: it requires {scope}"
            ),
            ..Self::of(10)
        }
    }

    /// Sets `error_subcode`.
    #[must_use]
    pub fn with_subcode(mut self, subcode: u32) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// Adds what `error_data.details` says.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Answers with another HTTP status than the documented one.
    #[must_use]
    pub fn with_http(mut self, http: Option<u16>) -> Self {
        self.http = http.unwrap_or(self.http);
        self
    }

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Replaces `type`.
    #[must_use]
    pub fn with_kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// Meta's number for this refusal.
    #[must_use]
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The object under `error`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": ids::trace_id(),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        error
    }

    /// The element of `statuses[].errors` for a failure that is reported afterwards.
    #[must_use]
    pub fn to_status_error(&self) -> Value {
        let (_, title) = documented(self.code);
        json!({
            "code": self.code,
            "title": title,
            "message": title,
            "error_data": {"details": self.details.as_deref().unwrap_or(title)},
            "href": "/documentation/business-messaging/whatsapp/support/error-codes/",
        })
    }

    fn challenge(&self) -> &'static str {
        match self.code {
            0 | 102 | 104 | 190 => {
                r#"OAuth "Facebook Platform" "invalid_token" "The token is refused""#
            }
            _ => r#"OAuth "Facebook Platform" "invalid_request" "The request is refused""#,
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = answer::json(status, &json!({"error": self.to_value()}));
        if status.is_client_error() {
            let challenge = HeaderValue::from_static(self.challenge());
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// HTTP status and title of a code.
fn documented(code: u32) -> (u16, &'static str) {
    match code {
        0 => (401, "AuthException"),
        1 => (500, "An unknown error has occurred."),
        2 => (503, "Service temporarily unavailable"),
        3 => (500, "API Method"),
        4 => (429, "Application request limit reached"),
        10 => (403, "Application does not have permission for this action"),
        33 => (400, "Parameter value is not valid"),
        100 => (400, "Invalid parameter"),
        101 => (400, "Error validating application"),
        104 => (401, "An access token is required to request this resource."),
        191 => (400, "URL Blocked"),
        190 => (401, "Access token has expired"),
        200..=299 => (403, "Permissions error"),
        368 => (403, "Temporarily blocked for policies violations"),
        2500 => (400, "Unknown path components"),
        80007 => (400, "Rate limit issues"),
        130_403..=130_501 => sending_130(code),
        131_000..=131_099 => sending_131(code),
        132_000..=132_099 => template(code),
        133_000..=133_099 => registration(code),
        _ => (400, "Generic user error"),
    }
}

fn sending_130(code: u32) -> (u16, &'static str) {
    match code {
        130_429 => (400, "Rate limit hit"),
        130_472 => (400, "User's number is part of an experiment"),
        130_497 => (403, "Business account is restricted from messaging users in this country."),
        _ => (400, "Message type is not allowed"),
    }
}

fn sending_131(code: u32) -> (u16, &'static str) {
    match code {
        131_000 => (500, "Something went wrong"),
        131_005 => (403, "Access denied"),
        131_008 => (400, "Required parameter is missing"),
        131_009 => (400, "Parameter value is not valid"),
        131_016 => (500, "Service unavailable"),
        131_021 => (400, "Recipient cannot be sender"),
        131_026 => (400, "Message undeliverable"),
        131_030 => (400, "Recipient phone number not in allowed list"),
        131_031 => (403, "Account has been locked"),
        131_042 => (400, "Business eligibility payment issue"),
        131_045 => (500, "Incorrect certificate"),
        131_047 => (400, "Re-engagement message"),
        131_048 => (400, "Spam rate limit hit"),
        131_049 => {
            (400, "This message was not delivered to maintain healthy ecosystem engagement.")
        }
        131_050 => (400, "User has stopped receiving marketing messages from this business"),
        131_051 => (400, "Unsupported message type"),
        131_053 => (400, "Media upload error"),
        131_056 => (400, "(Business Account, Consumer Account) pair rate limit hit"),
        131_057 => (500, "Account in maintenance mode"),
        131_062 => (400, "Business-scoped user id is not supported for this message"),
        _ => (400, "Message refused"),
    }
}

fn template(code: u32) -> (u16, &'static str) {
    match code {
        132_000 => (400, "Number of parameters does not match the expected number of params"),
        132_001 => (404, "Template name does not exist in the translation"),
        132_005 => (400, "Translated text too long"),
        132_007 => (400, "Template Format Character Policy Violated"),
        132_012 => (400, "Parameter format does not match format in the created template"),
        132_015 => (400, "Template is Paused"),
        132_016 => (400, "Template is Disabled"),
        132_018 => (400, "Template parameter is not valid"),
        _ => (400, "Template refused"),
    }
}

fn registration(code: u32) -> (u16, &'static str) {
    match code {
        133_000 => (500, "Incomplete Deregistration"),
        133_004 => (503, "Server Temporarily Unavailable"),
        133_005 => (400, "Two step verification PIN Mismatch"),
        133_006 => (400, "Phone number needs to be verified before registering"),
        133_010 => (400, "Phone number not registered"),
        133_016 => (400, "Account register/deregister rate limit exceeded"),
        _ => (400, "Registration refused"),
    }
}
