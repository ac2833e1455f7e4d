//! What Meta, networks and processes do to a file on its way.

use std::time::Duration;

use core_service::{
    domain::{
        change::Write,
        client::ClientStatus,
        content::MediaState,
        ids::{ClientId, PhoneNumberId},
        owner::{Lane, Owner},
    },
    keys::Context,
    secret::Secret,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    JPEG, Office, media,
    meta::{Meta, Play, hex},
};
use crate::{faulty, kit, lanes::until};

#[tokio::test]
async fn an_hour_of_503_is_waited_out() {
    for at_lookup in [true, false] {
        let office = Office::open(JPEG).await;
        let play = |play: Play| match at_lookup {
            true => office.meta.lookups(play),
            false => office.meta.downloads(play),
        };
        play(Play::Status(503));
        office.comes("a", "image/jpeg", Some(&hex(JPEG))).await;
        let began = office.core.clock.now();
        let mut tries = 0;
        let due = loop {
            tries += 1;
            let fetch = office.until_tries(tries).await;
            assert_eq!(fetch.refusals, 0);
            assert!(fetch.last_error.unwrap().contains("503"));
            let due = fetch.due_at.unwrap();
            if due.since(began) > Duration::from_secs(3_600) {
                break due;
            }
            office.pass_to(due);
        };
        assert!((7..15).contains(&tries), "{tries} tries in an hour");
        play(Play::Well);
        office.pass_to(due);
        office.until_state(MediaState::Stored).await;
        office.close().await;
    }
}

#[tokio::test]
async fn an_address_that_is_no_longer_good_is_asked_for_again_at_once() {
    let office = Office::open(JPEG).await;
    office.meta.downloads_first([Play::Status(404)]);
    office.comes("a", "image/jpeg", Some(&hex(JPEG))).await;
    office.until_state(MediaState::Stored).await;
    assert_eq!(office.meta.asked(), [2, 2]);
    office.close().await;
}

#[tokio::test]
async fn a_file_of_the_wrong_digest_is_asked_for_again_and_lost_in_the_end() {
    let office = Office::open(JPEG).await;
    office.meta.downloads(Play::Bytes(b"something else"));
    office.comes("a", "image/jpeg", Some(&hex(JPEG))).await;
    for tries in 1..=4 {
        let fetch = office.until_tries(tries).await;
        assert_eq!((fetch.attempts, fetch.refusals), (tries, tries));
        office.pass_to(fetch.due_at.unwrap());
    }
    let lost = office.until_state(MediaState::Lost).await;
    let fetch = lost.fetch.unwrap();
    assert_eq!(
        (fetch.due_at, fetch.last_error.as_deref()),
        (None, Some("it has the wrong digest"))
    );
    assert_eq!(
        (office.meta.asked(), office.files().len(), office.told().await.len()),
        ([5, 5], 0, 2)
    );
    office.close().await;
}

