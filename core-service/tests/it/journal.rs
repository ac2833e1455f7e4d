//! A bad night: what is set aside, what is shown of it, and applying it again.

use core_service::{
    domain::{
        change::{Batch, Write},
        client::Client,
        content::{Content, MessageType, Unsupported},
        delivery::{DeliveryId, Progress},
        event::{Logged, News, Position},
        ids::{ClientId, PhoneNumberId},
        journal::{Backlog, Entry, JournalQuery, Range, Which},
        message::Message,
        owner::{Lane, Owner},
    },
    flows::journal::{Fate, Part, Piece},
    metrics,
    store::Footprint,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    faulty::{self, Fate as Commits},
    kit,
    lanes::{Office, body, one, until},
};

/// What the operator sees of the whole journal.
async fn journal(office: &Office, which: Which) -> Vec<Entry> {
    let query = JournalQuery { range: Range::ALL, which, newest_first: false, limit: 1_000 };
    office.core.store.deliveries(query).await.unwrap()
}

async fn pieces(office: &Office, id: DeliveryId) -> Vec<Piece> {
    office.core.show_delivery(id).await.unwrap().expect("it is kept").pieces
}

/// Waits until nothing waits any more, neither what came nor what was asked for.
async fn settled(office: &Office) {
    until(async || journal(office, Which::Waiting).await.is_empty()).await;
}

/// Asks for what failed again, and waits for it.
async fn replay(office: &Office, only_failed: bool) -> u32 {
    let asked = office.core.ask_again(Range::ALL, only_failed, "a test").await.unwrap().asked;
    settled(office).await;
    asked
}

async fn deliver(office: &Office, body: &Value) {
    assert!(!office.core.accept(body.to_string().into()).await.unwrap(), "it is new");
}

