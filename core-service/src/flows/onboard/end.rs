//! Ending a connection: by a person here, or because the client is deleted.
//!
//! Invariant: here it ends first, and for good: the secrets are forgotten in the commit that says so. Then
//! Meta is told, as far as it lets us; what could not be done there is reported, never waited for.

use super::{Core, Error, sealed};
use crate::{
    domain::{
        actor::Actor,
        client::{Client, ClientStatus},
        event::News,
        ids::WabaId,
        refusal::Refusal,
    },
    flows::clients::live_client,
    meta::Token,
};

/// What became of a connection at Meta.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Meta no longer delivers webhooks of the account to us.
    pub unsubscribed: bool,
    /// Meta no longer accepts the token.
    pub revoked: bool,
    /// Why something was not done, in plain words.
    pub problems: Vec<String>,
}

/// How much of a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flows) enum End {
    /// The webhooks: the client is deleted. Whoever has the token may connect with it again.
    Webhooks,
    /// All of it: the owner disconnects.
    Everything,
}

/// What a client had at Meta.
struct Hold {
    token: Token,
    waba: Option<WabaId>,
    meta_user_id: Option<String>,
}

impl Core {
    /// Disconnects the owner's client. What was queued ends, the history stays.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND` when there is none.
    pub async fn disconnect(&self, actor: &Actor) -> Result<(Client, Report), Error> {
        let before = self.client_of(&actor.owner).await?;
        let client = self
            .decide(&actor.owner, live_client(), |set| {
                let live = set.live_client().filter(|live| live.id == before.id);
                let live = live.ok_or(Refusal::ClientNotFound)?;
                let now = set.now();
                let changed = set.change_client(live.id, |row| {
                    row.status = ClientStatus::Disconnected;
                    row.attention = None;
                    row.forget_secrets();
                    row.updated_at = now;
                    row.updated_by.clone_from(&actor.by);
                });
                let client = changed.ok_or(Refusal::ClientNotFound)?;
                set.tell(News::ClientUpdated { client: client.clone() });
                Ok(client)
            })
            .await?;
        self.hasten(&client.owner).await;
        let report = self.let_go(&before, End::Everything).await;
        tracing::info!(
            client.id = %client.id,
            unsubscribed = report.unsubscribed,
            revoked = report.revoked,
            "client disconnected"
        );
        Ok((client, report))
    }

    /// Gives back at Meta what a client had there. `client` is as it was before its secrets were forgotten.
    pub(in crate::flows) async fn let_go(&self, client: &Client, end: End) -> Report {
        let mut report = Report::default();
        let holds = self.holds(client);
        if holds.is_empty() {
            report.problems.push("There was no access token any more.".to_owned());
        }
        for hold in holds {
            self.let_go_of(client, hold, end, &mut report).await;
        }
        report
    }

    async fn let_go_of(&self, client: &Client, hold: Hold, end: End, report: &mut Report) {
        let Hold { token, waba, meta_user_id } = hold;
        // The subscription is the account's.
        match self.shares_account(client, waba.as_ref()).await {
            Ok(false) => self.unsubscribe(client, &token, waba.as_ref(), report).await,
            shared => return report.keep(client, shared, "the same account at Meta"),
        }
        if end == End::Webhooks {
            return;
        }
        // Revoking ends every token of its giver.
        match self.shares_giver(client, meta_user_id.as_deref()).await {
            Ok(false) => self.revoke(client, &token, report).await,
            shared => report.keep(client, shared, "an access that the same person gave"),
        }
    }

    async fn unsubscribe(
        &self,
        client: &Client,
        token: &Token,
        waba: Option<&WabaId>,
        report: &mut Report,
    ) {
        let Some(waba) = waba else { return };
        match self.meta.unsubscribe(token, waba).await {
            Ok(()) => report.unsubscribed = true,
            Err(error) => {
                tracing::info!(client.id = %client.id, %error, "still subscribed at Meta");
                report.problems.push(format!("Not unsubscribed: {error}"));
            }
        }
    }

    async fn revoke(&self, client: &Client, token: &Token, report: &mut Report) {
        match self.meta.revoke(token).await {
            Ok(()) => report.revoked = true,
            Err(error) => {
                tracing::info!(client.id = %client.id, %error, "the token still opens at Meta");
                report.problems.push(format!("Not revoked: {error}"));
            }
        }
    }

    /// The tokens that a client has, the connection's first.
    fn holds(&self, client: &Client) -> Vec<Hold> {
        let connected = client.connection.iter().filter_map(|connection| {
            let token = self.token_in(sealed::token(client.id), connection.token.as_ref()?)?;
            let waba = Some(connection.waba_id.clone());
            Some(Hold { token, waba, meta_user_id: connection.meta_user_id.clone() })
        });
        let wanted = client.onboarding.iter().filter_map(|onboarding| {
            let token = self.token_in(sealed::new_token(client.id), &onboarding.token)?;
            let (waba, meta_user_id) =
                (onboarding.waba_id.clone(), onboarding.meta_user_id.clone());
            Some(Hold { token, waba, meta_user_id })
        });
        connected.chain(wanted).collect()
    }

    fn token_in(
        &self,
        context: crate::keys::Context<'_>,
        field: &crate::domain::client::Sealed,
    ) -> Option<Token> {
        let secret = self.vault.open(context, field).ok()?;
        Token::parse(secret.expose().to_owned()).ok()
    }

    /// True when another live client works with the account.
    async fn shares_account(&self, client: &Client, waba: Option<&WabaId>) -> Result<bool, Error> {
        let Some(waba) = waba else { return Ok(false) };
        let others = self.store.clients_by_waba(waba).await?;
        Ok(others.iter().any(|other| works_beside(client, other)))
    }

    /// True when another live client works with a token of the same giver.
    async fn shares_giver(&self, client: &Client, giver: Option<&str>) -> Result<bool, Error> {
        let Some(giver) = giver else { return Ok(false) };
        let others = self.clients_of_giver(giver).await?;
        Ok(others.iter().any(|other| works_beside(client, other)))
    }
}

fn works_beside(client: &Client, other: &Client) -> bool {
    let connection = other.connection.as_ref();
    other.id != client.id && connection.is_some_and(|connection| connection.token.is_some())
}

impl Report {
    /// Something was left as it is at Meta: another client needs it, or nobody could say that none does.
    fn keep(&mut self, client: &Client, shared: Result<bool, Error>, what: &str) {
        if let Err(error) = shared {
            tracing::warn!(client.id = %client.id, %error, "still connected at Meta");
            self.problems.push(format!("It could not be seen whether another client has {what}."));
        } else {
            self.problems.push(format!("Another client has {what}."));
        }
    }
}
