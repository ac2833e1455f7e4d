//! A connection that is being made: how far it came, and what its owner has to do.
//!
//! Invariant: a step stands here only after the one before it was done at Meta; doing a step again is
//! harmless. The connection that a client has is not touched before the new one is whole.

use serde::{Deserialize, Serialize};

use super::{
    client::Sealed,
    ids::{PhoneNumberId, WabaId},
    time::Timestamp,
};

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnboardingStep {
    /// Find, or let the owner choose, the account and the number.
    Number,
    /// Make Meta deliver the account's webhooks to our app.
    Subscribe,
    /// Register the number, when Meta says that it is not.
    Register,
    /// Pull the templates, and connect.
    Templates,
}

/// A number that could be connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberChoice {
    /// Its account.
    pub waba_id: WabaId,
    /// Meta's id of it.
    pub phone_number_id: PhoneNumberId,
    /// As people write it.
    pub display_phone_number: Option<String>,
    /// The name that candidates see.
    pub verified_name: Option<String>,
}

/// A connection that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onboarding {
    /// The access token.
    pub token: Sealed,
    /// When the token ends; `None` means never or not known.
    pub token_expires_at: Option<Timestamp>,
    /// Whoever gave the token, by Meta's id.
    pub meta_user_id: Option<String>,
    /// The accounts that the token opens; `None` when Meta names none.
    pub waba_ids: Option<Vec<WabaId>>,
    /// The account, once settled.
    pub waba_id: Option<WabaId>,
    /// The number, once settled.
    pub phone_number_id: Option<PhoneNumberId>,
    /// The PIN that we set, or are about to: recorded before Meta is asked, so that asking again after
    /// a lost answer asks the same.
    pub pin: Option<Sealed>,
    /// What is to be done next.
    pub step: OnboardingStep,
    /// What the owner may choose from.
    pub choices: Vec<NumberChoice>,
    /// When it began; tells it from an earlier or later one.
    pub started_at: Timestamp,
}

/// What the owner of a client has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Concern {
    /// Meta does not say which account the token opens: name it.
    WabaRequired,
    /// There are several numbers: choose one.
    PhoneNumberChoiceRequired,
    /// The account has no number yet: add one at Meta.
    PhoneNumberMissing,
    /// The number has a PIN that is not ours: give it.
    PinRequired,
    /// Meta refused a step of connecting.
    OnboardingRejected,
    /// Meta did not answer during a step of connecting: go on.
    OnboardingInterrupted,
    /// The token ends soon: connect again.
    TokenExpiresSoon,
    /// The token has ended: connect again.
    TokenExpired,
    /// Meta took a permission or the number away.
    AccessLost,
    /// The customer took our app's access away at Meta.
    RevokedAtMeta,
    /// Meta disabled the account.
    AccountDisabled,
    /// Meta is going to disable the account.
    AccountDisableScheduled,
    /// The number left the Cloud API.
    AccountOffboarded,
    /// Meta lets the account do less for a while.
    AccountRestricted,
    /// Meta's review turned the account down.
    AccountRejected,
    /// The account violated a policy of Meta's.
    AccountViolation,
    /// Meta warns the account.
    AccountAlert,
    /// Candidates block or report what the number sends.
    NumberFlagged,
    /// Meta does not allow the wanted name.
    NameRejected,
    /// The PIN of the number is another one, or is to be removed.
    PinChanged,
}

impl Concern {
    /// How grave it is; the gravest is shown.
    pub const fn weight(self) -> u8 {
        match self {
            Self::RevokedAtMeta => 13,
            Self::AccountDisabled => 12,
            Self::AccountOffboarded => 11,
            Self::TokenExpired | Self::AccessLost => 10,
            // Somebody is waiting to go on.
            Self::WabaRequired
            | Self::PhoneNumberChoiceRequired
            | Self::PhoneNumberMissing
            | Self::PinRequired
            | Self::OnboardingRejected
            | Self::OnboardingInterrupted => 9,
            Self::AccountDisableScheduled => 8,
            Self::AccountRestricted => 7,
            Self::TokenExpiresSoon => 6,
            Self::AccountRejected => 5,
            Self::AccountViolation => 4,
            Self::PinChanged => 3,
            Self::NumberFlagged => 2,
            Self::AccountAlert => 1,
            Self::NameRejected => 0,
        }
    }

    /// True when nothing can be sent for this alone.
    pub const fn stops(self) -> bool {
        match self {
            Self::RevokedAtMeta
            | Self::TokenExpired
            | Self::AccessLost
            | Self::AccountDisabled
            | Self::AccountOffboarded => true,
            Self::WabaRequired
            | Self::PhoneNumberChoiceRequired
            | Self::PhoneNumberMissing
            | Self::PinRequired
            | Self::OnboardingRejected
            | Self::OnboardingInterrupted
            | Self::TokenExpiresSoon
            | Self::AccountDisableScheduled
            | Self::AccountRestricted
            | Self::AccountRejected
            | Self::AccountViolation
            | Self::AccountAlert
            | Self::NumberFlagged
            | Self::NameRejected
            | Self::PinChanged => false,
        }
    }
}

/// Something that the owner has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// What.
    pub concern: Concern,
    /// Why, and what to do, in plain words.
    pub details: String,
    /// Since when.
    pub since: Timestamp,
    /// When it is over by itself, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Attention {
    /// Something that is so until it is settled.
    pub fn new(concern: Concern, details: impl Into<String>, since: Timestamp) -> Self {
        Self { concern, details: details.into(), since, until: None }
    }
}
