//! What a decision reads and changes: rows in memory, and the [`Batch`] that is their difference.
//!
//! Invariant: each row is in the batch at most once, with the revision that was loaded as its expect;
//! whatever a rule was told to be absent must still be absent when the batch is committed.

mod asked;
mod heard;
mod merged;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use self::table::Row;
use self::table::Table;
use super::{
    change::{Batch, Expect, Key, Orphan, State, Write},
    client::Client,
    conversation::Conversation,
    delivery::Settlement,
    event::{Event, News},
    fetch,
    identity::Identity,
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, Wamid},
    message::Message,
    owner::Owner,
    template::Template,
    time::Timestamp,
};

/// Rows of one owner, in memory.
pub struct WorkingSet {
    owner: Owner,
    now: Timestamp,
    clients: Table<ClientId, Client>,
    conversations: Table<ConversationId, Conversation>,
    messages: Table<MessageId, Message>,
    templates: Table<TemplateId, Template>,
    orphans: Table<(PhoneNumberId, Wamid), Orphan>,
    by_identity: HashMap<(PhoneNumberId, Identity), ConversationId>,
    by_wamid: HashMap<(PhoneNumberId, Wamid), MessageId>,
    by_key: HashMap<String, MessageId>,
    told_absent: BTreeSet<Key>,
    looked_for: Option<HashSet<(PhoneNumberId, Identity)>>,
    held: HashSet<(PhoneNumberId, Identity)>,
    missed: Vec<(PhoneNumberId, Identity)>,
    relied_on: BTreeMap<Key, u64>,
    events: Vec<Event>,
}

impl WorkingSet {
    /// An empty set of this owner's rows; `now` is the time of everything decided with it.
    pub fn new(owner: Owner, now: Timestamp) -> Self {
        Self {
            owner,
            now,
            clients: Table::new(),
            conversations: Table::new(),
            messages: Table::new(),
            templates: Table::new(),
            orphans: Table::new(),
            by_identity: HashMap::new(),
            by_wamid: HashMap::new(),
            by_key: HashMap::new(),
            told_absent: BTreeSet::new(),
            looked_for: None,
            held: HashSet::new(),
            missed: Vec::new(),
            relied_on: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Whose rows.
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The time of everything decided with this set.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    // --- filling it

    /// Adds a stored client.
    pub fn add_client(&mut self, row: Client) {
        self.clients.put(row.id, row, true);
    }

    /// Adds a stored conversation.
    pub fn add_conversation(&mut self, row: Conversation) {
        self.holds(&row);
        self.index_conversation(&row);
        self.conversations.put(row.id, row, true);
    }

    /// Adds a stored message.
    pub fn add_message(&mut self, row: Message) {
        self.index_message(&row);
        self.messages.put(row.id, row, true);
    }

    /// Adds a stored template.
    pub fn add_template(&mut self, row: Template) {
        self.templates.put(row.id, row, true);
    }

    /// Adds parked statuses.
    pub fn add_orphan(&mut self, row: Orphan) {
        self.orphans.put((row.phone_number_id.clone(), row.wamid.clone()), row, true);
    }

    /// Binds the decision to every row in the set, read or not: for rows that were not looked for but
    /// remembered.
    pub fn rely_on_all(&mut self) {
        self.clients.stored_into(&mut self.relied_on);
        self.conversations.stored_into(&mut self.relied_on);
        self.messages.stored_into(&mut self.relied_on);
        self.templates.stored_into(&mut self.relied_on);
        self.orphans.stored_into(&mut self.relied_on);
    }

    // --- looking

    /// The owner's live client; a decision made on it holds only while it stays as it is.
    pub fn live_client(&mut self) -> Option<Client> {
        let found = self.clients.0.values().find(|slot| slot.row.is_live());
        if let Some(slot) = found {
            if let Some(revision) = slot.loaded {
                self.relied_on.insert(slot.row.key(), revision);
            }
            return Some(slot.row.clone());
        }
        self.told_absent.insert(Key::LiveClient);
        None
    }

    /// A client by id, deleted or not.
    pub fn client(&self, id: ClientId) -> Option<&Client> {
        self.clients.get(&id)
    }

    /// A conversation by id; of one that was merged into another, that other.
    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&self.resolve(id))
    }

    /// The conversation of an identifier.
    pub fn conversation_of(
        &mut self,
        number: &PhoneNumberId,
        identity: &Identity,
    ) -> Option<ConversationId> {
        let key = (number.clone(), identity.clone());
        let found = self.by_identity.get(&key).copied();
        match found.and_then(|id| self.conversations.0.get(&id)) {
            Some(slot) => self.relied_on.extend(slot.loaded.map(|at| (slot.row.key(), at))),
            None => self.was_not_found(key),
        }
        found
    }

