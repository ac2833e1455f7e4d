//! The owners' heads in a group's transaction: every owner's head moves once, by the events of all its
//! batches.
//!
//! Invariant: positions are given in the order of the batches, and those of losers go back in the same
//! transaction, so that a log has no gap.

use std::collections::{BTreeMap, HashMap};

use mongodb::bson::{RawDocument, RawDocumentBuf, doc, raw::cstr, rawdoc};

use super::{
    super::{db::Find, error::Failure, field::HEADS},
    attempt::Transaction,
    write,
};
use crate::{
    domain::event::{Head, Position},
    store::{StoreError, prepare::Prepared},
};

/// Says where the log ends with each batch, in their order; losers take no place in it.
pub(super) fn place(
    batches: &[&Prepared],
    checked: Vec<Result<(), StoreError>>,
    heads: &HashMap<String, Head>,
) -> Vec<Result<Head, StoreError>> {
    let mut ends: HashMap<&str, u64> = HashMap::new();
    for (owner, Bump { events, .. }) in Bump::by_owner(batches.iter().copied()) {
        let end = heads.get(owner).map_or(0, |head| head.position.0);
        ends.insert(owner, end.saturating_sub(events));
    }
    let place = |(batch, checked): (&Prepared, Result<(), StoreError>)| {
        let owner = batch.owner.as_str();
        let (Some(head), Some(end)) = (heads.get(owner), ends.get_mut(owner)) else {
            return Err(StoreError::Corrupt("an owner has no head".to_owned()));
        };
        checked?;
        *end += batch.events.len() as u64;
        Ok(Head { position: Position(*end), kept_from: head.kept_from })
    };
    batches.iter().copied().zip(checked).map(place).collect()
}

/// What a group does to an owner's head.
#[derive(Default)]
struct Bump {
    events: u64,
    writes: i64,
    oldest: Option<i64>,
}

impl Bump {
    fn by_owner<'a>(batches: impl IntoIterator<Item = &'a Prepared>) -> BTreeMap<&'a str, Self> {
        let mut bumps: BTreeMap<&str, Self> = BTreeMap::new();
        for batch in batches {
            let bump = bumps.entry(batch.owner.as_str()).or_default();
            bump.events += batch.events.len() as u64;
            bump.writes += 1;
            let times = batch.events.iter().map(|event| event.at.as_millis());
            bump.oldest = times.chain(bump.oldest).min();
        }
        bumps
    }
}

/// Bumps the head of every owner and tells where each then is.
pub(super) async fn bump(
    transaction: &mut Transaction<'_>,
    batches: &[&Prepared],
) -> Result<HashMap<String, Head>, Failure> {
    let bumps = Bump::by_owner(batches.iter().copied());
    let statements = bumps.iter().map(|(owner, Bump { events, writes, oldest })| {
        let mut change =
            rawdoc! { "$inc": { "position": events.cast_signed(), "writes": *writes } };
        if let Some(oldest) = oldest {
            change.append(cstr!("$min"), rawdoc! { "oldest": *oldest });
        }
        rawdoc! { "q": { "_id": *owner }, "u": change, "upsert": true }
    });
    transaction.run(write::updates(HEADS, statements)).await?;
    let owners: Vec<&str> = bumps.keys().copied().collect();
    let filter = doc! { "_id": { "$in": owners } };
    let heads = transaction.find(Find::all(HEADS, filter)).await?;
    let heads = heads.read(|row| Ok(head(row))).map_err(Failure::Other)?;
    Ok(heads.into_iter().flatten().collect())
}

fn head(row: &RawDocument) -> Option<(String, Head)> {
    let position = Position(row.get_i64("position").ok()?.cast_unsigned());
    let kept_from = Position(row.get_i64("kept_from").unwrap_or(0).cast_unsigned());
    Some((row.get_str("_id").ok()?.to_owned(), Head { position, kept_from }))
}

/// Gives back the positions that losers' bumps took; nobody has seen them.
pub(super) async fn give_back(
    transaction: &mut Transaction<'_>,
    losers: &[&Prepared],
) -> Result<(), Failure> {
    let back = |(owner, bump): (&str, Bump)| {
        let change = rawdoc! { "$inc": { "position": -bump.events.cast_signed() } };
        rawdoc! { "q": { "_id": owner }, "u": change }
    };
    let bumps = Bump::by_owner(losers.iter().copied());
    let bumps: Vec<RawDocumentBuf> =
        bumps.into_iter().filter(|(_, bump)| bump.events > 0).map(back).collect();
    if bumps.is_empty() {
        return Ok(());
    }
    transaction.run(write::updates(HEADS, bumps)).await
}
