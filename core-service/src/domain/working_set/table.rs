//! Tables of a working set: rows in memory, and what is known of their stored form.

use std::collections::BTreeMap;

use crate::domain::{
    change::{Expect, Key, Orphan, State, Write},
    client::Client,
    conversation::Conversation,
    message::Message,
    template::Template,
};

/// A stored row: has a key and a revision that only grows.
pub trait Row {
    /// Its primary key.
    fn key(&self) -> Key;
    /// Its revision as loaded, or 0 before it is stored.
    fn revision(&self) -> u64;
    /// Marks a change.
    fn bump(&mut self);
    /// The write that stores it.
    fn into_write(self) -> Write;
}

macro_rules! row {
    ($type:ident, $key:expr) => {
        impl Row for $type {
            fn key(&self) -> Key {
                let key: fn(&$type) -> Key = $key;
                key(self)
            }
            fn revision(&self) -> u64 {
                self.revision
            }
            fn bump(&mut self) {
                self.revision += 1;
            }
            fn into_write(self) -> Write {
                Write::$type(Box::new(self))
            }
        }
    };
}

row!(Client, |row| Key::Client(row.id));
row!(Conversation, |row| Key::Conversation(row.id));
row!(Message, |row| Key::Message(row.id));
row!(Template, |row| Key::Template(row.id));
row!(Orphan, |row| Key::Orphan(row.phone_number_id.clone(), row.wamid.clone()));

/// A row in memory and what is known of its stored form.
pub(super) struct Slot<T> {
    pub(super) row: T,
    /// The stored revision; `None` for a row that is new.
    pub(super) loaded: Option<u64>,
    changed: bool,
    pub(super) dropped: bool,
}

/// A table of rows in memory.
pub(super) struct Table<K, T>(pub(super) BTreeMap<K, Slot<T>>);

impl<K: Ord + Clone, T: Row> Table<K, T> {
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn put(&mut self, key: K, row: T, loaded: bool) {
        let stored = loaded.then(|| row.revision());
        self.0.insert(key, Slot { row, loaded: stored, changed: !loaded, dropped: false });
    }

    pub(super) fn get(&self, key: &K) -> Option<&T> {
        self.0.get(key).filter(|slot| !slot.dropped).map(|slot| &slot.row)
    }

    pub(super) fn change<R>(&mut self, key: &K, with: impl FnOnce(&mut T) -> R) -> Option<R> {
        let slot = self.0.get_mut(key).filter(|slot| !slot.dropped)?;
        slot.changed = true;
        slot.row.bump();
        Some(with(&mut slot.row))
    }

    /// Makes a row part of the change although nothing in it changes, once.
    pub(super) fn hold(&mut self, key: &K) {
        let slot = self.0.get_mut(key);
        debug_assert!(slot.is_some(), "what is held was loaded");
        if let Some(slot) = slot.filter(|slot| !slot.changed) {
            slot.changed = true;
            slot.row.bump();
        }
    }

    /// Lists the stored rows with their revisions.
    pub(super) fn stored_into(&self, revisions: &mut BTreeMap<Key, u64>) {
        let stored = self.0.values().filter_map(|slot| Some((slot.row.key(), slot.loaded?)));
        revisions.extend(stored);
    }

    pub(super) fn drain_into(
        self,
        expects: &mut Vec<Expect>,
        writes: &mut Vec<Write>,
        drop: fn(T) -> Option<Write>,
    ) {
        for slot in self.0.into_values() {
            let Slot { row, loaded, changed, dropped } = slot;
            if !changed && !dropped {
                continue;
            }
            let state = loaded.map_or(State::Absent, State::At);
            expects.push(Expect { key: row.key(), state });
            match (dropped, loaded) {
                (true, Some(_)) => writes.extend(drop(row)),
                (true, None) => {}
                (false, _) => writes.push(row.into_write()),
            }
        }
    }
}
