//! A real store between which and its caller things go wrong on demand, and a core over it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use core_service::{
    domain::{
        change::{Batch, Write},
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
    flows::Core,
    keys::Context,
    media::MediaStore,
    secret::Secret,
    store::{
        Appetite, Footprint, Lease, OutboxQuery, Rows, Store, StoreError,
        embedded::{Embedded, Options},
    },
};
use tempfile::TempDir;
use tokio::sync::watch;

pub use crate::cores::{core_on, core_with};
use crate::{
    kit,
    landlord::{Landlord, Said},
};

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is written and the answer is lost.
    Unanswered,
    /// It is not written.
    Refused,
    /// It is not written, and whoever asked for it panics.
    Panics,
    /// Somebody else was quicker.
    Outrun,
}

type Judge = Box<dyn FnMut(&Batch) -> Option<Fate> + Send>;
type Rival = Box<dyn FnMut(&Batch) -> Vec<Write> + Send>;

/// What was read.
#[derive(Default)]
pub struct Counts {
    loads: AtomicUsize,
    messages: AtomicUsize,
    next_dues: AtomicUsize,
    looks: AtomicUsize,
}

impl Counts {
    /// Loads and single messages so far.
    pub fn reads(&self) -> [usize; 2] {
        [&self.loads, &self.messages].map(|count| count.load(Ordering::Relaxed))
    }

    /// Looks of the outbox, and its questions for what is due next, so far.
    pub fn of_outbox(&self) -> [usize; 2] {
        [&self.looks, &self.next_dues].map(|count| count.load(Ordering::Relaxed))
    }
}

/// The store.
pub struct Faulty {
    inner: Embedded,
    /// Says what goes wrong with a commit.
    pub judge: Mutex<Judge>,
    /// What others write right before a commit.
    pub rival: Mutex<Rival>,
    /// What was read.
    pub counts: Counts,
    /// Commits that were tried.
    pub commits: AtomicUsize,
    /// What others commit right after the next count of inbound messages.
    pub after_count: Mutex<VecDeque<Batch>>,
    /// Commits of this owner wait.
    pub stuck: watch::Sender<Option<Owner>>,
    /// Who has which lanes.
    pub landlord: Landlord,
    _folder: TempDir,
}

fn lost() -> StoreError {
    StoreError::Unavailable("on purpose".to_owned())
}

