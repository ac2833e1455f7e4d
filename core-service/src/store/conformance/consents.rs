//! Consents that wait for whoever was sent to Meta.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::samples::{Desk, at};
use crate::store::Store;

pub(in crate::store) async fn a_consent_is_taken_once_though_64_ask_at_once(store: Arc<dyn Store>) {
    let (consent, other) = (Desk::new().consent(600), Desk::new().consent(600));
    store.keep_consent(consent.clone()).await.unwrap();
    store.keep_consent(other.clone()).await.unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..64 {
        let (store, state) = (Arc::clone(&store), consent.state.clone());
        callers.spawn(async move { store.take_consent(&state).await.unwrap() });
    }
    let taken: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    assert_eq!(store.take_consent(&consent.state).await.unwrap(), None);
    assert_eq!(taken, [consent]);
    assert_eq!(store.take_consent(&other.state).await.unwrap(), Some(other));
}

pub(in crate::store) async fn a_consent_that_nobody_kept_is_none(store: Arc<dyn Store>) {
    let (kept, unknown) = (Desk::new().consent(600), Desk::new().consent(600));
    store.keep_consent(kept.clone()).await.unwrap();
    assert_eq!(store.take_consent(&unknown.state).await.unwrap(), None);
    // What the browser is recognised by is no key.
    assert_eq!(store.take_consent(&kept.browser).await.unwrap(), None);
    assert_eq!(store.take_consent(&kept.state).await.unwrap(), Some(kept));
}

pub(in crate::store) async fn a_consent_that_is_kept_twice_is_one(store: Arc<dyn Store>) {
    let consent = Desk::new().consent(600);
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let (store, consent) = (Arc::clone(&store), consent.clone());
        callers.spawn(async move { store.keep_consent(consent).await.unwrap() });
    }
    callers.join_all().await;
    store.keep_consent(consent.clone()).await.unwrap();
    assert_eq!(store.take_consent(&consent.state).await.unwrap(), Some(consent.clone()));
    assert_eq!(store.take_consent(&consent.state).await.unwrap(), None);
}

pub(in crate::store) async fn consents_that_are_over_are_forgotten_and_others_stay(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let [over, also_over, taken, just, young] =
        [1, 9, 1, 10, 600].map(|second| desk.consent(second));
    for consent in [&over, &also_over, &taken, &just, &young] {
        store.keep_consent(consent.clone()).await.unwrap();
    }
    // The store does not judge what is over: it is given while it is there.
    assert_eq!(store.take_consent(&taken.state).await.unwrap(), Some(taken));
    assert_eq!(store.trim_consents(at(1)).await.unwrap(), 0);
    let mut forgotten = 0;
    loop {
        match store.trim_consents(at(10)).await.unwrap() {
            0 => break,
            some => forgotten += some,
        }
    }
    assert_eq!(forgotten, 2);
    for gone in [over, also_over] {
        assert_eq!(store.take_consent(&gone.state).await.unwrap(), None);
    }
    for stays in [just, young] {
        assert_eq!(store.take_consent(&stays.state).await.unwrap(), Some(stays));
    }
}