    /// A message by id.
    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(&id)
    }

    /// The message of a wamid.
    pub fn message_of(&mut self, number: &PhoneNumberId, wamid: &Wamid) -> Option<MessageId> {
        let found = self.by_wamid.get(&(number.clone(), wamid.clone())).copied();
        if found.is_none() {
            self.told_absent.insert(Key::Wamid(number.clone(), wamid.clone()));
        }
        found
    }

    /// The message of an idempotency key.
    pub fn message_of_key(&mut self, key: &str) -> Option<&Message> {
        let Some(id) = self.by_key.get(key) else {
            self.told_absent.insert(Key::Idempotency(key.to_owned()));
            return None;
        };
        self.messages.get(id)
    }

    /// Every template in the set, by id.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.0.values().filter(|slot| !slot.dropped).map(|slot| &slot.row)
    }

    // --- changing

    /// Adds a client that is new.
    pub fn insert_client(&mut self, row: Client) {
        self.clients.put(row.id, row, false);
    }

    /// Changes a client.
    pub fn change_client(
        &mut self,
        id: ClientId,
        with: impl FnOnce(&mut Client),
    ) -> Option<Client> {
        self.clients.change(&id, with)?;
        self.clients.get(&id).cloned()
    }

    /// Holds a client against others: of two decisions that hold it at once, one is made again. For
    /// rules about rows below it that no key of theirs guards.
    pub fn hold_client(&mut self, id: ClientId) {
        self.clients.hold(&id);
    }

    /// Adds a conversation that is new.
    pub fn insert_conversation(&mut self, row: Conversation) {
        self.index_conversation(&row);
        self.conversations.put(row.id, row, false);
    }

    /// Changes a conversation, or the one that it was merged into; returns it as it then is.
    pub fn change_conversation(
        &mut self,
        id: ConversationId,
        with: impl FnOnce(&mut Conversation),
    ) -> Option<Conversation> {
        let (id, now) = (self.resolve(id), self.now);
        let before = self.conversations.get(&id)?.identities.clone();
        self.conversations.change(&id, |row| {
            with(row);
            row.updated_at = now;
        })?;
        let row = self.conversations.get(&id)?.clone();
        if row.identities != before {
            for identity in before {
                self.by_identity.remove(&(row.phone_number_id.clone(), identity));
            }
            self.index_conversation(&row);
        }
        Some(row)
    }

    /// Adds a message that is new.
    pub fn insert_message(&mut self, mut row: Message) {
        fetch::mind(&mut row, self.now);
        self.index_message(&row);
        self.messages.put(row.id, row, false);
    }

    /// Changes a message; returns it as it then is.
    pub fn change_message(
        &mut self,
        id: MessageId,
        with: impl FnOnce(&mut Message),
    ) -> Option<Message> {
        let now = self.now;
        self.messages.change(&id, |row| {
            with(row);
            fetch::mind(row, now);
        })?;
        let row = self.messages.get(&id)?.clone();
        self.index_message(&row);
        Some(row)
    }

    /// Adds a template that is new.
    pub fn insert_template(&mut self, row: Template) {
        self.templates.put(row.id, row, false);
    }

    /// Changes a template; returns it as it then is.
    pub fn change_template(
        &mut self,
        id: TemplateId,
        with: impl FnOnce(&mut Template),
    ) -> Option<Template> {
        self.templates.change(&id, with)?;
        self.templates.get(&id).cloned()
    }

    /// Removes a template.
    pub fn drop_template(&mut self, id: TemplateId) {
        if let Some(slot) = self.templates.0.get_mut(&id) {
            slot.dropped = true;
        }
    }

    /// Adds an entry to the owner's log, which keeps no secrets.
    pub fn tell(&mut self, mut news: News) {
        news.hide_secrets();
        self.show_where_it_is(&mut news);
        self.events.push(Event { at: self.now, news });
    }

    // --- ending

    /// The difference to what was loaded, with the deliveries that are done with it.
    pub fn into_batch(self, settlements: Vec<Settlement>) -> Batch {
        let mut expects = Vec::new();
        let mut writes = Vec::new();
        self.clients.drain_into(&mut expects, &mut writes, |_| None);
        self.conversations.drain_into(&mut expects, &mut writes, |_| None);
        self.messages.drain_into(&mut expects, &mut writes, |_| None);
        self.templates
            .drain_into(&mut expects, &mut writes, |row| Some(Write::DropTemplate(row.id)));
        self.orphans.drain_into(&mut expects, &mut writes, |row| {
            Some(Write::DropOrphan(row.phone_number_id, row.wamid))
        });
        let stated: BTreeSet<Key> = expects.iter().map(|expect| expect.key.clone()).collect();
        let absent = self.told_absent.into_iter().map(|key| (key, State::Absent));
        let relied = self.relied_on.into_iter().map(|(key, revision)| (key, State::At(revision)));
        expects.extend(
            absent
                .chain(relied)
                .filter(|(key, _)| !stated.contains(key))
                .map(|(key, state)| Expect { key, state }),
        );
        let moves = self.events.is_empty() || !writes.is_empty();
        debug_assert!(
            moves,
            "an event reports a change: without one, repeating it would tell it twice"
        );
        Batch { owner: self.owner, expects, writes, events: self.events, settlements }
    }

    fn index_conversation(&mut self, row: &Conversation) {
        for identity in &row.identities {
            self.by_identity.insert((row.phone_number_id.clone(), identity.clone()), row.id);
        }
    }

    fn index_message(&mut self, row: &Message) {
        if let Some(wamid) = &row.wamid {
            self.by_wamid.insert((row.phone_number_id.clone(), wamid.clone()), row.id);
        }
        if let Some(idempotency) = &row.idempotency {
            self.by_key.insert(idempotency.key.clone(), row.id);
        }
    }
}
