//! The customer service window: 24 hours after the newest message of a person, free text may go.
//!
//! Invariant: it counts from Meta's timestamp (whole seconds) and the last second belongs to it.

const LENGTH_SECS: i64 = 24 * 60 * 60;

/// Whether a window opened by a message of second `last_inbound` is still open.
#[must_use]
pub fn is_open(last_inbound: Option<i64>, now_ms: i64) -> bool {
    last_inbound.is_some_and(|second| now_ms.div_euclid(1000) <= second + LENGTH_SECS)
}

/// Whether a message of this type is one that a person wrote, and so restarts the window.
#[must_use]
pub fn opens(message_type: &str) -> bool {
    !matches!(message_type, "system" | "edit" | "revoke" | "request_welcome")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_belongs_to_the_window() {
        let last = 1_760_000_000;
        let end_ms = (last + LENGTH_SECS) * 1000;
        assert!(is_open(Some(last), end_ms - 1000));
        assert!(is_open(Some(last), end_ms));
        assert!(is_open(Some(last), end_ms + 999));
        assert!(!is_open(Some(last), end_ms + 1000));
        assert!(!is_open(None, end_ms));
    }

    #[test]
    fn only_what_a_person_wrote_opens_it() {
        for kind in ["text", "reaction", "button", "interactive", "unsupported", "image"] {
            assert!(opens(kind), "{kind}");
        }
        for kind in ["system", "edit", "revoke", "request_welcome"] {
            assert!(!opens(kind), "{kind}");
        }
    }
}
