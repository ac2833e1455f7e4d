//! The vocabulary of `POST /_script`.

use serde::{Deserialize, Deserializer, Serialize};

use super::Occasion;
use crate::meta::number::WaNumber;

/// Where a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// A send or a read receipt.
    Messages,
    /// One attempt to deliver a webhook.
    Webhook,
    /// The statuses of one accepted message.
    Status,
    /// The question what a file is and where.
    Lookup,
    /// The download of its bytes.
    Media,
    /// Any Graph call, and any download.
    Any,
}

/// One way to misbehave, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Where.
    pub on: On,
    /// Only for this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only for this business number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// Only calls whose path ends so: `register`, `oauth/access_token`, `<id>/phone_numbers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only calls by this HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only so often; without it, until the rules are cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Only in this share of the cases, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "share")]
    pub probability: Option<f64>,
    /// What happens.
    #[serde(rename = "do")]
    pub action: Action,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Answers an error. On webhooks: the attempt counts as failed without being made.
    Fail(Fail),
    /// Answers late (real milliseconds): sends are accepted at once and answered late.
    DelayMs(u64),
    /// Accepts, then resets the connection. On webhooks: delivers, then takes it as refused.
    DropAfterAccept(bool),
    /// Resets the connection, nothing accepted. On webhooks: the attempt fails.
    DropBefore(bool),
    /// Delivers a webhook so many times.
    Duplicate(u8),
    /// Lets a later webhook go first; for statuses, `delivered` before `sent`.
    Reorder(bool),
    /// Delivers the first status before the send is answered.
    StatusBeforeAnswer(bool),
    /// Accepts, and reports this failure afterwards.
    FailStatus(FailStatus),
    /// Breaks the JSON of the answer; on webhooks, adds an element nobody can read.
    Malformed(bool),
    /// Keeps statuses back until the rules are cleared.
    HoldStatuses(bool),
    /// Reports exactly these statuses, in this order.
    Statuses(Vec<Step>),
    /// Gives another token for a code than was consented to; say `path: "oauth/access_token"`.
    Token(TokenTwist),
    /// Does something to a file; say `on: "lookup"` or `on: "media"`.
    File(FileTwist),
}

/// How a file is not what it should be, told at its lookup or found in its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileTwist {
    /// Lookup: a digest of something else. Download: other bytes of the same length.
    WrongDigest,
    /// Lookup: `image/png`, whatever it is. Download: a web page under the type of the file.
    LyingType,
    /// Lookup: an address that is over already. Download: 404.
    Expired,
    /// Download: half of the promised bytes, then the connection breaks.
    Truncated,
    /// Lookup: this address instead of ours. Download: 302 to it.
    Redirect(String),
    /// Download: in ten pieces that take so many milliseconds together.
    SlowMs(u64),
    /// Lookup: so many bytes by its word. Download: so many bytes, without a length in front.
    Oversize(u64),
}

/// How a token differs from what was consented to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TokenTwist {
    /// Scopes that it lacks.
    pub without: Vec<String>,
    /// The app that it belongs to instead of ours.
    pub app_id: Option<String>,
    /// Another lifetime; 0 is for ever.
    pub expires_in_seconds: Option<u32>,
    /// The answer has neither `token_type` nor `expires_in`.
    pub bare: bool,
    /// `debug_token` does not say which accounts it opens.
    pub without_targets: bool,
    /// It is withdrawn before anybody uses it.
    pub revoked: bool,
}

/// An error to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fail {
    /// Meta's code.
    #[serde(default = "something_went_wrong")]
    pub code: u32,
    /// Meta's subcode, if it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<u32>,
    /// HTTP status, when it shall not be the documented one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<u16>,
    /// A gateway's HTML page instead of Meta's JSON.
    #[serde(default)]
    pub html: bool,
    /// The message was accepted all the same.
    #[serde(default)]
    pub accept: bool,
}

/// Steps of a message that a rule may script.
pub const MAX_STEPS: usize = 50;

/// One status to report: `"read"`, or with more said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StepForm", rename_all = "camelCase")]
pub struct Step {
    /// Any word, Meta's or not: `sent`, `delivered`, `read`, `played`, `failed`, `warning`, `deleted`.
    pub status: String,
    /// Business milliseconds after it was accepted; a usual pause if nothing is said.
    pub after_ms: Option<u64>,
    /// Meta's code for a failure.
    pub code: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StepForm {
    Word(String),
    #[serde(rename_all = "camelCase")]
    Whole {
        status: String,
        #[serde(default)]
        after_ms: Option<u64>,
        #[serde(default)]
        code: Option<u32>,
    },
}

impl From<StepForm> for Step {
    fn from(form: StepForm) -> Self {
        match form {
            StepForm::Word(status) => Self { status, after_ms: None, code: None },
            StepForm::Whole { status, after_ms, code } => Self { status, after_ms, code },
        }
    }
}

/// A failure to report by webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailStatus {
    /// Meta's code.
    pub code: u32,
}

fn something_went_wrong() -> u32 {
    131_000
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let share = Option::<f64>::deserialize(deserializer)?;
    match share {
        Some(p) if !(0.0..=1.0).contains(&p) => {
            Err(serde::de::Error::custom("probability must be between 0 and 1"))
        }
        share => Ok(share),
    }
}

impl Rule {
    /// Whether this occasion is meant.
    #[must_use]
    pub fn matches(&self, occasion: Occasion<'_>) -> bool {
        let Occasion { on, to, phone_number_id, call } = occasion;
        let place = match self.on {
            On::Any => matches!(on, On::Any | On::Messages | On::Media),
            On::Messages | On::Webhook | On::Status | On::Lookup | On::Media => self.on == on,
        };
        let person = self.to.as_deref().is_none_or(|wanted| {
            let number = WaNumber::parse(wanted);
            number.as_ref().map_or(Some(wanted), |number| Some(number.as_str())) == to
        });
        let business = self.phone_number_id.as_deref().is_none_or(|id| Some(id) == phone_number_id);
        let path =
            self.path.as_deref().is_none_or(|end| call.is_some_and(|call| call.ends_in(end)));
        let method = self
            .method
            .as_deref()
            .is_none_or(|method| call.is_some_and(|call| call.method.eq_ignore_ascii_case(method)));
        place && person && business && path && method
    }
}
