//! The largest delivery that Meta makes: a thousand updates of several businesses, nearly three megabytes,
//! with one that nobody can read and one of a kind that is not known yet.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::kit::{Recruiter, Socket, Store, Town, Update, body, inbound, of_type, on_both_stores};

on_both_stores! {
    a_giant_is_acknowledged_at_once_shown_but_for_what_is_broken_and_delays_nobody,
}

const UPDATES: usize = 1_000;
const CANDIDATES: usize = 40;
/// Bytes of the largest delivery, nearly.
const SIZE: std::ops::Range<usize> = 2_850_000..3_000_000;

fn candidate(n: usize) -> String {
    format!("49154000000{:02}", n % CANDIDATES)
}

/// An update of a business; every fourth is of the second one.
fn texts(second: i64, of_second: bool) -> Vec<Value> {
    let own = (0..UPDATES).filter(|n| (n % 4 == 0) == of_second);
    own.map(|n| {
        let words = "An experience that is told at length. ".repeat(74);
        let text = format!("update {n}: {words}");
        inbound(&candidate(n), &format!("wamid.giant.{n}"), second, &text)
    })
    .collect()
}

async fn a_giant_is_acknowledged_at_once_shown_but_for_what_is_broken_and_delays_nobody(
    store: Store,
) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let eva = town.connected("eva@linkojob.test").await;
    let (mut to_maria, mut to_jon) = (maria.socket().await, jon.socket().await);
    let mut to_eva = eva.socket().await;

    let second = town.meta.now_ms().await / 1000;
    let (mut of_maria, mut of_jon) = (texts(second, false), texts(second, true));
    // One that cannot be read, in the middle, and one of a kind that is not known.
    of_maria[300] = json!({"id": [], "from": candidate(1), "timestamp": "soon", "type": "text"});
    of_jon[100] = json!({"from": candidate(0), "id": "wamid.giant.hologram",
        "timestamp": second.to_string(), "type": "hologram", "hologram": {"depth": 3}});
    let halves = |updates: &[Value]| {
        let (one, other) = updates.split_at(updates.len() / 2);
        [json!({"messages": one}), json!({"messages": other})]
    };
    let ([maria_1, maria_2], [jon_1, jon_2]) = (halves(&of_maria), halves(&of_jon));
    let giant = Update::of(&body(&[
        (maria.account(), maria_1),
        (jon.account(), jon_1),
        (maria.account(), maria_2),
        (jon.account(), jon_2),
    ]));
    assert!(SIZE.contains(&giant.body.len()), "{} bytes", giant.body.len());

    // Within the second and eight tenths that the edge has for it; the benchmark tells how long it takes.
    town.deliver(&giant).await.is(200);
    // Somebody else's message right behind it does not wait until it is applied.
    town.arrive(eva.account(), &[("4915399999999", "a word between")]).await;
    to_eva.hears("a word between").await;

    let of_maria = hear(&mut to_maria, 749).await;
    let of_jon = hear(&mut to_jon, 250).await;
    let both: BTreeSet<&String> = of_maria.union(&of_jon).collect();
    assert_eq!(both.len(), UPDATES - 1);
    assert_eq!(unsupported(&maria).await, Vec::<Value>::new());
    let of_jon = unsupported(&jon).await;
    assert_eq!(
        of_jon.iter().map(|raw| &raw["hologram"]).collect::<Vec<_>>(),
        [&json!({"depth": 3})]
    );
    // Told again, it changes nothing.
    town.deliver(&giant).await.is(200);
    town.arrive(maria.account(), &[(&candidate(1), "the end")]).await;
    to_maria.hears("the end").await;
    let log = maria.events(None).await;
    assert_eq!(of_type(&log, "message:incoming").len(), 749 + 1);
}

/// Waits for so many messages; each is told once.
async fn hear(socket: &mut Socket, count: usize) -> BTreeSet<String> {
    let mut heard = BTreeSet::new();
    while heard.len() < count {
        let data = socket.expect("message:incoming").await;
        let wamid = data["message"]["wamid"].as_str().expect("a wamid").to_owned();
        assert!(heard.insert(wamid), "told twice: {data}");
    }
    heard
}

/// Everything is shown as text, but for this: what is of an unknown kind, with everything that it said.
async fn unsupported(recruiter: &Recruiter) -> Vec<Value> {
    let mut unsupported = Vec::new();
    for conversation in recruiter.all("/api/conversations", 100).await {
        for message in recruiter.messages(&conversation["id"]).await {
            match message["type"].as_str() {
                Some("text") => {}
                Some("unsupported") => unsupported.push(message["content"]["raw"].clone()),
                other => panic!("{other:?}"),
            }
        }
    }
    unsupported
}
