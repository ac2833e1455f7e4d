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
    clock::Clock,
    domain::{
        change::{Batch, Write},
        client::Client,
        conversation::Conversation,
        delivery::{Delivery, Pending, Settlement},
        event::{Head, Logged, Position},
        ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId},
        message::{Message, Place},
        owner::{Lane, Owner},
        page::{ClientQuery, ConversationQuery, MessageQuery, Page, TemplateQuery},
        template::Template,
        time::Timestamp,
    },
    flows::{Core, receive::Routes, send::Waiters, signals::Signals},
    ids::Ids,
    keys::{Context, KeyRing, Marker, Vault},
    meta::{Meta, MetaConfig},
    secret::Secret,
    store::{
        Footprint, Lease, OutboxQuery, Rows, Store, StoreError,
        embedded::{Embedded, Options},
    },
};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::kit;

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is written and the answer is lost.
    Unanswered,
    /// It is not written.
    Refused,
    /// It is not written, and whoever asked for it panics.
    Panics,
}

type Judge = Box<dyn FnMut(&Batch) -> Option<Fate> + Send>;

/// The store.
pub struct Faulty {
    inner: Embedded,
    /// Says what goes wrong with a commit.
    pub judge: Mutex<Judge>,
    /// Commits that were tried.
    pub commits: AtomicUsize,
    /// What others commit right after the next count of inbound messages.
    pub after_count: Mutex<VecDeque<Batch>>,
    _folder: TempDir,
}

fn lost() -> StoreError {
    StoreError::Unavailable("on purpose".to_owned())
}

#[async_trait]
impl Store for Faulty {
    async fn load(&self, owner: &Owner, footprint: Footprint) -> Result<Rows, StoreError> {
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
        self.inner.message(id).await
    }
    async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        self.inner.template(id).await
    }
    async fn list_clients(&self, query: ClientQuery) -> Result<Page<Client>, StoreError> {
        self.inner.list_clients(query).await
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
        match fate {
            None => self.inner.commit(batch).await,
            Some(Fate::Unanswered) => self.inner.commit(batch).await.and(Err(lost())),
            Some(Fate::Refused) => Err(lost()),
            Some(Fate::Panics) => panic!("on purpose"),
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
    async fn outbox(
        &self,
        lanes: &[Lane],
        query: OutboxQuery,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        self.inner.outbox(lanes, query, limit).await
    }
    async fn next_due(&self, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_due(lanes).await
    }
    async fn lease(&self, holder: &str, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        self.inner.lease(holder, ttl).await
    }
    async fn release(&self, holder: &str) -> Result<(), StoreError> {
        self.inner.release(holder).await
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }
}

/// A core over a faulty store that so far does what it is told, with the client connected. Meta cannot
/// be reached.
pub async fn core() -> (Arc<Core>, Arc<Faulty>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Faulty {
        inner: Embedded::open(folder.path(), &Options::default()).unwrap(),
        judge: Mutex::new(Box::new(|_| None)),
        commits: AtomicUsize::new(0),
        after_count: Mutex::default(),
        _folder: folder,
    });
    let ring = Arc::new(KeyRing::parse(&format!("1:{}", STANDARD.encode([7; 32]))).unwrap());
    let meta = MetaConfig {
        // Port 9, discard: nobody listens there.
        graph_url: "http://127.0.0.1:9".to_owned(),
        version: "v25.0".to_owned(),
        app_id: None,
        app_secrets: Vec::new(),
        timeout: Duration::from_secs(5),
    };
    let core = Arc::new(Core {
        store: Arc::clone(&store) as Arc<dyn Store>,
        meta: Meta::new(meta).unwrap(),
        marker: Marker::new(&ring),
        vault: Vault::new(ring),
        clock: Clock::default(),
        ids: Ids::default(),
        waiters: Waiters::default(),
        signals: Signals::default(),
        stop: CancellationToken::new(),
        routes: Routes::default(),
    });
    let mut client = kit::client();
    let home = Context { client: client.id, field: "token" };
    let token = core.vault.seal(home, &Secret::new("token".to_owned())).unwrap();
    client.connection.as_mut().unwrap().token = Some(token);
    commit(&core, vec![Write::Client(Box::new(client))]).await;
    (core, store)
}

/// Writes rows as they are.
pub async fn commit(core: &Core, writes: Vec<Write>) {
    let (expects, events, settlements) = (Vec::new(), Vec::new(), Vec::new());
    let batch = Batch { owner: kit::owner(), expects, writes, events, settlements };
    core.store.commit(batch).await.unwrap();
}
