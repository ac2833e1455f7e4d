//! A batch made ready for a backend: rows in their stored form, in the order of writing.
//!
//! Serialising is done by whoever commits, so that what writes for all does only that.
//!
//! Invariant: every row is of the batch's owner.

use crate::{
    domain::{
        change::{Batch, Expect, Orphan, Write},
        client::Client,
        conversation::Conversation,
        delivery::Settlement,
        event::Event,
        ids::{PhoneNumberId, TemplateId, Wamid},
        message::Message,
        owner::Owner,
        template::Template,
        time::Timestamp,
    },
    store::{
        StoreError,
        form::{self, Form},
    },
};

/// A row and its stored form.
#[derive(Debug)]
pub(super) struct Stored<T> {
    pub(super) row: Box<T>,
    pub(super) body: Vec<u8>,
}

impl<T: Form> Stored<T> {
    fn new(row: Box<T>) -> Result<Self, StoreError> {
        let body = form::encode(&*row)?;
        Ok(Self { row, body })
    }
}

/// An entry of the log in its stored form.
#[derive(Debug)]
pub(super) struct StoredEvent {
    pub(super) at: Timestamp,
    pub(super) body: Vec<u8>,
}

/// A batch in its stored form.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) owner: Owner,
    pub(super) expects: Vec<Expect>,
    pub(super) clients: Vec<Stored<Client>>,
    pub(super) conversations: Vec<Stored<Conversation>>,
    pub(super) messages: Vec<Stored<Message>>,
    pub(super) templates: Vec<Stored<Template>>,
    pub(super) orphans: Vec<Stored<Orphan>>,
    pub(super) dropped_templates: Vec<TemplateId>,
    pub(super) dropped_orphans: Vec<(PhoneNumberId, Wamid)>,
    pub(super) events: Vec<StoredEvent>,
    pub(super) settlements: Vec<Settlement>,
    /// About how much it writes.
    pub(super) bytes: usize,
}

impl Prepared {
    /// Serialises a batch.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a row is not of the batch's owner.
    pub(super) fn new(batch: Batch) -> Result<Self, StoreError> {
        let Batch { owner, expects, writes, events, settlements } = batch;
        let mut ready = Self {
            owner,
            expects,
            clients: Vec::new(),
            conversations: Vec::new(),
            messages: Vec::new(),
            templates: Vec::new(),
            orphans: Vec::new(),
            dropped_templates: Vec::new(),
            dropped_orphans: Vec::new(),
            events: Vec::with_capacity(events.len()),
            settlements,
            bytes: 0,
        };
        for write in writes {
            ready.add(write)?;
        }
        for event in events {
            ready.add_event(&event)?;
        }
        // A client that ends gives its places free before another takes them.
        ready.clients.sort_by_key(|client| client.row.is_live());
        Ok(ready)
    }

    fn add(&mut self, write: Write) -> Result<(), StoreError> {
        match write {
            Write::Client(row) => {
                let stored = self.own(&row.owner.clone(), row)?;
                self.clients.push(stored);
            }
            Write::Conversation(row) => {
                let stored = self.own(&row.owner.clone(), row)?;
                self.conversations.push(stored);
            }
            Write::Message(row) => {
                let stored = self.own(&row.owner.clone(), row)?;
                self.messages.push(stored);
            }
            Write::Template(row) => {
                let stored = self.own(&row.owner.clone(), row)?;
                self.templates.push(stored);
            }
            Write::Orphan(row) => {
                let stored = self.own(&self.owner.clone(), row)?;
                self.orphans.push(stored);
            }
            Write::DropTemplate(id) => self.dropped_templates.push(id),
            Write::DropOrphan(number, wamid) => self.dropped_orphans.push((number, wamid)),
        }
        Ok(())
    }

    fn own<T: Form>(&mut self, owner: &Owner, row: Box<T>) -> Result<Stored<T>, StoreError> {
        if *owner != self.owner {
            return Err(StoreError::Conflict(format!("a {} of another owner", T::KIND)));
        }
        let stored = Stored::new(row)?;
        self.bytes += stored.body.len();
        Ok(stored)
    }

    fn add_event(&mut self, event: &Event) -> Result<(), StoreError> {
        let body = form::encode(event)?;
        self.bytes += body.len();
        self.events.push(StoredEvent { at: event.at, body });
        Ok(())
    }
}
