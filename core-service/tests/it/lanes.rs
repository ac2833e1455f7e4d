//! Lanes that are slow, contended, wanted by others, or lost.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use core_service::{
    config::Retention,
    domain::{
        change::{Batch, Write},
        client::Client,
        delivery::Pending,
        ids::{ClientId, PhoneNumberId},
        owner::{Lane, Owner},
    },
    flows::Core,
    lanes,
    store::Appetite,
};
use serde_json::{Value, json};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    faulty::{self, Fate, Faulty},
    kit,
    landlord::Said,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Long enough for anything that happens at all.
const LONG: Duration = Duration::from_secs(30);

/// A core at work for two owners of different lanes.
pub struct Office {
    pub core: Arc<Core>,
    pub store: Arc<Faulty>,
    stop: CancellationToken,
    loops: TaskTracker,
    pub other: Client,
}

impl Office {
    pub async fn open() -> Self {
        let (core, store) = faulty::core().await;
        let owner = Owner::parse("other@linkojob.test").unwrap();
        assert_ne!(owner.lane(), kit::owner().lane());
        let mut other = kit::client();
        (other.id, other.owner) = (ClientId::new(Uuid::from_u128(8)), owner.clone());
        other.connection.as_mut().unwrap().phone_number_id = PhoneNumberId::parse("22").unwrap();
        let writes = vec![Write::Client(Box::new(other.clone()))];
        let (expects, events, settlements) = (Vec::new(), Vec::new(), Vec::new());
        let batch = Batch { owner, expects, writes, events, settlements };
        core.store.commit(batch).await.unwrap();
        let (stop, retention) = (CancellationToken::new(), Retention { events: DAY, journal: DAY });
        let loops = lanes::start(&core, retention, &stop);
        let office = Self { core, store, stop, loops, other };
        // Begin when the loops do.
        until(async || office.asked() > 0).await;
        office
    }

    /// Something to hold the first owner's commits with.
    pub fn stick(&self) {
        self.store.stuck.send_replace(Some(kit::owner()));
    }

    pub fn unstick(&self) {
        self.store.stuck.send_replace(None);
    }

    /// Waits until one more commit is tried than there were.
    async fn another_commit(&self, commits: usize) {
        until(async || self.commits() > commits).await;
    }

    fn commits(&self) -> usize {
        self.store.commits.load(Ordering::Relaxed)
    }

    /// How often leases were asked for.
    fn asked(&self) -> usize {
        self.store.landlord.said().iter().filter(|said| matches!(said, Said::Asks(_))).count()
    }

    /// Waits until the answer to a request for leases that is made from now on is known to the loops.
    async fn leases_known(&self) {
        let asked = self.asked();
        // Who asks again has taken the answer before in.
        until(async || self.asked() >= asked + 3).await;
    }

    /// Delivers text messages for a client, in one body.
    pub async fn deliver(&self, client: &Client, names: &[String]) {
        let body = body(client.phone_number_id().unwrap(), names);
        assert!(!self.core.accept(body.to_string().into()).await.unwrap());
    }

    async fn pending(&self, lane: Lane) -> Vec<Pending> {
        self.core.store.pending(&[lane], 100).await.unwrap()
    }

    /// How long an owner's log is: it grows with every message that was applied.
    pub async fn applied(&self, owner: &Owner) -> u64 {
        self.core.store.head(owner).await.unwrap().position.0
    }

    pub async fn close(self) {
        self.stop.cancel();
        tokio::time::timeout(LONG, self.loops.wait()).await.expect("the loops do not end");
        assert_eq!(self.store.landlord.said().last(), Some(&Said::Released));
    }
}

pub fn body(number: &PhoneNumberId, names: &[String]) -> Value {
    let message = |name: &String| {
        let (id, text) = (format!("wamid.{name}"), json!({"body": "hello"}));
        json!({"from": "4915112345678", "id": id, "timestamp": "1800000000", "type": "text", "text": text})
    };
    let messages: Vec<Value> = names.iter().map(message).collect();
    let metadata =
        json!({"display_phone_number": "15550001111", "phone_number_id": number.as_str()});
    let value =
        json!({"messaging_product": "whatsapp", "metadata": metadata, "messages": messages});
    let changes = json!([{"field": "messages", "value": value}]);
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]})
}

pub fn one(name: &str) -> [String; 1] {
    [name.to_owned()]
}

pub async fn until(mut look: impl AsyncFnMut() -> bool) {
    let seen = async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LONG, seen).await.expect("it never comes");
}

#[tokio::test]
async fn a_slow_lane_does_not_hold_the_others() {
    let office = Office::open().await;
    office.stick();
    office.deliver(&kit::client(), &one("a")).await;
    for (name, events) in [("b", 1), ("c", 2)] {
        office.deliver(&office.other, &one(name)).await;
        until(async || office.applied(&office.other.owner).await >= events).await;
    }
    assert_eq!(office.applied(&kit::owner()).await, 0);
    office.unstick();
    until(async || office.applied(&kit::owner()).await > 0).await;
    office.close().await;
}

