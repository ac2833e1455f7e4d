//! Connecting a number: check everything at Meta, subscribe, register, and only then record.
//!
//! Invariant: a client is `CONNECTED` only after Meta confirmed token, account and number; a number is
//! connected to one live client; the token is stored sealed or not at all.

mod check;

use std::time::Duration;

use self::check::Checked;
use super::{Core, Error, clients::live_client};
use crate::{
    domain::{
        actor::Actor,
        client::{Client, ClientSettings, ClientStatus, Connection},
        event::News,
        ids::{ClientId, PhoneNumberId, WabaId},
        refusal::Refusal,
        working_set::WorkingSet,
    },
    keys::Context,
    meta::{Class, MetaError, Token},
    secret::Secret,
};

/// When it is worth asking Meta again that was asked too much.
const COME_BACK: Duration = Duration::from_secs(60);

/// Meta's code for "the number has another PIN".
const WRONG_PIN: i32 = 133_005;

/// What ties a client to Meta, as the caller gave it.
#[derive(Debug, Clone)]
pub struct Link {
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// Its account.
    pub waba_id: WabaId,
    /// An access token for it.
    pub token: Secret,
}

/// A client that is to be.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Free text.
    pub label: Option<String>,
    /// Without it, the client waits for OAuth.
    pub link: Option<Link>,
}

impl Core {
    /// Makes the owner's client, or connects the one that is there. Returns true when it is new.
    ///
    /// # Errors
    /// `CLIENT_ALREADY_EXISTS`, `PHONE_NUMBER_ALREADY_CONNECTED`, or what Meta said: then nothing was
    /// stored, except that a number with a PIN of its own leaves a `PENDING` client for
    /// [`Core::register_number`].
    pub async fn create_client(
        &self,
        actor: &Actor,
        order: NewClient,
    ) -> Result<(Client, bool), Error> {
        let NewClient { label, link } = order;
        let existing = self.store.load(&actor.owner, live_client()).await?.clients.pop();
        let id = match &existing {
            None => self.ids.client(self.clock.now()),
            Some(client) if link.is_some() && client.status != ClientStatus::Connected => client.id,
            Some(_) => return Err(Refusal::ClientAlreadyExists.into()),
        };
        let Some(link) = link else {
            let client = self.record(actor, id, label, None, ClientStatus::Pending).await?;
            return Ok((client, true));
        };
        self.number_is_free(actor, &link.phone_number_id).await?;
        let token = token_of(&link.token)?;
        let Checked { mut connection, to_register } = self.check_at_meta(&link, &token).await?;
        connection.token =
            Some(self.vault.seal(Context { client: id, field: "token" }, &link.token)?);
        self.meta.subscribe(&token, &connection.waba_id).await?;
        if to_register && let Err(error) = self.register(id, &token, &mut connection).await {
            if wants_its_pin(&error) {
                self.record(actor, id, label, Some(connection), ClientStatus::Pending).await?;
            }
            return Err(error);
        }
        let client = self.finish(actor, id, label, connection, &token).await?;
        Ok((client, existing.is_none()))
    }

    /// Registers the owner's number with the PIN that it already has, and connects the client.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`; `CLIENT_NOT_CONNECTED` when no number was given yet; what Meta said.
    pub async fn register_number(&self, actor: &Actor, pin: Secret) -> Result<Client, Error> {
        let client = self.client_of(&actor.owner).await?;
        let mut connection = client.connection.clone().ok_or(Refusal::ClientNotConnected)?;
        if connection.token.is_none() {
            return Err(Refusal::ClientNotConnected.into());
        }
        let token = self.token(&client)?;
        self.meta.register(&token, &connection.phone_number_id, pin.expose()).await?;
        connection.pin = Some(self.vault.seal(Context { client: client.id, field: "pin" }, &pin)?);
        self.finish(actor, client.id, None, connection, &token).await
    }

    /// Registers a number with a PIN of ours.
    async fn register(
        &self,
        id: ClientId,
        token: &Token,
        connection: &mut Connection,
    ) -> Result<(), Error> {
        let pin = Secret::new(format!("{:06}", rand::random_range(0..1_000_000_u32)));
        self.meta.register(token, &connection.phone_number_id, pin.expose()).await?;
        connection.pin = Some(self.vault.seal(Context { client: id, field: "pin" }, &pin)?);
        Ok(())
    }

    /// Everything is confirmed: pull the templates, record the client as connected.
    async fn finish(
        &self,
        actor: &Actor,
        id: ClientId,
        label: Option<String>,
        connection: Connection,
        token: &Token,
    ) -> Result<Client, Error> {
        let definitions = self.meta.templates(token, &connection.waba_id).await?;
        let client =
            self.record(actor, id, label, Some(connection), ClientStatus::Connected).await?;
        self.take_templates(&client, definitions).await?;
        self.routes.forget();
        self.hasten(&client.owner).await;
        tracing::info!(client.id = %client.id, "client connected");
        Ok(client)
    }

