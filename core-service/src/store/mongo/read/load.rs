//! The rows of a footprint, found in one state of the store.
//!
//! What is asked of one collection is one query, and all queries are one round trip. Only conversations
//! of messages that were found, and that nobody asked for, take a second one.
//!
//! Invariant: every row is the owner's, and none is given twice.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use mongodb::bson::{Document, doc};
use uuid::Uuid;

use super::{
    super::{
        db::{Db, Find, READ, within},
        field::{self, CONVERSATIONS, orphan_id},
    },
    BY_ID, among,
    found::{self, Kind},
    look::Look,
};
use crate::{
    domain::{
        identity::Identity,
        ids::{PhoneNumberId, Wamid},
        owner::Owner,
    },
    store::{Footprint, Rows, StoreError},
};

/// Finds the rows of a footprint.
pub(in super::super) async fn load(
    db: &Db,
    owner: &Owner,
    footprint: &Footprint,
) -> Result<Rows, StoreError> {
    within(READ, look_up(db, owner, footprint)).await
}

async fn look_up(db: &Db, owner: &Owner, footprint: &Footprint) -> Result<Rows, StoreError> {
    let asks = asks(owner.as_str(), footprint);
    let mut rows = Rows::default();
    let follows_messages = asks.iter().any(|ask| ask.kind == Kind::Message);
    let mut finds = asks.into_iter().map(Ask::into_find);
    let Some(first) = finds.next() else { return Ok(rows) };
    let others: Vec<Find> = finds.collect();
    if others.is_empty() && !follows_messages {
        // One query is one look by itself.
        found::take(&mut rows, &db.find(first).await?)?;
        return Ok(rows);
    }
    let mut look = Look::new(db).await?;
    let all = if others.is_empty() {
        look.find(first).await?
    } else {
        look.find_all(first, others).await?
    };
    found::take(&mut rows, &all)?;

    let asked = footprint.conversations.iter().map(|id| id.uuid());
    let seen: HashSet<Uuid> =
        asked.chain(rows.conversations.iter().map(|row| row.id.uuid())).collect();
    let of_messages: BTreeSet<Uuid> = rows
        .messages
        .iter()
        .map(|row| row.conversation_id.uuid())
        .filter(|id| !seen.contains(id))
        .collect();
    if !of_messages.is_empty() {
        let filter = doc! { "_id": among(of_messages), "owner": owner.as_str() };
        let fields = Kind::Conversation.fields();
        let find = Find { fields, hint: Some(BY_ID), ..Find::all(CONVERSATIONS, filter) };
        found::take(&mut rows, &look.find(find).await?)?;
    }
    Ok(rows)
}

/// What is asked of one collection: any of these, each by an index of its own.
struct Ask {
    kind: Kind,
    any: Vec<(Document, &'static str)>,
}

impl Ask {
    fn into_find(self) -> Find {
        let Self { kind, mut any } = self;
        // With a choice the planner looks at each part by itself, and one hint cannot serve all.
        let (filter, hint) = match any.pop() {
            Some((only, index)) if any.is_empty() => (only, Some(index)),
            Some((last, _)) => {
                let others = any.into_iter().map(|(filter, _)| filter);
                (doc! { "$or": others.chain([last]).collect::<Vec<_>>() }, None)
            }
            None => (Document::new(), None),
        };
        Find { fields: kind.fields(), hint, ..Find::all(kind.of(), filter) }
    }
}

/// What a footprint asks of each collection; nothing of those that it does not name.
fn asks(owner: &str, footprint: &Footprint) -> Vec<Ask> {
    let Footprint {
        live_client,
        clients,
        conversations,
        identities,
        messages,
        wamids,
        idempotency,
        orphans,
        templates_of,
        templates,
    } = footprint;
    let by_ids = |ids: BTreeSet<Uuid>| {
        let filter = || doc! { "_id": among(ids.iter().copied()), "owner": owner };
        (!ids.is_empty()).then(|| (filter(), BY_ID))
    };

    let mut of_clients = Vec::from_iter(by_ids(clients.iter().map(|id| id.uuid()).collect()));
    if *live_client {
        of_clients.push((doc! { "owner": owner, "live": true }, "live_owner"));
    }
    let mut of_conversations =
        Vec::from_iter(by_ids(conversations.iter().map(|id| id.uuid()).collect()));
    of_conversations.extend(by_identities(owner, identities));
    let mut of_messages = Vec::from_iter(by_ids(messages.iter().map(|id| id.uuid()).collect()));
    of_messages.extend(by_wamids(owner, wamids));
    of_messages.extend(idempotency.iter().map(|key| (doc! { "owner": owner, "key": key }, "key")));
    let mut of_templates = Vec::from_iter(by_ids(templates.iter().map(|id| id.uuid()).collect()));
    of_templates.extend(templates_of.map(|client| {
        let client = field::uuid(client.uuid());
        (doc! { "client": client, "owner": owner }, "client")
    }));
    let parked: BTreeSet<String> = orphans
        .iter()
        .map(|(number, wamid)| orphan_id(owner, number.as_str(), wamid.as_str()))
        .collect();
    let of_orphans = (!parked.is_empty()).then(|| {
        let parked: Vec<String> = parked.into_iter().collect();
        (doc! { "_id": { "$in": parked }, "owner": owner }, BY_ID)
    });

    let asks = [
        Ask { kind: Kind::Client, any: of_clients },
        Ask { kind: Kind::Conversation, any: of_conversations },
        Ask { kind: Kind::Message, any: of_messages },
        Ask { kind: Kind::Template, any: of_templates },
        Ask { kind: Kind::Orphan, any: Vec::from_iter(of_orphans) },
    ];
    asks.into_iter().filter(|ask| !ask.any.is_empty()).collect()
}

/// Conversations by identifier: a branch per business number.
fn by_identities(
    owner: &str,
    identities: &[(PhoneNumberId, Identity)],
) -> Vec<(Document, &'static str)> {
    let keys = identities.iter().map(|(number, identity)| (number.as_str(), identity.key()));
    let branch = |(number, keys)| {
        (doc! { "owner": owner, "number": number, "identities": { "$in": keys } }, "identities")
    };
    by_number(keys).into_iter().map(branch).collect()
}

/// Messages by wamid: a branch per business number.
fn by_wamids(owner: &str, wamids: &[(PhoneNumberId, Wamid)]) -> Vec<(Document, &'static str)> {
    let keys = wamids.iter().map(|(number, wamid)| (number.as_str(), wamid.as_str().to_owned()));
    let branch = |(number, keys)| {
        (doc! { "owner": owner, "number": number, "wamid": { "$in": keys } }, "wamid")
    };
    by_number(keys).into_iter().map(branch).collect()
}

fn by_number<'a>(keys: impl Iterator<Item = (&'a str, String)>) -> Vec<(&'a str, Vec<String>)> {
    let mut by_number: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (number, key) in keys {
        by_number.entry(number).or_default().push(key);
    }
    by_number.into_iter().collect()
}
