//! Telling a candidate that their message was read.
//!
//! Invariant: a courtesy that nobody waits for; when it fails nothing of ours is wrong, so it is logged
//! and forgotten. Only a drain waits, a little, for those that are on their way.

use std::{future::Future, time::Duration};

use tokio_util::task::TaskTracker;

use crate::{domain::message::Message, flows::Core};

/// Meta knows messages for 30 days.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So many are on their way at once; beyond, they are left out.
const ON_THEIR_WAY: usize = 256;
/// How long a drain waits for them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Read receipts on their way.
#[derive(Debug, Default)]
pub struct Receipts(TaskTracker);

impl Receipts {
    /// Does the work for one, unless too many are on their way.
    pub(in crate::flows) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if self.0.len() >= ON_THEIR_WAY {
            tracing::info!("too many read receipts are on their way; one is left out");
            return;
        }
        self.0.spawn(work);
    }

    /// Waits for those that are on their way, but not for long.
    pub async fn drained(&self) {
        self.0.close();
        if tokio::time::timeout(PATIENCE, self.0.wait()).await.is_err() {
            tracing::info!("read receipts are left unsent");
        }
    }
}

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
