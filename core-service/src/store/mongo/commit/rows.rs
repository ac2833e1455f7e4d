//! What the batches of a group rely on: one query per collection for all of them.
//!
//! Invariant: a key is looked up among the rows of its batch's owner only; another owner's row is absent
//! to an expectation, and a conflict to a write.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use uuid::Uuid;

use super::{
    super::{
        db::Find,
        error::Failure,
        field::{
            CLIENTS, CONVERSATIONS, MESSAGES, Name, ORPHANS, TEMPLATES, missing, orphan_id, uuid,
        },
    },
    attempt::Transaction,
};
use crate::{
    domain::change::{Expect, Key, State},
    store::{StoreError, prepare::Prepared},
};

/// A row as it is before the group's writes.
pub(super) struct Seen {
    owner: String,
    revision: u64,
    pub(super) row: RawDocumentBuf,
}

/// A unique place: whose, where, what. A place of a message's key has no number.
type Place = (String, String, String);

/// The rows that a group names.
#[derive(Default)]
pub(super) struct Rows {
    by_id: HashMap<Uuid, Seen>,
    orphans: HashMap<String, u64>,
    live_clients: HashMap<String, u64>,
    identities: HashMap<Place, u64>,
    wamids: HashMap<Place, u64>,
    keys: HashMap<Place, u64>,
}

/// What is asked of the collections.
#[derive(Default)]
struct Asked<'a> {
    clients: HashSet<Uuid>,
    conversations: HashSet<Uuid>,
    messages: HashSet<Uuid>,
    templates: HashSet<Uuid>,
    orphans: BTreeSet<String>,
    live_of: BTreeSet<&'a str>,
    identities: BTreeMap<(&'a str, &'a str), Vec<String>>,
    wamids: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
    keys: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Asked<'a> {
    fn add(&mut self, batch: &'a Prepared) {
        let owner = batch.owner.as_str();
        let new = New::of(batch);
        for Expect { key, state: _ } in batch.expects.iter().filter(|one| !new.takes(one)) {
            match key {
                Key::Client(id) => drop(self.clients.insert(id.uuid())),
                Key::LiveClient => drop(self.live_of.insert(owner)),
                Key::Conversation(id) => drop(self.conversations.insert(id.uuid())),
                Key::Identity(number, identity) => {
                    self.identities
                        .entry((owner, number.as_str()))
                        .or_default()
                        .push(identity.key());
                }
                Key::Message(id) => drop(self.messages.insert(id.uuid())),
                Key::Wamid(number, wamid) => {
                    self.wamids.entry((owner, number.as_str())).or_default().push(wamid.as_str());
                }
                Key::Idempotency(key) => self.keys.entry(owner).or_default().push(key),
                Key::Template(id) => drop(self.templates.insert(id.uuid())),
                Key::Orphan(number, wamid) => {
                    self.orphans.insert(orphan_id(owner, number.as_str(), wamid.as_str()));
                }
            }
        }
        // A write is an insert or a replacement, and never of another owner's row.
        self.clients.extend(batch.clients.iter().map(|stored| stored.row.id.uuid()));
        self.conversations.extend(batch.conversations.iter().map(|stored| stored.row.id.uuid()));
        let messages = batch.messages.iter().map(|stored| stored.row.id.uuid());
        self.messages.extend(messages.filter(|id| !new.ids.contains(id)));
        self.templates.extend(batch.templates.iter().map(|stored| stored.row.id.uuid()));
        for stored in &batch.orphans {
            let (number, wamid) = (&stored.row.phone_number_id, &stored.row.wamid);
            self.orphans.insert(orphan_id(owner, number.as_str(), wamid.as_str()));
        }
    }
}

/// Messages that a batch states to be new, with the places that they take. Nobody need look for them: the
/// unique indexes refuse what is there already, and most messages are new.
#[derive(Default)]
struct New<'a> {
    ids: HashSet<Uuid>,
    wamids: HashSet<(&'a str, &'a str)>,
    keys: HashSet<&'a str>,
}

