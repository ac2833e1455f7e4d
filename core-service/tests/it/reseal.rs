//! Changing the keys that seal secrets: while people send, after crashes, and with rows that do not open.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use core_service::{
    cli::reseal::{End, walk},
    domain::{
        change::{Batch, Write},
        client::{Client, Sealed},
        event::{News, Position},
        ids::{ClientId, PhoneNumberId},
        onboarding::{Onboarding, OnboardingStep},
        owner::Owner,
    },
    flows::{
        Core,
        reseal::{Mode, Tally},
    },
    keys::Context,
    secret::Secret,
    store::Store,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    faulty::{self, Fate, Faulty},
    kit::{self, NOON},
};

/// Port 9, discard: nobody listens there, and no Meta is needed.
const NO_META: &str = "http://127.0.0.1:9";
/// Begins every secret here, so that it can be looked for.
const CANARY: &str = "EAAcanary";

/// The setting with these keys, the first one sealing.
pub fn keys(ids: &[u8]) -> String {
    let key = |id: &u8| format!("{id}:{}", STANDARD.encode([*id; 32]));
    ids.iter().map(key).collect::<Vec<_>>().join(",")
}

/// A core with these keys.
pub fn core_with(store: &Arc<dyn Store>, ids: &[u8]) -> Arc<Core> {
    faulty::core_on(Arc::clone(store), NO_META, &keys(ids))
}

pub fn owner(n: usize) -> Owner {
    Owner::parse(&format!("recruiter-{n}@linkojob.test")).unwrap()
}

pub fn number(n: usize) -> PhoneNumberId {
    PhoneNumberId::parse(&format!("10654035{n:06}")).unwrap()
}

/// A connected client, all of whose secrets are sealed by this core.
pub fn client(core: &Core, n: usize) -> Client {
    let id = ClientId::new(Uuid::from_u128(1_000 + n as u128));
    let seal = |field: &str| {
        let secret = Secret::new(format!("{CANARY}.{n}.{field}"));
        core.vault.seal(Context { client: id, field }, &secret).unwrap()
    };
    let mut client = Client { id, owner: owner(n), ..kit::client() };
    let connection = client.connection.as_mut().unwrap();
    connection.phone_number_id = number(n);
    connection.token = Some(seal("token"));
    connection.pin = Some(seal("pin"));
    client.onboarding = Some(Box::new(Onboarding {
        token: seal("onboarding.token"),
        token_expires_at: None,
        meta_user_id: None,
        waba_ids: None,
        waba_id: None,
        phone_number_id: None,
        pin: Some(seal("onboarding.pin")),
        step: OnboardingStep::Number,
        choices: Vec::new(),
        started_at: NOON,
    }));
    client
}

pub async fn put(store: &dyn Store, row: Client) {
    let batch = Batch {
        owner: row.owner.clone(),
        expects: Vec::new(),
        writes: vec![Write::Client(Box::new(row))],
        events: Vec::new(),
        settlements: Vec::new(),
    };
    store.commit(batch).await.unwrap();
}

/// What a walk over everything did, and the lines that it said.
pub async fn reseal(core: &Core, mode: Mode) -> (Tally, Vec<String>) {
    let (mut tally, mut lines) = (Tally::default(), Vec::new());
    let stop = CancellationToken::new();
    let mut say = |line: &str| lines.push(line.to_owned());
    let end = walk(core, mode, &stop, &mut tally, &mut say).await.unwrap();
    assert_eq!(end, End::Whole);
    (tally, lines)
}

/// So many clients with four secrets each: resealed, current and failed ones.
fn of(clients: u64, resealed: u64, current: u64, failed: u64) -> Tally {
    Tally { clients, resealed, current, forgotten: 0, failed }
}

/// A store with clients under key 1.
async fn under_the_first_key(clients: usize) -> (Arc<Faulty>, Arc<dyn Store>) {
    let store = faulty::store();
    let any = Arc::clone(&store) as Arc<dyn Store>;
    let old = core_with(&any, &[1]);
    for n in 0..clients {
        put(&*any, client(&old, n)).await;
    }
    (store, any)
}

