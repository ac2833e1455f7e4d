//! Whom a rule asked for, and whether anybody had looked for them.
//!
//! Invariant: a rule that was told that nobody has an identifier was told so by a look, or is asked again.

use super::WorkingSet;
use crate::domain::{
    change::Key, conversation::Conversation, identity::Identity, ids::PhoneNumberId,
};

impl WorkingSet {
    /// Says which identifiers were looked for. Without it, all of them were.
    pub fn looked_for(&mut self, identities: &[(PhoneNumberId, Identity)]) {
        self.looked_for = Some(identities.iter().cloned().collect());
    }

    /// Takes the identifiers that were asked for and that nobody had looked for: what was decided without
    /// them may be wrong.
    pub fn take_missed(&mut self) -> Vec<(PhoneNumberId, Identity)> {
        std::mem::take(&mut self.missed)
    }

    /// What a stored conversation holds was found with it, and stays its own in the store until the commit.
    pub(super) fn holds(&mut self, row: &Conversation) {
        let number = &row.phone_number_id;
        self.held.extend(row.identities.iter().map(|one| (number.clone(), one.clone())));
    }

    pub(super) fn was_not_found(&mut self, key: (PhoneNumberId, Identity)) {
        if self.held.contains(&key) {
            // Given up by a decision that is not committed: its conversation's revision guards it.
            return;
        }
        if self.looked_for.as_ref().is_none_or(|looked_for| looked_for.contains(&key)) {
            self.told_absent.insert(Key::Identity(key.0, key.1));
        } else {
            self.missed.push(key);
        }
    }
}
