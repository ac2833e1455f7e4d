//! The store on MongoDB as a [`Store`]: each call handed to the module that does it.

use std::{sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{Mongo, consents, journal, leases, read, trim};
use crate::{
    domain::{
        change::Batch,
        client::Client,
        consent::{Consent, Fingerprint},
        conversation::Conversation,
        delivery::{Delivery, DeliveryId, Pending, Settlement},
        event::{Head, Logged, Position},
        ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId},
        journal::{Backlog, Entry, JournalQuery, Kept, Replay, Replayed},
        message::{Message, Place},
        owner::{Lane, Owner},
        page::{ClientQuery, ConversationQuery, MessageQuery, Page, TemplateQuery},
        template::Template,
        time::Timestamp,
    },
    store::{Appetite, Footprint, Lease, OutboxQuery, Rows, Store, StoreError, prepare::Prepared},
};

#[async_trait]
impl Store for Mongo {
    async fn load(&self, owner: &Owner, footprint: Footprint) -> Result<Rows, StoreError> {
        self.loads.load(owner, footprint).await
    }

    async fn clients_by_number(
        &self,
        numbers: &[PhoneNumberId],
    ) -> Result<Vec<Client>, StoreError> {
        read::clients::of_numbers(&self.db, numbers).await
    }

    async fn clients_by_waba(&self, waba: &WabaId) -> Result<Vec<Client>, StoreError> {
        read::clients::of_waba(&self.db, waba).await
    }

    async fn client(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        read::one::client(&self.db, id).await
    }

    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        read::one::conversation(&self.db, id).await
    }

    async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        read::one::message(&self.db, id).await
    }

    async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        read::one::template(&self.db, id).await
    }

    async fn list_clients(&self, query: ClientQuery) -> Result<Page<Client>, StoreError> {
        read::clients::list(&self.db, &query).await
    }

    async fn all_clients(
        &self,
        after: Option<ClientId>,
        limit: u32,
    ) -> Result<Page<Client>, StoreError> {
        read::clients::all(&self.db, after, limit).await
    }

    async fn list_conversations(
        &self,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>, StoreError> {
        read::conversations::list(&self.db, &query).await
    }

    async fn list_messages(
        &self,
        owner: &Owner,
        query: MessageQuery,
    ) -> Result<Page<Message>, StoreError> {
        read::messages::list(&self.db, owner, &query).await
    }

    async fn list_templates(&self, query: TemplateQuery) -> Result<Page<Template>, StoreError> {
        read::templates::list(&self.db, &query).await
    }

    async fn inbound_after(
        &self,
        owner: &Owner,
        conversation: ConversationId,
        place: Place,
    ) -> Result<u32, StoreError> {
        read::messages::inbound_after(&self.db, owner, conversation, place).await
    }

    async fn head(&self, owner: &Owner) -> Result<Head, StoreError> {
        read::log::head(&self.db, owner).await
    }

    async fn events(
        &self,
        owner: &Owner,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        read::log::events(&self.db, owner, after, limit).await
    }

    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn tail(&self, owner: &Owner) -> watch::Receiver<Position> {
        self.wakes.tail(owner)
    }

    async fn trim_events(&self, before: Timestamp) -> Result<u64, StoreError> {
        trim::trim(&self.db, before).await
    }

    async fn commit(&self, batch: Batch) -> Result<Head, StoreError> {
        self.commits.commit(Prepared::new(batch)?).await
    }

    async fn journal(&self, delivery: Delivery) -> Result<bool, StoreError> {
        self.journal.keep(delivery).await
    }

    async fn pending(&self, lanes: &[Lane], limit: u32) -> Result<Vec<Pending>, StoreError> {
        read::inbox::pending(&self.db, lanes, limit).await
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), StoreError> {
        journal::settle(&self.db, &settlements).await
    }

    async fn deliveries(&self, query: JournalQuery) -> Result<Vec<Entry>, StoreError> {
        read::journal::list(&self.db, &query).await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Kept>, StoreError> {
        read::journal::one(&self.db, id).await
    }

    async fn replay(&self, replay: Replay) -> Result<Replayed, StoreError> {
        journal::replay(&self.db, &replay).await
    }

    async fn readmit(&self, room: u32) -> Result<u32, StoreError> {
        journal::readmit(&self.db, &self.wakes, room).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        read::journal::backlog(&self.db).await
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.wakes.arrivals()
    }

    async fn trim_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        journal::trim(&self.db, &self.walk, before).await
    }

    async fn outbox(
        &self,
        lanes: &[Lane],
        query: OutboxQuery,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        read::outbox::find(&self.db, lanes, &query, limit).await
    }

    async fn next_due(&self, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError> {
        read::outbox::next_due(&self.db, lanes).await
    }

    fn queued(&self) -> watch::Receiver<u64> {
        self.wakes.queued()
    }

    async fn fetches(
        &self,
        lanes: &[Lane],
        due: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        read::fetches::find(&self.db, lanes, due, limit).await
    }

    async fn next_fetch(
        &self,
        lanes: &[Lane],
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        read::fetches::next(&self.db, lanes, after).await
    }

    async fn lease(
        &self,
        holder: &str,
        ttl: Duration,
        appetite: Appetite,
    ) -> Result<Vec<Lease>, StoreError> {
        let taken = leases::take(&self.db, holder, ttl, appetite).await?;
        self.wakes.set_others(taken.others);
        Ok(taken.leases)
    }

    async fn give_back(&self, holder: &str, lanes: &[Lane]) -> Result<(), StoreError> {
        leases::give_back(&self.db, holder, lanes).await
    }

    async fn release(&self, holder: &str) -> Result<(), StoreError> {
        leases::release(&self.db, holder).await
    }

    async fn keep_consent(&self, consent: Consent) -> Result<(), StoreError> {
        consents::keep(&self.db, &consent).await
    }

    async fn take_consent(&self, state: &Fingerprint) -> Result<Option<Consent>, StoreError> {
        consents::take(&self.db, state).await
    }

    async fn trim_consents(&self, before: Timestamp) -> Result<u64, StoreError> {
        consents::trim(&self.db, before).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.db.ping().await
    }

    fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    async fn close(&self) {
        self.loads.close().await;
        self.commits.close().await;
        self.journal.close().await;
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        // Whatever is still asked fails at once.
        self.db.database().client().clone().shutdown().immediate(true).await;
    }
}
