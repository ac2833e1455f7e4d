//! The steps after the number is settled, each done at Meta and then recorded.
//!
//! Invariant: a step is recorded when it is done, and doing it once more is harmless: so a connection that
//! stopped anywhere, also by the death of the process, goes on where it was. The PIN is recorded before
//! Meta is asked, so that asking again after a lost answer asks the same.

use super::{
    Core, Error, Wanted,
    number::Settled,
    record::{self, settle},
    sealed,
};
use crate::{
    domain::{
        actor::Actor,
        client::{Client, Connection},
        event::News,
        onboarding::{Concern, Onboarding, OnboardingStep},
        refusal::Refusal,
        rules::account,
    },
    flows::clients::live_client,
    meta::{NumberFacts, Token},
    secret::Secret,
};

/// More than there are.
const STEPS: u32 = 12;

/// How a step ended.
enum Walk {
    /// The next one.
    On(Client),
    /// Connected, or it is the owner's turn.
    End(Client),
}

/// A connection that is being made, opened.
struct Work<'a> {
    actor: &'a Actor,
    client: &'a Client,
    onboarding: Onboarding,
    token: Token,
}

impl Core {
    /// Does the steps that are left.
    pub(super) async fn go_on(&self, actor: &Actor, wanted: Wanted) -> Result<Client, Error> {
        let mut client = self.client_of(&actor.owner).await?;
        for _ in 0..STEPS {
            let Some(onboarding) = client.onboarding.as_deref().cloned() else {
                return Ok(client);
            };
            match self.step(actor, &client, onboarding, &wanted).await {
                Ok(Walk::On(next)) => client = next,
                Ok(Walk::End(client)) => return Ok(client),
                Err(error) => {
                    self.record_halt(actor, &client, &error).await;
                    return Err(error);
                }
            }
        }
        Err(Error::Internal("connecting takes more steps than there are".to_owned()))
    }

    async fn step(
        &self,
        actor: &Actor,
        client: &Client,
        onboarding: Onboarding,
        wanted: &Wanted,
    ) -> Result<Walk, Error> {
        let token = self.vault.open(sealed::new_token(client.id), &onboarding.token)?;
        let token = Token::parse(token.expose().to_owned());
        let token = token.map_err(|error| Error::Internal(error.to_string()))?;
        let step = onboarding.step;
        let work = Work { actor, client, onboarding, token };
        match step {
            OnboardingStep::Number => self.find_number(work, wanted).await,
            OnboardingStep::Subscribe => self.subscribe(work).await,
            OnboardingStep::Register => self.register(work).await,
            OnboardingStep::Templates => self.finish(work).await,
        }
    }

    async fn find_number(&self, work: Work<'_>, wanted: &Wanted) -> Result<Walk, Error> {
        let Work { actor, client, mut onboarding, token } = work;
        // What was named before still holds.
        onboarding.waba_id = wanted.waba_id.clone().or(onboarding.waba_id);
        let wanted = Wanted {
            waba_id: onboarding.waba_id.clone(),
            phone_number_id: wanted.phone_number_id.clone(),
        };
        let open = onboarding.waba_ids.clone();
        let settled = self.settle_number(actor, &token, open.as_deref(), &wanted).await?;
        let concern = match &settled {
            Settled::Number(_) => None,
            Settled::Several(_) => Some((
                Concern::PhoneNumberChoiceRequired,
                "There are several phone numbers. Choose one and go on.",
            )),
            Settled::NoNumber => Some((
                Concern::PhoneNumberMissing,
                "The account has no phone number yet. Add one at Meta and go on.",
            )),
            Settled::NoAccount => Some((
                Concern::WabaRequired,
                "Meta does not say which WhatsApp Business account it is. Name it and go on.",
            )),
        };
        settle(&mut onboarding, settled);
        match concern {
            None => Ok(Walk::On(self.record_onboarding(actor, client, onboarding).await?)),
            Some((concern, details)) => {
                let waits = self.record_attention(actor, client, onboarding, concern, details);
                Ok(Walk::End(waits.await?))
            }
        }
    }

    async fn subscribe(&self, work: Work<'_>) -> Result<Walk, Error> {
        let Work { actor, client, mut onboarding, token } = work;
        let waba = onboarding.waba_id.clone().ok_or_else(unsettled)?;
        self.meta.subscribe(&token, &waba).await?;
        onboarding.step = OnboardingStep::Register;
        Ok(Walk::On(self.record_onboarding(actor, client, onboarding).await?))
    }

