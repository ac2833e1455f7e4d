//! Journeys whose ground moves while they are under way.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use core_service::{
    config::Retention,
    domain::{
        actor::Scope,
        change::{Batch, Write},
        content::Text,
        fact::{Fact, Inbound, What},
        identity::PhoneNumber,
        message::Message,
        refusal::Refusal,
        rules::{
            receive::take_inbound,
            send::{Body, Order, Target, place},
        },
        status::Status,
        time::Timestamp,
        working_set::WorkingSet,
    },
    flows::{Core, Error},
    lanes,
};
use tokio_util::sync::CancellationToken;

use crate::{
    faulty::{self, Fate},
    kit::{client, inbound, message_id, minted, number, owner},
};

/// Long enough for anything that happens at all.
const LONG: Duration = Duration::from_secs(20);
const KEPT: Retention = Retention { events: DAY, journal: DAY };
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A working set with the stored client and conversation, at the core's time.
async fn set(core: &Core) -> WorkingSet {
    let mut set = WorkingSet::new(owner(), core.clock.now());
    set.add_client(core.client_of(&owner()).await.unwrap());
    let known = core.store.conversation(minted(1).conversation).await.unwrap();
    known.into_iter().for_each(|row| set.add_conversation(row));
    set
}

/// What receiving a message writes.
async fn receiving(core: &Core, name: &str, n: u128) -> Batch {
    let mut set = set(core).await;
    let fact = inbound(name, core.clock.now());
    assert!(take_inbound(&mut set, &client(), &number(), &fact, minted(n)));
    set.into_batch(Vec::new())
}

/// Records a text in an open window, for the outbox to send.
async fn queue_a_text(core: &Core) {
    core.store.commit(receiving(core, "a", 1).await).await.unwrap();
    let mut set = set(core).await;
    let order = Order {
        message: message_id(2),
        conversation: minted(2).conversation,
        target: Target::To(PhoneNumber::from_digits("4915112345678").unwrap()),
        body: Body::Text(Text { text: "hello".into(), preview_url: false }),
        reply_to: None,
        idempotency: None,
        by: owner().to_string(),
    };
    place(&mut set, &order).unwrap();
    core.store.commit(set.into_batch(Vec::new())).await.unwrap();
}

fn takes_up(batch: &Batch) -> bool {
    let sending = |row: &Message| row.life.phase() == Status::Sending;
    batch.writes.iter().any(|write| matches!(write, Write::Message(row) if sending(row)))
}

async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let seen = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, seen).await.unwrap()
}

async fn the_text(core: &Core) -> Message {
    core.store.message(message_id(2)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_message_whose_taking_up_was_not_answered_is_sent_all_the_same() {
    let (core, store) = faulty::core().await;
    queue_a_text(&core).await;
    let mut answers = 1..;
    *store.judge.lock().unwrap() = Box::new(move |batch| {
        (takes_up(batch) && answers.next() == Some(1)).then_some(Fate::Unanswered)
    });
    let stop = CancellationToken::new();
    let lanes = lanes::start(&core, KEPT, &stop);
    // Meta cannot be reached, so having asked it ends in the queue again, for later.
    let asked = until(async || {
        let message = the_text(&core).await;
        let waits = message.due_at().is_some_and(|due| due > message.created_at);
        (waits && message.life.status() == Status::Queued).then_some(message)
    });
    assert_eq!(asked.await.outbox.unwrap().attempts, 2);
    stop.cancel();
    lanes.wait().await;
}

#[tokio::test]
async fn a_store_that_does_not_write_is_not_asked_without_a_pause() {
    let (core, store) = faulty::core().await;
    queue_a_text(&core).await;
    *store.judge.lock().unwrap() = Box::new(|batch| takes_up(batch).then_some(Fate::Refused));
    store.commits.store(0, Ordering::Relaxed);
    let stop = CancellationToken::new();
    let began = tokio::time::Instant::now();
    let lanes = lanes::start(&core, KEPT, &stop);
    // Three tries are two pauses of a second apart, however slow the machine is.
    until(async || (store.commits.load(Ordering::Relaxed) >= 3).then_some(())).await;
    assert!(began.elapsed() >= Duration::from_secs(2), "tried again without a pause");
    assert_eq!(the_text(&core).await.life.status(), Status::Queued);
    stop.cancel();
    lanes.wait().await;
}

#[tokio::test]
async fn a_panic_after_asking_meta_leaves_the_outcome_unknown() {
    let (core, store) = faulty::core().await;
    queue_a_text(&core).await;
    // Meta was asked, and what it said is never recorded.
    let mut steps = 0..;
    *store.judge.lock().unwrap() =
        Box::new(move |_| (steps.next() == Some(1)).then_some(Fate::Panics));
    let stop = CancellationToken::new();
    let lanes = lanes::start(&core, KEPT, &stop);
    until(async || (the_text(&core).await.life.status() == Status::Unknown).then_some(())).await;
    stop.cancel();
    lanes.wait().await;
}

#[tokio::test]
async fn a_message_that_comes_while_reading_stays_unread() {
    let (core, store) = faulty::core().await;
    core.store.commit(receiving(&core, "a", 1).await).await.unwrap();
    let late = receiving(&core, "b", 2).await;
    store.after_count.lock().unwrap().push_back(late);
    let id = minted(1).conversation;
    let read = core.mark_read(&Scope::Owner(owner()), id, Some(message_id(1))).await.unwrap();
    assert_eq!(read.unread_count, 1);
}

fn fact(inbound: Inbound) -> Fact {
    Fact { phone_number_id: number(), what: What::Inbound(Box::new(inbound)) }
}

#[tokio::test]
async fn nothing_reaches_a_client_that_was_deleted_since_it_was_looked_up() {
    let (core, _store) = faulty::core().await;
    let live = core.client_of(&owner()).await.unwrap();
    let facts = [fact(inbound("a", core.clock.now()))];
    let mut gone = live.clone();
    gone.deleted_at = Some(Timestamp::from_millis(1));
    gone.revision += 1;
    faulty::commit(&core, vec![Write::Client(Box::new(gone))]).await;
    let outcome = core.apply(&live, &facts, Vec::new()).await;
    assert!(matches!(outcome, Err(Error::Refused(Refusal::ClientNotFound))), "{outcome:?}");
    assert_eq!(core.position(&owner()).await.unwrap().position.0, 0);
}

#[tokio::test]
async fn two_that_change_templates_at_once_do_not_both_win() {
    let (core, _store) = faulty::core().await;
    let decide = async |n| {
        let mut set = set(&core).await;
        crate::kit::take_template(&mut set, n);
        set.into_batch(Vec::new())
    };
    let (first, second) = (decide(1).await, decide(2).await);
    let core = Arc::clone(&core);
    core.store.commit(first).await.unwrap();
    core.store.commit(second).await.unwrap_err();
}
