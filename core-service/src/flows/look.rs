//! Looking for the rows that a decision needs, where one look cannot say which they are.
//!
//! Invariant: with a conversation that was merged comes the one that goes on in its stead.

use std::collections::HashSet;

use super::{Core, Error};
use crate::{
    domain::{ids::ConversationId, kinship::Absorbed, owner::Owner},
    store::{Footprint, Rows},
};

impl Core {
    /// Finds the rows of a footprint.
    ///
    /// # Errors
    /// When the store is away.
    pub(super) async fn load_whole(
        &self,
        owner: &Owner,
        footprint: Footprint,
    ) -> Result<Rows, Error> {
        let mut rows = self.store.load(owner, footprint).await?;
        for _ in 0..Absorbed::CHAIN {
            let conversations = heirs(&rows);
            if conversations.is_empty() {
                break;
            }
            let more = Footprint { conversations, ..Footprint::default() };
            rows.conversations.extend(self.store.load(owner, more).await?.conversations);
        }
        Ok(rows)
    }
}

/// Conversations that others were merged into and that were not found yet.
fn heirs(rows: &Rows) -> Vec<ConversationId> {
    let mut heirs = rows.conversations.iter().filter_map(|row| row.merged_into).peekable();
    if heirs.peek().is_none() {
        return Vec::new();
    }
    let found: HashSet<ConversationId> = rows.conversations.iter().map(|row| row.id).collect();
    let heirs: HashSet<ConversationId> = heirs.collect();
    heirs.difference(&found).copied().collect()
}
