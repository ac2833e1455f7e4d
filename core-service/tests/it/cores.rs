//! A core as it is put together at the start, with everything else in the test's hands.

use std::{sync::Arc, time::Duration};

use core_service::{
    clock::Clock,
    flows::{
        Core, Turns,
        clients::LiveClients,
        media::Fetches,
        onboard::OauthSettings,
        receive::Routes,
        refresh::Refreshes,
        send::{Counter, Handover, Receipts, Waiters},
        signals::Signals,
    },
    ids::Ids,
    keys::{KeyRing, Marker, Vault},
    media::MediaStore,
    meta::{MediaHosts, Meta, MetaConfig},
    metrics::Metrics,
    store::Store,
};
use tokio_util::sync::CancellationToken;

/// A core with these keys, over any store.
pub fn core_on(store: Arc<dyn Store>, graph_url: &str, keys: &str) -> Arc<Core> {
    core_with((store, MediaStore::in_memory()), graph_url, keys)
}

/// A core with these keys, over any store and media store.
pub fn core_with(
    (store, media): (Arc<dyn Store>, MediaStore),
    graph_url: &str,
    keys: &str,
) -> Arc<Core> {
    let ring = Arc::new(KeyRing::parse(keys).unwrap());
    let meta = MetaConfig {
        graph_url: graph_url.to_owned(),
        version: "v25.0".to_owned(),
        dialog_url: "https://dialog.test".to_owned(),
        config_id: None,
        app_id: None,
        app_secrets: Vec::new(),
        media_hosts: MediaHosts::default(),
        timeout: Duration::from_secs(5),
    };
    Arc::new(Core {
        store,
        meta: Meta::new(meta).unwrap(),
        oauth: OauthSettings::default(),
        media,
        refreshes: Refreshes::default(),
        fetches: Fetches::default(),
        marker: Marker::new(&ring),
        vault: Vault::new(ring),
        clock: Clock::default(),
        ids: Ids::default(),
        turns: Turns::default(),
        waiters: Waiters::default(),
        handover: Handover::default(),
        places: Counter::default(),
        receipts: Receipts::default(),
        clients: LiveClients::default(),
        signals: Signals::default(),
        stop: CancellationToken::new(),
        routes: Routes::default(),
        metrics: Metrics::default(),
    })
}
