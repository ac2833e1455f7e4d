//! Random batches over a tiny universe, against a naive model: whatever happens to the store happens
//! to the model, and both end the same.
//!
//! The universe is so small that keys collide all the time. Rows keep what never changes in the
//! domain (a message's wamid once known, its number, its key).

mod naive;
mod universe;

use std::{cell::Cell, sync::Arc};

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Handle;

use self::{
    naive::Model,
    universe::{Plan, Universe, plans},
};
use crate::{
    domain::{event::Position, page::ConversationQuery},
    store::{
        Store, StoreError,
        conformance::lists::{conversations_of, walk},
    },
};

/// Cases, each in a universe of its own.
const CASES: u32 = 48;
/// Batches of a case.
const BATCHES: std::ops::Range<usize> = 1..24;

/// How many batches ended each way: a universe where nothing collides would prove nothing.
#[derive(Debug, Default)]
struct Tally {
    committed: Cell<u32>,
    refused: Cell<u32>,
}

pub(in crate::store) async fn any_batches_end_as_in_the_model(store: Arc<dyn Store>) {
    let handle = Handle::current();
    let cases = move || {
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let tally = Tally::default();
        TestRunner::new(config)
            .run(&plans(BATCHES), |plans| handle.block_on(run(&*store, plans, &tally)))
            .unwrap_or_else(|failure| panic!("{failure}"));
        let Tally { committed, refused } = &tally;
        assert!(committed.get() > CASES && refused.get() > CASES, "too one-sided: {tally:?}");
    };
    tokio::task::spawn_blocking(cases).await.unwrap();
}

async fn run(store: &dyn Store, plans: Vec<Plan>, tally: &Tally) -> Result<(), TestCaseError> {
    let universe = Universe::new();
    let mut model = Model::default();
    for plan in plans {
        let batch = universe.batch(&plan, &model);
        let expected = model.commit(&batch);
        match (store.commit(batch).await, expected) {
            (Ok(head), Some(position)) if head.position == position => {
                tally.committed.update(|n| n + 1);
            }
            (Err(StoreError::Conflict(_)), None) => tally.refused.update(|n| n + 1),
            (found, expected) => {
                let message = format!("{found:?} where the model says {expected:?} of {plan:?}");
                return Err(TestCaseError::fail(message));
            }
        }
    }
    for desk in &universe.desks {
        let mut rows = store.load(&desk.owner, universe.everything(desk)).await.unwrap();
        rows.clients.sort_by_key(|row| row.id);
        rows.conversations.sort_by_key(|row| row.id);
        rows.messages.sort_by_key(|row| row.id);
        rows.templates.sort_by_key(|row| row.id);
        rows.orphans.sort_by(|a, b| a.wamid.cmp(&b.wamid));
        same(rows.clients, model.clients_of(desk))?;
        same(rows.conversations, model.conversations_of(desk))?;
        same(rows.messages, model.messages_of(desk))?;
        same(rows.templates, model.templates_of(desk))?;
        same(rows.orphans, model.orphans_of(desk))?;
        for unread in [false, true] {
            let query = ConversationQuery { unread, ..conversations_of(desk, 2) };
            same(walk(store, query).await, model.listed(desk, unread))?;
        }
        let logged = store.events(&desk.owner, Position(0), 100).await.unwrap();
        same(logged.into_iter().map(|entry| entry.event).collect(), model.log_of(desk))?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(found: Vec<T>, model: Vec<T>) -> Result<(), TestCaseError> {
    if found == model {
        return Ok(());
    }
    Err(TestCaseError::fail(format!("the store has {found:#?}\nthe model {model:#?}")))
}
