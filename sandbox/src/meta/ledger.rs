//! The ledger: every message that Meta accepted, exactly as it came in.
//!
//! Invariant: an entry is written before the answer leaves, so a message that is not here was not
//! accepted, and one that is here twice was sent twice. Tests take its word over anybody else's.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Entries kept; the oldest go first.
pub const MAX_ENTRIES: usize = 1_000_000;
/// Entries listed when nobody asks for another number; the newest ones.
const DEFAULT_LIMIT: usize = 10_000;

/// One accepted message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The id that was answered.
    pub wamid: String,
    /// The number that sent it.
    pub phone_number_id: String,
    /// `wa_id` or user id of the recipient.
    pub to: String,
    /// Meta's word for the kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The request body, byte for byte.
    pub body: Box<RawValue>,
    /// Its `biz_opaque_callback_data`.
    pub opaque: Option<String>,
    /// Business time in milliseconds.
    pub accepted_at: i64,
}

/// What to list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Filter {
    phone_number_id: Option<String>,
    to: Option<String>,
    opaque: Option<String>,
    limit: Option<usize>,
    #[serde(default)]
    summary: bool,
}

/// All entries and the count of refusals.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: VecDeque<Arc<Entry>>,
    /// Number of entries ever written; the newest has this number.
    accepted: u64,
    refused: BTreeMap<u32, u64>,
}

impl Ledger {
    /// A ledger as it was saved.
    #[must_use]
    pub fn restored(entries: VecDeque<Arc<Entry>>, refused: BTreeMap<u32, u64>) -> Self {
        let accepted = entries.len() as u64;
        Self { entries, accepted, refused }
    }

    /// Writes an entry down.
    pub fn append(&mut self, entry: Entry) {
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(Arc::new(entry));
        self.accepted += 1;
    }

    /// Counts a refused request.
    pub fn refuse(&mut self, code: u32) {
        *self.refused.entry(code).or_default() += 1;
    }

    /// Refusals by code.
    #[must_use]
    pub fn refused(&self) -> &BTreeMap<u32, u64> {
        &self.refused
    }

    /// How many entries were ever written.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Entries after the first `known`, for whoever saves them.
    #[must_use]
    pub fn since(&self, known: u64) -> Vec<Arc<Entry>> {
        let fresh = usize::try_from(self.accepted - known).unwrap_or(usize::MAX);
        let skip = self.entries.len().saturating_sub(fresh);
        self.entries.iter().skip(skip).cloned().collect()
    }

    /// The answer to a query: a list, oldest first, or a summary.
    #[must_use]
    pub fn answer(&self, filter: &Filter) -> Value {
        let Filter { phone_number_id, to, opaque, limit, summary } = filter;
        let to = to.as_deref().map(|to| {
            super::number::WaNumber::parse(to).map_or_else(|| to.to_owned(), |n| n.to_string())
        });
        let chosen = |entry: &&Arc<Entry>| {
            phone_number_id.as_ref().is_none_or(|id| *id == entry.phone_number_id)
                && to.as_ref().is_none_or(|to| *to == entry.to)
                && opaque.as_ref().is_none_or(|o| Some(o) == entry.opaque.as_ref())
        };
        if *summary {
            return self.summary(self.entries.iter().filter(chosen));
        }
        let count = self.entries.iter().filter(chosen).count();
        let skip = count.saturating_sub(limit.unwrap_or(DEFAULT_LIMIT));
        let data: Vec<&Entry> =
            self.entries.iter().filter(chosen).skip(skip).map(AsRef::as_ref).collect();
        json!({"count": count, "data": data, "refused": self.refused_total()})
    }

    fn refused_total(&self) -> u64 {
        self.refused.values().sum()
    }

    fn summary<'a>(&self, entries: impl Iterator<Item = &'a Arc<Entry>>) -> Value {
        let (mut count, mut missing) = (0u64, 0u64);
        let mut by_opaque: HashMap<&str, u64> = HashMap::new();
        for entry in entries {
            count += 1;
            match &entry.opaque {
                Some(opaque) => *by_opaque.entry(opaque).or_default() += 1,
                None => missing += 1,
            }
        }
        let repeated: BTreeMap<&str, u64> =
            by_opaque.iter().filter(|(_, n)| **n > 1).map(|(opaque, n)| (*opaque, *n)).collect();
        json!({
            "count": count,
            "refused": self.refused_total(),
            "refusedByCode": self.refused,
            "opaque": {"distinct": by_opaque.len(), "missing": missing, "repeated": repeated},
        })
    }
}
