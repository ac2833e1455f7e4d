//! What Meta says of an account and a number does to the client what it should, and no more.

use std::time::Duration;

use core_service::domain::{
    account::{Learned, NumberRead, Said},
    change::Write,
    client::{Client, ClientStatus},
    ids::WabaId,
    onboarding::{Attention, Concern},
    rules::account,
    standing::Topic,
    time::Timestamp,
    working_set::WorkingSet,
};

use crate::kit;

const DAY: Duration = Duration::from_secs(86_400);

/// A client that was connected at noon.
pub fn client() -> Client {
    let mut client = kit::client();
    client.connection.as_mut().unwrap().connected_at = Some(kit::NOON);
    client
}

pub fn after(seconds: u64) -> Timestamp {
    kit::NOON + Duration::from_secs(seconds)
}

/// What a change of the client does, some time after noon, and how often it is told.
fn change(
    before: &Client,
    now: Timestamp,
    with: impl FnOnce(&mut WorkingSet, &Client),
) -> (Client, usize) {
    let mut set = WorkingSet::new(before.owner.clone(), now);
    set.add_client(before.clone());
    with(&mut set, before);
    let batch = set.into_batch(Vec::new());
    let client = batch.writes.into_iter().find_map(|write| match write {
        Write::Client(client) => Some(*client),
        _ => None,
    });
    (client.unwrap_or_else(|| before.clone()), batch.events.len())
}

/// Takes words in, each as of its second after noon, an hour after noon.
pub fn told(before: &Client, words: &[(u64, Said)]) -> (Client, usize) {
    words.iter().fold((before.clone(), 0), |(client, told), (at, said)| {
        let take = |set: &mut WorkingSet, client: &Client| {
            account::take_said(set, client, after(*at), said);
        };
        let (client, more) = change(&client, after(3_600), take);
        (client, told + more)
    })
}

pub fn banned() -> Said {
    Said::concern(Topic::Ban, Concern::AccountDisabled, "Disabled.")
}

pub fn restricted(topic: Topic, until: Timestamp) -> Said {
    let said = Said::concern(topic, Concern::AccountRestricted, format!("{topic:?}"));
    Said { until: Some(until), ..said }
}

pub fn named(name: &str) -> Said {
    Said::nothing(Topic::Name).learning(Learned::VerifiedName(name.to_owned()))
}

fn concern(client: &Client) -> Option<Concern> {
    client.shown_attention().map(|attention| attention.concern)
}

fn verified_name(client: &Client) -> Option<&str> {
    client.connection.as_ref()?.verified_name.as_deref()
}

#[test]
fn a_ban_stops_the_client_and_its_end_lets_it_go_on() {
    let (stopped, news) = told(&client(), &[(10, banned())]);
    assert_eq!(
        (stopped.status, concern(&stopped), news),
        (ClientStatus::Restricted, Some(Concern::AccountDisabled), 1)
    );
    assert_eq!(stopped.shown_attention().unwrap().since, after(10));
    let (same, news) = told(&stopped, &[(10, banned()), (5, Said::nothing(Topic::Ban))]);
    assert_eq!((same, news), (stopped.clone(), 0), "repeated, and older");
    let (free, news) = told(&stopped, &[(11, Said::nothing(Topic::Ban))]);
    assert_eq!((free.status, concern(&free), news), (ClientStatus::Connected, None, 1));
}

#[test]
fn the_end_of_a_ban_gives_back_only_what_the_ban_took() {
    let (mut stopped, _) = told(&client(), &[(10, banned())]);
    stopped.attention = Some(Attention::new(Concern::AccessLost, "Lost.", after(9)));
    let (free, _) = told(&stopped, &[(11, Said::nothing(Topic::Ban))]);
    assert_eq!(
        (free.status, concern(&free)),
        (ClientStatus::Restricted, Some(Concern::AccessLost))
    );
    let mut expired = client();
    expired.status = ClientStatus::TokenExpired;
    let (expired, _) = told(&expired, &[(10, banned()), (11, Said::nothing(Topic::Ban))]);
    assert_eq!(expired.status, ClientStatus::TokenExpired);
}

#[test]
fn an_account_that_may_still_answer_stays_connected() {
    let until = after(7_200);
    let (half, _) = told(&client(), &[(10, restricted(Topic::Starting, until))]);
    assert_eq!(
        (half.status, concern(&half)),
        (ClientStatus::Connected, Some(Concern::AccountRestricted))
    );
    assert_eq!(half.shown_attention().unwrap().until, Some(until));
    let (silent, _) = told(&half, &[(11, restricted(Topic::Answering, until + DAY))]);
    assert_eq!(silent.status, ClientStatus::Restricted);
    // The first of the two ends, then the other.
    let end = |client: &Client, now| change(client, now, account::end_concerns);
    let (half, news) = end(&silent, until);
    assert_eq!(
        (half.status, concern(&half), news),
        (ClientStatus::Connected, Some(Concern::AccountRestricted), 1)
    );
    assert_eq!(half.standing.next_end(), Some(until + DAY));
    let (free, news) = end(&half, until + DAY);
    assert_eq!((concern(&free), free.standing.next_end(), news), (None, None, 1));
    // What is over stays over, whoever says it again.
    let again = |set: &mut WorkingSet, client: &Client| {
        account::take_said(set, client, after(10), &restricted(Topic::Starting, until));
    };
    assert_eq!(change(&free, until + DAY, again).1, 0);
}

