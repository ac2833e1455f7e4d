//! The customer took our app's access away at Meta: known by Meta's callbacks and webhooks.
//!
//! Invariant: what Meta said before a connection was made is not about it; the client of whom it is true
//! is `DISCONNECTED`, says why, and has no secrets.

use super::{Core, Error};
use crate::{
    domain::{
        client::Client, ids::ClientId, page, rules::connect, time::Timestamp,
        working_set::WorkingSet,
    },
    flows::clients::live_client,
};

/// Where the edge says what became of a deletion.
const STATUS: &str = "/api/auth/whatsapp/data-deletion";

/// What a signed request of Meta's says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Who took the access away, by Meta's id.
    pub meta_user_id: String,
    /// When; `None` when Meta does not say.
    pub issued_at: Option<Timestamp>,
    /// They also want to be forgotten.
    pub delete_data: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Recognises the request; empty when nothing was to be deleted.
    pub confirmation_code: String,
    /// Where the person can see that it was done.
    pub status_url: Option<String>,
}

impl Core {
    /// Takes Meta's word that a person took our app's access away. Saying it again changes nothing.
    ///
    /// # Errors
    /// When the store is away: Meta says it again.
    pub async fn deauthorize(&self, withdrawal: Withdrawal) -> Result<Forgotten, Error> {
        let Withdrawal { meta_user_id, issued_at, delete_data } = withdrawal;
        for client in self.clients_of_giver(&meta_user_id).await? {
            self.withdraw(&client, issued_at, delete_data).await?;
        }
        if !delete_data {
            return Ok(Forgotten { confirmation_code: String::new(), status_url: None });
        }
        let code =
            self.marker.mark("data deletion", "", &self.clock.now().as_millis().to_be_bytes());
        let status_url = self.oauth.origin().map(|origin| format!("{origin}{STATUS}?code={code}"));
        Ok(Forgotten { confirmation_code: code, status_url })
    }

    /// Takes Meta's webhook that access to the live client's account was taken away, unless from another
    /// app.
    pub(in crate::flows) fn take_withdrawal(
        &self,
        set: &mut WorkingSet,
        live: &Client,
        at: Timestamp,
        app_id: Option<&str>,
    ) {
        let another = app_id.zip(self.meta.app_id()).is_some_and(|(theirs, ours)| theirs != ours);
        if !another {
            connect::withdraw(set, live, Some(at), false);
        }
    }

    /// Ends the connection of one client.
    async fn withdraw(
        &self,
        client: &Client,
        at: Option<Timestamp>,
        delete_data: bool,
    ) -> Result<(), Error> {
        let gone = self
            .decide(&client.owner, live_client(), |set| {
                let live = set.live_client().filter(|live| live.id == client.id);
                Ok(live.is_some_and(|live| connect::withdraw(set, &live, at, delete_data)))
            })
            .await?;
        if gone {
            tracing::info!(client.id = %client.id, "access was taken away at Meta");
            self.hasten(&client.owner).await;
        }
        Ok(())
    }

    /// Live clients whose token was given by somebody, by Meta's id.
    pub(super) async fn clients_of_giver(&self, meta_user_id: &str) -> Result<Vec<Client>, Error> {
        let (mut found, mut after): (Vec<Client>, Option<ClientId>) = (Vec::new(), None);
        loop {
            let page = self.store.all_clients(after, page::MAX).await?;
            after = page.rows.last().map(|client| client.id);
            let more = page.more;
            let given = |client: &Client| {
                let connected = client.connection.iter().map(|c| c.meta_user_id.as_deref());
                let wanted = client.onboarding.iter().map(|o| o.meta_user_id.as_deref());
                connected.chain(wanted).any(|user| user == Some(meta_user_id))
            };
            found.extend(page.rows.into_iter().filter(|client| client.is_live() && given(client)));
            if !more {
                return Ok(found);
            }
        }
    }
}