    async fn register(&self, work: Work<'_>) -> Result<Walk, Error> {
        let Work { actor, client, mut onboarding, token } = work;
        let number = onboarding.phone_number_id.clone().ok_or_else(unsettled)?;
        let facts = self.meta.phone_number(&token, &number).await?;
        // A number that its owner also uses in the WhatsApp Business app is registered there.
        if facts.is_registered || facts.is_on_biz_app {
            onboarding.pin = None;
        } else {
            let Some(sealed) = &onboarding.pin else {
                let pin = self.pin_for(client, &onboarding)?;
                onboarding.pin = Some(self.vault.seal(sealed::new_pin(client.id), &pin)?);
                return Ok(Walk::On(self.record_onboarding(actor, client, onboarding).await?));
            };
            let pin = self.vault.open(sealed::new_pin(client.id), sealed)?;
            self.meta.register(&token, &number, pin.expose()).await?;
        }
        onboarding.step = OnboardingStep::Templates;
        Ok(Walk::On(self.record_onboarding(actor, client, onboarding).await?))
    }

    /// The PIN that we set when we connected this number before, else a random one.
    fn pin_for(&self, client: &Client, onboarding: &Onboarding) -> Result<Secret, Error> {
        let before = client.connection.as_ref().filter(|connection| {
            Some(&connection.phone_number_id) == onboarding.phone_number_id.as_ref()
        });
        match before.and_then(|connection| connection.pin.as_ref()) {
            Some(sealed) => Ok(self.vault.open(sealed::pin(client.id), sealed)?),
            None => Ok(Secret::new(format!("{:06}", rand::random_range(0..1_000_000_u32)))),
        }
    }

    /// Everything is done at Meta: pull the templates, record the client as connected.
    async fn finish(&self, work: Work<'_>) -> Result<Walk, Error> {
        let Work { actor, client, onboarding, token } = work;
        let number = onboarding.phone_number_id.clone().ok_or_else(unsettled)?;
        let waba = onboarding.waba_id.clone().ok_or_else(unsettled)?;
        let asked = self.clock.now();
        let facts = self.meta.phone_number(&token, &number).await?;
        let definitions = self.meta.templates(&token, &waba).await?;
        let connection = self.connection(client, onboarding, facts, &token)?;
        self.number_is_free(actor, &number).await?;
        self.take_over(actor, &number).await?;
        let recorded = self.record_connection(actor, client, &connection).await;
        if let Err(Error::Contended(_)) = &recorded {
            // The store's unique key may have refused it every time: say so when that is why.
            self.number_is_free(actor, &number).await?;
        }
        let client = recorded?;
        self.take_templates(&client, definitions, asked).await?;
        self.routes.forget();
        self.hasten(&client.owner).await;
        tracing::info!(client.id = %client.id, "client connected");
        Ok(Walk::End(client))
    }

    async fn record_connection(
        &self,
        actor: &Actor,
        client: &Client,
        connection: &Connection,
    ) -> Result<Client, Error> {
        self.decide(&actor.owner, live_client(), |set| {
            let client = record::change(set, actor, client, |row| {
                account::connected(row, connection.clone());
            })?;
            set.tell(News::ClientUpdated { client: client.clone() });
            Ok(client)
        })
        .await
    }

    /// The connection, its secrets sealed for their place in it.
    fn connection(
        &self,
        client: &Client,
        onboarding: Onboarding,
        facts: NumberFacts,
        token: &Token,
    ) -> Result<Connection, Error> {
        let NumberFacts {
            display_phone_number,
            verified_name,
            quality_rating,
            messaging_limit,
            status: _,
            is_registered: _,
            is_on_biz_app: _,
        } = facts;
        let phone_number_id = onboarding.phone_number_id.ok_or_else(unsettled)?;
        let before = client.connection.as_ref();
        let before = before.filter(|before| before.phone_number_id == phone_number_id);
        let pin = match &onboarding.pin {
            Some(sealed) => {
                let pin = self.vault.open(sealed::new_pin(client.id), sealed)?;
                Some(self.vault.seal(sealed::pin(client.id), &pin)?)
            }
            None => before.and_then(|before| before.pin.clone()),
        };
        let clear = Secret::new(token.expose().to_owned());
        Ok(Connection {
            phone_number_id,
            waba_id: onboarding.waba_id.ok_or_else(unsettled)?,
            display_phone_number,
            verified_name,
            quality_rating,
            messaging_limit,
            token: Some(self.vault.seal(sealed::token(client.id), &clear)?),
            token_expires_at: onboarding.token_expires_at,
            pin,
            meta_user_id: onboarding.meta_user_id,
            connected_at: Some(self.clock.now()),
        })
    }
}

/// A step came before its time.
fn unsettled() -> Error {
    Refusal::ClientNotConnected.into()
}
