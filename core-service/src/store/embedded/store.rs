//! The embedded store as a [`Store`]: each call handed to the thread that does it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{
    Embedded, columns, commit, consents, fetches, inbox, journal, leases, list, load, log, outbox,
};
use crate::{
    domain::{
        change::Batch,
        client::Client,
        consent::{Consent, Fingerprint},
        conversation::Conversation,
        delivery::{Delivery, DeliveryId, Pending, Settlement},
        event::{Head, Logged, Position},
        ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId},
        journal::{Backlog, Entry, JournalQuery, Kept, LOOK, Replay, Replayed},
        message::{Message, Place},
        owner::{Lane, Owner},
        page::{ClientQuery, ConversationQuery, MessageQuery, Page, TemplateQuery},
        template::Template,
        time::Timestamp,
    },
    store::{
        Appetite, Footprint, Lease, OutboxQuery, Rows, Store, StoreError, form, prepare::Prepared,
    },
};

/// How long a commit may take, with its time in the queue.
const COMMIT: Duration = Duration::from_secs(5);
/// How long keeping a delivery may take: Meta waits for the answer.
const JOURNAL: Duration = Duration::from_millis(1_500);
/// What a work without a body of its own counts for, in bytes.
const SMALL: usize = 1_024;

const CLIENT: &str = "SELECT body FROM clients WHERE id = ?1";
const CONVERSATION: &str = "SELECT body FROM conversations WHERE id = ?1";
const MESSAGE: &str = "SELECT body FROM messages WHERE id = ?1";
const TEMPLATE: &str = "SELECT body FROM templates WHERE id = ?1";

