//! Tokens that end: said before it happens, and when it has. And what concerned the owner until a time that
//! has come.
//!
//! Invariant: each stage is told once per connection, in the commit that records it, whichever core finds
//! it and however late.

use super::{Core, Error};
use crate::{
    domain::{
        client::Client,
        ids::ClientId,
        owner::Lane,
        page,
        rules::{account, connect},
        time::Timestamp,
    },
    flows::clients::live_client,
};

impl Core {
    /// Looks at what ends of all clients in these lanes; returns when the next one is to be looked at.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn look_at_tokens(&self, lanes: &[Lane]) -> Result<Option<Timestamp>, Error> {
        let (mut next, mut after): (Option<Timestamp>, Option<ClientId>) = (None, None);
        loop {
            let page = self.store.all_clients(after, page::MAX).await?;
            after = page.rows.last().map(|client| client.id);
            let ours = |client: &&Client| client.is_live() && lanes.contains(&client.owner.lane());
            for client in page.rows.iter().filter(ours) {
                let token = self.look_at_token(client).await?;
                let concern = self.look_at_concerns(client).await?;
                next = [next, token, concern].into_iter().flatten().min();
            }
            if !page.more {
                return Ok(next);
            }
        }
    }

    /// Says what is to be said of a client's token; returns when there will be more to say.
    async fn look_at_token(&self, client: &Client) -> Result<Option<Timestamp>, Error> {
        let now = self.clock.now();
        if connect::notice(client, now).is_some() {
            self.decide(&client.owner, live_client(), |set| {
                let live = set.live_client().filter(|live| live.id == client.id);
                live.iter().for_each(|live| connect::tell_expiry(set, live));
                Ok(())
            })
            .await?;
        }
        Ok(connect::next_notice(client, now))
    }

    /// Ends what is over by itself; returns when the next thing will be.
    async fn look_at_concerns(&self, client: &Client) -> Result<Option<Timestamp>, Error> {
        let Some(end) = client.standing.next_end() else { return Ok(None) };
        if end > self.clock.now() {
            return Ok(Some(end));
        }
        self.decide(&client.owner, live_client(), |set| {
            let live = set.live_client().filter(|live| live.id == client.id);
            let Some(live) = live else { return Ok(None) };
            account::end_concerns(set, &live);
            Ok(set.client(live.id).and_then(|row| row.standing.next_end()))
        })
        .await
    }
}
