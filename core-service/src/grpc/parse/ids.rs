//! Ids that a caller names. One that cannot be ours answers like one that does not exist.

use crate::domain::{
    ids::{ClientId, ConversationId, MessageId, TemplateId},
    refusal::Refusal,
};

/// A client's id.
pub(in crate::grpc) fn client_id(text: &str) -> Result<ClientId, Refusal> {
    ClientId::parse(text).map_err(|_| Refusal::ClientNotFound)
}

/// A conversation's id.
pub(in crate::grpc) fn conversation_id(text: &str) -> Result<ConversationId, Refusal> {
    ConversationId::parse(text).map_err(|_| Refusal::ConversationNotFound)
}

/// A message's id.
pub(in crate::grpc) fn message_id(text: &str) -> Result<MessageId, Refusal> {
    MessageId::parse(text).map_err(|_| Refusal::MessageNotFound)
}

/// A template's id.
pub(in crate::grpc) fn template_id(text: &str) -> Result<TemplateId, Refusal> {
    TemplateId::parse(text).map_err(|_| Refusal::TemplateNotFound)
}