async fn row(store: &Arc<dyn Store>, n: usize) -> Client {
    let id = ClientId::new(Uuid::from_u128(1_000 + n as u128));
    store.client(id).await.unwrap().unwrap()
}

/// Every secret of a client as this core opens it.
fn opened(core: &Core, mut row: Client) -> BTreeSet<String> {
    let client = row.id;
    let open = |(field, sealed): (&'static str, &mut Sealed)| {
        let secret = core.vault.open(Context { client, field }, sealed);
        secret.map_or_else(|error| error.to_string(), |secret| secret.expose().to_owned())
    };
    row.sealed_mut().map(open).collect()
}

#[tokio::test]
async fn every_secret_comes_under_the_first_key_and_a_second_run_finds_nothing_to_do() {
    let (faulty, store) = under_the_first_key(5).await;
    let mut before = row(&store, 3).await;
    let both = core_with(&store, &[2, 1]);

    assert_eq!(reseal(&both, Mode::Count).await.0, of(5, 20, 0, 0));
    assert_eq!(row(&store, 3).await, before, "counting changes nothing");
    assert_eq!(reseal(&both, Mode::Write).await.0, of(5, 20, 0, 0));
    let commits = faulty.commits.load(Ordering::Relaxed);
    assert_eq!(reseal(&both, Mode::Write).await, (of(5, 0, 20, 0), Vec::new()));
    assert_eq!(faulty.commits.load(Ordering::Relaxed), commits, "nothing was written");

    // The older key may go.
    let new = core_with(&store, &[2]);
    let fields = ["token", "pin", "onboarding.token", "onboarding.pin"];
    for n in 0..5 {
        let secrets = fields.map(|field| format!("{CANARY}.{n}.{field}"));
        assert_eq!(opened(&new, row(&store, n).await), BTreeSet::from(secrets));
    }
    // Nothing else of a client has changed, and nobody is told.
    let mut after = row(&store, 3).await;
    assert_eq!(after.revision, before.revision + 1);
    after.revision = before.revision;
    for (renewed, old) in after.sealed_mut().zip(before.sealed_mut()) {
        assert_ne!(renewed.1, old.1);
        *renewed.1 = old.1.clone();
    }
    assert_eq!(after, before);
    assert!(store.events(&owner(3), Position(0), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_cut_off_in_the_middle_is_finished_by_the_next_run() {
    let (faulty, store) = under_the_first_key(130).await;
    let both = core_with(&store, &[2, 1]);
    // The third is not written, the fifth is and nobody hears of it.
    let commits = AtomicUsize::new(0);
    *faulty.judge.lock().unwrap() =
        Box::new(move |_| match commits.fetch_add(1, Ordering::Relaxed) {
            3 => Some(Fate::Refused),
            5 => Some(Fate::Unanswered),
            _ => None,
        });
    let page = both.reseal(None, Mode::Write).await.unwrap();
    assert_eq!(page.tally, of(100, 98 * 4, 0, 8));
    assert_eq!(page.failures.len(), 2, "{:?}", page.failures);
    assert!(page.next.is_some());
    drop(both);

    // Whoever ran it is gone with 30 clients to go.
    let both = core_with(&store, &[2, 1]);
    assert_eq!(reseal(&both, Mode::Write).await.0, of(130, 31 * 4, 99 * 4, 0));
    assert_eq!(reseal(&core_with(&store, &[2]), Mode::Count).await.0, of(130, 0, 130 * 4, 0));

    let stopped = CancellationToken::new();
    stopped.cancel();
    let mut tally = Tally::default();
    let end = walk(&both, Mode::Write, &stopped, &mut tally, &mut |_| {}).await;
    assert_eq!((end.unwrap(), tally), (End::Stopped, Tally::default()));
}

#[tokio::test]
async fn what_does_not_open_is_counted_named_and_left_alone() {
    let (_faulty, store) = under_the_first_key(4).await;
    let token = |row: &mut Client| row.connection.as_mut().unwrap().token.take().unwrap();
    // Two that change places, one that is no envelope, and one of a key that nobody has.
    let (mut first, mut second) = (row(&store, 0).await, row(&store, 1).await);
    let tokens = [token(&mut first), token(&mut second)];
    let [of_first, of_second] = tokens;
    first.connection.as_mut().unwrap().token = Some(of_second);
    second.connection.as_mut().unwrap().token = Some(of_first);
    let mut third = row(&store, 2).await;
    third.connection.as_mut().unwrap().pin = Some(Sealed("no envelope".to_owned()));
    let strange = client(&core_with(&store, &[9]), 3).onboarding.unwrap().token;
    let mut fourth = row(&store, 3).await;
    fourth.onboarding.as_mut().unwrap().token = strange;
    let broken = [first, second, third, fourth];
    for row in broken.clone() {
        put(&*store, row).await;
    }

    let both = core_with(&store, &[2, 1]);
    let (tally, mut lines) = reseal(&both, Mode::Write).await;
    assert_eq!(tally, of(4, 12, 0, 4));
    lines.sort();
    let expected = [
        "token: the sealed value does not open here",
        "token: the sealed value does not open here",
        "pin: the sealed value is malformed",
        "onboarding.token: the sealed value needs a key that is not configured",
    ];
    let expected =
        broken.iter().zip(expected).map(|(row, why)| format!("client {}: {why}", row.id));
    assert_eq!(lines, expected.collect::<Vec<_>>());
    let left = row(&store, 0).await.connection.unwrap().token;
    assert_eq!(left, broken[0].connection.as_ref().unwrap().token);
    assert_eq!(reseal(&both, Mode::Write).await.0, of(4, 0, 12, 4));
}

#[tokio::test]
async fn a_deleted_client_keeps_no_secret() {
    let (_faulty, store) = under_the_first_key(2).await;
    let mut gone = row(&store, 1).await;
    gone.deleted_at = Some(NOON);
    put(&*store, gone.clone()).await;
    let both = core_with(&store, &[2, 1]);
    let expected = Tally { forgotten: 4, ..of(2, 4, 0, 0) };
    assert_eq!(reseal(&both, Mode::Count).await.0, expected);
    assert_eq!(reseal(&both, Mode::Write).await.0, expected);
    assert_eq!(reseal(&both, Mode::Write).await.0, of(2, 0, 4, 0));
    assert_eq!(row(&store, 1).await.sealed_mut().count(), 0);
}

#[tokio::test]
async fn somebody_who_is_quicker_loses_nothing() {
    let (faulty, store) = under_the_first_key(1).await;
    let both = core_with(&store, &[2, 1]);
    let mut rival = row(&store, 0).await;
    rival.revision += 1;
    rival.label = "renamed meanwhile".to_owned();
    let mut writes = vec![Write::Client(Box::new(rival))];
    *faulty.rival.lock().unwrap() = Box::new(move |_| std::mem::take(&mut writes));
    assert_eq!(reseal(&both, Mode::Write).await.0, of(1, 4, 0, 0));
    let after = row(&store, 0).await;
    assert_eq!((after.label.as_str(), after.revision), ("renamed meanwhile", 3));
    assert_eq!(opened(&core_with(&store, &[2]), after).len(), 4);
}

#[tokio::test]
async fn the_log_of_an_owner_keeps_no_secret() {
    let (_faulty, store) = under_the_first_key(1).await;
    let core = core_with(&store, &[1]);
    let actor = core_service::domain::actor::Actor { by: "somebody".to_owned(), owner: owner(0) };
    let patch = core_service::flows::clients::ClientPatch {
        label: Some("renamed".to_owned()),
        ..Default::default()
    };
    let changed = core.update_client(&actor, patch).await.unwrap();
    assert_eq!(opened(&core, changed).len(), 4, "the client itself keeps its own");
    let told = store.events(&owner(0), Position(0), 10).await.unwrap();
    let [told] = <[_; 1]>::try_from(told).unwrap();
    let News::ClientUpdated { mut client } = told.event.news else { panic!("another event") };
    assert_eq!(client.label, "renamed");
    let fields = client.sealed_mut().map(|(name, sealed)| (name, sealed.0.clone()));
    let empty = ["token", "pin", "onboarding.token", "onboarding.pin"].map(|f| (f, String::new()));
    assert_eq!(fields.collect::<Vec<_>>(), empty);
}
