//! A core stands still for longer than its leases last, and wakes up.

use std::time::Duration;

use crate::kit::{Load, Store, Town, audit};

/// Twice as long as a lease.
const HALT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn campaign_a_core_sleeps_through_its_leases() {
    let town = Town::on(Store::MongoDb).cores(2).edges(2).start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let busy = town.core_of(&maria).await;
    let mut socket = maria.socket().await;
    let load = Load::on(&town, &maria, &mut socket).await;

    // It falls asleep in the middle of everything.
    let halt = async {
        load.done(100).await;
        town.cores[busy].halt().await;
        tokio::time::Instant::now()
    };
    let (mut promised, asleep_since) = tokio::join!(load.run(0..300, 0..80), halt);
    assert_eq!(load.turned_away(), 0, "Meta was turned away");
    // The other one takes its work over: all of it is told before the first one wakes up.
    audit::each_arrives_once(&mut socket, 300 + Load::greetings()).await;
    promised.extend(load.run(300..400, 80..100).await);
    audit::each_arrives_once(&mut socket, 400 + Load::greetings()).await;
    tokio::time::sleep_until(asleep_since + HALT).await;

    // It wakes up in the middle of everything, and does not know that it slept.
    let wake = async {
        load.done(400 + 100 + 50).await;
        town.cores[busy].go_on().await;
    };
    let (more, ()) = tokio::join!(load.run(400..700, 100..180), wake);
    promised.extend(more);
    town.ready().await;
    promised.extend(load.run(700..800, 180..200).await);
    audit::each_arrives_once(&mut socket, 800 + Load::greetings()).await;
    audit::the_ledger_decides(&town, &maria, &mut socket, &promised).await;
    audit::saw_the_whole_log(&maria, &socket).await;
    let there = maria.through(&town.edges[1]);
    assert_eq!(there.events(None).await, maria.events(None).await);
}
