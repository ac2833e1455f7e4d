//! Names of collections and fields, and how domain values stand in them.
//!
//! Every row has its owner, its key fields, and `body`: the stored form, as text that an operator can
//! read. A field that has no value is left out, as partial indexes count `null` as one.

use mongodb::bson::{Binary, Bson, RawDocument, spec::BinarySubtype};

use crate::{
    domain::owner::{Lane, Owner},
    store::{
        StoreError,
        form::{self, Form},
    },
};

/// A collection.
pub(super) type Name = &'static str;

/// The ends of the owners' logs: `_id` owner, `position`, `kept_from`, `oldest` (time of the oldest entry
/// that is kept), `writes` (batches so far).
pub(super) const HEADS: Name = "heads";
/// The owners' logs: `_id` see [`event_id`], `owner`, `position`, `at`, `body`.
pub(super) const EVENTS: Name = "events";
/// `_id` id, `owner`, `revision`, `live`, `number`?, `waba`?, `body`.
pub(super) const CLIENTS: Name = "clients";
/// `_id` id, `owner`, `client`, `number`, `revision`, `activity`, `hidden`, `unread`, `identities`,
/// `words`, `body`.
pub(super) const CONVERSATIONS: Name = "conversations";
/// `_id` id, `owner`, `conversation`, `number`, `wamid`?, `key`?, `revision`, `at`, `inbound`, `lane`,
/// `waits`? (see [`DUE`], [`SENDING`] and [`FETCH`]) with its `turn`, `body`.
pub(super) const MESSAGES: Name = "messages";
/// What a message that waits to be sent waits for: its `turn` is the time in milliseconds.
pub(super) const DUE: &str = "due";
/// What a message that is being sent waits for: its `turn` is the term of whoever sends it.
pub(super) const SENDING: &str = "sending";
/// What a message waits for whose file is to be fetched: its `turn` is the time in milliseconds.
pub(super) const FETCH: &str = "fetch";
/// `_id` id, `owner`, `client`, `revision`, `name`, `language`, `status`, `purpose`?, `body`.
pub(super) const TEMPLATES: Name = "templates";
/// `_id` see [`orphan_id`], `owner`, `revision`, `created`, `body`.
pub(super) const ORPHANS: Name = "orphans";
/// The journal: `_id` number, `digest`, `lane`, `received`, `state` (0 waits, 1 applied whole, 2 given up,
/// 3 applied but for what was set aside, 4 asked for again), `attempts`, `outcome`?, `again`? (when it was
/// asked for), `body` (the bytes as they came).
pub(super) const INBOX: Name = "inbox";
/// Consents that people were sent to Meta for: `_id` fingerprint of the state, `expires`, `body`.
pub(super) const CONSENTS: Name = "consents";
/// Leases: `_id` number of the lane, `term`, `holder`?, `until`.
pub(super) const LANES: Name = "lanes";
/// Who takes part in the lanes: `_id` holder, `until`.
pub(super) const HOLDERS: Name = "holders";
/// What one process tells the others: `_id` process, see `wakes`.
pub(super) const WAKES: Name = "wakes";
/// What names this history: `_id` name, `value`.
pub(super) const META: Name = "meta";

/// An id as it is stored.
pub(super) fn uuid(id: uuid::Uuid) -> Binary {
    Binary { subtype: BinarySubtype::Uuid, bytes: id.into_bytes().to_vec() }
}

/// Bytes as they are stored.
pub(super) fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

/// Lanes as a list for `$in`.
pub(super) fn lanes(lanes: &[Lane]) -> Vec<Bson> {
    lanes.iter().map(|lane| Bson::Int32(i32::from(lane.number()))).collect()
}

/// The lane of a stored number.
pub(super) fn lane(number: i32) -> Result<Lane, StoreError> {
    usize::try_from(number)
        .ok()
        .and_then(|number| Lane::all().nth(number))
        .ok_or_else(|| StoreError::Corrupt(format!("there is no lane {number}")))
}

/// The id of an entry of a log: its owner's entries stand together, in order. An owner has no space.
pub(super) fn event_id(owner: &Owner, position: u64) -> String {
    format!("{} {position:016x}", owner.as_str())
}

/// The id of parked statuses.
pub(super) fn orphan_id(owner: &str, number: &str, wamid: &str) -> String {
    format!("{owner} {number} {wamid}")
}

/// Reads the stored form out of a row.
pub(super) fn body<T: Form>(row: &RawDocument) -> Result<T, StoreError> {
    let body = row.get_str("body").map_err(|_| missing(T::KIND, "body"))?;
    form::decode(body.as_bytes())
}

/// What is said of a row without a field that every row has.
pub(super) fn missing(kind: &str, field: &str) -> StoreError {
    StoreError::Corrupt(format!("a stored {kind} has no {field}"))
}
