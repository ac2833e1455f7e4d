//! A client on the wire. Its token is in no answer.

use linkojob_proto::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::onboarding::{Attention, Onboarding};
use crate::api::{Malformed, present, time, time_or_none, word};

/// A WhatsApp Business connection.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    id: String,
    /// E-mail address of the recruiter.
    owner: String,
    label: String,
    status: ClientStatus,
    phone_number_id: Option<String>,
    waba_id: Option<String>,
    display_phone_number: Option<String>,
    verified_name: Option<String>,
    quality_rating: Option<String>,
    messaging_limit: Option<String>,
    token_expires_at: Option<String>,
    settings: ClientSettings,
    /// Only grows; ignore a lower one.
    revision: i64,
    created_at: String,
    created_by: String,
    updated_at: String,
    updated_by: String,
    /// The connection that is being made, while one is.
    onboarding: Option<Onboarding>,
    /// The gravest thing that the owner has to look at; null when all is well.
    attention: Option<Attention>,
}

/// The state of a connection.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientStatus {
    /// Waits for OAuth.
    Pending,
    /// Sends and receives.
    Connected,
    /// Meta refuses the token: reconnect.
    TokenExpired,
    /// Meta took a permission or the number away, or disabled the account.
    Restricted,
    /// Disconnected, by a person here or by the customer at Meta.
    Disconnected,
}

/// The owner's choices.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSettings {
    send_read_receipts: bool,
    forward_typing: bool,
    template_language: Option<String>,
}

impl TryFrom<pb::Client> for Client {
    type Error = Malformed;

    fn try_from(client: pb::Client) -> Result<Self, Malformed> {
        let pb::Client {
            id,
            owner,
            label,
            status,
            phone_number_id,
            waba_id,
            display_phone_number,
            verified_name,
            quality_rating,
            messaging_limit,
            token_expires_at,
            settings,
            revision,
            created_at,
            created_by,
            updated_at,
            updated_by,
            onboarding,
            attention,
        } = client;
        Ok(Self {
            id,
            owner,
            label,
            status: word::<pb::ClientStatus>(status, "client.status")?.try_into()?,
            phone_number_id,
            waba_id,
            display_phone_number,
            verified_name,
            quality_rating,
            messaging_limit,
            token_expires_at: time_or_none(token_expires_at, "client.token_expires_at")?,
            settings: present(settings, "client.settings")?.into(),
            revision,
            created_at: time(created_at, "client.created_at")?,
            created_by,
            updated_at: time(updated_at, "client.updated_at")?,
            updated_by,
            onboarding: onboarding.map(TryInto::try_into).transpose()?,
            attention: attention.map(TryInto::try_into).transpose()?,
        })
    }
}

impl TryFrom<Option<pb::Client>> for Client {
    type Error = Malformed;

    fn try_from(client: Option<pb::Client>) -> Result<Self, Malformed> {
        present(client, "client")?.try_into()
    }
}

impl TryFrom<pb::ClientStatus> for ClientStatus {
    type Error = Malformed;

    fn try_from(status: pb::ClientStatus) -> Result<Self, Malformed> {
        match status {
            pb::ClientStatus::Unspecified => Err(Malformed("client.status")),
            pb::ClientStatus::Pending => Ok(Self::Pending),
            pb::ClientStatus::Connected => Ok(Self::Connected),
            pb::ClientStatus::TokenExpired => Ok(Self::TokenExpired),
            pb::ClientStatus::Restricted => Ok(Self::Restricted),
            pb::ClientStatus::Disconnected => Ok(Self::Disconnected),
        }
    }
}

impl From<pb::ClientSettings> for ClientSettings {
    fn from(settings: pb::ClientSettings) -> Self {
        let pb::ClientSettings { send_read_receipts, forward_typing, template_language } = settings;
        Self { send_read_receipts, forward_typing, template_language }
    }
}
