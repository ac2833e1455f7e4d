//! The public names of errors, each with its status.

use axum::http::StatusCode;

macro_rules! names {
    ($($status:literal { $($variant:ident = $name:literal: $sentence:literal,)+ })+) => {
        /// A public name of an error; dashboards decide by it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Name {
            $($(#[doc = $sentence] $variant,)+)+
        }

        impl Name {
            /// Every name.
            pub const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            /// The name as it stands in answers.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// What it means, when there is no better sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $($(Self::$variant => $sentence,)+)+ }
            }

            const fn code(self) -> u16 {
                match self { $($(Self::$variant => $status,)+)+ }
            }
        }
    };
}

names! {
    400 {
        ValidationError = "VALIDATION_ERROR": "The request is not valid.",
        InvalidCursor = "INVALID_CURSOR": "The cursor was not made by this service for this list.",
        WindowClosed = "WINDOW_CLOSED": "The 24-hour window is closed. Send a template instead.",
        WindowOpen = "WINDOW_OPEN": "The 24-hour window is open. Send text instead.",
        InvalidEmailFormat = "INVALID_EMAIL_FORMAT": "This is no e-mail address.",
        TemplateParametersInvalid = "TEMPLATE_PARAMETERS_INVALID": "The variables do not fit the template.",
        OauthStateInvalid = "OAUTH_STATE_INVALID": "The connection was not started here, or took too long.",
        OauthDenied = "OAUTH_DENIED": "The connection was refused at Meta.",
    }
    401 {
        EmailHeaderIsRequired = "EMAIL_HEADER_IS_REQUIRED": "The email header is required.",
        RoleHeaderIsRequired = "ROLE_HEADER_IS_REQUIRED": "The role header is required.",
        InvalidRole = "INVALID_ROLE": "The role is not known.",
        UntrustedGateway = "UNTRUSTED_GATEWAY": "The request did not come through the gateway.",
        InvalidSignature = "INVALID_SIGNATURE": "The signature is missing or does not fit.",
    }
    403 {
        NotRequiredRole = "NOT_REQUIRED_ROLE": "The role does not allow this.",
        VerifyTokenMismatch = "VERIFY_TOKEN_MISMATCH": "The verify token does not fit.",
        OriginNotAllowed = "ORIGIN_NOT_ALLOWED": "Requests from this origin are not allowed.",
    }
    404 {
        RouteNotFound = "ROUTE_NOT_FOUND": "There is nothing at this path.",
        ClientNotFound = "CLIENT_NOT_FOUND": "There is no such client.",
        ConversationNotFound = "CONVERSATION_NOT_FOUND": "There is no such conversation.",
        MessageNotFound = "MESSAGE_NOT_FOUND": "There is no such message.",
        TemplateNotFound = "TEMPLATE_NOT_FOUND": "There is no such template.",
    }
    405 {
        MethodNotAllowed = "METHOD_NOT_ALLOWED": "The path does not take this method.",
    }
    416 {
        RangeNotSatisfiable = "RANGE_NOT_SATISFIABLE": "The file has no such bytes.",
    }
    413 {
        PayloadTooLarge = "PAYLOAD_TOO_LARGE": "The body is too large.",
    }
    415 {
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE": "The body's type or encoding is not supported.",
    }
    409 {
        ClientAlreadyExists = "CLIENT_ALREADY_EXISTS": "There is a client already.",
        PhoneNumberAlreadyConnected = "PHONE_NUMBER_ALREADY_CONNECTED": "The phone number is connected already.",
        ClientNotConnected = "CLIENT_NOT_CONNECTED": "The client is not connected.",
        TemplateNotConfigured = "TEMPLATE_NOT_CONFIGURED": "No template serves this purpose.",
        TemplateNotApproved = "TEMPLATE_NOT_APPROVED": "Meta has not approved the template.",
        IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED": "The idempotency key was used for another request.",
        CandidateOptedOut = "CANDIDATE_OPTED_OUT": "The candidate does not want messages.",
        MessageNotRetryable = "MESSAGE_NOT_RETRYABLE": "The message cannot be sent again.",
    }
    422 {
        MetaRejected = "META_REJECTED": "Meta refused the request.",
    }
    429 {
        RateLimited = "RATE_LIMITED": "Too many requests.",
    }
    500 {
        UnexpectedError = "UNEXPECTED_ERROR": "Something went wrong on our side.",
    }
    502 {
        MetaUnavailable = "META_UNAVAILABLE": "Meta cannot be reached now.",
    }
    503 {
        ServiceUnavailable = "SERVICE_UNAVAILABLE": "The service cannot answer now. Try again.",
    }
    504 {
        Timeout = "TIMEOUT": "The answer took too long.",
    }
}

impl Name {
    /// The name with this spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.as_str() == text)
    }

    /// The HTTP status that goes with the name.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// True when the same request may succeed a little later.
    pub(super) fn waiting_helps(self) -> bool {
        matches!(self, Self::RateLimited | Self::MetaUnavailable | Self::ServiceUnavailable)
    }
}
