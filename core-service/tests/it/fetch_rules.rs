//! A file's way to being stored or lost.

use std::time::Duration;

use core_service::domain::{
    content::{Content, Media, MediaKind, MediaState, MessageType},
    fetch::Fetch,
    ids::MessageId,
    message::Message,
    rules::{
        fetch::{File, KEPT_BY_META, LAST_TRY, REFUSALS, Setback, hasten, set_back, stored},
        receive::take_inbound,
    },
    working_set::WorkingSet,
};

use crate::kit::{NOON, client, inbound, message_id, minted, number, owner, set_at};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn media() -> Media {
    Media {
        kind: MediaKind::Document,
        media_id: Some("1037".to_owned()),
        mime_type: "application/pdf".to_owned(),
        filename: Some("cv.pdf".to_owned()),
        caption: None,
        size: None,
        sha256: None,
        state: MediaState::Pending,
        voice: false,
        animated: false,
    }
}

/// A message that came with a file at noon.
fn message() -> Message {
    let mut set = set_at(NOON);
    take(&mut set);
    set.message(message_id(1)).unwrap().clone()
}

fn take(set: &mut WorkingSet) {
    let mut fact = inbound("cv", NOON);
    (fact.kind, fact.content) = (MessageType::Document, Content::Media(media()));
    assert!(take_inbound(set, &client(), &number(), &fact, minted(1)));
}

/// What a rule makes of a message some time after it came, and how many events it tells.
fn after(
    time: Duration,
    message: Message,
    rule: impl FnOnce(&mut WorkingSet, MessageId),
) -> (Message, usize) {
    let mut begun = set_at(NOON);
    take(&mut begun);
    let (mut set, id) = (WorkingSet::new(owner(), NOON + time), message.id);
    set.add_conversation(begun.conversation(message.conversation_id).unwrap().clone());
    set.add_message(message);
    rule(&mut set, id);
    let row = set.message(id).unwrap().clone();
    (row, set.into_batch(Vec::new()).events.len())
}

fn fails(time: Duration, message: Message, setback: &Setback) -> (Message, usize) {
    after(time, message, |set, id| set_back(set, id, "1037", setback, 0.0))
}

fn state(message: &Message) -> MediaState {
    let Content::Media(media) = &message.content else { panic!("{message:?}") };
    media.state
}

fn away() -> Setback {
    Setback::Away { why: "HTTP status 503".to_owned(), retry_after: None }
}

#[test]
fn a_message_with_a_file_is_a_job_however_it_got_it() {
    assert_eq!(message().fetch, Some(Box::new(Fetch::at(NOON))));
    let (row, _) = after(DAY, message(), |set, id| {
        let text = inbound("text", NOON).content;
        let changed = set.change_message(id, |row| row.content = text).unwrap();
        assert_eq!(changed.fetch, None);
        // Without a name there is nothing to ask Meta for.
        let nameless = Content::Media(Media { media_id: None, ..media() });
        assert_eq!(set.change_message(id, |row| row.content = nameless).unwrap().fetch, None);
        set.change_message(id, |row| row.content = Content::Media(media()));
    });
    assert_eq!(row.fetch, Some(Box::new(Fetch::at(NOON + DAY))));
}

#[test]
fn what_was_stored_is_told_once() {
    let file = File { size: 3, sha256: "00ff".to_owned() };
    let (row, told) = after(DAY, message(), |set, id| {
        stored(set, id, "1037", &file);
        stored(set, id, "1037", &file);
        set_back(set, id, "1037", &away(), 0.0);
    });
    assert_eq!((state(&row), &row.fetch, told), (MediaState::Stored, &None, 1));
    let Content::Media(media) = row.content else { panic!() };
    assert_eq!((media.size, media.sha256.as_deref()), (Some(3), Some("00ff")));
}

