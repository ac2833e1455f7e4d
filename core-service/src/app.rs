//! Composition root: builds the core from its settings, serves, drains.
//!
//! Invariant: nothing is served before the store is open and the keys are read; ending takes at most
//! the grace period, and what was recorded by then is durable.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    config::{self, Config},
    flows::Core,
    grpc,
    ids::Ids,
    keys::{Marker, Vault},
    lanes,
    media::{MediaStore, OpenError},
    meta::{InvalidSettings, Meta},
    shutdown,
    store::{
        Store, StoreError,
        embedded::{Embedded, Options},
        mongo::Mongo,
    },
};

/// Why a core cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store does not open.
    #[error("{setting}: {why}")]
    Store {
        /// Which setting names it.
        setting: &'static str,
        /// Why not.
        why: StoreError,
    },
    /// The media store does not open.
    #[error("MEDIA_STORE: {0}")]
    Media(#[from] OpenError),
    /// The settings for Meta cannot be used.
    #[error("META_GRAPH_URL, META_APP_ID, META_APP_SECRETS: {0}")]
    Meta(#[from] InvalidSettings),
    /// Serving ended badly.
    #[error("cannot serve: {0}")]
    Serve(#[from] grpc::ServeError),
    /// A thread of ours could not be run.
    #[error("the store did not open: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// A core that is ready to serve.
pub struct App {
    core: Arc<Core>,
    store: Arc<dyn Store>,
    grpc: grpc::Settings,
    retention: config::Retention,
    stop: CancellationToken,
}

/// Whether files are served and fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Files {
    Served,
    OutOfReach,
}

impl App {
    /// Opens the store and puts the core together. Connects to nobody yet. It ends with `stop`.
    ///
    /// # Errors
    /// [`Error`] when the store does not open or a setting is wrong.
    pub async fn build(
        config: Config,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        Self::over(config, Files::Served, clock, stop).await
    }

    /// The same for a command, which serves nobody and touches no file: the media store need not be there.
    ///
    /// # Errors
    /// [`Error`] when the store does not open or a setting is wrong.
    pub async fn without_files(
        config: Config,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        Self::over(config, Files::OutOfReach, clock, stop).await
    }

    async fn over(
        config: Config,
        files: Files,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        // Whoever runs a core inside of something else need not think of it.
        linkojob_tls::provide();
        let Config {
            listen,
            store,
            keys,
            tokens,
            media,
            meta,
            oauth,
            retention,
            metrics: _,
            log: _,
        } = config;
        let grpc = grpc::Settings { tokens, reflection: listen.reflection, tls: listen.tls };
        let meta = Meta::new(meta)?;
        let store = open(store).await?;
        let media = match files {
            Files::Served => {
                tokio::task::spawn_blocking(move || MediaStore::open(&media)).await??
            }
            Files::OutOfReach => MediaStore::in_memory(),
        };
        let keys = Arc::new(keys);
        let core = Arc::new(Core {
            store: Arc::clone(&store),
            meta,
            oauth,
            media,
            refreshes: crate::flows::refresh::Refreshes::default(),
            fetches: crate::flows::media::Fetches::default(),
            marker: Marker::new(&keys),
            vault: Vault::new(keys),
            clock,
            ids: Ids::default(),
            turns: crate::flows::Turns::default(),
            stop: stop.clone(),
            waiters: crate::flows::send::Waiters::default(),
            handover: crate::flows::send::Handover::default(),
            places: crate::flows::send::Counter::default(),
            receipts: crate::flows::send::Receipts::default(),
            clients: crate::flows::clients::LiveClients::default(),
            signals: crate::flows::signals::Signals::default(),
            routes: crate::flows::receive::Routes::default(),
            metrics: crate::metrics::Metrics::default(),
        });
        Ok(Self { core, store, grpc, retention, stop })
    }

    /// What flows need, for commands that serve nobody.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// How often the store has made something durable: what a benchmark counts.
    pub fn syncs(&self) -> impl Fn() -> u64 + Send + Sync + Clone + 'static + use<> {
        let store = Arc::clone(&self.store);
        move || store.syncs()
    }

    /// Serves until it is stopped, then drains: calls in progress end, what is on its way to Meta is settled,
    /// the store is closed.
    ///
    /// # Errors
    /// When serving ends badly.
    pub async fn serve(self, listener: TcpListener) -> Result<(), Error> {
        let Self { core, store, grpc, retention, stop } = self;
        let lanes = lanes::start(&core, retention, &stop);
        let told = stop.clone();
        let deadline = tokio::spawn(async move {
            told.cancelled().await;
            tokio::time::sleep(shutdown::GRACE).await;
        });
        let served = grpc::serve(Arc::clone(&core), grpc, listener, stop.clone()).await;
        // Serving can also end by a fault; then everything else ends with it.
        stop.cancel();
        let drained = tokio::select! {
            () = async { tokio::join!(lanes.wait(), core.receipts.drained()); } => true,
            _ = deadline => false,
        };
        if !drained {
            tracing::warn!("the lanes did not drain in time; what was being sent becomes unknown");
        }
        store.close().await;
        Ok(served?)
    }
}

/// Opens the store that the settings name.
async fn open(store: config::Store) -> Result<Arc<dyn Store>, Error> {
    match store {
        config::Store::Embedded { path } => {
            // Opening reads and may repair files: not on the runtime's own threads.
            let open = move || Embedded::open(&path, &Options::default());
            let opened = tokio::task::spawn_blocking(open).await?;
            Ok(Arc::new(opened.map_err(|why| Error::Store { setting: "EMBEDDED_PATH", why })?))
        }
        config::Store::MongoDb { uri, database } => {
            let opened = Mongo::open(&uri, &database).await;
            Ok(Arc::new(opened.map_err(|why| Error::Store { setting: "MONGODB_URI", why })?))
        }
    }
}
