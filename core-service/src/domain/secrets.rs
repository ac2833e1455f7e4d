//! Which fields of a client are sealed: the one list of them.
//!
//! Invariant: a new sealed field is in this list, under the name that its envelope is bound to, or the
//! list does not compile: everything around it is taken apart completely.

use super::{
    client::{Client, Connection, Sealed},
    event::News,
    onboarding::Onboarding,
};

impl Client {
    /// Every sealed field that holds something, with the name that its envelope is bound to.
    pub fn sealed_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Sealed)> {
        let Self {
            id: _,
            owner: _,
            label: _,
            status: _,
            connection,
            onboarding,
            attention: _,
            standing: _,
            settings: _,
            revision: _,
            created_at: _,
            created_by: _,
            updated_at: _,
            updated_by: _,
            deleted_at: _,
        } = self;
        let connected = connection.iter_mut().flat_map(of_connection);
        let wanted = onboarding.iter_mut().flat_map(|onboarding| of_onboarding(onboarding));
        connected.chain(wanted).filter_map(|(name, field)| Some((name, field?)))
    }

    /// Forgets every secret, and with it the connection that was being made.
    pub fn forget_secrets(&mut self) {
        self.onboarding = None;
        if let Some(connection) = &mut self.connection {
            connection.forget_secrets();
        }
    }

    /// Forgets who gave the tokens, by Meta's id.
    pub fn forget_giver(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.meta_user_id = None;
        }
        if let Some(onboarding) = &mut self.onboarding {
            onboarding.meta_user_id = None;
        }
    }
}

/// A sealed field by its name.
type Field<'a> = (&'static str, Option<&'a mut Sealed>);

fn of_connection(connection: &mut Connection) -> [Field<'_>; 2] {
    let Connection {
        phone_number_id: _,
        waba_id: _,
        display_phone_number: _,
        verified_name: _,
        quality_rating: _,
        messaging_limit: _,
        token,
        token_expires_at: _,
        pin,
        meta_user_id: _,
        connected_at: _,
    } = connection;
    [("token", token.as_mut()), ("pin", pin.as_mut())]
}

fn of_onboarding(onboarding: &mut Onboarding) -> [Field<'_>; 2] {
    let Onboarding {
        token,
        token_expires_at: _,
        meta_user_id: _,
        waba_ids: _,
        waba_id: _,
        phone_number_id: _,
        pin,
        step: _,
        choices: _,
        started_at: _,
    } = onboarding;
    [("onboarding.token", Some(token)), ("onboarding.pin", pin.as_mut())]
}

impl News {
    /// Empties the sealed fields, and forgets who gave the token: nobody reads them from a log, and what is
    /// forgotten or sealed again in a row must not live on in the log.
    pub fn hide_secrets(&mut self) {
        match self {
            Self::ClientUpdated { client } => {
                client.sealed_mut().for_each(|(_, sealed)| sealed.0.clear());
                client.forget_giver();
            }
            Self::MessageIncoming { conversation: _, message: _ }
            | Self::MessageSent { conversation: _, message: _ }
            | Self::MessageUpdated { conversation: _, message: _ }
            | Self::MessageStatus {
                conversation_id: _,
                message_id: _,
                wamid: _,
                status: _,
                at: _,
                error: _,
            }
            | Self::ConversationUpdated { conversation: _ }
            | Self::TemplateUpdated { template: _ } => {}
        }
    }
}
