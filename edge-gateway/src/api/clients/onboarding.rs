//! A connection that is being made, and what its owner has to look at, on the wire.

use linkojob_proto::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Malformed, time, time_or_none, word};

/// A connection that is being made: how far it came.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Onboarding {
    step: OnboardingStep,
    waba_id: Option<String>,
    phone_number_id: Option<String>,
    /// What `POST /api/auth/whatsapp/resume` may name.
    choices: Vec<NumberChoice>,
    started_at: String,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnboardingStep {
    /// Find or choose the account and the number.
    Number,
    /// Make Meta deliver the account's webhooks.
    Subscribe,
    /// Register the number, when Meta says that it is not.
    Register,
    /// Pull the templates, and connect.
    Templates,
}

/// A number that could be connected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberChoice {
    waba_id: String,
    phone_number_id: String,
    display_phone_number: Option<String>,
    verified_name: Option<String>,
}

/// Something that the owner of a client has to look at.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// `WABA_REQUIRED`, `PHONE_NUMBER_CHOICE_REQUIRED`, `PHONE_NUMBER_MISSING`, `PIN_REQUIRED`,
    /// `ONBOARDING_REJECTED`, `ONBOARDING_INTERRUPTED`, `TOKEN_EXPIRES_SOON`, `TOKEN_EXPIRED`,
    /// `ACCESS_LOST`, `REVOKED_AT_META`, `ACCOUNT_DISABLED`, `ACCOUNT_DISABLE_SCHEDULED`,
    /// `ACCOUNT_OFFBOARDED`, `ACCOUNT_RESTRICTED`, `ACCOUNT_REJECTED`, `ACCOUNT_VIOLATION`,
    /// `ACCOUNT_ALERT`, `NUMBER_FLAGGED`, `NAME_REJECTED`, `PIN_CHANGED`; new names may come.
    name: String,
    /// Why, and what to do, in plain words.
    details: String,
    since: String,
    /// When it is over by itself; null when nobody knows.
    until: Option<String>,
}

impl TryFrom<pb::Onboarding> for Onboarding {
    type Error = Malformed;

    fn try_from(onboarding: pb::Onboarding) -> Result<Self, Malformed> {
        let pb::Onboarding { step, waba_id, phone_number_id, choices, started_at } = onboarding;
        Ok(Self {
            step: word::<pb::OnboardingStep>(step, "client.onboarding.step")?.try_into()?,
            waba_id,
            phone_number_id,
            choices: choices.into_iter().map(NumberChoice::from).collect(),
            started_at: time(started_at, "client.onboarding.started_at")?,
        })
    }
}

impl TryFrom<pb::OnboardingStep> for OnboardingStep {
    type Error = Malformed;

    fn try_from(step: pb::OnboardingStep) -> Result<Self, Malformed> {
        match step {
            pb::OnboardingStep::Unspecified => Err(Malformed("client.onboarding.step")),
            pb::OnboardingStep::Number => Ok(Self::Number),
            pb::OnboardingStep::Subscribe => Ok(Self::Subscribe),
            pb::OnboardingStep::Register => Ok(Self::Register),
            pb::OnboardingStep::Templates => Ok(Self::Templates),
        }
    }
}

impl From<pb::NumberChoice> for NumberChoice {
    fn from(choice: pb::NumberChoice) -> Self {
        let pb::NumberChoice { waba_id, phone_number_id, display_phone_number, verified_name } =
            choice;
        Self { waba_id, phone_number_id, display_phone_number, verified_name }
    }
}

impl TryFrom<pb::Attention> for Attention {
    type Error = Malformed;

    fn try_from(attention: pb::Attention) -> Result<Self, Malformed> {
        let pb::Attention { name, details, since, until } = attention;
        Ok(Self {
            name,
            details,
            since: time(since, "client.attention.since")?,
            until: time_or_none(until, "client.attention.until")?,
        })
    }
}
