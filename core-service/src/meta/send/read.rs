//! Telling the candidate that a message was read.

use serde_json::json;

use super::super::{Meta, client::Call, error::MetaError, token::Token};
use crate::domain::ids::{PhoneNumberId, Wamid};

impl Meta {
    /// Marks an inbound message as read, and with it all before it.
    ///
    /// # Errors
    /// [`MetaError`]; Meta refuses messages older than 30 days.
    pub async fn mark_read(
        &self,
        token: &Token,
        number: &PhoneNumberId,
        message: &Wamid,
    ) -> Result<(), MetaError> {
        let body = json!({
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message.as_str(),
        });
        let path = [number.as_str(), "messages"];
        self.graph.order(token, Call::post(&path, Some(&body))).await
    }
}
