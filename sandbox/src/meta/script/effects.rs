//! What all rules that struck do together.

use super::rule::{Action, Fail, FailStatus, FileTwist, MAX_STEPS, Step, TokenTwist};

/// The sum of the actions; of two failures the first counts, delays add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Error to answer.
    pub fail: Option<Fail>,
    /// Real milliseconds to wait.
    pub delay_ms: u64,
    /// Reset instead of answering, after the work.
    pub drop_after: bool,
    /// Reset before the work.
    pub drop_before: bool,
    /// Copies of a webhook beyond the first.
    pub extra_copies: u8,
    /// Others first.
    pub reorder: bool,
    /// First status, then the answer.
    pub status_first: bool,
    /// Failure to report afterwards.
    pub fail_status: Option<u32>,
    /// Break the JSON.
    pub malformed: bool,
    /// Keep statuses back.
    pub hold: bool,
    /// Exactly these statuses.
    pub statuses: Option<Vec<Step>>,
    /// Another token than was consented to.
    pub twist: Option<TokenTwist>,
    /// Another file than was sent.
    pub file: Option<FileTwist>,
}

impl Effects {
    /// Adds one action.
    pub fn add(&mut self, action: &Action) {
        match action {
            Action::Fail(fail) => self.fail = self.fail.take().or_else(|| Some(fail.clone())),
            Action::DelayMs(ms) => self.delay_ms = self.delay_ms.saturating_add(*ms).min(600_000),
            Action::DropAfterAccept(on) => self.drop_after |= on,
            Action::DropBefore(on) => self.drop_before |= on,
            Action::Duplicate(copies) => {
                self.extra_copies = self.extra_copies.max(copies.saturating_sub(1));
            }
            Action::Reorder(on) => self.reorder |= on,
            Action::StatusBeforeAnswer(on) => self.status_first |= on,
            Action::FailStatus(FailStatus { code }) => {
                self.fail_status = self.fail_status.or(Some(*code));
            }
            Action::Malformed(on) => self.malformed |= on,
            Action::HoldStatuses(on) => self.hold |= on,
            Action::Statuses(steps) => {
                let steps = || steps.iter().take(MAX_STEPS).cloned().collect();
                self.statuses = self.statuses.take().or_else(|| Some(steps()));
            }
            Action::Token(twist) => self.twist = self.twist.take().or_else(|| Some(twist.clone())),
            Action::File(twist) => self.file = self.file.take().or_else(|| Some(twist.clone())),
        }
    }

    /// Adds what a rule on the message says about its statuses; its delay, errors and resets are
    /// about the answer alone.
    #[must_use]
    pub fn with_message(self, message: &Self) -> Self {
        Self {
            extra_copies: self.extra_copies.max(message.extra_copies),
            reorder: self.reorder || message.reorder,
            status_first: self.status_first || message.status_first,
            fail_status: self.fail_status.or(message.fail_status),
            hold: self.hold || message.hold,
            statuses: self.statuses.or_else(|| message.statuses.clone()),
            ..self
        }
    }
}