#[tokio::test]
async fn a_delivery_that_is_outrun_for_ever_is_counted_and_does_not_hold_its_lane() {
    let office = Office::open().await;
    let bad = kit::wamid("bad");
    *office.store.judge.lock().unwrap() = Box::new(move |batch| {
        let is_bad = |write: &Write| matches!(write, Write::Message(row) if row.wamid.as_ref() == Some(&bad));
        batch.writes.iter().any(is_bad).then_some(Fate::Outrun)
    });
    office.deliver(&kit::client(), &one("bad")).await;
    office.deliver(&kit::client(), &one("good")).await;
    until(async || office.applied(&kit::owner()).await > 0).await;
    let lane = kit::owner().lane();
    let bad = office.pending(lane).await;
    assert_eq!(bad.iter().map(|row| row.attempts > 0).collect::<Vec<_>>(), [true]);
    // In the end it is given up, and waits no more.
    until(async || office.pending(lane).await.is_empty()).await;
    office.close().await;
}

#[tokio::test]
async fn what_was_set_aside_is_counted_once_though_its_neighbours_fail() {
    let office = Office::open().await;
    let bad = kit::wamid("bad");
    *office.store.judge.lock().unwrap() = Box::new(move |batch| {
        let is_bad = |write: &Write| matches!(write, Write::Message(row) if row.wamid.as_ref() == Some(&bad));
        batch.writes.iter().any(is_bad).then_some(Fate::Panics)
    });
    // While the first is in hand, the others come together.
    let commits = office.commits();
    office.stick();
    office.deliver(&kit::client(), &one("first")).await;
    office.another_commit(commits).await;
    let mut odd = body(&kit::number(), &one("odd"));
    odd["entry"][0]["changes"][0]["value"]["messages"][0] = json!({"type": "text"});
    assert!(!office.core.accept(odd.to_string().into()).await.unwrap());
    office.deliver(&kit::client(), &one("bad")).await;
    office.unstick();
    until(async || office.pending(kit::owner().lane()).await.is_empty()).await;
    let metrics = office.core.metrics.render();
    // The odd one, and in the end the bad one.
    assert!(metrics.contains("\njournal_elements_set_aside_total 2\n"), "{metrics}");
    office.close().await;
}

#[tokio::test]
async fn a_wanted_lane_finishes_what_is_in_hand_and_is_given_back() {
    let office = Office::open().await;
    let (busy, idle) = (kit::owner().lane(), office.other.owner.lane());
    let commits = office.commits();
    office.stick();
    office.deliver(&kit::client(), &one("early")).await;
    office.another_commit(commits).await;
    office.store.landlord.wanted.lock().unwrap().extend([busy, idle]);
    until(async || office.store.landlord.has_back(idle)).await;
    office.deliver(&kit::client(), &one("late")).await;
    assert!(!office.store.landlord.has_back(busy), "something is in hand there");
    office.unstick();
    until(async || office.store.landlord.has_back(busy)).await;
    assert!(office.applied(&kit::owner()).await > 0, "it was finished first");
    assert_eq!(office.pending(busy).await.len(), 1, "what came later is for the next holder");
    // Nobody wants it any more.
    office.store.landlord.wanted.lock().unwrap().clear();
    until(async || office.pending(busy).await.is_empty()).await;
    office.close().await;
}

#[tokio::test]
async fn a_drain_keeps_the_leases_of_what_is_in_hand_until_that_ends() {
    let office = Office::open().await;
    let (busy, idle) = (kit::owner().lane(), office.other.owner.lane());
    let commits = office.commits();
    office.stick();
    office.deliver(&kit::client(), &one("a")).await;
    office.another_commit(commits).await;
    office.stop.cancel();
    until(async || office.store.landlord.has_back(idle)).await;
    until(async || office.store.landlord.said().contains(&Said::Asks(Appetite::Keep))).await;
    assert!(!office.store.landlord.has_back(busy) && !office.loops.is_empty());
    office.unstick();
    let core = Arc::clone(&office.core);
    office.close().await;
    assert!(core.store.pending(&[busy], 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn no_new_chunk_begins_on_a_lane_that_was_lost() {
    let office = Office::open().await;
    let lane = kit::owner().lane();
    let commits = office.commits();
    office.stick();
    // Two commits long.
    let names: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    office.deliver(&kit::client(), &names).await;
    office.another_commit(commits).await;
    office.store.landlord.taken.lock().unwrap().push(lane);
    office.leases_known().await;
    office.unstick();
    until(async || office.applied(&kit::owner()).await > 0).await;
    let first = office.applied(&kit::owner()).await;
    office.leases_known().await;
    assert_eq!(office.applied(&kit::owner()).await, first);
    assert_eq!(office.pending(lane).await.len(), 1, "it is done with its last chunk only");
    // The lane comes back: all of it is applied, and the first chunk not twice.
    office.store.landlord.taken.lock().unwrap().clear();
    until(async || office.pending(lane).await.is_empty()).await;
    assert!(office.applied(&kit::owner()).await > first);
    office.close().await;
}
