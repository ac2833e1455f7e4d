//! kill -9 of one of two cores: the other one goes on, and nothing is lost or doubled.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kit::{Load, Store, Town, Update, audit, body, inbound, of_type, on_both_stores};

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

async fn a_thousand_texts_survive_a_crash_in_the_middle_of_them(store: Store) {
    const DELIVERIES: usize = 4;
    const TEXTS: usize = 1_000;
    let mut town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    for delivery in 0..DELIVERIES {
        let message = |n: usize| {
            let number = delivery * TEXTS + n;
            let from = format!("491597000{:04}", number % 7);
            inbound(&from, &format!("wamid.many.{number}"), second, &format!("text {number}"))
        };
        let messages: Vec<Value> = (0..TEXTS).map(message).collect();
        let update = Update::of(&body(&[(maria.account(), json!({"messages": messages}))]));
        town.deliver(&update).await.is(200);
    }
    // In the middle of applying: the first ones are told, the last ones are not.
    socket.hears("text 0").await;
    town.kill_core().await;
    let before = of_type(&socket.seen, "message:incoming").len();
    assert!(before < DELIVERIES * TEXTS, "the crash fell into the middle");
    town.restart_core().await;

    audit::each_arrives_once(&mut socket, DELIVERIES * TEXTS).await;
    let mut heard: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for data in of_type(&socket.seen, "message:incoming") {
        let text = data["message"]["content"]["text"].as_str().expect("a text");
        let number = text.strip_prefix("text ").and_then(|n| n.parse().ok()).expect("a number");
        let conversation = data["conversation"]["id"].as_str().expect("an id").to_owned();
        heard.entry(conversation).or_default().push(number);
    }
    assert_eq!(heard.len(), 7);
    for (conversation, numbers) in heard {
        assert!(numbers.is_sorted(), "told in the order of their arrival: {numbers:?}");
        let shown = maria.messages(&json!(conversation)).await;
        let shown: Vec<&str> =
            shown.iter().rev().filter_map(|row| row["content"]["text"].as_str()).collect();
        let told: Vec<String> = numbers.iter().map(|number| format!("text {number}")).collect();
        assert_eq!(shown, told, "stored once, and in that order");
    }
    audit::saw_the_whole_log(&maria, &socket).await;
}