/// Puts more elements into a body.
fn with(mut body: Value, elements: &[Value]) -> Value {
    let list = &mut body["entry"][0]["changes"][0]["value"]["messages"];
    list.as_array_mut().expect("a list").extend_from_slice(elements);
    body
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_broken_element_and_an_unknown_one_are_no_trouble_of_their_neighbours() {
    let office = Office::open().await;
    let good = body(&kit::number(), &names(&["a", "b"]));
    let malformed = json!({"id": "wamid.nobody", "timestamp": "1800000000", "type": "text"});
    let strange = json!({"from": "4915112345678", "id": "wamid.c", "timestamp": "1800000001",
        "type": "hologram", "hologram": {"colour": "blue"}});
    deliver(&office, &with(good, &[malformed, strange])).await;
    settled(&office).await;

    let failed = journal(&office, Which::Failed).await;
    let [Entry { id, progress: Progress::InPart, attempts: 0, .. }] = failed[..] else {
        panic!("{failed:?}")
    };
    let shown = pieces(&office, id).await;
    let fates: Vec<_> = shown.iter().map(|piece| (piece.kind, &piece.fate)).collect();
    let [first, second, (broken, Fate::SetAside(why)), strange] = &fates[..] else {
        panic!("{fates:?}")
    };
    for shown in [first, second, strange] {
        assert_eq!(*shown, ("message", &Fate::Applied));
    }
    assert_eq!(*broken, "malformed");
    assert!(!why.is_empty() && !why.contains("wamid"), "{why}");
    assert_eq!(shown[0].about.as_deref(), Some(kit::number().as_str()));
    office.close().await;
}

#[tokio::test]
async fn what_waited_for_its_client_appears_once_when_it_is_asked_for_again() {
    let office = Office::open().await;
    let number = PhoneNumberId::parse("33").unwrap();
    deliver(&office, &body(&number, &names(&["early", "late"]))).await;
    settled(&office).await;
    let failed = journal(&office, Which::Failed).await;
    let shown = pieces(&office, failed[0].id).await;
    let reason = Fate::SetAside("the business number has no live client".to_owned());
    assert_eq!(shown.iter().map(|p| &p.fate).collect::<Vec<_>>(), [&reason, &reason]);
    // Asking again does not help yet.
    assert_eq!(replay(&office, true).await, 1);
    assert_eq!(journal(&office, Which::Failed).await.len(), 1);

    let owner = Owner::parse("third@linkojob.test").unwrap();
    connect(&office, &owner, number).await;
    assert_eq!(replay(&office, true).await, 1);
    assert!(journal(&office, Which::Failed).await.is_empty());
    let position = office.applied(&owner).await;
    assert!(position >= 2, "two messages");
    assert!(pieces(&office, failed[0].id).await.iter().all(|p| p.fate == Fate::Applied));
    // Everything again changes nothing.
    assert_eq!(replay(&office, false).await, 1);
    assert_eq!(office.applied(&owner).await, position);
    office.close().await;
}

async fn connect(office: &Office, owner: &Owner, number: PhoneNumberId) {
    let mut client: Client = kit::client();
    (client.id, client.owner) = (ClientId::new(Uuid::from_u128(9)), owner.clone());
    client.connection.as_mut().unwrap().phone_number_id = number;
    let writes = vec![Write::Client(Box::new(client))];
    let (expects, events, settlements) = (Vec::new(), Vec::new(), Vec::new());
    let batch = Batch { owner: owner.clone(), expects, writes, events, settlements };
    office.core.store.commit(batch).await.unwrap();
}

/// Whoever commits this message panics.
fn panics_on(office: &Office, name: &str) {
    let bad = kit::wamid(name);
    *office.store.judge.lock().unwrap() = Box::new(move |batch| {
        let is_bad = |write: &Write| matches!(write, Write::Message(row) if row.wamid.as_ref() == Some(&bad));
        batch.writes.iter().any(is_bad).then_some(Commits::Panics)
    });
}

#[tokio::test]
async fn an_element_that_breaks_whoever_applies_it_is_set_aside_alone() {
    let office = Office::open().await;
    panics_on(&office, "13");
    let many: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    office.deliver(&kit::client(), &many).await;
    office.deliver(&kit::client(), &one("neighbour")).await;
    settled(&office).await;

    let failed = journal(&office, Which::Failed).await;
    assert_eq!(failed.len(), 1, "the neighbour is applied");
    let commits = office.store.commits.load(std::sync::atomic::Ordering::Relaxed);
    assert!(commits < 100, "halves of halves, and not one by one: {commits}");
    let shown = pieces(&office, failed[0].id).await;
    let broke = Fate::SetAside("applying it broke".to_owned());
    let bad: Vec<_> = shown.iter().filter(|piece| piece.fate == broke).map(|p| p.number).collect();
    assert_eq!((shown.len(), &bad[..]), (300, &[13][..]));
    assert!(office.core.metrics.render().contains(&format!("\n{} 1\n", metrics::SET_ASIDE)));

    // The version that knows better.
    *office.store.judge.lock().unwrap() = Box::new(|_| None);
    let before = office.applied(&kit::owner()).await;
    assert_eq!(replay(&office, true).await, 1);
    assert!(journal(&office, Which::Failed).await.is_empty());
    let log = office.core.store.events(&kit::owner(), Position(before), 10).await.unwrap();
    let came = |logged: &&Logged| matches!(logged.event.news, News::MessageIncoming { .. });
    assert_eq!(log.iter().filter(came).count(), 1, "{log:?}");
    office.close().await;
}

#[tokio::test]
async fn everything_again_changes_nothing() {
    let office = Office::open().await;
    for name in ["a", "b", "c"] {
        office.deliver(&kit::client(), &one(name)).await;
        office.deliver(&office.other, &names(&[name, "x"])).await;
    }
    settled(&office).await;
    let state = async || {
        let mut told = Vec::new();
        for owner in [kit::owner(), office.other.owner.clone()] {
            told.push(office.core.store.events(&owner, Position(0), 1_000).await.unwrap());
        }
        told
    };
    let before = state().await;
    assert_eq!(replay(&office, false).await, 6);
    assert_eq!(state().await, before);
    let rows = journal(&office, Which::Applied).await;
    assert!(rows.iter().all(|row| row.replayed_at.is_some()) && rows.len() == 6);
    office.close().await;
}

#[tokio::test]
async fn a_long_replay_is_in_nobodys_way() {
    let office = Office::open().await;
    let strangers = PhoneNumberId::parse("44").unwrap();
    assert_ne!(Lane::of(b"44"), office.other.owner.lane());
    for n in 0..200 {
        deliver(&office, &body(&strangers, &one(&n.to_string()))).await;
    }
    settled(&office).await;
    // They become the first owner's, who then stands still.
    let mut client = kit::client();
    client.connection.as_mut().unwrap().phone_number_id = strangers;
    client.revision += 1;
    crate::faulty::commit(&office.core, vec![Write::Client(Box::new(client))]).await;
    office.stick();
    let asked = office.core.ask_again(Range::ALL, true, "a test").await.unwrap();
    assert_eq!(asked.asked, 200);
    until(async || office.core.store.backlog().await.unwrap().waiting > 0).await;

    office.deliver(&office.other, &one("live")).await;
    until(async || office.applied(&office.other.owner).await > 0).await;
    let Backlog { waiting, again, .. } = office.core.store.backlog().await.unwrap();
    assert!(waiting <= 64 && again >= 136, "{waiting} of them are in, {again} are not");
    office.unstick();
    settled(&office).await;
    assert!(journal(&office, Which::Failed).await.is_empty());
    office.close().await;
}

#[tokio::test]
async fn a_time_is_looked_for_among_all_that_came() {
    let office = Office::open().await;
    let start = office.core.clock.now();
    let hour = std::time::Duration::from_secs(60 * 60);
    for n in 0..5 {
        office.core.clock.set_offset_millis(n * 3_600_000);
        office.deliver(&kit::client(), &one(&n.to_string())).await;
    }
    settled(&office).await;
    let all: Vec<_> = journal(&office, Which::Every).await.iter().map(|row| row.id).collect();
    let look = async |since: u32, until: u32, newest_first, limit| {
        let (since, until) = (Some(start + hour * since), Some(start + hour * until));
        let part = Part { which: Which::Every, range: Range::ALL, since, until };
        let found = office.core.look_into_journal(part, newest_first, limit).await.unwrap();
        let ids: Vec<_> = found.rows.iter().map(|row| row.id).collect();
        (ids, found.rest)
    };
    assert_eq!(look(1, 4, false, 9).await, (all[1..4].to_vec(), None));
    assert_eq!(look(1, 4, true, 9).await.0, [all[3], all[2], all[1]]);
    assert_eq!(look(9, 10, false, 9).await, (Vec::new(), None));
    let (first, rest) = look(0, 9, false, 2).await;
    assert_eq!(first, all[..2]);
    assert_eq!(rest.expect("there is more").from.0, all[1].0 + 1);
    office.close().await;
}

/// What a version that did not know the type of a message left of it.
fn as_an_older_version_left_it(row: &Message) -> Message {
    let reason = "messages of type location are not known here".to_owned();
    let raw = "{}".to_owned();
    Message {
        kind: MessageType::Unsupported,
        content: Content::Unsupported(Unsupported { reason, raw }),
        revision: row.revision + 1,
        ..row.clone()
    }
}

#[tokio::test]
async fn what_an_older_version_did_not_know_is_understood_when_it_is_asked_for_again() {
    let office = Office::open().await;
    let place = json!({"from": "4915112345678", "id": "wamid.place", "timestamp": "1790000001",
        "type": "location", "location": {"latitude": 52.5, "longitude": 13.25}});
    deliver(&office, &with(body(&kit::number(), &[]), &[place])).await;
    settled(&office).await;
    let find = async || {
        let wamids = vec![(kit::number(), kit::wamid("place"))];
        let footprint = Footprint { wamids, ..Footprint::default() };
        let found = office.core.store.load(&kit::owner(), footprint).await.unwrap();
        found.messages.into_iter().next().expect("it was taken in")
    };
    let today = find().await;
    let stored = Write::Message(Box::new(as_an_older_version_left_it(&today)));
    faulty::commit(&office.core, vec![stored]).await;
    let head = office.core.store.head(&kit::owner()).await.unwrap();

    assert_eq!(replay(&office, false).await, 1);
    let again = find().await;
    assert_eq!((again.kind, &again.content), (MessageType::Location, &today.content));
    let log = office.core.store.events(&kit::owner(), head.position, 10).await.unwrap();
    assert!(matches!(&log[..], [Logged { event, .. }]
        if matches!(&event.news, News::MessageUpdated { message, .. } if message.id == today.id)));
    // And once more: it is known now.
    assert_eq!(replay(&office, false).await, 1);
    assert_eq!(find().await.revision, again.revision);
    office.close().await;
}
