//! What the outbox has in hand: what waits for its turn, and what is on its way.
//!
//! Invariant: a message is in hand once; no owner has more than [`EACH`] on their way or [`IN_HAND_EACH`]
//! in hand, so that a campaign of one leaves room for the others, who take turns.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{
    domain::{ids::MessageId, owner::Owner, time::Timestamp},
    flows::send::Queued,
};

/// How many messages are on their way to Meta at once.
const ON_THEIR_WAY: usize = 128;
/// How many of them are of one owner.
const EACH: usize = 16;
/// How many are in hand, with those that wait for a place and those that rest.
const IN_HAND: usize = 1_024;
/// How many of them are of one owner.
const IN_HAND_EACH: usize = 96;

/// The desk; clones share it.
#[derive(Clone, Default)]
pub(super) struct Desk(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    in_hand: HashSet<MessageId>,
    owners: HashMap<Owner, Pile>,
    /// Owners with something that may start, each once.
    turns: VecDeque<Owner>,
    on_their_way: usize,
    waiting: usize,
    /// The store has more than was taken from it.
    behind: bool,
    /// The time has come to take the rest.
    wants_more: bool,
    put_off: Vec<Timestamp>,
}

/// What is in hand of one owner.
#[derive(Default)]
struct Pile {
    waiting: VecDeque<Queued>,
    on_their_way: usize,
    in_hand: usize,
    /// Stands in `turns`.
    in_turn: bool,
    /// The store has more of theirs than the pile could take.
    cut: bool,
}

/// A message whose turn it is.
pub(super) struct Turn {
    pub(super) queued: Queued,
    pub(super) place: Place,
    pub(super) hold: Hold,
}

/// A message in hand; dropping it lets it go.
pub(super) struct Hold {
    desk: Desk,
    owner: Owner,
    id: MessageId,
}

/// A place on the way to Meta; dropping it frees it.
pub(super) struct Place {
    desk: Desk,
    owner: Owner,
}

impl Desk {
    /// Takes a message in hand, if there is room and it is not there already.
    pub(super) fn put(&self, queued: Queued) {
        let mut state = self.state();
        let (owner, id) = (queued.message().owner.clone(), queued.message().id);
        if state.in_hand.contains(&id) {
            return;
        }
        if state.in_hand.len() >= IN_HAND {
            state.behind = true;
            return;
        }
        let pile = state.owners.entry(owner.clone()).or_default();
        if pile.in_hand >= IN_HAND_EACH {
            pile.cut = true;
            return;
        }
        pile.in_hand += 1;
        pile.waiting.push_back(queued);
        state.in_hand.insert(id);
        state.waiting += 1;
        state.line_up(owner);
    }

    /// A place for a message that is not recorded yet; `None` when there is none, or others wait.
    pub(super) fn reserve(&self, owner: &Owner, id: MessageId) -> Option<(Place, Hold)> {
        let mut state = self.state();
        let waited_for = state.waiting > 0 || state.behind || state.in_hand.contains(&id);
        let full = state.on_their_way >= ON_THEIR_WAY || state.in_hand.len() >= IN_HAND;
        if waited_for || full {
            return None;
        }
        let pile = state.owners.entry(owner.clone()).or_default();
        if pile.cut || pile.on_their_way >= EACH || pile.in_hand >= IN_HAND_EACH {
            return None;
        }
        pile.in_hand += 1;
        pile.on_their_way += 1;
        state.on_their_way += 1;
        state.in_hand.insert(id);
        let (desk, owner) = (self.clone(), owner.clone());
        let hold = Hold { desk: desk.clone(), owner: owner.clone(), id };
        Some((Place { desk, owner }, hold))
    }

    /// True when the message is in hand.
    pub(super) fn has(&self, id: MessageId) -> bool {
        self.state().in_hand.contains(&id)
    }

    /// The next message that may start.
    pub(super) fn next(&self) -> Option<Turn> {
        let mut state = self.state();
        if state.on_their_way >= ON_THEIR_WAY {
            return None;
        }
        let owner = state.turns.pop_front()?;
        let pile = state.owners.get_mut(&owner)?;
        pile.in_turn = false;
        let queued = pile.waiting.pop_front()?;
        pile.on_their_way += 1;
        let emptied = pile.waiting.is_empty() && std::mem::take(&mut pile.cut);
        state.on_their_way += 1;
        state.waiting -= 1;
        let caught_up = state.waiting == 0 && std::mem::take(&mut state.behind);
        state.wants_more |= emptied || caught_up;
        state.line_up(owner.clone());
        let hold = Hold { desk: self.clone(), owner: owner.clone(), id: queued.message().id };
        Some(Turn { queued, place: Place { desk: self.clone(), owner }, hold })
    }

    /// Everything that waits in the store is about to be looked at.
    pub(super) fn caught_up(&self) {
        let mut state = self.state();
        (state.behind, state.wants_more) = (false, false);
        state.owners.values_mut().for_each(|pile| pile.cut = false);
    }

    /// The store has more than was looked at.
    pub(super) fn fell_behind(&self) {
        self.state().behind = true;
    }

    /// True when there is room for nothing more.
    pub(super) fn is_full(&self) -> bool {
        self.state().in_hand.len() >= IN_HAND
    }

    /// True once there is room for what the store has beyond what was taken.
    pub(super) fn wants_more(&self) -> bool {
        std::mem::take(&mut self.state().wants_more)
    }

    /// When what was put off since the last call is due again.
    pub(super) fn put_off(&self) -> Vec<Timestamp> {
        std::mem::take(&mut self.state().put_off)
    }

    /// Waits until something may start, or was put off.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives an owner a turn, when something of theirs may start.
    fn line_up(&mut self, owner: Owner) {
        let Some(pile) = self.owners.get_mut(&owner) else { return };
        if !pile.in_turn && !pile.waiting.is_empty() && pile.on_their_way < EACH {
            pile.in_turn = true;
            self.turns.push_back(owner);
        }
    }
}

impl Hold {
    /// The message is due again at this time; lets it go.
    pub(super) fn put_off(self, due: Timestamp) {
        self.desk.state().put_off.push(due);
        self.desk.0.changed.notify_one();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.desk.state();
        state.in_hand.remove(&self.id);
        let Some(pile) = state.owners.get_mut(&self.owner) else { return };
        pile.in_hand -= 1;
        if pile.in_hand == 0 {
            state.owners.remove(&self.owner);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.desk.state();
        state.on_their_way -= 1;
        if let Some(pile) = state.owners.get_mut(&self.owner) {
            pile.on_their_way -= 1;
        }
        state.line_up(self.owner.clone());
        let starts = !state.turns.is_empty();
        drop(state);
        if starts {
            self.desk.0.changed.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
