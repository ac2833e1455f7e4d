//! Two cores and two edges on one store are one service.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::kit::{Load, Recruiter, Store, Town, Update, audit, body, ids, inbound, of_type};

const ANA: &str = "4915970000001";
/// What a person takes for at once, on a busy machine.
const PROMPT: Duration = Duration::from_millis(1_000);

/// Two cores, and for each an edge that knows only that one.
async fn apart() -> Town {
    Town::on(Store::MongoDb).cores(2).edges(2).apart().start().await
}

/// Two cores that both edges know.
async fn town() -> Town {
    Town::on(Store::MongoDb).cores(2).edges(2).start().await
}

fn text(recruiter: &Recruiter, second: i64, name: &str) -> Update {
    let message = inbound(ANA, &format!("wamid.two.{}", name.replace(' ', "-")), second, name);
    Update::of(&body(&[(recruiter.account(), json!({"messages": [message]}))]))
}

fn median(mut spans: Vec<Duration>) -> Duration {
    spans.sort_unstable();
    spans[spans.len() / 2]
}

#[tokio::test]
async fn a_webhook_at_one_edge_is_seen_at_the_other_at_once() {
    let town = apart().await;
    let maria = town.connected("maria@linkojob.test").await;
    let second = town.meta.now_ms().await / 1000;
    // Both ways, as one of the two cores does the owner's work.
    for (from, to) in [(0, 1), (1, 0)] {
        let mut socket = maria.through(&town.edges[to]).socket().await;
        let mut spans = Vec::new();
        for n in 0..20 {
            let name = format!("from {from} to {to}: {n}");
            let began = Instant::now();
            town.deliver_at(from, &text(&maria, second, &name)).await.is(200);
            socket.hears(&name).await;
            spans.push(began.elapsed());
        }
        // Without a hint from the other core it would be seen when the log is next looked at, by chance.
        let median = median(spans.clone());
        assert!(median < PROMPT * 2 / 5, "from {from} to {to}: {median:?} of {spans:?}");
        assert!(spans.iter().all(|span| *span < PROMPT * 2), "from {from} to {to}: {spans:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_copies_of_a_delivery_at_both_edges_are_one() {
    let town = apart().await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    for round in 0..5 {
        let name = format!("round {round}");
        let update = text(&maria, second, &name);
        let copies = (0..64).map(|n| town.deliver_at(n % 2, &update));
        for answer in join_all(copies).await {
            answer.is(200);
        }
        socket.hears(&name).await;
    }
    // Behind this one, nothing of the copies can still be under way.
    town.deliver(&text(&maria, second, "the end")).await.is(200);
    let told = socket.hears("the end").await;
    assert_eq!(told["conversation"]["unreadCount"], 6);
    assert_eq!(of_type(&socket.seen, "message:incoming").len(), 6);
    assert_eq!(maria.messages(&told["conversation"]["id"]).await.len(), 6);
    audit::saw_the_whole_log(&maria, &socket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_asked_tells_the_same_story_while_both_cores_write() {
    const WEBHOOKS: usize = 300;
    const SENDS: usize = 60;
    let town = apart().await;
    let maria = town.connected("maria@linkojob.test").await;
    let there = maria.through(&town.edges[1]);
    let (mut here_socket, mut there_socket) = (maria.socket().await, there.socket().await);
    let load = Load::on(&town, &maria, &mut here_socket).await;
    let promised = load.run(0..WEBHOOKS, 0..SENDS).await;
    audit::the_ledger_decides(&town, &maria, &mut here_socket, &promised).await;
    audit::each_arrives_once(&mut here_socket, WEBHOOKS + Load::greetings()).await;

    let (here, there) = (maria.events(None).await, there.events(None).await);
    assert_eq!(here[..there.len().min(here.len())], there[..here.len().min(there.len())]);
    while there_socket.seen.len() < here_socket.seen.len() {
        there_socket.next().await;
    }
    let common = here_socket.seen.len();
    assert_eq!(ids(&here_socket.seen), ids(&there_socket.seen[..common]));
    audit::saw_the_whole_log(&maria, &here_socket).await;
    // Each step of each message is told once; a gap would be a step that is missing.
    let states = |status: &str| {
        let told = of_type(&here_socket.seen, "message:status");
        told.iter().filter(|data| data["status"] == status).count()
    };
    assert_eq!(of_type(&here_socket.seen, "message:sent").len(), SENDS);
    assert_eq!((states("ACCEPTED"), states("DELIVERED")), (SENDS, SENDS));
}

#[tokio::test]
async fn a_send_is_answered_as_quickly_by_the_core_that_does_not_do_it() {
    let town = apart().await;
    let maria = town.connected("maria@linkojob.test").await;
    let ana = town.phone(ANA);
    let mut socket = maria.socket().await;
    town.meta.settings(json!({"limits": "off"})).await;
    ana.writes(maria.account(), "Hi").await;
    socket.hears("Hi").await;
    // One of the two edges leads to the core that holds the owner's lane, the other one does not.
    let mut medians = Vec::new();
    for edge in &town.edges {
        let through = maria.through(edge);
        let mut spans = Vec::new();
        for n in 0..10 {
            let began = Instant::now();
            let sent = through.send_text(&ana, &format!("text {n}")).await.is(201);
            spans.push(began.elapsed());
            socket.message_is(&sent["id"], "DELIVERED").await;
        }
        medians.push(median(spans));
    }
    // Without a hint from the other core it would be seen when the log is next looked at, by chance.
    assert!(medians[0].abs_diff(medians[1]) < PROMPT * 2 / 5, "{medians:?}");
    town.meta.accepted_nothing_twice().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_is_stopped_in_peace_is_not_missed() {
    let mut town = town().await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let load = Load::on(&town, &maria, &mut socket).await;
    let stop = async {
        load.done(60).await;
        town.cores[0].stop_now();
    };
    let (promised, ()) = tokio::join!(load.run(0..240, 0..60), stop);
    assert_eq!(load.turned_away(), 0, "Meta was turned away");
    assert!(town.cores[0].stop().await, "drained in time, and exit code 0");
    audit::each_arrives_once(&mut socket, 240 + Load::greetings()).await;
    let went_out = audit::the_ledger_decides(&town, &maria, &mut socket, &promised).await;
    assert_eq!(went_out, 60, "nothing became unknown");
    audit::saw_the_whole_log(&maria, &socket).await;
}
