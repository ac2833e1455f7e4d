//! The boundary to storage: narrow reads, and one door for writes.
//!
//! # The contract
//!
//! * **Atomic.** A [`Batch`] is written whole or not at all, and is durable before [`Store::commit`]
//!   returns: nothing that was answered is lost by a crash.
//! * **Serial per owner.** Every batch bumps its owner's head, then checks each `Expect`, then writes,
//!   all in one transaction. Two batches of one owner never both commit on the same stale view,
//!   whatever rows they touch (no write skew).
//! * **Dense log.** The events of a batch get the owner's next positions, without gap or repeat, in the
//!   order of commits. A reader that saw position *n* finds *n + 1* or nothing.
//! * **Unique for ever.** (owner, number, wamid), (owner, idempotency key), (owner, number, identity),
//!   live client by owner, live client by phone number. A batch that would break one is a
//!   [`StoreError::Conflict`] and writes nothing. Within a batch, releases come before takes.
//! * **Repeatable.** A batch may be committed again after [`StoreError::Unavailable`]. Had it been written
//!   after all, the second time is a [`StoreError::Conflict`], as its expects no longer hold; the caller
//!   loads again and finds its own rows, whose ids were minted before the first try.
//! * **Journal.** A delivery is kept once per digest. [`Store::journal`] returns after it is durable.
//! * **Consents, once.** A consent that is kept is taken by one caller, of whichever process; it is gone
//!   for good before that caller hears of it. A take that ends with `Unavailable` may have been it.
//! * **Hints.** What [`Store::tail`] says may be late or lost, never early: the log is the truth.
//! * **Bounded.** Every call ends within its store's deadline, with `Unavailable` if need be.
//!
//! The contract is held by `conformance`, which every backend runs whole. A clause that is not there
//! does not exist.
//!
//! To add a stored thing: give it a form in `domain`, pin it in `form`, add a `Write` and a `Key`, add
//! its clauses to `conformance`, then teach the backends.

#[cfg(test)]
mod conformance;
pub mod embedded;
pub mod form;
pub mod mongo;
mod prepare;
mod tails;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::domain::{
    change::{Batch, Orphan},
    client::Client,
    consent::{Consent, Fingerprint},
    conversation::Conversation,
    delivery::{Delivery, DeliveryId, Pending, Settlement},
    event::{Head, Logged, Position},
    identity::Identity,
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId, Wamid},
    journal::{Backlog, Entry, JournalQuery, Kept, Replay, Replayed},
    message::{Message, Place},
    owner::{Lane, Owner},
    page::{ClientQuery, ConversationQuery, MessageQuery, Page, TemplateQuery},
    template::Template,
    time::Timestamp,
};

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// What the batch relied on is no longer so, or a unique key is taken. Nothing was written.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The store cannot answer now. Whether a write happened is not known.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// What is stored cannot be read.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
}

/// The rows that a decision needs, found in one consistent look.
///
/// Everything is of one owner. Empty parts cost nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    /// The owner's live client.
    pub live_client: bool,
    /// Clients by id.
    pub clients: Vec<ClientId>,
    /// Conversations by id.
    pub conversations: Vec<ConversationId>,
    /// Conversations by identifier.
    pub identities: Vec<(PhoneNumberId, Identity)>,
    /// Messages by id.
    pub messages: Vec<MessageId>,
    /// Messages by wamid.
    pub wamids: Vec<(PhoneNumberId, Wamid)>,
    /// The message of an idempotency key.
    pub idempotency: Option<String>,
    /// Parked statuses by wamid.
    pub orphans: Vec<(PhoneNumberId, Wamid)>,
    /// All templates of this client.
    pub templates_of: Option<ClientId>,
    /// Templates by id.
    pub templates: Vec<TemplateId>,
}

/// What was found. Conversations of the messages found are among the conversations.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Clients.
    pub clients: Vec<Client>,
    /// Conversations.
    pub conversations: Vec<Conversation>,
    /// Messages.
    pub messages: Vec<Message>,
    /// Templates.
    pub templates: Vec<Template>,
    /// Parked statuses.
    pub orphans: Vec<Orphan>,
}

