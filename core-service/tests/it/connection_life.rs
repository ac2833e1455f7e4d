//! The life of a connection by its rules: what is said of a token that ends, and what Meta's word about an
//! earlier connection does to a later one.

use std::time::Duration;

use core_service::domain::{
    change::Write,
    client::{Client, ClientStatus, Sealed},
    event::News,
    onboarding::{Attention, Concern, Onboarding, OnboardingStep},
    rules::connect::{self, Notice},
    time::Timestamp,
    working_set::WorkingSet,
};
use proptest::prelude::*;

use crate::kit;

const DAY: Duration = Duration::from_secs(86_400);

/// A client whose token ends ten days after noon.
fn ending() -> Client {
    let mut client = kit::client();
    let connection = client.connection.as_mut().expect("a connection");
    connection.token_expires_at = Some(kit::NOON + DAY * 10);
    client
}

/// Says what is to be said at a time, and gives the client as it then is.
fn told(client: &Client, now: Timestamp) -> (Client, usize) {
    let mut set = WorkingSet::new(client.owner.clone(), now);
    set.add_client(client.clone());
    connect::tell_expiry(&mut set, client);
    changed(client, set)
}

fn changed(client: &Client, set: WorkingSet) -> (Client, usize) {
    let batch = set.into_batch(Vec::new());
    let told: Vec<&Client> = batch
        .events
        .iter()
        .filter_map(|event| match &event.news {
            News::ClientUpdated { client } => Some(client),
            _ => None,
        })
        .collect();
    for client in &told {
        let connection = client.connection.as_ref();
        assert!(connection.is_none_or(|c| c.meta_user_id.is_none()), "the log knows who gave it");
        let token = connection.and_then(|c| c.token.as_ref());
        assert!(token.is_none_or(|token| token.0.is_empty()), "the log has the token");
    }
    let news = told.len();
    let written = batch.writes.into_iter().find_map(|write| match write {
        Write::Client(client) => Some(*client),
        _ => None,
    });
    (written.unwrap_or_else(|| client.clone()), news)
}

#[test]
fn a_week_before_a_day_before_and_at_the_end() {
    let client = ending();
    assert_eq!(connect::next_notice(&client, kit::NOON), Some(kit::NOON + DAY * 3));
    assert_eq!(told(&client, kit::NOON).1, 0);
    let (week, news) = told(&client, kit::NOON + DAY * 3);
    assert_eq!((week.status, news), (ClientStatus::Connected, 1));
    assert_eq!(week.attention.as_ref().map(|a| a.concern), Some(Concern::TokenExpiresSoon));
    assert_eq!(told(&week, kit::NOON + DAY * 4).1, 0, "said already");
    let (day, news) = told(&week, kit::NOON + DAY * 9);
    assert_eq!(
        (day.attention.as_ref().map(|a| a.concern), news),
        (Some(Concern::TokenExpiresSoon), 1)
    );
    let (over, news) = told(&day, kit::NOON + DAY * 10);
    assert_eq!((over.status, news), (ClientStatus::TokenExpired, 1));
    assert_eq!(over.attention.as_ref().map(|a| a.concern), Some(Concern::TokenExpired));
    assert_eq!(told(&over, kit::NOON + DAY * 11).1, 0);
    assert_eq!(connect::next_notice(&over, kit::NOON + DAY * 11), None);
}

#[test]
fn what_the_owner_has_to_do_for_a_new_connection_is_not_talked_over() {
    let mut client = ending();
    client.attention = Some(Attention::new(Concern::PinRequired, "", kit::NOON));
    assert_eq!(connect::notice(&client, kit::NOON + DAY * 9), None);
    assert_eq!(connect::notice(&client, kit::NOON + DAY * 10), Some(Notice::Ended));
}

#[test]
fn a_token_without_an_end_is_never_spoken_of() {
    let client = kit::client();
    assert_eq!(connect::notice(&client, kit::NOON + DAY * 10_000), None);
    assert_eq!(connect::next_notice(&client, kit::NOON), None);
}

/// Takes Meta's word that access was taken away, and gives the client as it then is.
fn withdrawn(client: &Client, at: Option<Timestamp>, delete: bool) -> (Client, usize) {
    let mut set = WorkingSet::new(client.owner.clone(), kit::NOON + DAY);
    set.add_client(client.clone());
    connect::withdraw(&mut set, client, at, delete);
    changed(client, set)
}

#[test]
fn only_a_word_that_is_not_older_than_the_connection_ends_it() {
    let mut client = kit::client();
    let connection = client.connection.as_mut().expect("a connection");
    connection.connected_at = Some(kit::NOON + Duration::from_millis(700));
    connection.meta_user_id = Some("122".to_owned());
    assert_eq!(withdrawn(&client, Some(kit::NOON - Duration::from_secs(1)), false).1, 0);
    // Meta counts whole seconds.
    for at in [Some(kit::NOON), Some(kit::NOON + DAY), None] {
        let (gone, news) = withdrawn(&client, at, false);
        let connection = gone.connection.as_ref().expect("a connection");
        assert_eq!((gone.status, news), (ClientStatus::Disconnected, 1));
        assert!(connection.token.is_none() && connection.pin.is_none());
        assert_eq!(connection.meta_user_id.as_deref(), Some("122"));
        // Told again: known.
        assert_eq!(withdrawn(&gone, at, false).1, 0);
        // To be forgotten is more than that.
        let (forgotten, news) = withdrawn(&gone, at, true);
        assert_eq!((forgotten.connection.expect("one").meta_user_id, news), (None, 1));
    }
}

#[test]
fn a_later_attempt_is_not_taken_for_the_one_that_was_looked_at() {
    let at = |started: Option<Timestamp>| {
        let mut client = kit::client();
        client.onboarding = started.map(|started_at| {
            Box::new(Onboarding {
                token: Sealed("sealed".into()),
                token_expires_at: None,
                meta_user_id: None,
                waba_ids: None,
                waba_id: None,
                phone_number_id: None,
                pin: None,
                step: OnboardingStep::Number,
                choices: Vec::new(),
                started_at,
            })
        });
        client
    };
    let (none, first, second) = (at(None), at(Some(kit::NOON)), at(Some(kit::NOON + DAY)));
    for (now, seen, same) in [
        (&first, &first, true),
        (&none, &none, true),
        (&second, &first, false),
        (&none, &first, false),
        (&first, &none, false),
    ] {
        assert_eq!(connect::is_same_attempt(now, seen), same);
    }
}

proptest! {
    #[test]
    fn each_stage_is_told_once_however_often_and_late_somebody_looks(
        mut hours in prop::collection::vec(0_u32..400, 1..40)
    ) {
        hours.sort_unstable();
        let (mut client, mut news) = (ending(), 0);
        for hour in &hours {
            let now = kit::NOON + Duration::from_secs(3_600) * *hour;
            let (next, told) = told(&client, now);
            (client, news) = (next, news + told);
        }
        let last = hours.last().copied().unwrap_or(0);
        prop_assert!(news <= 3);
        let over = client.status == ClientStatus::TokenExpired;
        prop_assert_eq!(over, last >= 240);
        prop_assert_eq!(client.attention.is_some(), last >= 72);
    }
}