    /// Fails when the number is another live client's. A race is settled by the store's unique key.
    async fn number_is_free(&self, actor: &Actor, number: &PhoneNumberId) -> Result<(), Error> {
        let holders = self.store.clients_by_number(std::slice::from_ref(number)).await?;
        if holders.iter().any(|client| client.owner != actor.owner) {
            return Err(Refusal::PhoneNumberAlreadyConnected.into());
        }
        Ok(())
    }

    async fn record(
        &self,
        actor: &Actor,
        id: ClientId,
        label: Option<String>,
        connection: Option<Connection>,
        status: ClientStatus,
    ) -> Result<Client, Error> {
        let number = connection.as_ref().map(|connection| connection.phone_number_id.clone());
        let recorded = self
            .decide(&actor.owner, live_client(), |set| {
                let client = put(set, actor, id, label.as_deref(), connection.as_ref(), status)?;
                set.tell(News::ClientUpdated { client: client.clone() });
                Ok(client)
            })
            .await;
        if let (Err(Error::Contended(_)), Some(number)) = (&recorded, number) {
            // The store's unique key may have refused it every time: say so when that is why.
            self.number_is_free(actor, &number).await?;
        }
        recorded
    }

    /// Unsubscribes our app from a client's account, as far as Meta lets us. Best effort.
    pub(super) async fn unsubscribe_at_meta(&self, client: &Client) {
        let Some(connection) = &client.connection else { return };
        let others = self.store.clients_by_waba(&connection.waba_id).await;
        // The subscription is the account's: another client may live on it.
        if !others.is_ok_and(|others| others.iter().all(|other| other.id == client.id)) {
            return;
        }
        let Ok(token) = self.token(client) else { return };
        if let Err(error) = self.meta.unsubscribe(&token, &connection.waba_id).await {
            tracing::info!(client.id = %client.id, %error, "still subscribed at Meta");
        }
    }
}

/// Puts the client into the set, as new or as changed.
fn put(
    set: &mut WorkingSet,
    actor: &Actor,
    id: ClientId,
    label: Option<&str>,
    connection: Option<&Connection>,
    status: ClientStatus,
) -> Result<Client, Refusal> {
    let now = set.now();
    match set.live_client() {
        Some(live) if live.id != id => Err(Refusal::ClientAlreadyExists),
        Some(_) => set
            .change_client(id, |row| {
                row.label = label.map_or_else(|| row.label.clone(), str::to_owned);
                row.connection = connection.cloned();
                row.status = status;
                row.updated_at = now;
                row.updated_by.clone_from(&actor.by);
            })
            .ok_or(Refusal::ClientNotFound),
        None => {
            let client = Client {
                id,
                owner: set.owner().clone(),
                label: label.unwrap_or_default().to_owned(),
                status,
                connection: connection.cloned(),
                settings: ClientSettings::default(),
                revision: 1,
                created_at: now,
                created_by: actor.by.clone(),
                updated_at: now,
                updated_by: actor.by.clone(),
                deleted_at: None,
            };
            set.insert_client(client.clone());
            Ok(client)
        }
    }
}

fn token_of(secret: &Secret) -> Result<Token, Error> {
    Token::parse(secret.expose().to_owned())
        .map_err(|error| Refusal::field("access_token", error.to_string()).into())
}

fn wants_its_pin(error: &Error) -> bool {
    match error {
        Error::Refused(Refusal::MetaRejected { reason, message: _ }) => reason.code == WRONG_PIN,
        Error::Refused(_)
        | Error::Unavailable(_)
        | Error::Contended(_)
        | Error::MetaUnavailable(_)
        | Error::Internal(_) => false,
    }
}

impl From<MetaError> for Error {
    fn from(error: MetaError) -> Self {
        match error {
            MetaError::Rejected(reason, class) => Self::Refused(match class {
                Class::Throttled | Class::PairThrottled | Class::Limited => {
                    Refusal::RateLimited { retry_after: COME_BACK }
                }
                Class::Token
                | Class::Access
                | Class::Account
                | Class::Unavailable
                | Class::Unsure
                | Class::WindowClosed
                | Class::OptedOut
                | Class::Undeliverable
                | Class::TemplatePaused
                | Class::Template
                | Class::Media
                | Class::Registration
                | Class::Parameter
                | Class::Unlisted => Refusal::MetaRejected { reason, message: None },
            }),
            MetaError::Unavailable(why) => Self::MetaUnavailable(why),
        }
    }
}
