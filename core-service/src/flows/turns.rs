//! Taking turns: decisions for one owner that met rivals are made again one after the other.
//!
//! Invariant: it only makes conflicts rare; the store decides what is right. Nobody waits for another turn
//! while having one, so turns end as surely as commits do.

use std::hash::{BuildHasher as _, RandomState};

use tokio::sync::{Mutex, MutexGuard};

use crate::domain::owner::Owner;

/// More than owners who are that busy at one time; those who share a turn wait for each other now and then.
const TURNS: usize = 256;

/// The turns of this process.
#[derive(Debug)]
pub struct Turns {
    turns: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Default for Turns {
    fn default() -> Self {
        let turns = std::iter::repeat_with(Mutex::default).take(TURNS).collect();
        Self { turns, hasher: RandomState::new() }
    }
}

impl Turns {
    /// Waits for an owner's turn, in the order of asking.
    pub(super) async fn take(&self, owner: &Owner) -> Option<MutexGuard<'_, ()>> {
        let turns = u64::try_from(self.turns.len()).ok()?;
        let number = usize::try_from(self.hasher.hash_one(owner) % turns).ok()?;
        Some(self.turns.get(number)?.lock().await)
    }
}