/// Messages that the outbox has to look at.
#[derive(Debug, Clone)]
pub enum OutboxQuery {
    /// Queued and due at this time or before, earliest first.
    Due(Timestamp),
    /// Being sent under a term below this one: whoever asked Meta is gone.
    Stranded(u64),
}

/// How much a holder asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appetite {
    /// A fair share: what is free, up to the share of one of all holders alive.
    Share,
    /// Only what it has: it is about to end, or cannot take more.
    Keep,
}

/// A lane that the holder may work on until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Which.
    pub lane: Lane,
    /// Grows with every change of holder; fences what an earlier holder left behind.
    pub term: u64,
    /// Another holder has less than its share: finish what is in hand, then give it back.
    pub wanted: bool,
}

/// Durable storage.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // --- reads for decisions

    /// Finds the rows of a footprint.
    async fn load(&self, owner: &Owner, footprint: Footprint) -> Result<Rows, StoreError>;

    /// The live clients of these business numbers, of whatever owner.
    async fn clients_by_number(&self, numbers: &[PhoneNumberId])
    -> Result<Vec<Client>, StoreError>;

    /// The live clients of this business account, of whatever owner.
    async fn clients_by_waba(&self, waba: &WabaId) -> Result<Vec<Client>, StoreError>;

    // --- reads for answers

    /// One client, deleted or not, of whatever owner.
    async fn client(&self, id: ClientId) -> Result<Option<Client>, StoreError>;

    /// One conversation, hidden or not, of whatever owner.
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError>;

    /// One message, of whatever owner.
    async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError>;

    /// One template, of whatever owner.
    async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError>;

    /// Live clients, oldest first.
    async fn list_clients(&self, query: ClientQuery) -> Result<Page<Client>, StoreError>;

    /// Clients, deleted or not, of whatever owner, by id: for what has to be done to each.
    async fn all_clients(
        &self,
        after: Option<ClientId>,
        limit: u32,
    ) -> Result<Page<Client>, StoreError>;

    /// Conversations that are not hidden, newest activity first.
    async fn list_conversations(
        &self,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>, StoreError>;

    /// Messages of a conversation, newest first.
    async fn list_messages(
        &self,
        owner: &Owner,
        query: MessageQuery,
    ) -> Result<Page<Message>, StoreError>;

    /// Templates by name and language.
    async fn list_templates(&self, query: TemplateQuery) -> Result<Page<Template>, StoreError>;

    /// How many inbound messages of a conversation come after a place; counts up to 10,000.
    async fn inbound_after(
        &self,
        owner: &Owner,
        conversation: ConversationId,
        place: Place,
    ) -> Result<u32, StoreError>;

    // --- the log

    /// The state of an owner's log; the default one for an owner that never wrote.
    async fn head(&self, owner: &Owner) -> Result<Head, StoreError>;

    /// Up to `limit` entries after a position, in order.
    async fn events(
        &self,
        owner: &Owner,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError>;

    /// Names this store's history; changes when a backup is restored, so that cursors of another
    /// history are told from ours.
    fn epoch(&self) -> u64;

    /// Follows the end of an owner's log. A hint: read the log to know.
    fn tail(&self, owner: &Owner) -> watch::Receiver<Position>;

    /// Forgets entries older than `before`, a bounded number at a time; returns how many.
    async fn trim_events(&self, before: Timestamp) -> Result<u64, StoreError>;

    // --- writes

    /// Writes a batch, all of it or nothing; returns the owner's log as it then is.
    async fn commit(&self, batch: Batch) -> Result<Head, StoreError>;

    // --- the journal of deliveries

    /// Keeps a delivery. Returns false when the same bytes are kept already.
    async fn journal(&self, delivery: Delivery) -> Result<bool, StoreError>;

    /// Deliveries of these lanes that wait to be applied, oldest first, at most 8 MiB of bodies.
    async fn pending(&self, lanes: &[Lane], limit: u32) -> Result<Vec<Pending>, StoreError>;

    /// Records outcomes of deliveries outside any owner's batch.
    async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), StoreError>;

    /// Grows when a delivery is kept. A hint.
    fn arrivals(&self) -> watch::Receiver<u64>;

    /// A look into the journal, in the order of numbers: up to `limit` rows.
    async fn deliveries(&self, query: JournalQuery) -> Result<Vec<Entry>, StoreError>;

    /// One kept delivery.
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Kept>, StoreError>;

    /// Asks for deliveries to be applied again, as if they had never been tried. They wait apart from
    /// what came by itself, until [`Store::readmit`] lets them in. What waits already is left alone.
    async fn replay(&self, replay: Replay) -> Result<Replayed, StoreError>;

    /// Lets deliveries that were asked for again in among those that wait, lowest numbers first, as long as
    /// no more than `room` wait; returns how many.
    async fn readmit(&self, room: u32) -> Result<u32, StoreError>;

    /// How much the journal is behind. Costs little when it is not.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// Forgets what Meta said longer ago than `before` and nobody needs any more: deliveries that were
    /// applied, whole or in part, and parked statuses whose message never came. What waits or was given
    /// up stays. A bounded number at a time; returns how many.
    async fn trim_journal(&self, before: Timestamp) -> Result<u64, StoreError>;

    // --- the outbox

    /// Messages of these lanes that the outbox has to look at, at most `limit`.
    async fn outbox(
        &self,
        lanes: &[Lane],
        query: OutboxQuery,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// The earliest time at which a queued message of these lanes is due.
    async fn next_due(&self, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError>;

    /// Grows when a commit left something in the outbox, here or (as a hint, it may be late or lost) in
    /// another process.
    fn queued(&self) -> watch::Receiver<u64>;

    // --- files to fetch

    /// Messages of these lanes whose file is to be fetched at this time or before, earliest first, at
    /// most `limit`.
    async fn fetches(
        &self,
        lanes: &[Lane],
        due: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;

    /// The earliest time after this one at which a file of these lanes is to be fetched.
    async fn next_fetch(
        &self,
        lanes: &[Lane],
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    // --- lanes

    /// Extends the leases of `holder`, and takes more as its appetite says, by the store's own clock,
    /// never by business time. Returns all that it now holds; whoever asks for a share counts as alive
    /// until `ttl` is over. A term grows with every change of holder.
    async fn lease(
        &self,
        holder: &str,
        ttl: Duration,
        appetite: Appetite,
    ) -> Result<Vec<Lease>, StoreError>;

    /// Gives up some lanes of `holder`, so that others need not wait for the leases to end. Lanes that
    /// it has not are left alone.
    async fn give_back(&self, holder: &str, lanes: &[Lane]) -> Result<(), StoreError>;

    /// Gives up all lanes of `holder`, which is no longer counted among those alive.
    async fn release(&self, holder: &str) -> Result<(), StoreError>;

    // --- consents

    /// Keeps a consent until it is taken or trimmed. Keeping the same again changes nothing, so it may be
    /// repeated after [`StoreError::Unavailable`]; nobody may know its state before this has returned.
    async fn keep_consent(&self, consent: Consent) -> Result<(), StoreError>;

    /// Takes a consent out: of all who ask for it, one gets it, the others find none. One that is over is
    /// given as well: what that means is decided by business time, which the store does not know.
    async fn take_consent(&self, state: &Fingerprint) -> Result<Option<Consent>, StoreError>;

    /// Forgets consents that were over before `before`, a bounded number at a time; returns how many.
    async fn trim_consents(&self, before: Timestamp) -> Result<u64, StoreError>;

    // --- health

    /// Proves that the store answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// How often something was made durable since the store was opened: what a benchmark counts.
    fn syncs(&self) -> u64;

    /// Finishes what waits. Afterwards every call is `Unavailable`.
    async fn close(&self);
}
