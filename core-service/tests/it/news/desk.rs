//! A core at work for a client whose number and templates are known.

use std::{sync::Arc, time::Duration};

use core_service::{
    config::Retention,
    domain::{
        actor::Actor,
        change::Write,
        client::Client,
        event::{News, Position},
        journal::{JournalQuery, Range, Which},
        owner::Lane,
        page::TemplateQuery,
        template::Template,
        time::Timestamp,
    },
    flows::Core,
    keys::Context,
    lanes,
    secret::Secret,
    store::Store,
};
use serde_json::{Value, json};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::meta::Meta;
use crate::{faulty, kit, lanes::until};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEYS: &str = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
pub const WABA: &str = "102290129340398";

pub struct Desk {
    pub core: Arc<Core>,
    pub meta: Meta,
    stop: CancellationToken,
    loops: TaskTracker,
    /// When it was connected, by Meta's clock.
    began: i64,
}

impl Desk {
    /// Opens on a store that has nothing in it.
    pub async fn open(store: Arc<dyn Store>) -> Self {
        let meta = Meta::start().await;
        let core = faulty::core_on(store, &meta.url, KEYS);
        let mut client = kit::client();
        let home = Context { client: client.id, field: "token" };
        let token = core.vault.seal(home, &Secret::new("token".to_owned())).unwrap();
        let began = core.clock.now();
        let connection = client.connection.as_mut().unwrap();
        connection.token = Some(token);
        connection.connected_at = Some(began - Duration::from_secs(1_000));
        connection.display_phone_number = Some("+1 555-078-3881".to_owned());
        faulty::commit(&core, vec![Write::Client(Box::new(client))]).await;
        core.sync_templates(&Actor { owner: kit::owner(), by: kit::owner().to_string() })
            .await
            .unwrap();
        let stop = CancellationToken::new();
        let retention = Retention { events: DAY, journal: DAY };
        let loops = lanes::start(&core, retention, &stop);
        Self { core, meta, stop, loops, began: began.as_millis() / 1000 }
    }

    /// News of an account, as of so many seconds after the client was ready.
    pub fn body(&self, waba: &str, after: i64, field: &str, value: &Value) -> Value {
        json!({"object": "whatsapp_business_account", "entry": [{"id": waba, "time": self.began + after,
            "changes": [{"field": field, "value": value}]}]})
    }

    /// Delivers, and waits until everything that came is applied.
    pub async fn take(&self, body: &Value) {
        self.core.accept(body.to_string().into()).await.unwrap();
        let lanes: Vec<Lane> = Lane::all().collect();
        until(async || self.core.store.pending(&lanes, 10).await.unwrap().is_empty()).await;
    }

    /// The same with news of our account.
    pub async fn news(&self, after: i64, field: &str, value: &Value) {
        self.take(&self.body(WABA, after, field, value)).await;
    }

    pub async fn client(&self) -> Client {
        self.core.client_of(&kit::owner()).await.unwrap()
    }

    pub async fn template(&self, name: &str) -> Option<Template> {
        let rows = self.templates().await;
        rows.into_iter().find(|row| row.definition.name == name)
    }

    pub async fn templates(&self) -> Vec<Template> {
        let query = TemplateQuery {
            scope: core_service::domain::actor::Scope::Owner(kit::owner()),
            status: None,
            purpose: None,
            after: None,
            limit: 100,
        };
        self.core.list_templates(query).await.unwrap().rows
    }

    /// Names of what was told of client and templates, without what connecting told.
    pub async fn told(&self) -> Vec<String> {
        let log = self.core.store.events(&kit::owner(), Position(2), 1_000).await.unwrap();
        log.into_iter()
            .map(|logged| match logged.event.news {
                News::ClientUpdated { client } => {
                    let attention = client.shown_attention().map(|shown| shown.concern);
                    format!("{:?} {attention:?}", client.status)
                }
                News::TemplateUpdated { template } => {
                    let definition = template.definition;
                    format!("{} {}", definition.name, definition.status)
                }
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// Why elements were set aside.
    pub async fn set_aside(&self) -> Vec<String> {
        let query = JournalQuery {
            range: Range::ALL,
            which: Which::Failed,
            newest_first: false,
            limit: 100,
        };
        let failed = self.core.store.deliveries(query).await.unwrap();
        let outcomes = failed.iter().filter_map(|entry| entry.outcome.as_ref());
        outcomes.flat_map(|outcome| outcome.set_aside()).map(|aside| aside.reason.clone()).collect()
    }

    pub fn moment(&self, after: i64) -> Timestamp {
        Timestamp::from_seconds(self.began + after)
    }

    pub async fn close(self) {
        self.stop.cancel();
        self.loops.wait().await;
        self.core.store.close().await;
    }
}
