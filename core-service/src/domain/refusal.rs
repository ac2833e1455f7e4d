//! Why something is refused: facts with the public names that callers decide on.
//!
//! Invariant: a refusal means that nothing happened, except where it says so.

use std::time::Duration;

use super::ids::MessageId;

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Path in the request, for instance `options.target.to`.
    pub field: String,
    /// What would be right.
    pub message: String,
}

impl FieldError {
    /// A wrong field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// What Meta said when it refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetaReason {
    /// Meta's code.
    pub code: i32,
    /// Meta's subcode.
    pub subcode: Option<i32>,
    /// In plain words.
    pub details: String,
    /// For Meta's support.
    pub fbtrace_id: Option<String>,
}

/// Why something is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fields are wrong.
    #[error("The request is not valid.")]
    Validation(Vec<FieldError>),
    /// The cursor is not ours.
    #[error("The cursor is not valid.")]
    InvalidCursor,
    /// Free text outside the window. `message` is set when Meta said so after a message was recorded.
    #[error("The 24-hour window is closed. Send a template instead.")]
    WindowClosed {
        /// The failed message, when there is one.
        message: Option<MessageId>,
    },
    /// A template inside the window.
    #[error("The 24-hour window is open. Send text instead.")]
    WindowOpen,
    /// The variables do not fit.
    #[error("{0}")]
    TemplateParametersInvalid(String),
    /// The role or scope is not enough.
    #[error("The role does not allow this.")]
    NotRequiredRole,
    /// No such client, or not the caller's.
    #[error("There is no such client.")]
    ClientNotFound,
    /// No such conversation, or not the caller's.
    #[error("There is no such conversation.")]
    ConversationNotFound,
    /// No such message, or not the caller's.
    #[error("There is no such message.")]
    MessageNotFound,
    /// The message has no file, or it is lost.
    #[error("The message has no file, or the file is lost.")]
    NoFile,
    /// The file is still to be fetched from Meta.
    #[error("The file has not come from Meta yet.")]
    FilePending {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// No such template, or not the caller's.
    #[error("There is no such template.")]
    TemplateNotFound,
    /// The owner has a connected client.
    #[error("There is a client already.")]
    ClientAlreadyExists,
    /// The number is another client's.
    #[error("This phone number is connected to another client.")]
    PhoneNumberAlreadyConnected,
    /// The client is not connected.
    #[error("The client is not connected to WhatsApp. Connect it again.")]
    ClientNotConnected,
    /// No template for the purpose, or its language is open.
    #[error("{0}")]
    TemplateNotConfigured(String),
    /// The template is not approved.
    #[error("{0}")]
    TemplateNotApproved(String),
    /// The candidate wants no marketing messages, and this template is one.
    #[error(
        "The candidate stopped marketing messages. Send a utility template, or wait until they write."
    )]
    CandidateOptedOut,
    /// The key belongs to another request.
    #[error("The idempotency key was used for another request.")]
    IdempotencyKeyReused,
    /// Meta refused for good. `message` is set when a message was recorded and failed.
    #[error("Meta refused: {}", reason.details)]
    MetaRejected {
        /// What Meta said.
        reason: MetaReason,
        /// The failed message, when there is one.
        message: Option<MessageId>,
    },
    /// The state of a consent is missing, unknown, used, expired, or another person's.
    #[error("The connection was not started by you, or took too long. Start it again.")]
    OauthStateInvalid,
    /// The person did not consent at Meta.
    #[error("The connection was refused at Meta.")]
    OauthDenied,
    /// Too much at once.
    #[error("Too many requests.")]
    RateLimited {
        /// When it is worth trying again.
        retry_after: Duration,
    },
}

impl Refusal {
    /// A single wrong field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Validation(vec![FieldError::new(field, message)])
    }
}
