//! The life of a connection: attempts at making it, the end of its token, its withdrawal at Meta.

use std::time::Duration;

use crate::domain::{
    actor::THE_CORE,
    client::{Client, ClientStatus},
    event::News,
    onboarding::{Attention, Concern},
    time::Timestamp,
    working_set::WorkingSet,
};

/// How long before its end a token is spoken of.
const EARLY: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// And once more.
const LATE: Duration = Duration::from_secs(24 * 60 * 60);

/// True while the same connection is being made as in a client that was looked at before.
pub fn is_same_attempt(now: &Client, seen: &Client) -> bool {
    let attempt = |client: &Client| client.onboarding.as_ref().map(|o| o.started_at);
    match (attempt(now), attempt(seen)) {
        (Some(now), Some(seen)) => now == seen,
        // One begins.
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The customer took our access away, at a time by Meta's clock in whole seconds. Returns false when that
/// is not about this connection, or is known already.
pub fn withdraw(
    set: &mut WorkingSet,
    client: &Client,
    at: Option<Timestamp>,
    delete_data: bool,
) -> bool {
    let second = |at: Timestamp| at.as_millis().div_euclid(1000);
    let since = [
        client.connection.as_ref().and_then(|connection| connection.connected_at),
        client.onboarding.as_ref().map(|onboarding| onboarding.started_at),
    ];
    let earlier = |since: Timestamp| at.is_some_and(|at| second(at) < second(since));
    if since.into_iter().flatten().any(earlier) {
        return false;
    }
    let has_secrets = client.onboarding.is_some()
        || client.connection.as_ref().is_some_and(|connection| connection.token.is_some());
    let is_named = delete_data
        && client.connection.as_ref().is_some_and(|connection| connection.meta_user_id.is_some());
    if !has_secrets && !is_named {
        return false;
    }
    let now = set.now();
    let changed = set.change_client(client.id, |row| {
        if has_secrets {
            row.status = ClientStatus::Disconnected;
            let details = "The access was taken away at Meta. Connect again.";
            row.attention = Some(Attention::new(Concern::RevokedAtMeta, details, now));
        }
        row.forget_secrets();
        if delete_data {
            row.forget_giver();
        }
        row.updated_at = now;
        THE_CORE.clone_into(&mut row.updated_by);
    });
    changed.is_some_and(|client| {
        set.tell(News::ClientUpdated { client });
        true
    })
}

/// What is to be said of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// It ends within a week.
    Early,
    /// It ends within a day.
    Late,
    /// It has ended.
    Ended,
}

/// The moments at which there is something to say.
fn moments(client: &Client) -> Option<[(Notice, Timestamp); 3]> {
    let ends = client.usable()?.token_expires_at?;
    Some([(Notice::Early, ends - EARLY), (Notice::Late, ends - LATE), (Notice::Ended, ends)])
}

/// What is to be said now, unless it was.
pub fn notice(client: &Client, now: Timestamp) -> Option<Notice> {
    let (notice, since) = moments(client)?.into_iter().rfind(|(_, moment)| *moment <= now)?;
    let said = client.attention.as_ref().filter(|said| match said.concern {
        Concern::TokenExpiresSoon => said.since >= since,
        Concern::WabaRequired
        | Concern::PhoneNumberChoiceRequired
        | Concern::PhoneNumberMissing
        | Concern::PinRequired
        | Concern::OnboardingRejected
        | Concern::OnboardingInterrupted
        // A new connection is being made: its own words stand until it ends.
        => notice != Notice::Ended,
        Concern::TokenExpired
        | Concern::AccessLost
        | Concern::RevokedAtMeta
        // How the account stands is not told there.
        | Concern::AccountDisabled
        | Concern::AccountDisableScheduled
        | Concern::AccountOffboarded
        | Concern::AccountRestricted
        | Concern::AccountRejected
        | Concern::AccountViolation
        | Concern::AccountAlert
        | Concern::NumberFlagged
        | Concern::NameRejected
        | Concern::PinChanged => false,
    });
    match (notice, said) {
        (Notice::Early | Notice::Late, Some(_)) => None,
        (Notice::Early | Notice::Late, None) | (Notice::Ended, _) => Some(notice),
    }
}

/// When there will be more to say.
pub fn next_notice(client: &Client, now: Timestamp) -> Option<Timestamp> {
    moments(client)?.into_iter().map(|(_, moment)| moment).find(|moment| *moment > now)
}

/// Says what is to be said.
pub fn tell_expiry(set: &mut WorkingSet, client: &Client) {
    let now = set.now();
    let Some(notice) = notice(client, now) else { return };
    let (concern, details) = match notice {
        Notice::Early => {
            (Concern::TokenExpiresSoon, "The access ends within a week. Connect again before.")
        }
        Notice::Late => {
            (Concern::TokenExpiresSoon, "The access ends within a day. Connect again before.")
        }
        Notice::Ended => return lose(set, client, Loss::Token),
    };
    let changed = set.change_client(client.id, |row| {
        row.attention = Some(Attention::new(concern, details, now));
        row.updated_at = now;
        THE_CORE.clone_into(&mut row.updated_by);
    });
    changed.into_iter().for_each(|client| set.tell(News::ClientUpdated { client }));
}

/// What a connection can lose while it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Its token opens nothing any more.
    Token,
    /// Meta took a permission or the number away.
    Access,
}

/// A connection can send no longer, until it is made again.
pub fn lose(set: &mut WorkingSet, client: &Client, loss: Loss) {
    let now = set.now();
    let (status, concern, details) = match loss {
        Loss::Token => (
            ClientStatus::TokenExpired,
            Concern::TokenExpired,
            "The access has ended. Connect again.",
        ),
        Loss::Access => (
            ClientStatus::Restricted,
            Concern::AccessLost,
            "Meta took a permission or the number away. Look after it at Meta, then connect again.",
        ),
    };
    let changed = set.change_client(client.id, |row| {
        row.status = status;
        row.attention = Some(Attention::new(concern, details, now));
        row.updated_at = now;
        THE_CORE.clone_into(&mut row.updated_by);
    });
    changed.into_iter().for_each(|client| set.tell(News::ClientUpdated { client }));
}