#[async_trait]
impl Store for Faulty {
    async fn load(&self, owner: &Owner, footprint: Footprint) -> Result<Rows, StoreError> {
        self.counts.loads.fetch_add(1, Ordering::Relaxed);
        self.inner.load(owner, footprint).await
    }
    async fn clients_by_number(&self, ids: &[PhoneNumberId]) -> Result<Vec<Client>, StoreError> {
        self.inner.clients_by_number(ids).await
    }
    async fn clients_by_waba(&self, waba: &WabaId) -> Result<Vec<Client>, StoreError> {
        self.inner.clients_by_waba(waba).await
    }
    async fn client(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        self.inner.client(id).await
    }
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.inner.conversation(id).await
    }
    async fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.counts.messages.fetch_add(1, Ordering::Relaxed);
        self.inner.message(id).await
    }
    async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        self.inner.template(id).await
    }
    async fn list_clients(&self, query: ClientQuery) -> Result<Page<Client>, StoreError> {
        self.inner.list_clients(query).await
    }
    async fn all_clients(
        &self,
        after: Option<ClientId>,
        limit: u32,
    ) -> Result<Page<Client>, StoreError> {
        self.inner.all_clients(after, limit).await
    }
    async fn list_conversations(
        &self,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>, StoreError> {
        self.inner.list_conversations(query).await
    }
    async fn list_messages(
        &self,
        owner: &Owner,
        query: MessageQuery,
    ) -> Result<Page<Message>, StoreError> {
        self.inner.list_messages(owner, query).await
    }
    async fn list_templates(&self, query: TemplateQuery) -> Result<Page<Template>, StoreError> {
        self.inner.list_templates(query).await
    }
    async fn inbound_after(
        &self,
        owner: &Owner,
        conversation: ConversationId,
        place: Place,
    ) -> Result<u32, StoreError> {
        let count = self.inner.inbound_after(owner, conversation, place).await?;
        let others = self.after_count.lock().unwrap().pop_front();
        if let Some(batch) = others {
            self.inner.commit(batch).await?;
        }
        Ok(count)
    }
    async fn head(&self, owner: &Owner) -> Result<Head, StoreError> {
        self.inner.head(owner).await
    }
    async fn events(
        &self,
        owner: &Owner,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        self.inner.events(owner, after, limit).await
    }
    fn epoch(&self) -> u64 {
        self.inner.epoch()
    }
    fn tail(&self, owner: &Owner) -> watch::Receiver<Position> {
        self.inner.tail(owner)
    }
    async fn trim_journal(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.inner.trim_journal(before).await
    }

    async fn trim_events(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.inner.trim_events(before).await
    }
    async fn commit(&self, batch: Batch) -> Result<Head, StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let fate = (self.judge.lock().unwrap())(&batch);
        let mut stuck = self.stuck.subscribe();
        stuck.wait_for(|owner| owner.as_ref() != Some(&batch.owner)).await.unwrap();
        let writes = (self.rival.lock().unwrap())(&batch);
        if !writes.is_empty() {
            self.inner.commit(writing(batch.owner.clone(), writes)).await?;
        }
        match fate {
            None => self.inner.commit(batch).await,
            Some(Fate::Unanswered) => self.inner.commit(batch).await.and(Err(lost())),
            Some(Fate::Refused) => Err(lost()),
            Some(Fate::Panics) => panic!("on purpose"),
            Some(Fate::Outrun) => Err(StoreError::Conflict("on purpose".to_owned())),
        }
    }
    async fn journal(&self, delivery: Delivery) -> Result<bool, StoreError> {
        self.inner.journal(delivery).await
    }
    async fn pending(&self, lanes: &[Lane], limit: u32) -> Result<Vec<Pending>, StoreError> {
        self.inner.pending(lanes, limit).await
    }
    async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), StoreError> {
        self.inner.settle(settlements).await
    }
    fn arrivals(&self) -> watch::Receiver<u64> {
        self.inner.arrivals()
    }
    async fn deliveries(&self, query: JournalQuery) -> Result<Vec<Entry>, StoreError> {
        self.inner.deliveries(query).await
    }
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Kept>, StoreError> {
        self.inner.delivery(id).await
    }
    async fn replay(&self, replay: Replay) -> Result<Replayed, StoreError> {
        self.inner.replay(replay).await
    }
    async fn readmit(&self, room: u32) -> Result<u32, StoreError> {
        self.inner.readmit(room).await
    }
    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.inner.backlog().await
    }
    async fn outbox(
        &self,
        lanes: &[Lane],
        query: OutboxQuery,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        if matches!(query, OutboxQuery::Due(_)) {
            self.counts.looks.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.outbox(lanes, query, limit).await
    }
    async fn next_due(&self, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError> {
        self.counts.next_dues.fetch_add(1, Ordering::Relaxed);
        self.inner.next_due(lanes).await
    }
    fn queued(&self) -> watch::Receiver<u64> {
        self.inner.queued()
    }
    async fn fetches(
        &self,
        lanes: &[Lane],
        due: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        self.inner.fetches(lanes, due, limit).await
    }
    async fn next_fetch(
        &self,
        lanes: &[Lane],
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_fetch(lanes, after).await
    }
    async fn lease(
        &self,
        holder: &str,
        ttl: Duration,
        appetite: Appetite,
    ) -> Result<Vec<Lease>, StoreError> {
        let leases = self.inner.lease(holder, ttl, appetite).await?;
        Ok(self.landlord.lets(appetite, leases))
    }
    async fn give_back(&self, holder: &str, lanes: &[Lane]) -> Result<(), StoreError> {
        self.inner.give_back(holder, lanes).await?;
        self.landlord.hears(Said::GaveBack(lanes.to_vec()));
        Ok(())
    }
    async fn release(&self, holder: &str) -> Result<(), StoreError> {
        self.inner.release(holder).await?;
        self.landlord.hears(Said::Released);
        Ok(())
    }
    async fn keep_consent(&self, consent: Consent) -> Result<(), StoreError> {
        self.inner.keep_consent(consent).await
    }
    async fn take_consent(&self, state: &Fingerprint) -> Result<Option<Consent>, StoreError> {
        self.inner.take_consent(state).await
    }
    async fn trim_consents(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.inner.trim_consents(before).await
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }
    fn syncs(&self) -> u64 {
        self.inner.syncs()
    }
    async fn close(&self) {
        Store::close(&self.inner).await;
    }
}

/// A core over a faulty store that so far does what it is told, with the client connected. Meta cannot
/// be reached.
pub async fn core() -> (Arc<Core>, Arc<Faulty>) {
    // Port 9, discard: nobody listens there.
    core_at("http://127.0.0.1:9").await
}

/// The same, with Meta at this address.
pub async fn core_at(graph_url: &str) -> (Arc<Core>, Arc<Faulty>) {
    let store = store();
    let core = over(&store, graph_url);
    connect(&core).await;
    (core, store)
}

/// Connects the client.
pub async fn connect(core: &Core) {
    let mut client = kit::client();
    let home = Context { client: client.id, field: "token" };
    let token = core.vault.seal(home, &Secret::new("token".to_owned())).unwrap();
    client.connection.as_mut().unwrap().token = Some(token);
    commit(core, vec![Write::Client(Box::new(client))]).await;
}

/// A store that so far does what it is told, with nothing in it.
pub fn store() -> Arc<Faulty> {
    let folder = tempfile::tempdir().unwrap();
    Arc::new(Faulty {
        inner: Embedded::open(folder.path(), &Options::default()).unwrap(),
        judge: Mutex::new(Box::new(|_| None)),
        rival: Mutex::new(Box::new(|_| Vec::new())),
        counts: Counts::default(),
        commits: AtomicUsize::new(0),
        after_count: Mutex::default(),
        stuck: watch::Sender::default(),
        landlord: Landlord::default(),
        _folder: folder,
    })
}

/// A core, the first or another one, over a store that there is.
pub fn over(store: &Arc<Faulty>, graph_url: &str) -> Arc<Core> {
    over_both(store, &MediaStore::in_memory(), graph_url)
}

/// The same, with a media store that there is too.
pub fn over_both(store: &Arc<Faulty>, media: &MediaStore, graph_url: &str) -> Arc<Core> {
    let keys = format!("1:{}", STANDARD.encode([7; 32]));
    core_with((Arc::clone(store) as Arc<dyn Store>, media.clone()), graph_url, &keys)
}

/// Writes rows as they are.
pub async fn commit(core: &Core, writes: Vec<Write>) {
    core.store.commit(writing(kit::owner(), writes)).await.unwrap();
}

/// A commit of rows as they are.
pub fn writing(owner: Owner, writes: Vec<Write>) -> Batch {
    let (expects, events, settlements) = (Vec::new(), Vec::new(), Vec::new());
    Batch { owner, expects, writes, events, settlements }
}
