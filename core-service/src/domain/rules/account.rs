//! How a client's account and number stand with Meta, by what Meta says of them.
//!
//! Invariant: what was read from Meta holds against what Meta said before that; what was said before the
//! connection was made is not about it. Whatever comes in whichever order, or twice, ends the same.

use std::time::Duration;

use crate::domain::{
    account::{Learned, NumberRead, Said},
    actor::THE_CORE,
    client::{Client, ClientStatus, Connection},
    event::News,
    ids::ClientId,
    onboarding::{Attention, Concern},
    standing::Topic,
    time::Timestamp,
    working_set::WorkingSet,
};

/// How far Meta's clock and ours may be apart.
pub(super) const SKEW: Duration = Duration::from_secs(10 * 60);
/// How long after connecting the PIN that changed is the one that we set.
const OURS: Duration = Duration::from_secs(60);

/// The whole second of a time: as exact as Meta is.
pub(super) const fn second(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

/// Takes in a word about the account or the number.
pub fn take_said(set: &mut WorkingSet, client: &Client, at: Timestamp, said: &Said) {
    let now = set.now();
    let connection = client.connection.as_ref().filter(|connection| connection.token.is_some());
    let Some(connection) = connection else { return };
    let at = at.min(now + SKEW);
    let began = connection.connected_at.unwrap_or_default();
    let goes_on = said.until.is_some_and(|until| until > now);
    if second(at) < second(began) && !goes_on {
        if said.learned.is_some() && at + SKEW >= began {
            want_number(set, client);
        }
        return;
    }
    let mut next = client.clone();
    if said.learned.is_some() && next.standing.is_doubtful(at, said) {
        next.standing.number_stale = Some(now);
    }
    let is_ours = said.topic == Topic::Pin && at < began + OURS;
    if is_ours || !next.standing.take(at, said, now) {
        if next != *client {
            keep(set, client, next);
        }
        return;
    }
    if let Some(learned) = &said.learned {
        learn(&mut next, at, learned, now);
    }
    adapt(&mut next, client.standing.stops());
    keep(set, client, next);
}

/// Takes in what is known of the number by a word. What was read later holds; when the clocks leave open
/// which of the two it was, Meta is asked.
fn learn(row: &mut Client, at: Timestamp, learned: &Learned, now: Timestamp) {
    let Some(connection) = row.connection.as_mut() else { return };
    let read = row.standing.number_read_at.or(connection.connected_at).unwrap_or_default();
    if second(at) < second(read) {
        if at + SKEW >= read {
            row.standing.number_stale = Some(now);
        }
        return;
    }
    match learned {
        Learned::VerifiedName(name) => connection.verified_name = Some(name.clone()),
        Learned::MessagingLimit(limit) => connection.messaging_limit = Some(limit.clone()),
        Learned::Quality(quality) => connection.quality_rating = Some(quality.clone()),
        Learned::OtherQuality => {
            connection.quality_rating = None;
            row.standing.number_stale = Some(now);
        }
    }
}

/// Takes in what was read of the number, asked for at that time.
pub fn take_number(set: &mut WorkingSet, client: &Client, read: &NumberRead, read_at: Timestamp) {
    let NumberRead { display_phone_number, verified_name, quality_rating, messaging_limit } = read;
    let mut next = client.clone();
    let standing = &mut next.standing;
    let Some(connection) = next.connection.as_mut() else { return };
    let said_later = |topic| {
        standing.word(topic).is_some_and(|word| {
            word.said.learned.as_ref().is_some_and(|learned| *learned != Learned::OtherQuality)
                && second(word.at) >= second(read_at)
        })
    };
    for (field, read, topic) in [
        (&mut connection.verified_name, verified_name, Topic::Name),
        (&mut connection.quality_rating, quality_rating, Topic::Quality),
        (&mut connection.messaging_limit, messaging_limit, Topic::Limit),
    ] {
        if read.is_some() && !said_later(topic) {
            field.clone_from(read);
        }
    }
    if display_phone_number.is_some() {
        connection.display_phone_number.clone_from(display_phone_number);
    }
    standing.number_read_at = Some(read_at);
    standing.number_stale = standing.number_stale.filter(|stale| *stale > read_at);
    keep(set, client, next);
}

/// Ends what is over by itself.
pub fn end_concerns(set: &mut WorkingSet, client: &Client) {
    let mut next = client.clone();
    next.standing.end(set.now());
    adapt(&mut next, client.standing.stops());
    if next != *client {
        keep(set, client, next);
    }
}

/// The client is connected, for the first time or again.
pub fn connected(row: &mut Client, connection: Connection) {
    let before = row.connection.as_ref().map(|before| &before.waba_id);
    row.standing = match before {
        Some(before) if *before == connection.waba_id => Box::new(row.standing.renewed()),
        Some(_) | None => Box::default(),
    };
    row.connection = Some(connection);
    row.onboarding = None;
    row.attention = None;
    row.status = ClientStatus::Connected;
    adapt(row, false);
}

/// The number has to be read anew.
fn want_number(set: &mut WorkingSet, client: &Client) {
    let mut next = client.clone();
    next.standing.number_stale = Some(set.now());
    if next != *client {
        keep(set, client, next);
    }
}

/// The templates have to be read anew.
pub(super) fn want_templates(set: &mut WorkingSet, id: ClientId) {
    let Some(client) = set.client(id).cloned() else { return };
    let mut next = client.clone();
    next.standing.templates_stale = Some(set.now());
    if next != client {
        keep(set, &client, next);
    }
}

/// The templates are what was read of them, asked for at that time.
pub fn templates_read(set: &mut WorkingSet, client: &Client, read_at: Timestamp) {
    let mut next = client.clone();
    let standing = &mut next.standing;
    standing.templates_read_at = standing.templates_read_at.max(Some(read_at));
    standing.templates_stale = standing.templates_stale.filter(|stale| *stale > read_at);
    if next != *client {
        keep(set, client, next);
    }
}

/// Lets the status follow from how the account stands, and only as far as it does.
fn adapt(row: &mut Client, stopped: bool) {
    let stops = row.standing.stops();
    let lost = row.attention.as_ref().is_some_and(|own| own.concern == Concern::AccessLost);
    if stops && row.status == ClientStatus::Connected {
        row.status = ClientStatus::Restricted;
    } else if stopped && !stops && !lost && row.status == ClientStatus::Restricted {
        row.status = ClientStatus::Connected;
    }
}

/// Writes a client that changed; tells it when there is something new to see.
fn keep(set: &mut WorkingSet, before: &Client, mut next: Client) {
    let news = seen(before) != seen(&next);
    if news {
        next.updated_at = set.now();
        THE_CORE.clone_into(&mut next.updated_by);
    }
    let changed = set.change_client(before.id, |row| {
        let revision = row.revision;
        *row = next;
        row.revision = revision;
    });
    if let Some(client) = changed.filter(|_| news) {
        set.tell(News::ClientUpdated { client });
    }
}

/// What callers see of what Meta's words change.
fn seen(client: &Client) -> (ClientStatus, Option<[Option<&str>; 4]>, Option<Attention>) {
    let known = client.connection.as_ref().map(|connection| {
        [
            connection.display_phone_number.as_deref(),
            connection.verified_name.as_deref(),
            connection.quality_rating.as_deref(),
            connection.messaging_limit.as_deref(),
        ]
    });
    (client.status, known, client.shown_attention())
}
