//! What is written of a connection that is being made.
//!
//! Invariant: a change is made only to the connection that was looked at; one that a later one replaced
//! is left alone. Secrets are sealed for the field that they stand in.

use super::{Core, Error, Wanted, check::Grant, number::Settled, sealed};
use crate::{
    domain::{
        actor::Actor,
        client::{Client, ClientSettings, ClientStatus},
        event::News,
        ids::ClientId,
        onboarding::{Attention, Concern, Onboarding, OnboardingStep},
        refusal::Refusal,
        rules::connect,
        working_set::WorkingSet,
    },
    flows::clients::live_client,
    secret::Secret,
};

impl Core {
    /// Makes a client that waits for OAuth.
    pub(super) async fn record_pending(
        &self,
        actor: &Actor,
        label: Option<String>,
    ) -> Result<Client, Error> {
        let id = self.ids.client(self.clock.now());
        self.decide(&actor.owner, live_client(), |set| {
            if set.live_client().is_some() {
                return Err(Refusal::ClientAlreadyExists);
            }
            let client = new(set, actor, id, label.as_deref());
            set.insert_client(client.clone());
            set.tell(News::ClientUpdated { client: client.clone() });
            Ok(client)
        })
        .await
    }

    /// Records that a connection is being made with a token. A connection that the client has goes on
    /// until the new one is whole.
    pub(super) async fn begin(
        &self,
        actor: &Actor,
        label: Option<String>,
        grant: &Grant,
        wanted: &Wanted,
        settled: Settled,
    ) -> Result<Client, Error> {
        let existing = self.store.load(&actor.owner, live_client()).await?.clients.pop();
        let now = self.clock.now();
        let id = existing.map_or_else(|| self.ids.client(now), |client| client.id);
        let Grant { token: clear, expires_at, meta_user_id, waba_ids } = grant;
        let mut onboarding = Onboarding {
            token: self
                .vault
                .seal(sealed::new_token(id), &Secret::new(clear.expose().to_owned()))?,
            token_expires_at: *expires_at,
            meta_user_id: meta_user_id.clone(),
            waba_ids: waba_ids.clone(),
            waba_id: wanted.waba_id.clone(),
            phone_number_id: None,
            pin: None,
            step: OnboardingStep::Number,
            choices: Vec::new(),
            started_at: now,
        };
        settle(&mut onboarding, settled);
        self.decide(&actor.owner, live_client(), |set| {
            match set.live_client() {
                // Sealed for another row: somebody made a client meanwhile.
                Some(live) if live.id != id => return Err(Refusal::ClientAlreadyExists),
                Some(_) => {}
                None => {
                    let client = new(set, actor, id, label.as_deref());
                    set.insert_client(client);
                }
            }
            let now = set.now();
            let changed = set.change_client(id, |row| {
                row.label = label.clone().unwrap_or_else(|| row.label.clone());
                row.onboarding = Some(Box::new(onboarding.clone()));
                row.attention = None;
                row.updated_at = now;
                row.updated_by.clone_from(&actor.by);
            });
            changed.ok_or(Refusal::ClientNotFound)
        })
        .await
    }

    /// Records how far a connection came. `client` is as it was looked at.
    pub(super) async fn record_onboarding(
        &self,
        actor: &Actor,
        client: &Client,
        onboarding: Onboarding,
    ) -> Result<Client, Error> {
        self.change(actor, client, |row| row.onboarding = Some(Box::new(onboarding.clone()))).await
    }

    /// Records what the owner has to do before it goes on, and tells it.
    pub(super) async fn record_attention(
        &self,
        actor: &Actor,
        client: &Client,
        onboarding: Onboarding,
        concern: Concern,
        details: &str,
    ) -> Result<Client, Error> {
        let since = self.clock.now();
        let attention = Attention::new(concern, details, since);
        self.decide(&actor.owner, live_client(), |set| {
            let changed = change(set, actor, client, |row| {
                row.onboarding = Some(Box::new(onboarding.clone()));
                row.attention = Some(attention.clone());
            })?;
            set.tell(News::ClientUpdated { client: changed.clone() });
            Ok(changed)
        })
        .await
    }

