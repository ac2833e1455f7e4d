//! The handle on one simulated platform: its memory, its script, its clock and its way out.
//!
//! Invariant: the three locks (memory, script, queue) are leaves; none is taken while another of
//! them is held, except memory before script or queue, in that order.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::account::SeedAccount;
use super::clock::Clock;
use super::hooks::{self, Queue};
use super::oauth::App;
use super::persist::{self, Saved};
use super::script::{Script, Settings, Switch};
use super::state::{OpenError, State};

/// How long a receiver may take to answer a webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// What a simulated platform starts from.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    /// Id of our Meta app.
    pub app_id: String,
    /// Its secret: signs webhooks, proves tokens.
    pub app_secret: String,
    /// Where webhooks go; may be set later by [`World::set_webhook_url`].
    pub webhook_url: Option<String>,
    /// Business time.
    pub clock: Clock,
    /// Folder that keeps the state; none keeps nothing.
    pub data: Option<PathBuf>,
    /// Whether statuses are reported from the start.
    pub auto_status: bool,
    /// Accounts that exist from the start.
    pub accounts: Vec<SeedAccount>,
    /// How our app is set up.
    pub app: App,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            app_id: String::from("670843887433847"),
            app_secret: String::from("sandbox-app-secret"),
            webhook_url: None,
            clock: Clock::default(),
            data: None,
            auto_status: true,
            accounts: vec![SeedAccount::default()],
            app: App::default(),
        }
    }
}

/// Why a platform could not be built.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The saved state cannot be read.
    #[error("the simulated Meta cannot read its state: {0}")]
    State(#[from] persist::PersistError),
    /// A seed is not valid.
    #[error("the simulated Meta cannot open a seed account: {0}")]
    Seed(#[from] OpenError),
    /// No HTTP client.
    #[error("the simulated Meta has no HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// One simulated platform; clones are the same one.
#[derive(Clone, Debug)]
pub struct World(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app_id: String,
    app_secret: String,
    webhook_url: RwLock<Option<String>>,
    clock: Clock,
    data: Option<PathBuf>,
    http: reqwest::Client,
    state: Mutex<State>,
    script: Mutex<Script>,
    queue: Mutex<Queue>,
    queue_news: Notify,
    changes: watch::Sender<u64>,
    closing: CancellationToken,
}

impl World {
    /// Builds the platform from its saved state, or new, with the seeds that are missing.
    ///
    /// # Errors
    /// When the state cannot be read, a seed is invalid or HTTP is not available.
    pub fn new(config: WorldConfig) -> Result<Self, WorldError> {
        let WorldConfig {
            app_id,
            app_secret,
            webhook_url,
            clock,
            data,
            auto_status,
            accounts,
            app,
        } = config;
        let saved = data.as_deref().map(persist::load).transpose()?.flatten();
        let Saved { mut state, queue, offset_ms } = saved.unwrap_or_default();
        clock.catch_up(offset_ms);
        state.app = app;
        for seed in accounts {
            if !state.numbers.contains_key(&seed.phone_number_id) {
                state.open(seed, clock.now_secs())?;
            }
        }
        let settings = Settings { statuses: Switch(auto_status), ..Settings::default() };
        // Webhooks go to our own process: no proxies, and a redirect is a refusal.
        let http = reqwest::Client::builder()
            .timeout(WEBHOOK_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(Arc::new(Inner {
            app_id,
            app_secret,
            webhook_url: RwLock::new(webhook_url),
            clock,
            data,
            http,
            state: Mutex::new(state),
            script: Mutex::new(Script::new(settings)),
            queue: Mutex::new(Queue::restored(queue)),
            queue_news: Notify::new(),
            changes: watch::Sender::new(0),
            closing: CancellationToken::new(),
        })))
    }

    /// Starts the background work; it ends after `stop`, the last snapshot written.
    #[must_use]
    pub fn start(&self, stop: CancellationToken) -> TaskTracker {
        let tracker = TaskTracker::new();
        let (closing, stopped) = (self.0.closing.clone(), stop.clone());
        tracker.spawn(async move {
            stopped.cancelled().await;
            closing.cancel();
        });
        tracker.spawn(hooks::run(self.clone(), stop.clone()));
        if let Some(folder) = self.0.data.clone() {
            tracker.spawn(persist::run(self.clone(), folder, stop));
        }
        tracker.close();
        tracker
    }

    /// Business time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Id of our Meta app.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.0.app_id
    }

    pub(super) fn app_secret(&self) -> &str {
        &self.0.app_secret
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Says where webhooks go.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        let mut place = self.0.webhook_url.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(url.into());
    }

    pub(super) fn webhook_url(&self) -> Option<String> {
        self.0.webhook_url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake_queue(&self) {
        self.0.queue_news.notify_one();
        self.mark_changed();
    }

    pub(super) async fn queue_changed(&self) {
        self.0.queue_news.notified().await;
    }

    /// Tells watchers and the snapshot that something is different now.
    pub(super) fn mark_changed(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }

    /// Waits for news, but neither longer than `patience` nor beyond the end of the platform:
    /// a question that stays open must not hold up a shutdown.
    pub(super) async fn await_news(&self, news: impl Future, patience: Duration) {
        tokio::select! {
            _ = news => {}
            () = tokio::time::sleep(patience) => {}
            () = self.0.closing.cancelled() => {}
        }
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_open_question_does_not_hold_up_the_end() {
        let world = World::new(WorldConfig::default()).expect("a world");
        let stop = CancellationToken::new();
        let tracker = world.start(stop.clone());
        let question = world.await_news(std::future::pending::<()>(), Duration::from_secs(3600));
        let end = async {
            stop.cancel();
            tracker.wait().await;
        };
        tokio::join!(question, end);
    }

    #[test]
    fn a_seed_that_is_not_a_number_is_refused() {
        let seed = SeedAccount { number: String::from("none"), ..SeedAccount::default() };
        let config = WorldConfig { accounts: vec![seed], ..WorldConfig::default() };
        assert!(matches!(World::new(config), Err(WorldError::Seed(OpenError::BadNumber))));
    }
}
