//! Clients. Neither token nor PIN is ever among what is converted.

use linkojob_proto::v1 as pb;

use super::{revision, time::time};
use crate::domain::client::{Client, ClientSettings, ClientStatus, Connection};

/// A client as callers see it.
pub(in crate::grpc) fn client(client: Client) -> pb::Client {
    let shown = client.shown_attention();
    let Client {
        id,
        owner,
        label,
        status: state,
        connection,
        onboarding,
        attention: _,
        standing: _,
        settings: choices,
        revision: number,
        created_at,
        created_by,
        updated_at,
        updated_by,
        deleted_at: _,
    } = client;
    let wire = pb::Client {
        id: id.to_string(),
        owner: owner.to_string(),
        label,
        status: status(state).into(),
        phone_number_id: None,
        waba_id: None,
        display_phone_number: None,
        verified_name: None,
        quality_rating: None,
        messaging_limit: None,
        token_expires_at: None,
        settings: Some(settings(choices)),
        revision: revision(number),
        created_at: Some(time(created_at)),
        created_by,
        updated_at: Some(time(updated_at)),
        updated_by,
        onboarding: onboarding.map(|onboarding| super::onboarding::onboarding(*onboarding)),
        attention: shown.map(super::onboarding::attention),
    };
    match connection {
        Some(connection) => connected(wire, connection),
        None => wire,
    }
}

/// Fills in what only a connection has.
fn connected(mut wire: pb::Client, connection: Connection) -> pb::Client {
    let Connection {
        phone_number_id,
        waba_id,
        display_phone_number,
        verified_name,
        quality_rating,
        messaging_limit,
        token: _,
        token_expires_at,
        pin: _,
        meta_user_id: _,
        connected_at: _,
    } = connection;
    wire.phone_number_id = Some(phone_number_id.to_string());
    wire.waba_id = Some(waba_id.to_string());
    wire.display_phone_number = display_phone_number;
    wire.verified_name = verified_name;
    wire.quality_rating = quality_rating;
    wire.messaging_limit = messaging_limit;
    wire.token_expires_at = token_expires_at.map(time);
    wire
}

fn settings(settings: ClientSettings) -> pb::ClientSettings {
    let ClientSettings { send_read_receipts, forward_typing, template_language } = settings;
    pb::ClientSettings { send_read_receipts, forward_typing, template_language }
}

const fn status(status: ClientStatus) -> pb::ClientStatus {
    match status {
        ClientStatus::Pending => pb::ClientStatus::Pending,
        ClientStatus::Connected => pb::ClientStatus::Connected,
        ClientStatus::TokenExpired => pb::ClientStatus::TokenExpired,
        ClientStatus::Restricted => pb::ClientStatus::Restricted,
        ClientStatus::Disconnected => pb::ClientStatus::Disconnected,
    }
}
