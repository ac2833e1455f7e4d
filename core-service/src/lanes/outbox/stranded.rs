//! What is being sent by nobody: its sender is gone, or never knew that it had begun.
//!
//! Invariant: what is found to be sent under a term that is over, or under ours and in nobody's hand, is
//! never sent again; it becomes `UNKNOWN`.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::{TAKE, desk::Desk};
use crate::{
    domain::owner::Lane,
    flows::{Core, Error},
    store::{Lease, OutboxQuery},
};

/// How often all lanes are looked through, also without a change of holder: a commit that was called lost
/// can arrive late.
const SWEEP: Duration = Duration::from_secs(15);

/// Settles what is stranded.
pub(super) struct Stranded {
    /// Under which term each lane was taken over.
    terms: HashMap<Lane, u64>,
    swept: Instant,
}

impl Default for Stranded {
    fn default() -> Self {
        Self { terms: HashMap::new(), swept: Instant::now() }
    }
}

impl Stranded {
    /// True when a lane was not taken over yet.
    pub(super) fn is_new(&self, open: &[Lease]) -> bool {
        open.iter().any(|lease| self.terms.get(&lease.lane) != Some(&lease.term))
    }

    /// Settles what earlier holders of newly leased lanes were sending; now and then, what stands as
    /// being sent and is not.
    pub(super) async fn settle(
        &mut self,
        core: &Core,
        desk: &Desk,
        open: &[Lease],
    ) -> Result<(), Error> {
        for lease in open {
            if self.terms.get(&lease.lane) == Some(&lease.term) {
                continue;
            }
            loop {
                let query = OutboxQuery::Stranded(lease.term);
                let stranded = core.store.outbox(&[lease.lane], query, TAKE).await?;
                if stranded.is_empty() {
                    break;
                }
                for message in &stranded {
                    core.abandon(message).await?;
                }
            }
            self.terms.insert(lease.lane, lease.term);
        }
        if self.swept.elapsed() >= SWEEP {
            self.swept = Instant::now();
            self.sweep(core, desk, open).await?;
        }
        Ok(())
    }

    async fn sweep(&self, core: &Core, desk: &Desk, open: &[Lease]) -> Result<(), Error> {
        let lanes: Vec<Lane> = open.iter().map(|lease| lease.lane).collect();
        // More than can be on their way: what is in somebody's hand hides nothing.
        let sending = core.store.outbox(&lanes, OutboxQuery::Stranded(u64::MAX), 2 * TAKE).await?;
        for message in sending {
            let ours = self.terms.get(&message.owner.lane()).copied();
            // Under a greater term it is another process's, who took the lane a moment ago.
            let over = message.sending_term() <= ours && ours.is_some();
            if over && !desk.has(message.id) {
                tracing::warn!(message.id = %message.id, "message {} was being sent by nobody", message.id);
                core.abandon(&message).await?;
            }
        }
        Ok(())
    }
}
