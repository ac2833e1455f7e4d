//! The primary of the replica set is killed while Meta delivers and recruiters send.
//!
//! Invariant: what was acknowledged is there once, whichever primary it was written to, and nothing goes
//! out twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Instant,
};

use dev_mongod::{Options, ReplicaSet};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};

use crate::kit::{DATABASE, Load, Recruiter, Socket, Store, Town, audit, ids, of_type};

/// Of each of two owners.
const WEBHOOKS: usize = 300;
const SENDS: usize = 75;
/// What is acknowledged for sure before the primary dies.
const FIRST_WEBHOOKS: usize = 100;
const FIRST_SENDS: usize = 25;
/// How many more of one owner are acknowledged when it does, in the midst of the others.
const MORE: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_set_that_loses_its_primary_loses_and_doubles_nothing() {
    let set = ReplicaSet::start(Options::three()).await.expect("three nodes");
    let town = Town::on(Store::MongoDb).in_set(&set).cores(2).edges(2).start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let (mut at_maria, mut at_jon) = (maria.socket().await, jon.socket().await);
    let for_maria = Load::on(&town, &maria, &mut at_maria).await;
    let for_jon = Load::on(&town, &jon, &mut at_jon).await;
    let first = async |load: &Load<'_>| both(load, 0..FIRST_WEBHOOKS, 0..FIRST_SENDS).await;
    let rest =
        async |load: &Load<'_>| both(load, FIRST_WEBHOOKS..WEBHOOKS, FIRST_SENDS..SENDS).await;
    let (mut to_maria, mut to_jon) = tokio::join!(first(&for_maria), first(&for_jon));

    let (crash, more_to_maria, more_to_jon) =
        tokio::join!(crash(&set, [&for_maria, &for_jon]), rest(&for_maria), rest(&for_jon));
    to_maria.extend(more_to_maria);
    to_jon.extend(more_to_jon);

    let owners =
        [(&maria, &mut at_maria, &for_maria, to_maria), (&jon, &mut at_jon, &for_jon, to_jon)];
    for ((recruiter, socket, load, promised), after) in owners.into_iter().zip(crash.after) {
        let went_out = nothing_is_lost_or_doubled(&town, recruiter, socket, &promised).await;
        eprintln!(
            "{}: the longest time without an acknowledgement was {:?} for webhooks and {:?} for \
             sends; {} and {} of them came after the crash, Meta was turned away {} times, and {} \
             sends ended unknown",
            recruiter.email,
            load.webhooks.longest_pause(crash.at),
            load.sends.longest_pause(crash.at),
            after.0,
            after.1,
            load.turned_away(),
            SENDS - went_out,
        );
        // Whoever asks again is told of the same messages, and nothing comes of it.
        assert_eq!(load.run(0..0, 0..SENDS).await, promised);
        shows_each_once(recruiter, &promised).await;
        has_a_log_without_gaps(&set, recruiter).await;
    }
    town.meta.accepted_nothing_twice().await;
}

/// Meta does not wait for recruiters, nor they for Meta.
async fn both(
    load: &Load<'_>,
    webhooks: Range<usize>,
    sends: Range<usize>,
) -> BTreeMap<String, String> {
    tokio::join!(load.run(webhooks, 0..0), load.run(0..0, sends)).1
}

/// The death of a primary.
struct Crash {
    at: Instant,
    /// How many webhooks and sends of each owner were acknowledged after it.
    after: [(usize, usize); 2],
}

/// Kills the primary in the midst of everything, and waits for the next one.
async fn crash(set: &ReplicaSet, loads: [&Load<'_>; 2]) -> Crash {
    let primary = set.primary().await.expect("a primary");
    let enough = FIRST_WEBHOOKS + FIRST_SENDS + MORE;
    tokio::select! {
        () = loads[0].done(enough) => {}
        () = loads[1].done(enough) => {}
    }
    let at = Instant::now();
    set.kill(primary).await.expect("SIGKILL");
    let after = loads.map(|load| (WEBHOOKS - load.webhooks.count(), SENDS - load.sends.count()));
    assert_ne!(set.primary().await.expect("another primary"), primary);
    for (webhooks, sends) in after {
        assert!(webhooks >= WEBHOOKS / 3, "only {webhooks} webhooks were left");
        assert!(sends >= SENDS / 3, "only {sends} sends were left");
    }
    Crash { at, after }
}

/// Everything arrived once and was told once, and Meta has what it should. Gives how much went out.
async fn nothing_is_lost_or_doubled(
    town: &Town,
    recruiter: &Recruiter,
    socket: &mut Socket,
    promised: &BTreeMap<String, String>,
) -> usize {
    assert_eq!(promised.len(), SENDS);
    assert_eq!(promised.values().collect::<BTreeSet<_>>().len(), SENDS, "a message for each key");
    audit::each_arrives_once(socket, WEBHOOKS + Load::greetings()).await;
    let went_out = audit::the_ledger_decides(town, recruiter, socket, promised).await;
    audit::saw_the_whole_log(recruiter, socket).await;
    shows_each_once(recruiter, promised).await;
    went_out
}

/// The conversations show what was delivered and what was promised, each once, and nothing else.
async fn shows_each_once(recruiter: &Recruiter, promised: &BTreeMap<String, String>) {
    let (mut came, mut went) = (Vec::new(), Vec::new());
    for conversation in recruiter.all("/api/conversations", 100).await {
        for message in recruiter.messages(&conversation["id"]).await {
            let text = message["content"]["text"].as_str().expect("a text").to_owned();
            match message["direction"].as_str() {
                Some("INBOUND") => came.push(text),
                Some("OUTBOUND") => went.push((text, message["id"].as_str().map(str::to_owned))),
                other => panic!("{other:?}: {message}"),
            }
        }
    }
    let mut delivered: Vec<String> = (0..WEBHOOKS).map(|n| format!("text {n}")).collect();
    delivered.extend((0..Load::greetings()).map(|_| "hello".to_owned()));
    delivered.sort_unstable();
    came.sort_unstable();
    assert_eq!(came, delivered);
    went.sort_unstable();
    let promised = promised.iter().map(|(text, id)| (text.clone(), Some(id.clone())));
    assert_eq!(went, promised.collect::<Vec<_>>());
}

/// The owner's log, from its beginning, names each message once, and its rows are numbered without a gap.
async fn has_a_log_without_gaps(set: &ReplicaSet, recruiter: &Recruiter) {
    let log = recruiter.events(None).await;
    assert_eq!(ids(&log).into_iter().collect::<BTreeSet<_>>().len(), log.len(), "a repeated event");
    assert_eq!(of_type(&log, "message:incoming").len(), WEBHOOKS + Load::greetings());
    assert_eq!(of_type(&log, "message:sent").len(), SENDS);

    let client = set.client().await.expect("a client");
    let rows = client.database(DATABASE).collection::<Document>("events");
    let rows = rows.find(doc! {"owner": &recruiter.email}).sort(doc! {"position": 1});
    let rows: Vec<Document> = rows.await.expect("rows").try_collect().await.expect("all of them");
    let positions: Vec<i64> =
        rows.iter().map(|row| row.get_i64("position").expect("a position")).collect();
    assert!(positions.iter().copied().eq(1..=positions.len() as i64), "{positions:?}");
    assert!(positions.len() >= log.len(), "{} rows, {} told", positions.len(), log.len());
}
