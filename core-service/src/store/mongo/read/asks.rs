//! What footprints ask of each collection.
//!
//! Invariant: one query per collection, of which every part has an index of its own.

use std::collections::{BTreeMap, BTreeSet};

use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use super::{
    super::{
        db::Find,
        field::{self, orphan_id},
    },
    BY_ID, among,
    found::Kind,
    load::Wanted,
};
use crate::domain::{
    identity::Identity,
    ids::{PhoneNumberId, Wamid},
};

/// What is asked of one collection: any of these, each by an index of its own.
pub(super) struct Ask {
    pub(super) kind: Kind,
    any: Vec<(Document, &'static str)>,
}

impl Ask {
    /// As a query.
    pub(super) fn into_find(self) -> Find {
        let Self { kind, mut any } = self;
        // With a choice the planner looks at each part by itself, and one hint cannot serve all. An id
        // needs none: the server has a way of its own for it, and a hint would close that.
        let (filter, hint) = match any.pop() {
            Some((only, index)) if any.is_empty() => (only, Some(index).filter(|i| *i != BY_ID)),
            Some((last, _)) => {
                let others = any.into_iter().map(|(filter, _)| filter);
                (doc! { "$or": others.chain([last]).collect::<Vec<_>>() }, None)
            }
            None => (Document::new(), None),
        };
        Find { hint, ..Find::all(kind.of(), filter) }
    }
}

/// What is asked, by collection.
#[derive(Default)]
struct Parts {
    clients: BTreeSet<Uuid>,
    live_of: Vec<String>,
    conversations: BTreeSet<Uuid>,
    by_identity: Vec<Document>,
    messages: BTreeSet<Uuid>,
    by_wamid: Vec<Document>,
    by_key: Vec<Document>,
    templates: BTreeSet<Uuid>,
    of_clients: Vec<Bson>,
    orphans: BTreeSet<String>,
}

/// What footprints of several owners ask of each collection; nothing of those that they do not name.
pub(super) fn asks(wanted: &[&Wanted]) -> Vec<Ask> {
    let mut parts = Parts::default();
    wanted.iter().for_each(|one| parts.add(one));
    let Parts {
        clients,
        live_of,
        conversations,
        by_identity,
        messages,
        by_wamid,
        by_key,
        templates,
        of_clients,
        orphans,
    } = parts;
    let by_ids = |ids: BTreeSet<Uuid>| {
        (!ids.is_empty()).then(|| (doc! { "_id": among(ids.iter().copied()) }, BY_ID))
    };
    let by = |filters: Vec<Document>, index| filters.into_iter().map(move |one| (one, index));
    let live = (!live_of.is_empty())
        .then(|| (doc! { "owner": { "$in": live_of }, "live": true }, "live_owner"));
    let of_clients =
        (!of_clients.is_empty()).then(|| (doc! { "client": { "$in": of_clients } }, "client"));
    let parked: Vec<String> = orphans.into_iter().collect();
    let parked = (!parked.is_empty()).then(|| (doc! { "_id": { "$in": parked } }, BY_ID));
    let of_messages = by_ids(messages).into_iter();
    let asks = [
        Ask { kind: Kind::Client, any: by_ids(clients).into_iter().chain(live).collect() },
        Ask {
            kind: Kind::Conversation,
            any: by_ids(conversations).into_iter().chain(by(by_identity, "identities")).collect(),
        },
        Ask {
            kind: Kind::Message,
            any: of_messages.chain(by(by_wamid, "wamid")).chain(by(by_key, "key")).collect(),
        },
        Ask {
            kind: Kind::Template,
            any: by_ids(templates).into_iter().chain(of_clients).collect(),
        },
        Ask { kind: Kind::Orphan, any: Vec::from_iter(parked) },
    ];
    asks.into_iter().filter(|ask| !ask.any.is_empty()).collect()
}

impl Parts {
    fn add(&mut self, Wanted { owner, footprint }: &Wanted) {
        let crate::store::Footprint {
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
        let owner = owner.as_str();
        self.live_of.extend(live_client.then(|| owner.to_owned()));
        self.clients.extend(clients.iter().map(|id| id.uuid()));
        self.conversations.extend(conversations.iter().map(|id| id.uuid()));
        self.by_identity.extend(by_identities(owner, identities));
        self.messages.extend(messages.iter().map(|id| id.uuid()));
        self.by_wamid.extend(by_wamids(owner, wamids));
        self.by_key.extend(idempotency.iter().map(|key| doc! { "owner": owner, "key": key }));
        self.templates.extend(templates.iter().map(|id| id.uuid()));
        self.of_clients.extend(templates_of.map(|client| Bson::from(field::uuid(client.uuid()))));
        let parked = orphans.iter().map(|(n, wamid)| orphan_id(owner, n.as_str(), wamid.as_str()));
        self.orphans.extend(parked);
    }
}

/// Conversations by identifier: a part per business number.
fn by_identities(
    owner: &str,
    identities: &[(PhoneNumberId, Identity)],
) -> impl Iterator<Item = Document> {
    let keys = identities.iter().map(|(number, identity)| (number.as_str(), identity.key()));
    by_number(keys).into_iter().map(move |(number, keys)| {
        doc! { "owner": owner, "number": number, "identities": { "$in": keys } }
    })
}

/// Messages by wamid: a part per business number.
fn by_wamids(owner: &str, wamids: &[(PhoneNumberId, Wamid)]) -> impl Iterator<Item = Document> {
    let keys = wamids.iter().map(|(number, wamid)| (number.as_str(), wamid.as_str().to_owned()));
    by_number(keys).into_iter().map(move |(number, keys)| {
        doc! { "owner": owner, "number": number, "wamid": { "$in": keys } }
    })
}

fn by_number<'a>(keys: impl Iterator<Item = (&'a str, String)>) -> BTreeMap<&'a str, Vec<String>> {
    let mut by_number: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (number, key) in keys {
        by_number.entry(number).or_default().push(key);
    }
    by_number
}