#[tokio::test]
async fn a_file_that_meta_does_not_know_is_asked_for_a_few_times() {
    let office = Office::open(JPEG).await;
    office.meta.lookups(Play::Error(100, Some(33)));
    office.comes("a", "image/jpeg", None).await;
    for tries in 1..=4 {
        let due = office.until_tries(tries).await.due_at;
        office.pass_to(due.unwrap());
    }
    office.until_state(MediaState::Lost).await;
    assert_eq!(office.meta.asked(), [5, 0]);
    office.close().await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_lost_without_being_fetched() {
    let office = Office::open(JPEG).await;
    office.meta.lookups(Play::Size(200_000_000));
    office.comes("a", "image/jpeg", None).await;
    let lost = office.until_state(MediaState::Lost).await;
    assert!(lost.fetch.unwrap().last_error.unwrap().contains("200000000"));
    assert_eq!(office.meta.asked(), [1, 0]);
    office.close().await;
}

#[tokio::test]
async fn nobody_is_led_inside_by_a_redirect_or_by_an_answer() {
    let inside = Meta::start(b"secrets").await;
    let there = format!("{}/bytes/1037", inside.url);
    for by_redirect in [true, false] {
        let office = Office::open(JPEG).await;
        match by_redirect {
            true => office.meta.downloads(Play::To(there.clone())),
            false => office.meta.lookups(Play::To(there.clone())),
        }
        office.comes("a", "image/jpeg", None).await;
        let fetch = office.until_tries(1).await;
        assert!(fetch.last_error.unwrap().starts_with("the file is where we do not go"));
        // A setting may be missing: it is tried for days, and given up at last.
        office.pass(Duration::from_secs(7 * 24 * 60 * 60));
        office.until_state(MediaState::Lost).await;
        assert_eq!((inside.asked(), office.files().len()), ([0, 0], 0));
        office.close().await;
    }
}

#[tokio::test]
async fn a_refused_token_is_the_clients_and_the_file_waits_for_another() {
    let office = Office::open(JPEG).await;
    office.meta.lookups_first([Play::Error(190, Some(463))]);
    office.comes("a", "image/jpeg", None).await;
    let client = async || office.core.client_of(&kit::owner()).await.unwrap();
    until(async || client().await.status == ClientStatus::TokenExpired).await;
    let mut client = client().await;
    // Nobody asks with a token that is refused, however long it takes.
    for _ in 0..3 {
        let waits = office.until(|row| row.fetch_at() > Some(office.core.clock.now())).await;
        let fetch = waits.fetch.unwrap();
        assert_eq!((fetch.attempts, fetch.refusals, office.meta.asked()), (0, 0, [1, 0]));
        office.pass_to(fetch.due_at.unwrap());
    }
    client.status = ClientStatus::Connected;
    client.revision += 1;
    let write = core_service::domain::change::Write::Client(Box::new(client));
    faulty::commit(&office.core, vec![write]).await;
    office.pass(Duration::from_secs(2 * 3_600));
    office.until_state(MediaState::Stored).await;
    office.close().await;
}

#[tokio::test]
async fn a_process_that_ends_in_the_middle_leaves_nothing_and_the_next_one_finishes() {
    let file = vec![7; 12_000_000];
    let mut office = Office::open(&file).await;
    office.meta.downloads_first([Play::Stalls]);
    office.comes("a", "image/jpeg", Some(&hex(&file))).await;
    until(async || !office.files().is_empty()).await;
    let message = office.message().await.unwrap();
    let read = office.core.media.read(message.id, 0..1).await;
    assert!(read.is_err(), "half a file is no file");
    office.restart().await;
    let stored = office.until_state(MediaState::Stored).await;
    assert_eq!((media(&stored).size, office.files().len()), (Some(12_000_000), 1));
    office.close().await;
}

#[tokio::test]
async fn a_lane_is_given_back_while_a_file_is_on_its_way() {
    let office = Office::open(JPEG).await;
    office.meta.downloads(Play::Stalls);
    office.comes("a", "image/jpeg", None).await;
    let lane: Lane = kit::owner().lane();
    until(async || office.meta.asked() == [1, 1]).await;
    office.store.landlord.wanted.lock().unwrap().push(lane);
    until(async || office.store.landlord.has_back(lane)).await;
    assert_eq!(media(&office.message().await.unwrap()).state, MediaState::Pending);
    office.close().await;
}

#[tokio::test]
async fn an_owner_has_two_files_on_their_way_and_hides_no_neighbour_in_the_lane() {
    let office = Office::open(JPEG).await;
    let mut owners = (0..).map(|n| Owner::parse(&format!("{n}@linkojob.test")).unwrap());
    let in_the_lane = |owner: &Owner| owner.lane() == kit::owner().lane();
    let neighbour = owners.find(in_the_lane).unwrap();
    let mut client = kit::client();
    (client.id, client.owner) = (ClientId::new(Uuid::from_u128(8)), neighbour.clone());
    let token = Secret::new("token".to_owned());
    let home = Context { client: client.id, field: "token" };
    let connection = client.connection.as_mut().unwrap();
    connection.phone_number_id = PhoneNumberId::parse("22").unwrap();
    connection.token = Some(office.core.vault.seal(home, &token).unwrap());
    let number = connection.phone_number_id.clone();
    let write = faulty::writing(neighbour, vec![Write::Client(Box::new(client))]);
    office.core.store.commit(write).await.unwrap();

    office.meta.downloads(Play::Stalls);
    let image = json!({"id": "1037", "mime_type": "image/jpeg"});
    // More than are read at a time.
    let many: Vec<String> = (0..150).map(|n| n.to_string()).collect();
    office.deliver(&kit::number(), &many, &image).await;
    let asked = async |count: usize| until(async || office.meta.asked() == [count, count]).await;
    asked(2).await;
    // Looked for once more, and the owner's third is not begun with the neighbour's first.
    office.deliver(&number, &["a".to_owned()], &image).await;
    asked(3).await;
    office.close().await;
}
