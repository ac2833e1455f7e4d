//! A client: a recruiter's WhatsApp Business connection.
//!
//! Invariant: one live client per owner, and a phone number belongs to at most one live client.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ClientId, PhoneNumberId, WabaId},
    onboarding::{Attention, Onboarding},
    owner::Owner,
    standing::Standing,
    time::Timestamp,
};

/// The state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientStatus {
    /// Waits for OAuth.
    Pending,
    /// Sends and receives.
    Connected,
    /// Meta refuses the token: reconnect.
    TokenExpired,
    /// Meta took a permission or the number away.
    Restricted,
    /// Disconnected, by a person here or by the customer at Meta.
    Disconnected,
}

/// The owner's choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSettings {
    /// Tell the candidate that a message was read.
    pub send_read_receipts: bool,
    /// Show the candidate that the recruiter types.
    pub forward_typing: bool,
    /// The language that a template send prefers.
    pub template_language: Option<String>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { send_read_receipts: true, forward_typing: true, template_language: None }
    }
}

/// A secret that only the vault can open; text form of the envelope.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// What ties a client to Meta; absent while it is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Meta's id of the business number.
    pub phone_number_id: PhoneNumberId,
    /// Meta's id of the account.
    pub waba_id: WabaId,
    /// As people write it.
    pub display_phone_number: Option<String>,
    /// The name that candidates see.
    pub verified_name: Option<String>,
    /// Meta's word.
    pub quality_rating: Option<String>,
    /// Meta's word.
    pub messaging_limit: Option<String>,
    /// The access token; `None` once forgotten.
    pub token: Option<Sealed>,
    /// When the token ends; `None` means never or not known.
    pub token_expires_at: Option<Timestamp>,
    /// The PIN of two-step verification that we set; `None` when it is not ours.
    pub pin: Option<Sealed>,
    /// Whoever gave the token, by Meta's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta_user_id: Option<String>,
    /// When it was connected; what Meta said of an earlier connection is not about this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<Timestamp>,
}

impl Connection {
    /// Forgets what opens anything at Meta.
    pub fn forget_secrets(&mut self) {
        self.token = None;
        self.token_expires_at = None;
        self.pin = None;
    }
}

/// A recruiter's WhatsApp Business connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Whose it is.
    pub owner: Owner,
    /// Free text.
    pub label: String,
    /// Its state.
    pub status: ClientStatus,
    /// What ties it to Meta.
    pub connection: Option<Connection>,
    /// The connection that is being made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onboarding: Option<Box<Onboarding>>,
    /// What the owner has to look at in connecting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Attention>,
    /// How account and number stand with Meta.
    #[serde(default, skip_serializing_if = "Standing::is_empty")]
    pub standing: Box<Standing>,
    /// The owner's choices.
    pub settings: ClientSettings,
    /// Only grows.
    pub revision: u64,
    /// When and by whom.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Last change.
    pub updated_at: Timestamp,
    /// Who changed it.
    pub updated_by: String,
    /// Soft deletion; a live client has none.
    pub deleted_at: Option<Timestamp>,
}

impl Client {
    /// True until it is deleted.
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// The business number, when connected once.
    pub fn phone_number_id(&self) -> Option<&PhoneNumberId> {
        self.connection.as_ref().map(|connection| &connection.phone_number_id)
    }

    /// The gravest thing that the owner has to look at. How the account stands matters while there is a
    /// connection to it.
    pub fn shown_attention(&self) -> Option<Attention> {
        let connected = self.connection.as_ref().is_some_and(|c| c.token.is_some());
        let of_account = connected.then(|| self.standing.attention()).flatten();
        // Of two as grave, what stands in the way of connecting.
        let all = of_account.into_iter().chain(self.attention.clone());
        all.max_by_key(|attention| attention.concern.weight())
    }

    /// The connection, when messages can be sent over it now.
    pub fn usable(&self) -> Option<&Connection> {
        if self.status == ClientStatus::Connected && self.is_live() {
            self.connection.as_ref()
        } else {
            None
        }
    }
}
