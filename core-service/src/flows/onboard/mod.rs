//! Connecting a number, and disconnecting it.
//!
//! Whatever the way in (a token that the caller has, Meta's dialog, Meta's popup), the journey is the same:
//!
//! 1. `check`: the token is valid, made for our app, and allows what we do;
//! 2. `number`: the account and the number are found, or left to the owner to choose;
//! 3. `steps`: webhooks, registration, templates, each recorded when it is done;
//! 4. the client is `CONNECTED`.
//!
//! Invariant: a client is `CONNECTED` only after Meta confirmed token, account and number; a number is
//! connected to one live client; a token is stored sealed or not at all; what was refused before the
//! first step stores nothing, and what stops after it says where, why and what to do.

mod check;
mod consent;
mod end;
mod exchange;
mod expiry;
mod number;
mod record;
mod resume;
mod sealed;
mod steps;
mod withdraw;

use std::time::Duration;

pub use self::{
    consent::{Begun, Came, Returned},
    end::Report,
    withdraw::{Forgotten, Withdrawal},
};
pub(super) use self::{end::End, sealed::token as sealed_token};
use super::{Core, Error, clients::live_client};
use crate::{
    domain::{
        actor::Actor,
        client::{Client, ClientStatus},
        ids::{PhoneNumberId, WabaId},
        refusal::Refusal,
    },
    meta::{Class, MetaError, Token},
    secret::Secret,
};

/// When it is worth asking Meta again that was asked too much.
const COME_BACK: Duration = Duration::from_secs(60);

/// Where people come back to from Meta.
#[derive(Debug, Clone, Default)]
pub struct OauthSettings {
    /// Exactly as the Meta app lists it.
    pub redirect_uri: Option<String>,
    /// Where a browser goes afterwards.
    pub return_url: Option<String>,
}

impl OauthSettings {
    /// Scheme, host and port of the edge as the world sees it.
    fn origin(&self) -> Option<&str> {
        let uri = self.redirect_uri.as_deref()?;
        let host = uri.find("://")? + 3;
        Some(uri[host..].find('/').map_or(uri, |path| &uri[..host + path]))
    }
}

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

/// What somebody says that is to be connected; believed only after Meta confirmed it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The number.
    pub phone_number_id: Option<PhoneNumberId>,
    /// The account.
    pub waba_id: Option<WabaId>,
}

impl Core {
    /// Makes the owner's client, or connects the one that is there. Returns true when it is new.
    ///
    /// # Errors
    /// `CLIENT_ALREADY_EXISTS`, `PHONE_NUMBER_ALREADY_CONNECTED`, or what Meta said: when that was after
    /// the first step, the client stands half connected and can go on.
    pub async fn create_client(
        &self,
        actor: &Actor,
        order: NewClient,
    ) -> Result<(Client, bool), Error> {
        let NewClient { label, link } = order;
        let existing = self.store.load(&actor.owner, live_client()).await?.clients.pop();
        let reconnects = existing.as_ref().is_some_and(|c| c.status != ClientStatus::Connected);
        if existing.is_some() && !(reconnects && link.is_some()) {
            return Err(Refusal::ClientAlreadyExists.into());
        }
        let Some(Link { phone_number_id, waba_id, token }) = link else {
            let client = self.record_pending(actor, label).await?;
            return Ok((client, true));
        };
        let wanted = Wanted { phone_number_id: Some(phone_number_id), waba_id: Some(waba_id) };
        let grant = self.check(token_of(&token)?, &wanted).await?;
        let settled = self.settle_number(actor, &grant.token, grant.waba_ids.as_deref(), &wanted);
        let settled = settled.await?;
        self.begin(actor, label, &grant, &wanted, settled).await?;
        Ok((self.go_on(actor, Wanted::default()).await?, existing.is_none()))
    }
}

fn token_of(secret: &Secret) -> Result<Token, Error> {
    Token::parse(secret.expose().to_owned())
        .map_err(|error| Refusal::field("access_token", error.to_string()).into())
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