#[test]
fn of_two_words_in_one_second_the_one_that_takes_back_holds_then_the_graver() {
    let soon = Said::concern(Topic::Ban, Concern::AccountDisableScheduled, "Soon.");
    let (stopped, _) = told(&client(), &[(10, banned()), (10, soon)]);
    assert_eq!(concern(&stopped), Some(Concern::AccountDisabled));
    let (free, _) = told(&stopped, &[(10, Said::nothing(Topic::Ban)), (10, banned())]);
    assert_eq!((free.status, concern(&free)), (ClientStatus::Connected, None));
    // Of two names only Meta knows.
    let (asked, _) = told(&client(), &[(10, named("One")), (10, named("Other"))]);
    assert!(asked.standing.is_stale());
}

#[test]
fn what_was_said_before_the_connection_is_not_about_it() {
    let mut late = client();
    late.connection.as_mut().unwrap().connected_at =
        Some(after(1_800) + Duration::from_millis(900));
    assert_eq!(told(&late, &[(1_799, banned())]), (late.clone(), 0));
    assert_eq!(told(&late, &[(1_800, banned())]).0.status, ClientStatus::Restricted);
    // A name may be newer than it looks: the clocks are not the same. Meta knows.
    let (asked, news) = told(&late, &[(1_700, named("Example"))]);
    assert_eq!((verified_name(&asked), asked.standing.is_stale(), news), (None, true, 0));
    assert_eq!(told(&late, &[(600, named("Example"))]), (late.clone(), 0));
    // A restriction that still lasts is no less true.
    let lasts = restricted(Topic::Starting, after(9_000));
    assert_eq!(concern(&told(&late, &[(600, lasts)]).0), Some(Concern::AccountRestricted));
}

#[test]
fn a_client_without_a_connection_is_told_nothing() {
    let mut gone = client();
    gone.forget_secrets();
    gone.status = ClientStatus::Disconnected;
    assert_eq!(told(&gone, &[(10, banned()), (11, named("Example"))]), (gone.clone(), 0));
    let (mut stopped, _) = told(&client(), &[(10, banned())]);
    stopped.forget_secrets();
    assert_eq!(concern(&stopped), None);
}

#[test]
fn connecting_again_begins_anew_but_for_what_has_an_end() {
    let lasts = restricted(Topic::Starting, after(9_000));
    let (mut row, _) = told(&client(), &[(10, banned()), (11, lasts), (12, named("Example"))]);
    let mut connection = row.connection.clone().unwrap();
    connection.connected_at = Some(after(100));
    let mut elsewhere = connection.clone();
    elsewhere.waba_id = WabaId::parse("1").unwrap();
    account::connected(&mut row, connection);
    assert_eq!(
        (row.status, concern(&row)),
        (ClientStatus::Connected, Some(Concern::AccountRestricted))
    );
    account::connected(&mut row, elsewhere);
    assert!(row.standing.is_empty());
}

#[test]
fn the_pin_that_we_set_is_nobodys_concern() {
    let changed = Said::concern(Topic::Pin, Concern::PinChanged, "Changed.");
    assert_eq!(told(&client(), &[(30, changed.clone())]), (client(), 0));
    assert_eq!(concern(&told(&client(), &[(60, changed)]).0), Some(Concern::PinChanged));
}

#[test]
fn the_gravest_is_shown() {
    let warned = Said::concern(Topic::Alert, Concern::AccountAlert, "Small.");
    let alarmed = Said::concern(Topic::CriticalAlert, Concern::AccountAlert, "Big.");
    let (row, _) = told(&client(), &[(10, alarmed), (11, warned)]);
    assert_eq!(row.shown_attention().unwrap().details, "Big.");
    let (mut row, _) = told(&row, &[(12, restricted(Topic::Starting, after(9_000)))]);
    row.attention = Some(Attention::new(Concern::TokenExpiresSoon, "", after(1)));
    assert_eq!(concern(&row), Some(Concern::AccountRestricted));
    row.attention = Some(Attention::new(Concern::TokenExpired, "", after(1)));
    assert_eq!(concern(&row), Some(Concern::TokenExpired));
}

#[test]
fn a_read_holds_but_against_what_was_said_after_it_was_asked_for() {
    let read = NumberRead {
        display_phone_number: Some("+1 555-078-3881".to_owned()),
        verified_name: Some("Read".to_owned()),
        quality_rating: Some("GREEN".to_owned()),
        messaging_limit: None,
    };
    let other = Said::nothing(Topic::Quality).learning(Learned::OtherQuality);
    let limit = Said::nothing(Topic::Limit).learning(Learned::MessagingLimit("TIER_2K".into()));
    let (row, news) = told(&client(), &[(10, named("Said")), (11, other), (12, limit)]);
    assert_eq!((news, row.standing.is_stale()), (2, true));
    let take = |asked: Timestamp| {
        let read = &read;
        move |set: &mut WorkingSet, client: &Client| account::take_number(set, client, read, asked)
    };
    let (early, _) = change(&row, after(3_600), take(after(10)));
    let connection = early.connection.as_ref().unwrap();
    assert_eq!(
        (verified_name(&early), connection.quality_rating.as_deref()),
        (Some("Said"), Some("GREEN"))
    );
    assert_eq!(connection.messaging_limit.as_deref(), Some("TIER_2K"), "what is not read stays");
    assert!(early.standing.is_stale(), "it was wanted after that");
    let (late, _) = change(&row, after(3_601), take(after(3_601)));
    assert_eq!((verified_name(&late), late.standing.is_stale()), (Some("Read"), false));
    // And now an older word comes late.
    let (asked, news) = told(&late, &[(20, named("Older"))]);
    assert_eq!((verified_name(&asked), asked.standing.is_stale(), news), (Some("Read"), false, 0));
    let (asked, _) = told(&late, &[(3_500, named("Older?"))]);
    assert_eq!((verified_name(&asked), asked.standing.is_stale()), (Some("Read"), true));
}
