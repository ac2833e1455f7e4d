//! Telling a candidate that their message was read.
//!
//! Invariant: a courtesy; when it fails nothing of ours is wrong, so it is logged and forgotten.

use std::time::Duration;

use crate::{domain::message::Message, flows::Core};

/// Meta knows messages for 30 days.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Core {
    /// Sends a read receipt for an inbound message, when the owner wants that.
    pub(crate) async fn tell_read(&self, message: Message) {
        let Some(wamid) = &message.wamid else { return };
        if self.clock.now().since(message.at) > KNOWN_FOR {
            return;
        }
        let Ok(client) = self.client_of(&message.owner).await else { return };
        if !client.settings.send_read_receipts {
            return;
        }
        let Some(connection) = client.usable() else { return };
        if connection.phone_number_id != message.phone_number_id {
            return;
        }
        let Ok(token) = self.token(&client) else { return };
        if let Err(error) = self.meta.mark_read(&token, &message.phone_number_id, wamid).await {
            tracing::info!(message.id = %message.id, %error, "read receipt not sent");
        }
    }
}
