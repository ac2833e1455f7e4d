//! kill -9 of one of two cores: the other one goes on, and nothing is lost or doubled.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kit::{
    Load, Recruiter, Socket, Store, Town, Update, audit, body, inbound, of_type, on_both_stores,
};

on_both_stores! { a_thousand_texts_survive_a_crash_in_the_middle_of_them }

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_dies_is_not_missed() {
    const WEBHOOKS: usize = 600;
    const SENDS: usize = 150;
    let town = Town::on(Store::MongoDb).cores(2).edges(2).start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let busy = town.core_of(&maria).await;
    let mut socket = maria.socket().await;
    let load = Load::on(&town, &maria, &mut socket).await;
    let crash = async {
        load.done((WEBHOOKS + SENDS) / 4).await;
        town.cores[busy].kill_now();
    };
    let (promised, ()) = tokio::join!(load.run(0..WEBHOOKS, 0..SENDS), crash);
    // A send may be: what the dead core had begun to write for this owner, the server holds for a while.
    assert_eq!(load.turned_away(), 0, "Meta was turned away");
    assert_eq!(promised.len(), SENDS);

    audit::each_arrives_once(&mut socket, WEBHOOKS + Load::greetings()).await;
    audit::the_ledger_decides(&town, &maria, &mut socket, &promised).await;
    audit::saw_the_whole_log(&maria, &socket).await;
    // A newcomer reads the same from any edge.
    let there = maria.through(&town.edges[1]);
    assert_eq!(there.events(None).await, maria.events(None).await);
}

/// Bodies of a thousand texts each, from several candidates.
const DELIVERIES: usize = 4;
const TEXTS: usize = 1_000;
const CANDIDATES: usize = 7;

async fn a_thousand_texts_survive_a_crash_in_the_middle_of_them(store: Store) {
    let mut town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    deliver_thousands(&town, 0, &maria).await;
    // In the middle of applying: the first ones are told, the last ones are not.
    socket.hears("text 0").await;
    town.kill_core().await;
    let before = of_type(&socket.seen, "message:incoming").len();
    assert!(before < DELIVERIES * TEXTS, "the crash fell into the middle");
    town.restart_core().await;

    audit::each_arrives_once(&mut socket, DELIVERIES * TEXTS).await;
    each_is_in_its_place(&maria, &socket).await;
    audit::saw_the_whole_log(&maria, &socket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_texts_whose_core_dies_are_finished_by_the_other_one() {
    let town = Town::on(Store::MongoDb).cores(2).edges(2).start().await;
    let maria = town.connected("maria@linkojob.test").await;
    let busy = town.core_of(&maria).await;
    // Either may keep what is delivered: their numbers agree on the order of arrival.
    let other = 1 - busy;
    let maria = maria.through(&town.edges[other]);
    let mut socket = maria.socket().await;
    deliver_thousands(&town, other, &maria).await;
    socket.hears("text 0").await;
    town.cores[busy].kill_now();
    // The other one has the work only when the lease has ended: until then this is what was done.
    let done = of_thousands(&maria.events(None).await).count();
    assert!(done < DELIVERIES * TEXTS, "the crash fell into the middle");

    audit::each_arrives_once(&mut socket, DELIVERIES * TEXTS).await;
    each_is_in_its_place(&maria, &socket).await;
    audit::saw_the_whole_log(&maria, &socket).await;
}

/// Delivers them one after the other, so that the order of arrival is known.
async fn deliver_thousands(town: &Town, edge: usize, maria: &Recruiter) {
    let second = town.meta.now_ms().await / 1000;
    for delivery in 0..DELIVERIES {
        let message = |n: usize| {
            let number = delivery * TEXTS + n;
            let from = format!("491597000{:04}", number % CANDIDATES);
            inbound(&from, &format!("wamid.many.{number}"), second, &format!("text {number}"))
        };
        let messages: Vec<Value> = (0..TEXTS).map(message).collect();
        let update = Update::of(&body(&[(maria.account(), json!({"messages": messages}))]));
        town.deliver_at(edge, &update).await.is(200);
    }
}

/// The numbers of those texts, with their conversations, in the order of events.
fn of_thousands(events: &[Value]) -> impl Iterator<Item = (String, usize)> {
    of_type(events, "message:incoming").into_iter().filter_map(|data| {
        let text = data["message"]["content"]["text"].as_str().expect("a text");
        let number = text.strip_prefix("text ")?.parse().expect("a number");
        Some((data["conversation"]["id"].as_str().expect("an id").to_owned(), number))
    })
}

/// Claims that they are told and shown in the order of their arrival, each once.
async fn each_is_in_its_place(maria: &Recruiter, socket: &Socket) {
    let mut heard: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (conversation, number) in of_thousands(&socket.seen) {
        heard.entry(conversation).or_default().push(number);
    }
    assert_eq!(heard.len(), CANDIDATES);
    assert_eq!(heard.values().map(Vec::len).sum::<usize>(), DELIVERIES * TEXTS);
    for (conversation, numbers) in heard {
        assert!(numbers.is_sorted(), "told in the order of their arrival: {numbers:?}");
        let shown = maria.messages(&json!(conversation)).await;
        let shown: Vec<&str> =
            shown.iter().rev().filter_map(|row| row["content"]["text"].as_str()).collect();
        let told: Vec<String> = numbers.iter().map(|number| format!("text {number}")).collect();
        assert_eq!(shown, told, "stored once, and in that order");
    }
}
