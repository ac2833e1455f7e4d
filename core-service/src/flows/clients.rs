//! Clients: showing, changing, deleting.
//!
//! Invariant: a deleted client is gone for every caller, and its history stays for its owner's return.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Core, Error, onboard::End};
use crate::{
    domain::{
        actor::{Actor, Scope},
        client::Client,
        event::News,
        ids::ClientId,
        owner::Owner,
        page::{ClientQuery, Page},
        refusal::Refusal,
        rules::templates::retire,
    },
    store::Footprint,
};

/// How many live clients are remembered.
const REMEMBERED: usize = 10_000;

/// The live clients of owners who sent something lately. A memory of the store that may be late: it is
/// for decisions alone, whose commit expects the client at the revision that they saw.
#[derive(Debug, Default)]
pub struct LiveClients(Mutex<HashMap<Owner, Client>>);

impl LiveClients {
    pub(super) fn get(&self, owner: &Owner) -> Option<Client> {
        self.clients().get(owner).cloned()
    }

    pub(super) fn put(&self, client: Client) {
        let mut clients = self.clients();
        if clients.len() >= REMEMBERED {
            clients.clear();
        }
        clients.insert(client.owner.clone(), client);
    }

    pub(super) fn forget(&self, owner: &Owner) {
        self.clients().remove(owner);
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<Owner, Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ClientPatch {
    /// Free text.
    pub label: Option<String>,
    /// Tell candidates that messages were read.
    pub send_read_receipts: Option<bool>,
    /// Show candidates that the recruiter types.
    pub forward_typing: Option<bool>,
    /// The usual language of templates; `Some(None)` clears it.
    pub template_language: Option<Option<String>>,
}

/// The footprint of decisions on the live client alone.
pub(super) fn live_client() -> Footprint {
    Footprint { live_client: true, ..Footprint::default() }
}

impl Core {
    /// The owner's live client.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND` when there is none.
    pub async fn client_of(&self, owner: &Owner) -> Result<Client, Error> {
        let rows = self.store.load(owner, live_client()).await?;
        rows.clients.into_iter().next().ok_or_else(|| Refusal::ClientNotFound.into())
    }

    /// A live client by id.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND` when it does not exist, is deleted, or is not the caller's.
    pub async fn client_by_id(&self, scope: &Scope, id: ClientId) -> Result<Client, Error> {
        let live = self.see_client(scope, id).await?.filter(Client::is_live);
        live.ok_or_else(|| Refusal::ClientNotFound.into())
    }

    /// Lists live clients, oldest first.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn list_clients(&self, query: ClientQuery) -> Result<Page<Client>, Error> {
        Ok(self.store.list_clients(query).await?)
    }

    /// Changes the label and settings of the owner's client.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND` when there is none.
    pub async fn update_client(&self, actor: &Actor, patch: ClientPatch) -> Result<Client, Error> {
        self.decide(&actor.owner, live_client(), |set| {
            let now = set.now();
            let client = set.live_client().ok_or(Refusal::ClientNotFound)?;
            let ClientPatch { label, send_read_receipts, forward_typing, template_language } =
                patch.clone();
            let changed = set.change_client(client.id, |row| {
                row.label = label.unwrap_or_else(|| row.label.clone());
                let settings = &mut row.settings;
                settings.send_read_receipts =
                    send_read_receipts.unwrap_or(settings.send_read_receipts);
                settings.forward_typing = forward_typing.unwrap_or(settings.forward_typing);
                if let Some(language) = template_language {
                    settings.template_language = language;
                }
                row.updated_at = now;
                row.updated_by.clone_from(&actor.by);
            });
            let client = changed.ok_or(Refusal::ClientNotFound)?;
            set.tell(News::ClientUpdated { client: client.clone() });
            Ok(client)
        })
        .await
    }

    /// Deletes the owner's client. Its token is forgotten, its templates go, what was queued ends.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND` when there is none.
    pub async fn delete_client(&self, actor: &Actor) -> Result<(), Error> {
        let id = self.client_of(&actor.owner).await?.id;
        let footprint = Footprint { templates_of: Some(id), ..live_client() };
        let gone = self
            .decide(&actor.owner, footprint, |set| {
                let now = set.now();
                let live = set.live_client().filter(|live| live.id == id);
                let client = live.ok_or(Refusal::ClientNotFound)?;
                // A client that is made anew has templates of its own.
                retire(set, &[]);
                let changed = set.change_client(client.id, |row| {
                    row.deleted_at = Some(now);
                    row.updated_at = now;
                    row.updated_by.clone_from(&actor.by);
                    row.forget_secrets();
                    row.forget_giver();
                });
                if let Some(client) = changed {
                    set.tell(News::ClientUpdated { client });
                }
                Ok(client)
            })
            .await?;
        self.routes.forget();
        self.hasten(&gone.owner).await;
        self.let_go(&gone, End::Webhooks).await;
        Ok(())
    }
}
