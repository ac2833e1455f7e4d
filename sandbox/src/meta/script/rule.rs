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
    /// Any Graph call.
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
    /// Gives another token for a code than was consented to; say `path: "oauth/access_token"`.
    Token(TokenTwist),
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
            On::Any => matches!(on, On::Any | On::Messages),
            On::Messages | On::Webhook | On::Status => self.on == on,
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

/// A switch: `"on"`, `"off"`, `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch(pub bool);

impl Serialize for Switch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "on" } else { "off" })
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelling {
            Plain(bool),
            Word(String),
        }
        match Spelling::deserialize(deserializer)? {
            Spelling::Plain(on) => Ok(Self(on)),
            Spelling::Word(word) if word == "on" => Ok(Self(true)),
            Spelling::Word(word) if word == "off" => Ok(Self(false)),
            Spelling::Word(_) => Err(serde::de::Error::custom("a switch is \"on\" or \"off\"")),
        }
    }
}

/// Switches of the whole platform.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Rate limits.
    pub limits: Switch,
    /// Status webhooks.
    pub statuses: Switch,
    /// People read at once what they get.
    pub auto_read: Switch,
    /// A closed window is refused at once (400) instead of afterwards.
    pub window_sync: Switch,
    /// Webhooks about consent and its end (`account_update`).
    pub account_updates: Switch,
    /// Seed of the dice.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Switch(true),
            statuses: Switch(true),
            auto_read: Switch(false),
            window_sync: Switch(false),
            account_updates: Switch(true),
            seed: 1,
        }
    }
}

/// Settings to change; what is absent stays.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SettingsPatch {
    /// See [`Settings::limits`].
    pub limits: Option<Switch>,
    /// See [`Settings::statuses`].
    pub statuses: Option<Switch>,
    /// See [`Settings::auto_read`].
    pub auto_read: Option<Switch>,
    /// See [`Settings::window_sync`].
    pub window_sync: Option<Switch>,
    /// See [`Settings::account_updates`].
    pub account_updates: Option<Switch>,
    /// See [`Settings::seed`].
    pub seed: Option<u64>,
}

impl Settings {
    /// Takes over what the patch names.
    pub fn apply(&mut self, patch: SettingsPatch) {
        let SettingsPatch { limits, statuses, auto_read, window_sync, account_updates, seed } =
            patch;
        self.limits = limits.unwrap_or(self.limits);
        self.statuses = statuses.unwrap_or(self.statuses);
        self.auto_read = auto_read.unwrap_or(self.auto_read);
        self.window_sync = window_sync.unwrap_or(self.window_sync);
        self.account_updates = account_updates.unwrap_or(self.account_updates);
        self.seed = seed.unwrap_or(self.seed);
    }
}