#[async_trait]
impl Store for Embedded {
    async fn load(&self, owner: &Owner, footprint: Footprint) -> Result<Rows, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |conn| load::load(conn, &owner, &footprint)).await
    }

    async fn clients_by_number(
        &self,
        numbers: &[PhoneNumberId],
    ) -> Result<Vec<Client>, StoreError> {
        let numbers = numbers.to_vec();
        self.readers.read(move |conn| list::clients::of_numbers(conn, &numbers)).await
    }

    async fn clients_by_waba(&self, waba: &WabaId) -> Result<Vec<Client>, StoreError> {
        let waba = waba.clone();
        self.readers.read(move |conn| list::clients::of_waba(conn, &waba)).await
    }

    async fn client(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        self.readers.read(move |conn| columns::one(conn, CLIENT, [id.uuid().into_bytes()])).await
    }

    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        let id = id.uuid().into_bytes();
        self.readers.read(move |conn| columns::one(conn, CONVERSATION, [id])).await
    }

    async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.readers.read(move |conn| columns::one(conn, MESSAGE, [id.uuid().into_bytes()])).await
    }

    async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        self.readers.read(move |conn| columns::one(conn, TEMPLATE, [id.uuid().into_bytes()])).await
    }

    async fn list_clients(&self, query: ClientQuery) -> Result<Page<Client>, StoreError> {
        self.readers.read(move |conn| list::clients::list(conn, &query)).await
    }

    async fn all_clients(
        &self,
        after: Option<ClientId>,
        limit: u32,
    ) -> Result<Page<Client>, StoreError> {
        self.readers.read(move |conn| list::clients::all(conn, after, limit)).await
    }

    async fn list_conversations(
        &self,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>, StoreError> {
        self.readers.read(move |conn| list::conversations::list(conn, &query)).await
    }

    async fn list_messages(
        &self,
        owner: &Owner,
        query: MessageQuery,
    ) -> Result<Page<Message>, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |conn| list::messages::list(conn, &owner, &query)).await
    }

    async fn list_templates(&self, query: TemplateQuery) -> Result<Page<Template>, StoreError> {
        self.readers.read(move |conn| list::templates::list(conn, &query)).await
    }

    async fn inbound_after(
        &self,
        owner: &Owner,
        conversation: ConversationId,
        place: Place,
    ) -> Result<u32, StoreError> {
        let owner = owner.clone();
        let count =
            move |conn: &_| list::messages::inbound_after(conn, &owner, conversation, place);
        self.readers.read(count).await
    }

    async fn head(&self, owner: &Owner) -> Result<Head, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |conn| log::head(conn, &owner)).await
    }

    async fn events(
        &self,
        owner: &Owner,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |conn| log::after(conn, &owner, after, limit)).await
    }

    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn tail(&self, owner: &Owner) -> watch::Receiver<Position> {
        self.tails.listen(owner)
    }

    async fn trim_events(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(SMALL, COMMIT, move |conn| log::trim(conn, before), |_| ()).await
    }

    async fn commit(&self, batch: Batch) -> Result<Head, StoreError> {
        let batch = Prepared::new(batch)?;
        let (bytes, owner) = (batch.bytes + SMALL, batch.owner.clone());
        let leaves = batch.messages.iter().any(|message| message.row.due_at().is_some());
        let queued = leaves.then(|| Arc::clone(&self.queued));
        let tails = Arc::clone(&self.tails);
        let write = move |conn: &_| commit::commit(conn, &batch);
        let after = move |head: &Head| {
            tails.announce(&owner, head.position);
            if let Some(queued) = queued {
                queued.send_modify(|count| *count += 1);
            }
        };
        self.writer.write(bytes, COMMIT, write, after).await
    }

    async fn journal(&self, delivery: Delivery) -> Result<bool, StoreError> {
        let bytes = delivery.body.len() + SMALL;
        let arrivals = Arc::clone(&self.arrivals);
        let write = move |conn: &_| inbox::keep(conn, &delivery);
        let after = move |new: &bool| {
            if *new {
                arrivals.send_modify(|count| *count += 1);
            }
        };
        self.writer.write(bytes, JOURNAL, write, after).await
    }

    async fn trim_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(SMALL, COMMIT, move |conn| inbox::trim(conn, before), |_| ()).await
    }

    async fn pending(&self, lanes: &[Lane], limit: u32) -> Result<Vec<Pending>, StoreError> {
        let lanes = lanes.to_vec();
        self.readers.read(move |conn| inbox::waiting(conn, &lanes, limit)).await
    }

    async fn deliveries(&self, query: JournalQuery) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(move |conn| journal::list(conn, &query)).await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Kept>, StoreError> {
        self.readers.read(move |conn| journal::one(conn, id)).await
    }

    async fn replay(&self, replay: Replay) -> Result<Replayed, StoreError> {
        // A row is written anew with its body.
        let bytes = replay.limit.min(LOOK) as usize * SMALL;
        self.writer.write(bytes, COMMIT, move |conn| journal::replay(conn, &replay), |_| ()).await
    }

    async fn readmit(&self, room: u32) -> Result<u32, StoreError> {
        let arrivals = Arc::clone(&self.arrivals);
        let after = move |count: &u32| {
            if *count > 0 {
                arrivals.send_modify(|count| *count += 1);
            }
        };
        self.writer.write(SMALL, COMMIT, move |conn| journal::readmit(conn, room), after).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.readers.read(journal::backlog).await
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), StoreError> {
        let bytes = settlements.len().max(1) * SMALL;
        let write = move |conn: &_| settlements.iter().try_for_each(|one| inbox::settle(conn, one));
        self.writer.write(bytes, COMMIT, write, |()| ()).await
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    async fn outbox(
        &self,
        lanes: &[Lane],
        query: OutboxQuery,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let lanes = lanes.to_vec();
        self.readers.read(move |conn| outbox::find(conn, &lanes, &query, limit)).await
    }

    async fn next_due(&self, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError> {
        let lanes = lanes.to_vec();
        self.readers.read(move |conn| outbox::next_due(conn, &lanes)).await
    }

    fn queued(&self) -> watch::Receiver<u64> {
        self.queued.subscribe()
    }

    async fn fetches(
        &self,
        lanes: &[Lane],
        due: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let lanes = lanes.to_vec();
        self.readers.read(move |conn| fetches::find(conn, &lanes, due, limit)).await
    }

    async fn next_fetch(
        &self,
        lanes: &[Lane],
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let lanes = lanes.to_vec();
        self.readers.read(move |conn| fetches::next(conn, &lanes, after)).await
    }

    async fn lease(
        &self,
        holder: &str,
        ttl: Duration,
        appetite: Appetite,
    ) -> Result<Vec<Lease>, StoreError> {
        let (clock, holder) = (self.clock, holder.to_owned());
        let write = move |conn: &_| leases::lease(conn, clock, &holder, ttl, appetite);
        self.writer.write(SMALL, COMMIT, write, |_| ()).await
    }

    async fn give_back(&self, holder: &str, lanes: &[Lane]) -> Result<(), StoreError> {
        let (clock, holder, lanes) = (self.clock, holder.to_owned(), lanes.to_vec());
        let write = move |conn: &_| leases::give_back(conn, clock, &holder, &lanes);
        self.writer.write(SMALL, COMMIT, write, |()| ()).await
    }

    async fn release(&self, holder: &str) -> Result<(), StoreError> {
        let (clock, holder) = (self.clock, holder.to_owned());
        let write = move |conn: &_| leases::release(conn, clock, &holder);
        self.writer.write(SMALL, COMMIT, write, |()| ()).await
    }

    async fn keep_consent(&self, consent: Consent) -> Result<(), StoreError> {
        let body = form::encode(&consent)?;
        let write = move |conn: &_| consents::keep(conn, &consent, &body);
        self.writer.write(SMALL, COMMIT, write, |()| ()).await
    }

    async fn take_consent(&self, state: &Fingerprint) -> Result<Option<Consent>, StoreError> {
        let state = state.clone();
        let write = move |conn: &_| consents::take(conn, &state);
        // Read outside the group: a row that nobody can read is no trouble of the others in it.
        let body = self.writer.write(SMALL, COMMIT, write, |_| ()).await?;
        body.map(|body| form::decode(&body)).transpose()
    }

    async fn trim_consents(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(SMALL, COMMIT, move |conn| consents::trim(conn, before), |_| ()).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let answers = |conn: &rusqlite::Connection| {
            conn.query_row("SELECT 1", [], |_| Ok(())).map_err(super::error::of)
        };
        self.readers.read(answers).await?;
        // An empty work: proves that the writing thread lives, and syncs nothing.
        self.writer.write(0, COMMIT, |_| Ok(()), |()| ()).await
    }

    fn syncs(&self) -> u64 {
        self.writer.syncs()
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
