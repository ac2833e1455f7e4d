//! What Meta charges for a message.
//!
//! Invariant: merging reports of it does not depend on their order.

use serde::{Deserialize, Serialize};

/// In Meta's words, which change: none of them is interpreted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Pricing {
    /// For instance `PMP`, per message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `marketing`, `utility`, `service` and others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether it costs anything; Meta is about to stop saying so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
}

impl Pricing {
    /// The one that is kept of two: Meta says the same in each report, so which one hardly matters, but it
    /// must not depend on which came first.
    pub fn merge(known: Option<Self>, new: Option<Self>) -> Option<Self> {
        known.max(new)
    }
}