    /// Records why a step failed, and tells it. The caller has the error; that it was recorded is extra.
    pub(super) async fn record_halt(&self, actor: &Actor, client: &Client, error: &Error) {
        let Some(onboarding) = client.onboarding.as_deref().cloned() else { return };
        let (concern, details) = connect_concern(error);
        let mut onboarding = onboarding;
        if concern == Concern::PinRequired {
            onboarding.pin = None;
        }
        let recorded = self.record_attention(actor, client, onboarding, concern, &details).await;
        if let Err(error) = recorded {
            tracing::warn!(client.id = %client.id, %error, "why connecting stopped is not recorded");
        }
    }

    /// Changes the client without an event: nothing that its owner acts on.
    async fn change(
        &self,
        actor: &Actor,
        client: &Client,
        what: impl Fn(&mut Client) + Send + Sync,
    ) -> Result<Client, Error> {
        self.decide(&actor.owner, live_client(), |set| change(set, actor, client, &what)).await
    }
}

/// Changes the live client, as long as the same connection is being made as in `seen`.
pub(super) fn change(
    set: &mut WorkingSet,
    actor: &Actor,
    seen: &Client,
    what: impl FnOnce(&mut Client),
) -> Result<Client, Refusal> {
    let live = set.live_client().filter(|live| live.id == seen.id);
    let live = live.ok_or(Refusal::ClientNotFound)?;
    if !connect::is_same_attempt(&live, seen) {
        return Err(Refusal::ClientAlreadyExists);
    }
    let now = set.now();
    let changed = set.change_client(live.id, |row| {
        what(row);
        row.updated_at = now;
        row.updated_by.clone_from(&actor.by);
    });
    changed.ok_or(Refusal::ClientNotFound)
}

/// Fills in what is settled of account and number.
pub(super) fn settle(onboarding: &mut Onboarding, settled: Settled) {
    onboarding.choices.clear();
    match settled {
        Settled::Number(number) => {
            onboarding.waba_id = Some(number.waba_id);
            onboarding.phone_number_id = Some(number.phone_number_id);
            onboarding.step = OnboardingStep::Subscribe;
        }
        Settled::Several(choices) => onboarding.choices = choices,
        Settled::NoNumber | Settled::NoAccount => {}
    }
}

fn new(set: &WorkingSet, actor: &Actor, id: ClientId, label: Option<&str>) -> Client {
    let now = set.now();
    Client {
        id,
        owner: set.owner().clone(),
        label: label.unwrap_or_default().to_owned(),
        status: ClientStatus::Pending,
        connection: None,
        onboarding: None,
        attention: None,
        standing: Box::default(),
        settings: ClientSettings::default(),
        revision: 1,
        created_at: now,
        created_by: actor.by.clone(),
        updated_at: now,
        updated_by: actor.by.clone(),
        deleted_at: None,
    }
}

/// Meta's code for "the number has another PIN".
const WRONG_PIN: i32 = 133_005;

/// What an error means to the owner of the client.
fn connect_concern(error: &Error) -> (Concern, String) {
    match error {
        Error::Refused(Refusal::MetaRejected { reason, message: _ })
            if reason.code == WRONG_PIN =>
        {
            (
                Concern::PinRequired,
                "The number has a PIN of its own. Register it with that PIN.".to_owned(),
            )
        }
        Error::Refused(Refusal::RateLimited { retry_after: _ })
        | Error::MetaUnavailable(_)
        | Error::StartAgain(_)
        | Error::Unavailable(_)
        | Error::Contended(_)
        | Error::NotSetUp(_)
        | Error::Internal(_) => (
            Concern::OnboardingInterrupted,
            "Connecting was interrupted. Go on with it in a moment.".to_owned(),
        ),
        Error::Refused(refusal) => (Concern::OnboardingRejected, refusal.to_string()),
    }
}
