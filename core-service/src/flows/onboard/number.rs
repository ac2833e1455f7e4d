//! Which account and number are to be connected: found when there is one, else left to the owner.
//!
//! Invariant: a number is only ever one that Meta lists for an account that the token opens, and that no
//! other owner has connected.

use super::{Core, Error, Wanted, check::rejected};
use crate::{
    domain::{
        actor::{Actor, THE_CORE},
        client::{Client, ClientStatus},
        event::News,
        ids::{PhoneNumberId, WabaId},
        onboarding::NumberChoice,
        refusal::Refusal,
    },
    flows::clients::live_client,
    meta::Token,
};

/// The most accounts that are looked into.
const ACCOUNTS: usize = 20;
/// The most numbers that an owner chooses from.
const CHOICES: usize = 100;

/// What is settled of account and number.
pub(super) enum Settled {
    /// Both.
    Number(NumberChoice),
    /// There are several.
    Several(Vec<NumberChoice>),
    /// There is none yet.
    NoNumber,
    /// Meta does not say which account it is.
    NoAccount,
}

impl Core {
    /// Finds the number.
    pub(super) async fn settle_number(
        &self,
        actor: &Actor,
        token: &Token,
        waba_ids: Option<&[WabaId]>,
        wanted: &Wanted,
    ) -> Result<Settled, Error> {
        let Wanted { phone_number_id, waba_id } = wanted;
        let accounts = match (waba_id, waba_ids) {
            (Some(waba), Some(open)) if !open.contains(waba) => {
                return Err(rejected("The token does not open this WhatsApp Business account."));
            }
            (Some(waba), _) => std::slice::from_ref(waba),
            (None, Some(open)) => open.get(..ACCOUNTS).unwrap_or(open),
            (None, None) => return Ok(Settled::NoAccount),
        };
        let mut numbers = Vec::new();
        for waba in accounts {
            numbers.extend(self.meta.numbers_of(token, waba).await?);
        }
        let number = match phone_number_id {
            Some(wanted) => match numbers.into_iter().find(|n| n.phone_number_id == *wanted) {
                Some(number) => number,
                None => {
                    return Err(rejected(
                        "The phone number does not belong to this WhatsApp Business account.",
                    ));
                }
            },
            None if numbers.len() > 1 => {
                numbers.truncate(CHOICES);
                return Ok(Settled::Several(numbers));
            }
            None => match numbers.pop() {
                Some(number) => number,
                None => return Ok(Settled::NoNumber),
            },
        };
        self.number_is_free(actor, &number.phone_number_id).await?;
        Ok(Settled::Number(number))
    }

    /// Fails when the number is another live client's. A race is settled by the store's unique key.
    pub(super) async fn number_is_free(
        &self,
        actor: &Actor,
        number: &PhoneNumberId,
    ) -> Result<(), Error> {
        let holders = self.store.clients_by_number(std::slice::from_ref(number)).await?;
        let taken = holders.iter().any(|holder| holder.owner != actor.owner && !has_left(holder));
        if taken { Err(Refusal::PhoneNumberAlreadyConnected.into()) } else { Ok(()) }
    }

    /// Takes the number from owners who disconnected it: whoever connects it now has proved to Meta that it
    /// is theirs. What they wrote over it stays.
    pub(super) async fn take_over(
        &self,
        actor: &Actor,
        number: &PhoneNumberId,
    ) -> Result<(), Error> {
        let holders = self.store.clients_by_number(std::slice::from_ref(number)).await?;
        for holder in holders.iter().filter(|holder| holder.owner != actor.owner) {
            self.decide(&holder.owner, live_client(), |set| {
                let live = set.live_client().filter(|live| live.id == holder.id && has_left(live));
                let Some(live) = live else { return Ok(()) };
                let now = set.now();
                let changed = set.change_client(live.id, |row| {
                    row.connection = None;
                    row.updated_at = now;
                    // Who has it now is not the earlier owner's to know.
                    THE_CORE.clone_into(&mut row.updated_by);
                });
                changed.into_iter().for_each(|client| set.tell(News::ClientUpdated { client }));
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

/// True for a client that no longer needs the number that it had.
fn has_left(client: &Client) -> bool {
    match client.status {
        ClientStatus::Disconnected => true,
        ClientStatus::Pending
        | ClientStatus::Connected
        | ClientStatus::TokenExpired
        | ClientStatus::Restricted => false,
    }
}
