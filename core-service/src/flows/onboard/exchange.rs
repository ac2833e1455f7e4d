//! From a code of Meta's to a connection.
//!
//! Invariant: a code is given to Meta at most once; what Meta refuses, or what is not ours, stores nothing.
//! A token that was got is kept, sealed, before anything else can fail: the code that gave it is spent.

use super::{Core, Error, Wanted, number::Settled};
use crate::{
    domain::{actor::Actor, client::Client, refusal::Refusal},
    meta::{Granted, NoToken},
    secret::Secret,
};

impl Core {
    /// Connects by a code of Meta's popup. What the browser says was chosen is checked at Meta.
    ///
    /// # Errors
    /// `META_REJECTED` when the code, the app, a permission or an id is wrong: nothing is stored then.
    /// [`Error::StartAgain`] when nobody knows what became of the code. Whatever fails later leaves the
    /// client half connected.
    pub async fn exchange_code(
        &self,
        actor: &Actor,
        code: Secret,
        wanted: Wanted,
    ) -> Result<Client, Error> {
        self.connect_by_code(actor, &code, None, wanted).await
    }

    /// Connects by a code; `redirect_uri` is the one of the dialog that gave it.
    pub(super) async fn connect_by_code(
        &self,
        actor: &Actor,
        code: &Secret,
        redirect_uri: Option<&str>,
        wanted: Wanted,
    ) -> Result<Client, Error> {
        let granted = self.meta.exchange(code, redirect_uri).await?;
        let ends = granted.ends(self.clock.now());
        let Granted { token, lasts: _ } = granted;
        // Until the token is known to be ours nothing of it is stored; should Meta not say, only the
        // person can begin again.
        let checked = self.check(token, &wanted).await;
        let mut grant = checked.map_err(|error| match passes(&error) {
            true => Error::StartAgain(error.to_string()),
            false => error,
        })?;
        grant.expires_at = grant.expires_at.or(ends);
        let open = grant.waba_ids.as_deref();
        match self.settle_number(actor, &grant.token, open, &wanted).await {
            Ok(settled) => {
                self.begin(actor, None, &grant, &wanted, settled).await?;
                self.go_on(actor, Wanted::default()).await
            }
            Err(error) if passes(&error) => {
                let unsettled = Settled::NoAccount;
                let client = self.begin(actor, None, &grant, &wanted, unsettled).await?;
                self.record_halt(actor, &client, &error).await;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// True when asking Meta again later may end otherwise.
fn passes(error: &Error) -> bool {
    match error {
        Error::MetaUnavailable(_) | Error::Refused(Refusal::RateLimited { retry_after: _ }) => true,
        Error::Refused(_)
        | Error::Unavailable(_)
        | Error::Contended(_)
        | Error::StartAgain(_)
        | Error::NotSetUp(_)
        | Error::Internal(_) => false,
    }
}

impl From<NoToken> for Error {
    fn from(none: NoToken) -> Self {
        match none {
            NoToken::Refused(reason) => {
                Self::Refused(Refusal::MetaRejected { reason, message: None })
            }
            NoToken::NotAsked(why) => Self::MetaUnavailable(why),
            NoToken::Unclear(why) => Self::StartAgain(why),
        }
    }
}