impl<'a> New<'a> {
    fn of(batch: &'a Prepared) -> Self {
        let absent = batch.expects.iter().filter(|expect| expect.state == State::Absent);
        let stated: HashSet<Uuid> = absent
            .filter_map(
                |expect| if let Key::Message(id) = &expect.key { Some(id.uuid()) } else { None },
            )
            .collect();
        let mut new = Self::default();
        for stored in batch.messages.iter().filter(|one| stated.contains(&one.row.id.uuid())) {
            let row = &stored.row;
            new.ids.insert(row.id.uuid());
            new.wamids.extend(
                row.wamid.iter().map(|wamid| (row.phone_number_id.as_str(), wamid.as_str())),
            );
            new.keys.extend(row.idempotency.iter().map(|promise| promise.key.as_str()));
        }
        new
    }

    /// True when an expectation says only what the insert of a new message proves.
    fn takes(&self, expect: &Expect) -> bool {
        let Expect { key, state } = expect;
        *state == State::Absent
            && match key {
                Key::Message(id) => self.ids.contains(&id.uuid()),
                Key::Wamid(number, wamid) => {
                    self.wamids.contains(&(number.as_str(), wamid.as_str()))
                }
                Key::Idempotency(key) => self.keys.contains(key.as_str()),
                Key::Client(_)
                | Key::LiveClient
                | Key::Conversation(_)
                | Key::Identity(..)
                | Key::Template(_)
                | Key::Orphan(..) => false,
            }
    }
}

impl Rows {
    /// Reads every row that the batches name.
    pub(super) async fn read(
        transaction: &mut Transaction<'_>,
        batches: &[&Prepared],
    ) -> Result<Self, Failure> {
        let mut asked = Asked::default();
        batches.iter().for_each(|batch| asked.add(batch));
        let Asked {
            clients,
            conversations,
            messages,
            templates,
            orphans,
            live_of,
            identities,
            wamids,
            keys,
        } = asked;
        let mut rows = Self::default();

        let mut any = by_ids(&clients);
        let live_of: Vec<&str> = live_of.into_iter().collect();
        if !live_of.is_empty() {
            any.push(doc! { "owner": { "$in": live_of }, "live": true });
        }
        rows.take(transaction, CLIENTS, any).await?;

        let mut any = by_ids(&conversations);
        any.extend(identities.into_iter().map(|((owner, number), identities)| {
            doc! { "owner": owner, "number": number, "identities": { "$in": identities } }
        }));
        rows.take(transaction, CONVERSATIONS, any).await?;

        let mut any = by_ids(&messages);
        any.extend(wamids.into_iter().map(|((owner, number), wamids)| {
            doc! { "owner": owner, "number": number, "wamid": { "$in": wamids } }
        }));
        any.extend(
            keys.into_iter().map(|(owner, keys)| doc! { "owner": owner, "key": { "$in": keys } }),
        );
        rows.take(transaction, MESSAGES, any).await?;

        rows.take(transaction, TEMPLATES, by_ids(&templates)).await?;
        rows.take_orphans(transaction, orphans).await?;
        Ok(rows)
    }

    async fn take(
        &mut self,
        transaction: &mut Transaction<'_>,
        of: Name,
        mut any: Vec<Document>,
    ) -> Result<(), Failure> {
        let filter = match any.len() {
            0 => return Ok(()),
            1 => any.remove(0),
            _ => doc! { "$or": any },
        };
        let found = transaction.find(Find::all(of, filter)).await?;
        found
            .read(|row| self.add(row).ok_or_else(|| missing(of, "key field")))
            .map_err(Failure::Other)?;
        Ok(())
    }