#[test]
fn an_outage_is_waited_out_for_seven_days() {
    let (mut row, mut time, mut tries) = (message(), Duration::ZERO, 0);
    while state(&row) == MediaState::Pending {
        let told;
        (row, told) = fails(time, row, &away());
        tries += 1;
        assert_eq!(told > 0, state(&row) == MediaState::Lost);
        if let Some(due) = row.fetch_at() {
            assert!(due > NOON + time && due <= NOON + LAST_TRY);
            time = due.since(NOON);
        }
    }
    assert_eq!(time, LAST_TRY, "the last try is at the end");
    assert_eq!(KEPT_BY_META - time, Duration::from_secs(3_600), "and Meta still has the file");
    assert!((170..190).contains(&tries), "{tries}");
    let fetch = row.fetch.unwrap();
    assert_eq!((fetch.due_at, fetch.last_error.as_deref()), (None, Some("HTTP status 503")));
}

#[test]
fn meta_is_asked_no_sooner_than_it_wants() {
    let hours = |count: u64| Duration::from_secs(count * 3_600);
    // What it wants is believed up to a point.
    for (says, then) in [(hours(2), hours(2)), (hours(6), hours(6)), (6 * DAY, hours(6))] {
        let wanted = Setback::Away { why: String::new(), retry_after: Some(says) };
        assert_eq!(fails(Duration::ZERO, message(), &wanted).0.fetch_at(), Some(NOON + then));
    }
    let soon = Setback::Away { why: String::new(), retry_after: Some(Duration::ZERO) };
    let due = fails(Duration::ZERO, message(), &soon).0.fetch_at();
    assert_eq!(due, Some(NOON + Duration::from_secs(5)));
}

#[test]
fn some_refusals_end_it_and_outages_between_them_do_not_count() {
    let refused = Setback::Refused("there is no such file".to_owned());
    let mut row = message();
    for n in 1..=REFUSALS {
        for _ in 0..3 {
            row = fails(DAY, row, &away()).0;
        }
        assert_eq!(state(&row), MediaState::Pending, "after {n}");
        row = fails(DAY, row, &refused).0;
    }
    assert_eq!(state(&row), MediaState::Lost);
}

#[test]
fn what_was_refused_is_asked_for_hours_later_and_ever_later() {
    let refused = Setback::Refused("there is no such file".to_owned());
    let (mut row, mut time) = (message(), Duration::ZERO);
    let mut minutes = Vec::new();
    for _ in 1..REFUSALS {
        row = fails(time, row, &refused).0;
        let due = row.fetch_at().unwrap().since(NOON);
        minutes.push((due - time).as_secs() / 60);
        time = due;
    }
    assert_eq!(minutes, [30, 60, 120, 240]);
}

#[test]
fn what_will_never_be_ours_is_lost_at_once() {
    let hopeless = Setback::Hopeless("larger than 100 MiB".to_owned());
    let (row, told) = fails(Duration::ZERO, message(), &hopeless);
    assert_eq!((state(&row), row.fetch_at(), told), (MediaState::Lost, None, 1));
}

#[test]
fn without_a_connection_nobody_was_asked() {
    let row = fails(Duration::ZERO, message(), &Setback::NotConnected).0;
    let fetch = row.fetch.clone().unwrap();
    assert_eq!((fetch.attempts, fetch.refusals), (0, 0));
    assert_eq!(fetch.due_at, Some(NOON + Duration::from_secs(3_600)));
    let (row, _) = after(Duration::from_secs(9), row, hasten);
    assert_eq!(row.fetch_at(), Some(NOON + Duration::from_secs(9)));
    let (row, _) = fails(KEPT_BY_META, row, &Setback::NotConnected);
    assert_eq!(state(&row), MediaState::Lost);
}

#[test]
fn an_outcome_for_another_file_changes_nothing() {
    let file = File { size: 3, sha256: "00ff".to_owned() };
    let (row, told) = after(DAY, message(), |set, id| {
        stored(set, id, "another", &file);
        set_back(set, id, "another", &Setback::Hopeless(String::new()), 0.0);
        set_back(set, id, "another", &away(), 0.0);
    });
    assert_eq!((row, told), (message(), 0));
}
