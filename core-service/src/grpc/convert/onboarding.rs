//! Connections that are being made. Neither token nor PIN is ever among what is converted.

use linkojob_proto::v1 as pb;

use super::time::time;
use crate::domain::onboarding::{Attention, Concern, NumberChoice, Onboarding, OnboardingStep};

/// How far a connection came.
pub(super) fn onboarding(onboarding: Onboarding) -> pb::Onboarding {
    let Onboarding {
        token: _,
        token_expires_at: _,
        meta_user_id: _,
        waba_ids: _,
        waba_id,
        phone_number_id,
        pin: _,
        step: next,
        choices,
        started_at,
    } = onboarding;
    pb::Onboarding {
        step: step(next).into(),
        waba_id: waba_id.map(|id| id.to_string()),
        phone_number_id: phone_number_id.map(|id| id.to_string()),
        choices: choices.into_iter().map(choice).collect(),
        started_at: Some(time(started_at)),
    }
}

/// What the owner has to look at.
pub(super) fn attention(attention: Attention) -> pb::Attention {
    let Attention { concern, details, since, until } = attention;
    pb::Attention {
        name: name(concern).to_owned(),
        details,
        since: Some(time(since)),
        until: until.map(time),
    }
}

fn choice(choice: NumberChoice) -> pb::NumberChoice {
    let NumberChoice { waba_id, phone_number_id, display_phone_number, verified_name } = choice;
    pb::NumberChoice {
        waba_id: waba_id.to_string(),
        phone_number_id: phone_number_id.to_string(),
        display_phone_number,
        verified_name,
    }
}

const fn step(step: OnboardingStep) -> pb::OnboardingStep {
    match step {
        OnboardingStep::Number => pb::OnboardingStep::Number,
        OnboardingStep::Subscribe => pb::OnboardingStep::Subscribe,
        OnboardingStep::Register => pb::OnboardingStep::Register,
        OnboardingStep::Templates => pb::OnboardingStep::Templates,
    }
}

const fn name(concern: Concern) -> &'static str {
    match concern {
        Concern::WabaRequired => "WABA_REQUIRED",
        Concern::PhoneNumberChoiceRequired => "PHONE_NUMBER_CHOICE_REQUIRED",
        Concern::PhoneNumberMissing => "PHONE_NUMBER_MISSING",
        Concern::PinRequired => "PIN_REQUIRED",
        Concern::OnboardingRejected => "ONBOARDING_REJECTED",
        Concern::OnboardingInterrupted => "ONBOARDING_INTERRUPTED",
        Concern::TokenExpiresSoon => "TOKEN_EXPIRES_SOON",
        Concern::TokenExpired => "TOKEN_EXPIRED",
        Concern::AccessLost => "ACCESS_LOST",
        Concern::RevokedAtMeta => "REVOKED_AT_META",
        Concern::AccountDisabled => "ACCOUNT_DISABLED",
        Concern::AccountDisableScheduled => "ACCOUNT_DISABLE_SCHEDULED",
        Concern::AccountOffboarded => "ACCOUNT_OFFBOARDED",
        Concern::AccountRestricted => "ACCOUNT_RESTRICTED",
        Concern::AccountRejected => "ACCOUNT_REJECTED",
        Concern::AccountViolation => "ACCOUNT_VIOLATION",
        Concern::AccountAlert => "ACCOUNT_ALERT",
        Concern::NumberFlagged => "NUMBER_FLAGGED",
        Concern::NameRejected => "NAME_REJECTED",
        Concern::PinChanged => "PIN_CHANGED",
    }
}