    /// Takes a row in; `None` when it lacks what every row has.
    fn add(&mut self, row: &RawDocument) -> Option<()> {
        let text = |field: &str| row.get_str(field).ok().map(ToOwned::to_owned);
        let id = Uuid::from_slice(row.get_binary("_id").ok()?.bytes).ok()?;
        let owner = text("owner")?;
        let revision = row.get_i64("revision").ok()?.cast_unsigned();
        if row.get_bool("live").unwrap_or(false) {
            self.live_clients.insert(owner.clone(), revision);
        }
        let place = |what: String| (owner.clone(), text("number").unwrap_or_default(), what);
        if let Some(wamid) = text("wamid") {
            self.wamids.insert(place(wamid), revision);
        }
        if let Some(key) = text("key") {
            self.keys.insert((owner.clone(), String::new(), key), revision);
        }
        if let Ok(identities) = row.get_array("identities") {
            for identity in identities {
                let identity = identity.ok()?.as_str()?.to_owned();
                self.identities.insert(place(identity), revision);
            }
        }
        debug_assert!(!self.by_id.contains_key(&id), "two rows have one id");
        self.by_id.insert(id, Seen { owner, revision, row: row.to_owned() });
        Some(())
    }

    async fn take_orphans(
        &mut self,
        transaction: &mut Transaction<'_>,
        asked: BTreeSet<String>,
    ) -> Result<(), Failure> {
        if asked.is_empty() {
            return Ok(());
        }
        let asked: Vec<String> = asked.into_iter().collect();
        let filter = doc! { "_id": { "$in": asked } };
        let found = transaction.find(Find::all(ORPHANS, filter)).await?;
        let read = |row: &RawDocument| {
            if let (Ok(id), Ok(revision)) = (row.get_str("_id"), row.get_i64("revision")) {
                self.orphans.insert(id.to_owned(), revision.cast_unsigned());
            }
            Ok(())
        };
        found.read(read).map(drop).map_err(Failure::Other)
    }

    /// The row with this id, when there is one.
    pub(super) fn seen(&self, id: Uuid) -> Option<&Seen> {
        self.by_id.get(&id)
    }

    /// Checks what a batch relied on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something does not hold.
    pub(super) fn check(&self, batch: &Prepared) -> Result<(), StoreError> {
        let owner = batch.owner.as_str();
        for Expect { key, state } in &batch.expects {
            let found = self.revision(owner, key);
            let holds = match *state {
                State::Absent => found.is_none(),
                State::At(revision) => found == Some(revision),
                State::Exists => found.is_some(),
            };
            if !holds {
                return Err(StoreError::Conflict(format!("{} is not {state:?}", key.kind())));
            }
        }
        let written = batch.clients.iter().map(|stored| stored.row.id.uuid());
        let written = written.chain(batch.conversations.iter().map(|s| s.row.id.uuid()));
        let written = written.chain(batch.messages.iter().map(|s| s.row.id.uuid()));
        let mut written = written.chain(batch.templates.iter().map(|s| s.row.id.uuid()));
        if written.any(|id| self.seen(id).is_some_and(|seen| seen.owner != owner)) {
            return Err(StoreError::Conflict("a row of another owner".to_owned()));
        }
        Ok(())
    }

    fn revision(&self, owner: &str, key: &Key) -> Option<u64> {
        let of_id =
            |id: Uuid| self.seen(id).filter(|seen| seen.owner == owner).map(|seen| seen.revision);
        let place =
            |number: &str, what: &str| (owner.to_owned(), number.to_owned(), what.to_owned());
        match key {
            Key::Client(id) => of_id(id.uuid()),
            Key::LiveClient => self.live_clients.get(owner).copied(),
            Key::Conversation(id) => of_id(id.uuid()),
            Key::Identity(number, identity) => {
                self.identities.get(&place(number.as_str(), &identity.key())).copied()
            }
            Key::Message(id) => of_id(id.uuid()),
            Key::Wamid(number, wamid) => {
                self.wamids.get(&place(number.as_str(), wamid.as_str())).copied()
            }
            Key::Idempotency(key) => self.keys.get(&place("", key)).copied(),
            Key::Template(id) => of_id(id.uuid()),
            Key::Orphan(number, wamid) => {
                self.orphans.get(&orphan_id(owner, number.as_str(), wamid.as_str())).copied()
            }
        }
    }
}

/// The branch of a filter that names rows by their ids; none when there are none.
fn by_ids(ids: &HashSet<Uuid>) -> Vec<Document> {
    if ids.is_empty() {
        return Vec::new();
    }
    let ids: Vec<Bson> = ids.iter().map(|id| Bson::from(uuid(*id))).collect();
    vec![doc! { "_id": { "$in": ids } }]
}
