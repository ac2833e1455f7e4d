//! Meta's error codes: THE table of what each one means to us.
//!
//! The same code comes at once as an answer, or later in a status; it is looked up here both times.
//!
//! Invariant: the code decides, with its subcode; never a title, a text, or the status of HTTP.

/// What an error means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The token opens nothing any more: connect again.
    Token,
    /// A permission or the number was taken away.
    Access,
    /// The business account is blocked, restricted or has not paid.
    Account,
    /// Too much at once, over this number, account or app. Nothing happened.
    Throttled,
    /// Too much at once to this one recipient. Nothing happened.
    PairThrottled,
    /// The sending limit is used up: hours, not seconds. Nothing happened.
    Limited,
    /// Meta cannot just now, and says that nothing happened.
    Unavailable,
    /// Meta does not know itself what happened.
    Unsure,
    /// Free text outside the customer service window.
    WindowClosed,
    /// The candidate wants no such messages.
    OptedOut,
    /// This recipient cannot get this message.
    Undeliverable,
    /// The template is paused, for some hours.
    TemplatePaused,
    /// The template or what was filled into it is wrong.
    Template,
    /// The file is wrong or gone.
    Media,
    /// Registering the number failed, or it is not registered.
    Registration,
    /// What was asked is wrong, and always will be.
    Parameter,
    /// A code that this version does not know.
    Unlisted,
}

/// The subcode of an object that is gone, or that we may not see: Meta does not tell them apart.
const NO_SUCH_OBJECT: i32 = 33;

impl Class {
    /// Looks a code up.
    pub fn of(code: i32, subcode: Option<i32>) -> Self {
        match code {
            100 if subcode == Some(NO_SUCH_OBJECT) => Self::Access,
            0..=999 => Self::of_graph(code),
            80_007 | 80_008 => Self::Throttled,
            130_000..=131_999 => Self::of_message(code),
            132_015 => Self::TemplatePaused,
            132_069 => Self::Throttled,
            132_000..=132_999 => Self::Template,
            133_004 => Self::Unavailable,
            133_000..=133_999 | 136_024 | 136_025 => Self::Registration,
            134_000..=134_999 | 135_000 | 137_000 => Self::Parameter,
            138_000..=139_999 | 147_001..=147_005 => Self::Parameter,
            _ => Self::Unlisted,
        }
    }

    /// True when asking again later may end otherwise.
    pub(super) const fn is_momentary(self) -> bool {
        match self {
            Self::Throttled
            | Self::PairThrottled
            | Self::Limited
            | Self::Unavailable
            | Self::Unsure => true,
            Self::Token
            | Self::Access
            | Self::Account
            | Self::WindowClosed
            | Self::OptedOut
            | Self::Undeliverable
            | Self::TemplatePaused
            | Self::Template
            | Self::Media
            | Self::Registration
            | Self::Parameter
            | Self::Unlisted => false,
        }
    }

    /// Codes of the Graph API as a whole.
    const fn of_graph(code: i32) -> Self {
        match code {
            0 | 102 | 104 | 190 => Self::Token,
            1 => Self::Unsure,
            2 => Self::Unavailable,
            3 | 10 | 33 | 200..=299 => Self::Access,
            4 | 17 | 32 | 613 => Self::Throttled,
            100 => Self::Parameter,
            368 => Self::Account,
            _ => Self::Unlisted,
        }
    }

    /// Codes of sending.
    const fn of_message(code: i32) -> Self {
        match code {
            130_429 => Self::Throttled,
            130_472 | 131_026 | 131_049 => Self::Undeliverable,
            130_497 | 131_031 | 131_037 | 131_042 | 131_045 | 131_063 | 131_064 => Self::Account,
            131_000 => Self::Unsure,
            131_005 => Self::Access,
            131_016 | 131_057 => Self::Unavailable,
            131_047 => Self::WindowClosed,
            131_048 => Self::Limited,
            131_050 => Self::OptedOut,
            131_052 | 131_053 => Self::Media,
            131_056 => Self::PairThrottled,
            130_403
            | 130_501
            | 131_008
            | 131_009
            | 131_020
            | 131_021
            | 131_030
            | 131_041
            | 131_051
            | 131_055
            | 131_059
            | 131_062
            | 131_200..=131_299 => Self::Parameter,
            _ => Self::Unlisted,
        }
    }
}

/// The public name of a failure with this code.
pub const fn failure_name(code: i32) -> &'static str {
    match code {
        131_047 => "WINDOW_CLOSED",
        131_050 => "CANDIDATE_OPTED_OUT",
        _ => "META_REJECTED",
    }
}

/// A code in plain words, for when Meta gives none. `None` when there is nothing better to say than
/// Meta's own message.
pub(super) const fn in_plain_words(code: i32) -> Option<&'static str> {
    Some(match code {
        0 | 102 | 104 | 190 => "Meta no longer accepts the access token. Connect again.",
        10 | 131_005 | 200..=299 => "The permission for this was not granted or was taken away.",
        130_429 => "Too many messages were sent at once from this number.",
        131_026 => "The message cannot be delivered to this number.",
        131_042 => "Meta has a problem with the payment method of the business account.",
        131_047 => "The 24-hour window is closed. Send a template instead.",
        131_048 => "Meta limits how much this number can send for now.",
        131_049 => "Meta held the message back so that the candidate is not sent too many.",
        131_050 => "The candidate asked not to get such messages.",
        131_053 => "Meta could not use the file.",
        131_056 => "Too many messages were sent to this candidate at once.",
        132_015 => "Meta paused the template because of its quality.",
        132_016 => "Meta disabled the template.",
        133_010 => "The business number is not registered.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_failures() {
        let names = [(131_047, "WINDOW_CLOSED"), (131_050, "CANDIDATE_OPTED_OUT")];
        for (code, name) in names {
            assert_eq!(failure_name(code), name);
        }
        for code in [0, 131_026, 131_049, -1, i32::MAX] {
            assert_eq!(failure_name(code), "META_REJECTED");
        }
    }

    #[test]
    fn only_a_missing_object_turns_an_invalid_parameter_into_lost_access() {
        assert_eq!(Class::of(100, Some(33)), Class::Access);
        for subcode in [None, Some(0), Some(2_593_002)] {
            assert_eq!(Class::of(100, subcode), Class::Parameter);
        }
        assert_eq!(Class::of(131_009, Some(33)), Class::Parameter);
    }

    #[test]
    fn every_number_has_a_class() {
        let strange = [i32::MIN, -1, 5, 999, 1000, 129_999, 130_999, 140_000, i32::MAX];
        for code in strange {
            assert_eq!(Class::of(code, None), Class::Unlisted, "{code}");
        }
    }
}
