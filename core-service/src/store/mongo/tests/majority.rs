//! Sets that cannot serve for a while: refused in time, and as before afterwards.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    super::Mongo,
    kit::{
        LONG, assert_written, commit_surely, lanes, once, open_on, others, surely, three,
        unavailable, until,
    },
};
use crate::{
    domain::{
        actor::Scope,
        delivery::DeliveryId,
        event::Position,
        ids::{ClientId, MessageId},
        page::ConversationQuery,
    },
    store::{
        Appetite, Footprint, OutboxQuery, Store, StoreError,
        conformance::samples::{Desk, applied, at, delivery, uuid},
    },
};

/// The longest deadline of the store, and what a busy machine adds.
const DEADLINE: Duration = Duration::from_secs(10);

async fn is_refused<T: std::fmt::Debug>(
    what: &'static str,
    call: impl Future<Output = Result<T, StoreError>>,
) {
    let begun = Instant::now();
    let answer = timeout(LONG, call).await.unwrap_or_else(|_| panic!("{what} hangs"));
    assert!(unavailable(&answer), "{what}: {answer:?}");
    assert!(begun.elapsed() < DEADLINE, "{what} took {:?}", begun.elapsed());
}

async fn everything_is_refused(store: &Mongo, desk: &Desk) {
    let (owner, lanes) = (&desk.owner, lanes());
    let footprint = Footprint { live_client: true, ..Footprint::default() };
    let (minute, consent) = (Duration::from_secs(60), desk.consent(600));
    tokio::join!(
        is_refused("commit", store.commit(once(desk, 9).1)),
        is_refused("journal", store.journal(delivery(owner, 10))),
        is_refused("settle", store.settle(vec![applied(DeliveryId(1))])),
        is_refused("load", store.load(owner, footprint)),
        is_refused("client", store.client(ClientId::new(uuid()))),
        is_refused("message", store.message(MessageId::new(uuid()))),
        is_refused("head", store.head(owner)),
        is_refused("events", store.events(owner, Position(0), 10)),
        is_refused("pending", store.pending(&lanes, 10)),
        is_refused("outbox", store.outbox(&lanes, OutboxQuery::Due(at(1)), 10)),
        is_refused("next_due", store.next_due(&lanes)),
        is_refused("lease", store.lease("a", minute, Appetite::Share)),
        is_refused("keep", store.lease("a", minute, Appetite::Keep)),
        is_refused("give_back", store.give_back("a", &lanes)),
        is_refused("release", store.release("a")),
        is_refused("trim_events", store.trim_events(at(1))),
        is_refused("trim_journal", store.trim_journal(at(1))),
        is_refused("keep_consent", store.keep_consent(consent.clone())),
        is_refused("take_consent", store.take_consent(&consent.state)),
        is_refused("trim_consents", store.trim_consents(at(1))),
        is_refused("ping", store.ping()),
        is_refused("list", store.list_conversations(query(desk))),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replica_set_without_a_majority_refuses_everything_in_time() {
    let set = three().await;
    let store = open_on(&set).await;
    let desk = Desk::new();
    store.commit(once(&desk, 1).1).await.unwrap();
    let primary = set.primary().await.unwrap();
    let [a, b] = others(primary);
    tokio::try_join!(set.kill(a), set.kill(b)).unwrap();
    until("the primary's end", async || set.primary_now().await.is_none().then_some(())).await;

    everything_is_refused(&store, &desk).await;

    set.restart(a).await.unwrap();
    assert_eq!(surely(|| store.head(&desk.owner)).await.position, Position(1));
    let (id, batch) = once(&desk, 2);
    commit_surely(&store, id, &batch).await;
    assert_written(&store, &desk, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replica_set_that_is_frozen_lets_nothing_hang() {
    let set = three().await;
    let store = open_on(&set).await;
    let desk = Desk::new();
    store.commit(once(&desk, 1).1).await.unwrap();
    for node in 0..3 {
        set.stop(node).await.unwrap();
    }
    everything_is_refused(&store, &desk).await;
    for node in 0..3 {
        set.cont(node).await.unwrap();
    }
    assert_eq!(surely(|| store.head(&desk.owner)).await.position, Position(1));
    let (id, batch) = once(&desk, 2);
    commit_surely(&store, id, &batch).await;
}

/// Commits and reads one after another until told to stop; how often, and how long the slowest took.
async fn work(
    store: Arc<Mongo>,
    desk: Desk,
    done: Arc<AtomicU64>,
    stop: CancellationToken,
) -> (Desk, u64, Duration) {
    let (mut count, mut slowest) = (0, Duration::ZERO);
    while !stop.is_cancelled() {
        count += 1;
        let asked = Instant::now();
        store.commit(once(&desk, count).1).await.unwrap();
        let head = store.head(&desk.owner).await.unwrap();
        slowest = slowest.max(asked.elapsed());
        assert_eq!(head.position.0, count.cast_unsigned());
        done.fetch_add(1, Ordering::Relaxed);
    }
    (desk, count.cast_unsigned(), slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replica_set_that_hands_over_is_seen_as_a_pause_only() {
    let set = three().await;
    let store = open_on(&set).await;
    let (stop, done) = (CancellationToken::new(), Arc::new(AtomicU64::new(0)));
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let (store, done) = (Arc::clone(&store), Arc::clone(&done));
        workers.spawn(work(store, Desk::new(), done, stop.clone()));
    }
    let reaches = async |count| {
        let there = async || (done.load(Ordering::Relaxed) >= count).then_some(());
        until("progress", there).await;
    };
    reaches(20).await;
    let first = set.primary().await.unwrap();
    set.step_down().await.unwrap();
    assert_ne!(set.primary().await.unwrap(), first);
    reaches(done.load(Ordering::Relaxed) + 20).await;
    stop.cancel();
    for (desk, count, slowest) in workers.join_all().await {
        println!("{count} commits and reads, the slowest took {slowest:?}");
        assert_written(&store, &desk, count).await;
    }
}

fn query(desk: &Desk) -> ConversationQuery {
    ConversationQuery {
        scope: Scope::Owner(desk.owner.clone()),
        shown: None,
        unread: false,
        words: Vec::new(),
        after: None,
        limit: 10,
    }
}
