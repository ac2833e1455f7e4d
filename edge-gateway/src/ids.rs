//! The one place where the edge mints ids. A UUIDv7 carries the wall clock, which nothing else in
//! this crate reads.

use uuid::Uuid;

/// Mints an id that sorts by the time of its making.
#[expect(clippy::disallowed_methods, reason = "this is the id generator of the edge")]
pub(crate) fn mint() -> String {
    Uuid::now_v7().to_string()
}
