//! Going on with a connection that stopped half-way.
//!
//! Invariant: whoever goes on does the steps that are left, on what was settled before.

use super::{Core, Error, Wanted, sealed};
use crate::{
    domain::{
        actor::Actor,
        client::Client,
        onboarding::{Onboarding, OnboardingStep},
        refusal::Refusal,
    },
    secret::Secret,
};

impl Core {
    /// Goes on, with what was to be chosen. A client that is connected stays as it is.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`; `CLIENT_NOT_CONNECTED` when nothing was begun; what Meta said.
    pub async fn resume_onboarding(&self, actor: &Actor, wanted: Wanted) -> Result<Client, Error> {
        let client = self.client_of(&actor.owner).await?;
        if client.onboarding.is_none() && client.usable().is_none() {
            return Err(Refusal::ClientNotConnected.into());
        }
        self.go_on(actor, wanted).await
    }

    /// Registers the owner's number with the PIN that it already has, and connects the client.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`; `CLIENT_NOT_CONNECTED` when no number was given yet; what Meta said.
    pub async fn register_number(&self, actor: &Actor, pin: Secret) -> Result<Client, Error> {
        let client = self.client_of(&actor.owner).await?;
        let mut onboarding = self.onboarding_of(&client)?.ok_or(Refusal::ClientNotConnected)?;
        match onboarding.step {
            OnboardingStep::Number | OnboardingStep::Subscribe => {
                return Err(Refusal::ClientNotConnected.into());
            }
            OnboardingStep::Register | OnboardingStep::Templates => {}
        }
        onboarding.pin = Some(self.vault.seal(sealed::new_pin(client.id), &pin)?);
        onboarding.step = OnboardingStep::Register;
        self.record_onboarding(actor, &client, onboarding).await?;
        self.go_on(actor, Wanted::default()).await
    }

    /// The connection that is being made; else the one that the client has, to be gone through again from
    /// its registration.
    fn onboarding_of(&self, client: &Client) -> Result<Option<Onboarding>, Error> {
        if let Some(onboarding) = client.onboarding.as_deref() {
            return Ok(Some(onboarding.clone()));
        }
        let Some(connection) = &client.connection else { return Ok(None) };
        let Some(token) = &connection.token else { return Ok(None) };
        let token = self.vault.open(sealed::token(client.id), token)?;
        Ok(Some(Onboarding {
            token: self.vault.seal(sealed::new_token(client.id), &token)?,
            token_expires_at: connection.token_expires_at,
            meta_user_id: connection.meta_user_id.clone(),
            waba_ids: Some(vec![connection.waba_id.clone()]),
            waba_id: Some(connection.waba_id.clone()),
            phone_number_id: Some(connection.phone_number_id.clone()),
            pin: None,
            step: OnboardingStep::Register,
            choices: Vec::new(),
            started_at: self.clock.now(),
        }))
    }
}
