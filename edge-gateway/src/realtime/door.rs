//! Counts who is inside: a limit per owner, and numbers for supervision.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::identity::Email;

#[derive(Debug)]
pub(super) struct Door {
    limit: usize,
    inside: Mutex<HashMap<Email, usize>>,
}

impl Door {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, inside: Mutex::default() }
    }

    /// Lets one connection of the owner in, unless there are too many.
    pub(super) fn enter(self: &Arc<Self>, owner: &Email) -> Option<Place> {
        let mut inside = self.lock();
        let count = inside.entry(owner.clone()).or_default();
        if *count >= self.limit {
            if *count == 0 {
                inside.remove(owner);
            }
            return None;
        }
        *count += 1;
        Some(Place { door: Arc::clone(self), owner: owner.clone() })
    }

    pub(super) fn inside(&self) -> usize {
        self.lock().values().sum()
    }

    pub(super) fn owners(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Email, usize>> {
        // A count is whole at every moment, whatever panicked while holding it.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place; gives it back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    door: Arc<Door>,
    owner: Email,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.lock();
        if let Some(count) = inside.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let door = Arc::new(Door::new(2));
        let owner = Email::parse("a@b.c").expect("address");
        let first = door.enter(&owner).expect("free");
        let _second = door.enter(&owner).expect("free");
        assert!(door.enter(&owner).is_none());
        drop(first);
        assert!(door.enter(&owner).is_some());
        assert_eq!((door.inside(), door.owners()), (1, 1));
    }
}
