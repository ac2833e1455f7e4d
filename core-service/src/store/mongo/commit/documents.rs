//! How rows stand in their collections.
//!
//! Invariant: a key field says what the body says; a field without a value is left out.

use mongodb::bson::{RawArrayBuf, RawDocumentBuf, raw::cstr, rawdoc};

use super::super::field::{DUE, FETCH, SENDING, event_id, orphan_id, uuid};
use crate::{
    domain::{
        change::Orphan,
        client::Client,
        conversation::Conversation,
        message::{Direction, Message},
        owner::Owner,
        search,
        template::{Purpose, Template},
    },
    store::{
        StoreError,
        prepare::{Stored, StoredEvent},
    },
};

/// The identifiers of a conversation as they stand in its row.
pub(super) fn identities(row: &Conversation) -> Vec<String> {
    let mut identities: Vec<String> = row.identities.iter().map(|one| one.key()).collect();
    identities.sort_unstable();
    identities.dedup();
    identities
}

pub(super) fn client(stored: &Stored<Client>) -> Result<RawDocumentBuf, StoreError> {
    let Stored { row, body } = stored;
    let mut document = rawdoc! {
        "_id": uuid(row.id.uuid()),
        "owner": row.owner.as_str(),
        "revision": row.revision.cast_signed(),
        "live": row.is_live(),
    };
    if let Some(number) = row.phone_number_id() {
        document.append(cstr!("number"), number.as_str());
    }
    if let Some(connection) = &row.connection {
        document.append(cstr!("waba"), connection.waba_id.as_str());
    }
    document.append(cstr!("body"), text(body)?);
    Ok(document)
}

pub(super) fn conversation(stored: &Stored<Conversation>) -> Result<RawDocumentBuf, StoreError> {
    let Stored { row, body } = stored;
    let list = |texts: Vec<String>| texts.into_iter().collect::<RawArrayBuf>();
    Ok(rawdoc! {
        "_id": uuid(row.id.uuid()),
        "owner": row.owner.as_str(),
        "client": uuid(row.client_id.uuid()),
        "number": row.phone_number_id.as_str(),
        "revision": row.revision.cast_signed(),
        "activity": row.activity().as_millis(),
        "hidden": row.hidden,
        "unread": i64::from(row.unread_count),
        "identities": list(identities(row)),
        "words": list(search::words_of(&row.candidate)),
        "body": text(body)?,
    })
}

pub(super) fn message(stored: &Stored<Message>) -> Result<RawDocumentBuf, StoreError> {
    let Stored { row, body } = stored;
    let mut document = rawdoc! {
        "_id": uuid(row.id.uuid()),
        "owner": row.owner.as_str(),
        "conversation": uuid(row.conversation_id.uuid()),
        "number": row.phone_number_id.as_str(),
        "revision": row.revision.cast_signed(),
        "at": row.at.as_millis(),
        "inbound": match row.direction {
            Direction::Inbound => true,
            Direction::Outbound => false,
        },
        "lane": i32::from(row.owner.lane().number()),
    };
    if let Some(wamid) = &row.wamid {
        document.append(cstr!("wamid"), wamid.as_str());
    }
    if let Some(promise) = &row.idempotency {
        document.append(cstr!("key"), promise.key.as_str());
    }
    // Never two of them: what is fetched came in, what is sent goes out.
    let due = row.due_at().map(|due| (DUE, due.as_millis()));
    let sending = row.sending_term().map(|term| (SENDING, term.cast_signed()));
    let fetch = row.fetch_at().map(|due| (FETCH, due.as_millis()));
    if let Some((what, turn)) = due.or(sending).or(fetch) {
        document.append(cstr!("waits"), what);
        document.append(cstr!("turn"), turn);
    }
    document.append(cstr!("body"), text(body)?);
    Ok(document)
}

/// How a purpose stands in its field.
pub(in super::super) const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Initiate => "INITIATE",
        Purpose::Reengage => "REENGAGE",
    }
}

pub(super) fn template(stored: &Stored<Template>) -> Result<RawDocumentBuf, StoreError> {
    let Stored { row, body } = stored;
    let mut document = rawdoc! {
        "_id": uuid(row.id.uuid()),
        "owner": row.owner.as_str(),
        "client": uuid(row.client_id.uuid()),
        "revision": row.revision.cast_signed(),
        "name": row.definition.name.as_str(),
        "language": row.definition.language.as_str(),
        "status": row.definition.status.as_str(),
    };
    if let Some(of) = row.purpose {
        document.append(cstr!("purpose"), purpose(of));
    }
    document.append(cstr!("body"), text(body)?);
    Ok(document)
}

pub(super) fn orphan(owner: &Owner, stored: &Stored<Orphan>) -> Result<RawDocumentBuf, StoreError> {
    let Stored { row, body } = stored;
    Ok(rawdoc! {
        "_id": orphan_id(owner.as_str(), row.phone_number_id.as_str(), row.wamid.as_str()),
        "owner": owner.as_str(),
        "revision": row.revision.cast_signed(),
        "created": row.created_at.as_millis(),
        "body": text(body)?,
    })
}

pub(super) fn event(
    owner: &Owner,
    position: u64,
    stored: &StoredEvent,
) -> Result<RawDocumentBuf, StoreError> {
    let StoredEvent { at, body } = stored;
    Ok(rawdoc! {
        "_id": event_id(owner, position),
        "owner": owner.as_str(),
        "position": position.cast_signed(),
        "at": at.as_millis(),
        "body": text(body)?,
    })
}

/// A stored form is JSON, so it is text.
pub(in super::super) fn text(body: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(body)
        .map_err(|_| StoreError::Corrupt("a stored form is no text".to_owned()))
}
