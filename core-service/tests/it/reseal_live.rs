//! Keys that change while people send: nobody notices, and at the end nothing is under an old key.

use std::{sync::Arc, time::Duration};

use core_service::{
    config::Retention,
    domain::{
        actor::Actor,
        content::Text,
        fact::{Fact, What},
        identity::PhoneNumber,
        rules::send::{Body, Target},
        status::Status,
    },
    flows::{
        Core,
        clients::ClientPatch,
        reseal::{Mode, Tally},
        send::SendOrder,
    },
    lanes,
    secret::Secret,
    store::{Store, mongo::Mongo},
};
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    faulty,
    graph::Graph,
    kit::inbound,
    reseal::{client, core_with, keys, number, owner, put, reseal},
};

/// Connected clients, each of whom somebody sends for.
const CLIENTS: usize = 48;
/// Texts of each of them.
const TEXTS: usize = 6;
/// Senders at a time.
const SENDERS: usize = 12;
/// Texts between two changes of keys.
const PACE: usize = 24;
const LONG: Duration = Duration::from_secs(20);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEPT: Retention = Retention { events: DAY, journal: DAY };

fn actor(n: usize) -> Actor {
    Actor { by: owner(n).to_string(), owner: owner(n) }
}

async fn send(core: &Arc<Core>, n: usize) -> Status {
    let order = SendOrder {
        message: None,
        target: Target::To(PhoneNumber::from_digits("4915112345678").unwrap()),
        body: Body::Text(Text { text: "hello".into(), preview_url: false }),
        reply_to: None,
        idempotency: None,
    };
    core.send(&actor(n), order, LONG).await.unwrap().message.life.status()
}

/// The candidates of all clients have written: every window is open.
async fn open_windows(core: &Arc<Core>) {
    let open = async |n: usize| {
        let client = core.client_of(&owner(n)).await.unwrap();
        let earlier = core.clock.now() - Duration::from_secs(60);
        let what = What::Inbound(Box::new(inbound(&format!("first-{n}"), earlier)));
        let fact = Fact { phone_number_id: number(n), what };
        core.apply(&client, &[fact], Vec::new()).await.unwrap();
    };
    join_all((0..CLIENTS).map(open)).await;
}

/// Every owner's texts, some of them between two changes of their client; counts those that went.
async fn send_all(core: Arc<Core>, went: watch::Sender<usize>) {
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let (core, went) = (Arc::clone(&core), went.clone());
        senders.spawn(async move {
            for text in 0..TEXTS {
                for n in (sender..CLIENTS).step_by(SENDERS) {
                    if text % 3 == 2 {
                        let label = Some(format!("renamed {text}"));
                        let patch = ClientPatch { label, ..ClientPatch::default() };
                        core.update_client(&actor(n), patch).await.unwrap();
                    }
                    assert_eq!(send(&core, n).await, Status::Accepted);
                    went.send_modify(|count| *count += 1);
                }
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
}

/// What a walk over all finds when it has nothing to do.
const SETTLED: Tally = Tally {
    clients: CLIENTS as u64,
    resealed: 0,
    current: 4 * CLIENTS as u64,
    forgotten: 0,
    failed: 0,
};

async fn keys_change_while_people_send(store: Arc<dyn Store>) {
    let graph = Graph::start().await;
    let old = core_with(&store, &[1]);
    join_all((0..CLIENTS).map(|n| put(&*store, client(&old, n)))).await;
    // Cores that serve have all keys before any of them seals.
    let serving = faulty::core_on(Arc::clone(&store), &graph.url, &keys(&[1, 2, 3]));
    open_windows(&serving).await;
    let stop = CancellationToken::new();
    let tasks = lanes::start(&serving, KEPT, &stop);

    let (count, mut went) = watch::channel(0);
    let sending = tokio::spawn(send_all(Arc::clone(&serving), count));
    // Far more often than anybody would: from key to key while texts go, until none is left.
    let mut walks = 0;
    while went.wait_for(|count| *count >= PACE * (walks + 1)).await.is_ok() {
        let first = [[2, 1, 3], [3, 2, 1], [1, 3, 2]][walks % 3];
        let (tally, lines) = reseal(&core_with(&store, &first), Mode::Write).await;
        assert_eq!((tally.failed, lines), (0, Vec::new()));
        walks += 1;
    }
    sending.await.unwrap();
    assert_eq!(*went.borrow(), CLIENTS * TEXTS);
    assert_eq!(graph.asked(), CLIENTS * TEXTS, "each text went once");
    assert!(walks >= 4, "{walks} walks");

    let last = reseal(&core_with(&store, &[2, 1, 3]), Mode::Write).await.0;
    assert_eq!((last.clients, last.failed), (SETTLED.clients, 0));
    stop.cancel();
    tasks.wait().await;

    // With the new key alone everything opens, and sends.
    assert_eq!(reseal(&core_with(&store, &[2]), Mode::Count).await, (SETTLED, Vec::new()));
    let alone = faulty::core_on(Arc::clone(&store), &graph.url, &keys(&[2]));
    let stop = CancellationToken::new();
    let tasks = lanes::start(&alone, KEPT, &stop);
    for n in [0, CLIENTS - 1] {
        assert_eq!(send(&alone, n).await, Status::Accepted);
        let label = alone.client_of(&owner(n)).await.unwrap().label;
        assert_eq!(label, format!("renamed {}", TEXTS - 1), "no change of a person was lost");
    }
    stop.cancel();
    tasks.wait().await;
    println!("{} texts, {walks} walks over {CLIENTS} clients meanwhile", CLIENTS * TEXTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_change_while_people_send_on_the_embedded_store() {
    keys_change_while_people_send(faulty::store()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_change_while_people_send_on_mongodb() {
    let database = dev_mongod::shared().await.database();
    let uri = Secret::new(database.uri().to_owned());
    let store = Arc::new(Mongo::open(&uri, database.name()).await.unwrap());
    keys_change_while_people_send(Arc::clone(&store) as Arc<dyn Store>).await;
    store.close().await;
}
