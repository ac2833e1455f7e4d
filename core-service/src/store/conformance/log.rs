//! The log of an owner: dense, in the order of commits, and hinted at.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use super::samples::{Desk, Fill, at, event};
use crate::{
    domain::{
        change::{Key, State},
        event::{Head, Logged, Position},
    },
    store::{Store, StoreError},
};

/// Longer than any event takes to come; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(20);

pub(in crate::store) async fn an_owner_who_never_wrote_has_an_empty_log(store: Arc<dyn Store>) {
    let desk = Desk::new();
    assert_eq!(store.head(&desk.owner).await.unwrap(), Head::default());
    assert_eq!(store.events(&desk.owner, Position(0), 10).await.unwrap(), []);
}

pub(in crate::store) async fn positions_are_dense_and_in_the_order_of_commits(
    store: Arc<dyn Store>,
) {
    let (desk, other) = (Desk::new(), Desk::new());
    let first = store.commit(desk.batch().event(event(1)).event(event(2))).await.unwrap();
    store.commit(other.batch().event(event(9))).await.unwrap();
    let second = store.commit(desk.batch().event(event(3))).await.unwrap();
    assert_eq!((first.position, second.position), (Position(2), Position(3)));

    let logged = |n: u64| Logged {
        owner: desk.owner.clone(),
        position: Position(n),
        event: event(i64::try_from(n).unwrap()),
    };
    let from = |n| store.events(&desk.owner, Position(n), 10);
    assert_eq!(from(0).await.unwrap(), [logged(1), logged(2), logged(3)]);
    assert_eq!(from(2).await.unwrap(), [logged(3)]);
    assert_eq!(from(3).await.unwrap(), []);
    assert_eq!(from(u64::MAX).await.unwrap(), []);
    assert_eq!(store.events(&desk.owner, Position(0), 2).await.unwrap(), [logged(1), logged(2)]);
}

pub(in crate::store) async fn a_batch_without_events_moves_no_position(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let head = store.commit(desk.batch().put(desk.conversation(1))).await.unwrap();
    assert_eq!(head.position, Position(0));
    assert_eq!(store.commit(desk.batch().event(event(1))).await.unwrap().position, Position(1));
}

pub(in crate::store) async fn a_conflict_leaves_no_gap(store: Arc<dyn Store>) {
    let desk = Desk::new();
    store.commit(desk.batch().event(event(1))).await.unwrap();
    let refused = desk.batch().expecting(Key::LiveClient, State::Exists).event(event(8));
    assert!(matches!(store.commit(refused).await, Err(StoreError::Conflict(_))));
    let head = store.commit(desk.batch().event(event(2))).await.unwrap();
    assert_eq!(head.position, Position(2));
    let positions: Vec<_> = store
        .events(&desk.owner, Position(0), 10)
        .await
        .unwrap()
        .into_iter()
        .map(|l| l.position)
        .collect();
    assert_eq!(positions, [Position(1), Position(2)]);
}

/// The reading loop of the contract: listen, scan from my position, wait, repeat.
async fn follow(store: Arc<dyn Store>, desk: Desk, until: u64) -> Vec<Logged> {
    let mut tail = store.tail(&desk.owner);
    let mut seen: Vec<Logged> = Vec::new();
    while (seen.len() as u64) < until {
        tail.mark_unchanged();
        let position = seen.last().map_or(Position(0), |last| last.position);
        let news = store.events(&desk.owner, position, 7).await.unwrap();
        if news.is_empty() {
            // A hint may be lost: a poll stands behind it.
            let _ = timeout(Duration::from_secs(1), tail.changed()).await;
        }
        for entry in news {
            let last = seen.last().map_or(Position(0), |last| last.position);
            assert_eq!(entry.position, last.next(), "a gap or a repeat");
            seen.push(entry);
        }
    }
    seen
}

pub(in crate::store) async fn a_reader_who_follows_16_writers_sees_no_gap(store: Arc<dyn Store>) {
    const WRITERS: i64 = 16;
    const EACH: i64 = 20;
    let desk = Desk::new();
    let all = u64::try_from(WRITERS * EACH * 2).unwrap();
    let reader = tokio::spawn(follow(Arc::clone(&store), desk.clone(), all));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (store, desk) = (Arc::clone(&store), desk.clone());
        writers.spawn(async move {
            for n in 0..EACH {
                let number = writer * 1_000 + n * 2;
                let batch = desk.batch().event(event(number)).event(event(number + 1));
                store.commit(batch).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let seen = timeout(LONG, reader).await.unwrap().unwrap();
    let mut times: Vec<_> = seen.iter().map(|entry| entry.event.at).collect();
    for pair in times.chunks(2) {
        assert_eq!(pair[0] + Duration::from_secs(1), pair[1], "a batch's events stand together");
    }
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len() as u64, all, "every event is there once");
}

pub(in crate::store) async fn the_tail_moves_after_a_commit_and_never_before(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let mut tail = store.tail(&desk.owner);
    for n in 1..=20_u64 {
        let (writer, batch) = (Arc::clone(&store), desk.batch().event(event(1)));
        let commit = tokio::spawn(async move { writer.commit(batch).await });
        let told = async {
            while tail.borrow_and_update().0 < n {
                tail.changed().await.unwrap();
            }
        };
        timeout(LONG, told).await.expect("no hint came");
        let told = *tail.borrow();
        let head = store.head(&desk.owner).await.unwrap();
        assert!(head.position >= told, "told {told:?} before it was there");
        assert_eq!(store.events(&desk.owner, Position(n - 1), 10).await.unwrap().len(), 1);
        commit.await.unwrap().unwrap();
    }
}

pub(in crate::store) async fn trimming_takes_a_prefix_of_each_log_and_says_so(
    store: Arc<dyn Store>,
) {
    let (desk, other) = (Desk::new(), Desk::new());
    for n in [1, 2, 30, 4] {
        store.commit(desk.batch().event(event(n))).await.unwrap();
    }
    store.commit(other.batch().event(event(50))).await.unwrap();
    let mut taken = 0;
    loop {
        match store.trim_events(at(10)).await.unwrap() {
            0 => break,
            some => taken += some,
        }
    }
    // The fourth is old, but stands behind one that stays.
    assert_eq!(taken, 2);
    let head = store.head(&desk.owner).await.unwrap();
    assert_eq!(head, Head { position: Position(4), kept_from: Position(3) });
    let first = store.events(&desk.owner, Position(0), 10).await.unwrap()[0].position;
    assert_eq!(first, Position(3));
    assert!(store.head(&other.owner).await.unwrap().kept_from <= Position(1));

    while store.trim_events(at(100)).await.unwrap() > 0 {}
    let head = store.head(&desk.owner).await.unwrap();
    assert_eq!(head, Head { position: Position(4), kept_from: Position(5) });
    assert_eq!(store.events(&desk.owner, Position(0), 10).await.unwrap(), []);
    let next = store.commit(desk.batch().event(event(5))).await.unwrap();
    assert_eq!(next, Head { position: Position(5), kept_from: Position(5) });
}
