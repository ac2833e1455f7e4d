//! Whose business numbers are.
//!
//! Invariant: it is a memory that may be late. Applying checks the client again, so one that is out of
//! date costs a second look; that a number has no client is never remembered, as it has no such check.
//! Where there is no second look, as in taking a delivery apart, the store is asked.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    domain::{client::Client, ids::PhoneNumberId},
    store::{Store, StoreError},
};

/// How many are remembered.
const MOST: usize = 10_000;

/// The live clients of business numbers.
#[derive(Default)]
pub(super) struct Numbers(Mutex<HashMap<PhoneNumberId, Client>>);

impl Numbers {
    /// The live clients of these numbers, as far as is remembered.
    pub(super) async fn clients(
        &self,
        store: &dyn Store,
        numbers: Vec<PhoneNumberId>,
    ) -> Result<Vec<Client>, StoreError> {
        let (mut clients, mut unknown) = (Vec::with_capacity(numbers.len()), Vec::new());
        {
            let known = self.known();
            for number in numbers {
                match known.get(&number) {
                    Some(client) => clients.push(client.clone()),
                    None => unknown.push(number),
                }
            }
        }
        if !unknown.is_empty() {
            clients.extend(self.clients_now(store, unknown).await?);
        }
        Ok(clients)
    }

    /// The live clients of these numbers as they are now, whatever is remembered.
    pub(super) async fn clients_now(
        &self,
        store: &dyn Store,
        numbers: Vec<PhoneNumberId>,
    ) -> Result<Vec<Client>, StoreError> {
        let found = store.clients_by_number(&numbers).await?;
        let mut known = self.known();
        if known.len() + found.len() > MOST {
            known.clear();
        }
        for number in &numbers {
            known.remove(number);
        }
        for client in &found {
            known.extend(client.phone_number_id().map(|n| (n.clone(), client.clone())));
        }
        Ok(found)
    }

    /// Forgets a client: it may no longer be so.
    pub(super) fn forget(&self, client: &Client) {
        if let Some(number) = client.phone_number_id() {
            self.known().remove(number);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PhoneNumberId, Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
