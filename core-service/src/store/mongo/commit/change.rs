//! What of a row changes.
//!
//! The server looks at every index of a row that is replaced, and within a transaction that is most of
//! what the replacement costs. Of a row that is changed it looks at them only when a field of an index is
//! named. So only fields that differ are named: where a message stands changes no index of its
//! conversation.
//!
//! Invariant: the row is afterwards what a replacement would have made of it.

use mongodb::bson::{RawDocument, RawDocumentBuf, error::Error, raw::cstr, rawdoc};

use crate::store::StoreError;

/// The change of a row from what was seen of it to what it is to be.
///
/// # Errors
/// [`StoreError::Corrupt`] when one of them is no BSON.
pub(super) fn between(seen: &RawDocument, row: &RawDocument) -> Result<RawDocumentBuf, StoreError> {
    let mut set = RawDocumentBuf::new();
    for field in row.iter_elements() {
        let field = field.map_err(broken)?;
        let value = field.value().map_err(broken)?;
        if seen.get(field.key()).map_err(broken)? != Some(value) {
            set.append(field.key(), value);
        }
    }
    let mut unset = RawDocumentBuf::new();
    for field in seen.iter_elements() {
        let field = field.map_err(broken)?;
        if row.get(field.key()).map_err(broken)?.is_none() {
            unset.append(field.key(), "");
        }
    }
    let mut change = rawdoc! { "$set": set };
    if !unset.is_empty() {
        change.append(cstr!("$unset"), unset);
    }
    Ok(change)
}

fn broken(error: Error) -> StoreError {
    StoreError::Corrupt(format!("a row is no BSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let seen =
            rawdoc! { "_id": 1, "owner": "a", "revision": 1_i64, "due": 5_i64, "words": ["x"] };
        let row = rawdoc! {
            "_id": 1, "owner": "a", "revision": 2_i64, "words": ["x"], "sending": 3_i64, "body": "new",
        };
        let change = between(&seen, &row).unwrap();
        let expected = rawdoc! {
            "$set": { "revision": 2_i64, "sending": 3_i64, "body": "new" },
            "$unset": { "due": "" },
        };
        assert_eq!(change, expected);
    }

    #[test]
    fn nothing_is_taken_away_where_nothing_is_missing() {
        let row = rawdoc! { "_id": 1, "words": ["y"], "body": "" };
        let change = between(&rawdoc! { "_id": 1, "words": ["x"] }, &row).unwrap();
        assert_eq!(change, rawdoc! { "$set": { "words": ["y"], "body": "" } });
    }
}
