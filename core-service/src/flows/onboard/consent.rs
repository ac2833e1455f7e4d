//! Sending a person to Meta's dialog, and knowing them again when they come back.
//!
//! Invariant: a state is good once, for ten minutes, and only for the person who asked: whoever comes back
//! with it has the secret of the browser that was sent away, or is that person by the gateway's word, and
//! is never somebody else by it. So a link that an attacker had made connects nobody.

use std::time::Duration;

use super::{Core, Error, Wanted};
use crate::{
    domain::{actor::Actor, client::Client, consent::Consent, refusal::Refusal, time::Timestamp},
    keys::{fingerprint, random_secret},
    secret::Secret,
};

/// How long a person has for Meta's dialog.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// Where a person is sent.
#[derive(Debug)]
pub struct Begun {
    /// The address at Meta.
    pub url: String,
    /// When it is worth nothing any more.
    pub expires_at: Timestamp,
    /// For the person's browser alone.
    pub browser_secret: Secret,
}

/// What Meta sent a person back with.
#[derive(Debug)]
pub struct Returned {
    /// As it came.
    pub state: Secret,
    /// What came with it.
    pub came: Came,
    /// What the browser kept; empty when it kept nothing.
    pub browser_secret: Secret,
    /// Who it is, by the gateway's word.
    pub person: Option<String>,
}

/// What came with a state.
#[derive(Debug)]
pub enum Came {
    /// A code for a token.
    Code(Secret),
    /// The person did not consent.
    Refused,
    /// Nothing that could be a code.
    Nothing,
}

impl Core {
    /// Makes the address at Meta where a person consents.
    ///
    /// # Errors
    /// [`Error::NotSetUp`] without an app or an address to come back to.
    pub async fn begin_consent(&self, actor: &Actor) -> Result<Begun, Error> {
        let redirect_uri = self.redirect_uri()?;
        let (state, browser_secret) = (random_secret(), random_secret());
        let url = self
            .meta
            .consent_url(redirect_uri, state.expose())
            .ok_or(Error::NotSetUp("META_APP_ID, META_APP_SECRETS"))?;
        let expires_at = self.clock.now() + LASTS;
        let consent = Consent {
            state: fingerprint(&state),
            browser: fingerprint(&browser_secret),
            owner: actor.owner.clone(),
            by: actor.by.clone(),
            expires_at,
        };
        self.store.keep_consent(consent).await?;
        Ok(Begun { url, expires_at, browser_secret })
    }

    /// Takes what Meta sent a person back with. The state is used up whatever comes of it.
    ///
    /// # Errors
    /// `OAUTH_STATE_INVALID`, `OAUTH_DENIED`, or as [`Core::exchange_code`].
    pub async fn complete_consent(&self, returned: Returned) -> Result<Client, Error> {
        let Returned { state, came, browser_secret, person } = returned;
        let taken = self.store.take_consent(&fingerprint(&state)).await?;
        let now = self.clock.now();
        let consent = taken.ok_or_else(|| invalid("it is unknown or used"))?;
        if consent.is_over(now) {
            return Err(invalid("it took too long"));
        }
        let same_browser = consent.browser == fingerprint(&browser_secret);
        let person = person.map(|person| person == consent.by);
        match (same_browser, person) {
            (true, Some(true) | None) | (false, Some(true)) => {}
            (true | false, Some(false)) => return Err(invalid("another person came back with it")),
            (false, None) => return Err(invalid("nobody knows who came back with it")),
        }
        let actor = consent.actor();
        match came {
            Came::Code(code) => {
                let redirect_uri = Some(self.redirect_uri()?);
                self.connect_by_code(&actor, &code, redirect_uri, Wanted::default()).await
            }
            Came::Refused => Err(Refusal::OauthDenied.into()),
            Came::Nothing => Err(Refusal::field("code", "must be the code that Meta gave").into()),
        }
    }

    fn redirect_uri(&self) -> Result<&str, Error> {
        self.oauth.redirect_uri.as_deref().ok_or(Error::NotSetUp("OAUTH_REDIRECT_URI"))
    }
}

/// The caller is told one thing whatever was wrong; the log says which.
fn invalid(why: &'static str) -> Error {
    tracing::info!(why, "the state of a consent was not accepted");
    Refusal::OauthStateInvalid.into()
}
