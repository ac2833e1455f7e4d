//! What was said of messages that are not there yet.
//!
//! Invariant: it waits under the wamid that it is about, and is taken by whatever gets that wamid.

use super::WorkingSet;
use crate::domain::{
    change::{Key, Orphan},
    ids::{PhoneNumberId, Wamid},
};

impl WorkingSet {
    /// Takes what waits for a wamid, for the message that now has it.
    pub fn adopt_orphan(&mut self, number: &PhoneNumberId, wamid: &Wamid) -> Option<Orphan> {
        let key = (number.clone(), wamid.clone());
        match self.orphans.0.get_mut(&key).filter(|slot| !slot.dropped) {
            Some(slot) => {
                slot.dropped = true;
                Some(slot.row.clone())
            }
            None => {
                self.told_absent.insert(Key::Orphan(key.0, key.1));
                None
            }
        }
    }

    /// Lets something wait for the message of a wamid.
    pub fn park(&mut self, number: &PhoneNumberId, wamid: &Wamid, with: impl FnOnce(&mut Orphan)) {
        let key = (number.clone(), wamid.clone());
        match self.orphans.get(&key).cloned() {
            None => {
                let mut row = Orphan::new(number.clone(), wamid.clone(), self.now);
                with(&mut row);
                self.orphans.put(key, row, false);
            }
            Some(known) => {
                let mut row = known.clone();
                with(&mut row);
                if row != known {
                    self.orphans
                        .change(&key, |known| *known = Orphan { revision: known.revision, ..row });
                }
            }
        }
    }
}
