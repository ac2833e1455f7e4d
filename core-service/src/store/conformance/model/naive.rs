//! The contract of `commit`, as plainly as it can be said: check on a copy, keep the copy.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

use crate::{
    domain::{
        change::{Batch, Key, Orphan, State, Write},
        client::Client,
        conversation::Conversation,
        event::{Event, Position},
        ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, Wamid},
        message::Message,
        owner::Owner,
        template::Template,
    },
    store::conformance::samples::Desk,
};

type OrphanKey = (Owner, PhoneNumberId, Wamid);

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    clients: BTreeMap<ClientId, Client>,
    conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) messages: BTreeMap<MessageId, Message>,
    templates: BTreeMap<TemplateId, Template>,
    orphans: BTreeMap<OrphanKey, Orphan>,
    logs: BTreeMap<Owner, Vec<Event>>,
}

impl Model {
    /// Commits, and tells the owner's position; `None` is a conflict.
    pub(super) fn commit(&mut self, batch: &Batch) -> Option<Position> {
        let holds = batch.expects.iter().all(|expect| {
            let found = self.revision(&batch.owner, &expect.key);
            match expect.state {
                State::Absent => found.is_none(),
                State::At(revision) => found == Some(revision),
                State::Exists => found.is_some(),
            }
        });
        let mut next = self.clone();
        if !holds || !batch.writes.iter().all(|write| next.write(&batch.owner, write)) {
            return None;
        }
        if !next.is_unique() {
            return None;
        }
        *self = next;
        let log = self.logs.entry(batch.owner.clone()).or_default();
        log.extend(batch.events.iter().cloned());
        Some(Position(log.len() as u64))
    }

    fn revision(&self, owner: &Owner, key: &Key) -> Option<u64> {
        let messages = || self.messages.values().filter(|row| row.owner == *owner);
        let conversations = || self.conversations.values().filter(|row| row.owner == *owner);
        let mut clients = self.clients.values().filter(|row| row.owner == *owner);
        let mut templates = self.templates.values().filter(|row| row.owner == *owner);
        match key {
            Key::Client(id) => clients.find(|row| row.id == *id).map(|row| row.revision),
            Key::LiveClient => clients.find(|row| row.is_live()).map(|row| row.revision),
            Key::Conversation(id) => {
                conversations().find(|row| row.id == *id).map(|row| row.revision)
            }
            Key::Identity(number, identity) => conversations()
                .find(|row| row.phone_number_id == *number && row.identities.contains(identity))
                .map(|row| row.revision),
            Key::Message(id) => messages().find(|row| row.id == *id).map(|row| row.revision),
            Key::Wamid(number, wamid) => messages()
                .find(|row| row.phone_number_id == *number && row.wamid.as_ref() == Some(wamid))
                .map(|row| row.revision),
            Key::Idempotency(key) => messages()
                .find(|row| row.idempotency.as_ref().is_some_and(|own| own.key == *key))
                .map(|row| row.revision),
            Key::Template(id) => templates.find(|row| row.id == *id).map(|row| row.revision),
            Key::Orphan(number, wamid) => self
                .orphans
                .get(&(owner.clone(), number.clone(), wamid.clone()))
                .map(|row| row.revision),
        }
    }

    /// Writes one row; false when its id is another owner's.
    fn write(&mut self, owner: &Owner, write: &Write) -> bool {
        match write {
            Write::Client(row) => {
                let old = self.clients.insert(row.id, (**row).clone());
                old.is_none_or(|old| old.owner == *owner)
            }
            Write::Conversation(row) => {
                let old = self.conversations.insert(row.id, (**row).clone());
                old.is_none_or(|old| old.owner == *owner)
            }
            Write::Message(row) => {
                let old = self.messages.insert(row.id, (**row).clone());
                old.is_none_or(|old| old.owner == *owner)
            }
            Write::Template(row) => {
                let old = self.templates.insert(row.id, (**row).clone());
                old.is_none_or(|old| old.owner == *owner)
            }
            Write::DropTemplate(id) => {
                if self.templates.get(id).is_some_and(|row| row.owner == *owner) {
                    self.templates.remove(id);
                }
                true
            }
            Write::Orphan(row) => {
                let key = (owner.clone(), row.phone_number_id.clone(), row.wamid.clone());
                self.orphans.insert(key, (**row).clone());
                true
            }
            Write::DropOrphan(number, wamid) => {
                self.orphans.remove(&(owner.clone(), number.clone(), wamid.clone()));
                true
            }
        }
    }

    fn is_unique(&self) -> bool {
        let mut taken = HashSet::new();
        for row in self.clients.values().filter(|row| row.is_live()) {
            if !taken.insert(format!("owner {}", row.owner)) {
                return false;
            }
            if let Some(number) = row.phone_number_id()
                && !taken.insert(format!("number {number}"))
            {
                return false;
            }
        }
        for row in self.conversations.values() {
            for identity in &row.identities {
                let key = identity.key();
                if !taken.insert(format!("{} {} {key}", row.owner, row.phone_number_id)) {
                    return false;
                }
            }
        }
        for row in self.messages.values() {
            let (owner, number) = (&row.owner, &row.phone_number_id);
            let wamid = row.wamid.as_ref().map(|wamid| format!("{owner} {number} {wamid}"));
            let key = row.idempotency.as_ref().map(|own| format!("{owner} key {}", own.key));
            if !wamid.into_iter().chain(key).all(|place| taken.insert(place)) {
                return false;
            }
        }
        true
    }

    pub(super) fn clients_of(&self, desk: &Desk) -> Vec<Client> {
        self.clients.values().filter(|row| row.owner == desk.owner).cloned().collect()
    }

    pub(super) fn conversations_of(&self, desk: &Desk) -> Vec<Conversation> {
        self.conversations.values().filter(|row| row.owner == desk.owner).cloned().collect()
    }

    pub(super) fn messages_of(&self, desk: &Desk) -> Vec<Message> {
        self.messages.values().filter(|row| row.owner == desk.owner).cloned().collect()
    }

    pub(super) fn templates_of(&self, desk: &Desk) -> Vec<Template> {
        self.templates.values().filter(|row| row.owner == desk.owner).cloned().collect()
    }

    pub(super) fn orphans_of(&self, desk: &Desk) -> Vec<Orphan> {
        let own = self.orphans.iter().filter(|((owner, ..), _)| *owner == desk.owner);
        let mut own: Vec<_> = own.map(|(_, row)| row.clone()).collect();
        own.sort_by(|a, b| a.wamid.cmp(&b.wamid));
        own
    }

    pub(super) fn listed(&self, desk: &Desk, unread: bool) -> Vec<Conversation> {
        let mut rows = self.conversations_of(desk);
        rows.retain(|row| !row.hidden && (!unread || row.unread_count > 0));
        rows.sort_by_key(|row| Reverse((row.activity(), row.id)));
        rows
    }

    pub(super) fn log_of(&self, desk: &Desk) -> Vec<Event> {
        self.logs.get(&desk.owner).cloned().unwrap_or_default()
    }
}
