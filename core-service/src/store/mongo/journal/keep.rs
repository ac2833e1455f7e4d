//! Keeping deliveries: those that wait together are one insert.
//!
//! Invariant: nobody is told that a delivery is kept, for the first time or again, before a majority has
//! it: an insert that finds its digest taken waits for the majority like one that does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mongodb::bson::{Document, RawArrayBuf, RawDocumentBuf, rawdoc};

use super::{
    super::{
        db::Db,
        error::DUPLICATE_KEY,
        field::{INBOX, binary},
        line::{self, Line, Work},
        together::{Job, Together},
        wakes::Wakes,
    },
    Numbers,
};
use crate::{
    domain::delivery::{Delivery, DeliveryId},
    store::StoreError,
};

/// How long keeping a delivery may take: Meta waits for the answer.
const KEEP: Duration = Duration::from_millis(1_500);

/// Inserts deliveries.
struct Insert {
    db: Db,
    wakes: Arc<Wakes>,
    numbers: Numbers,
    syncs: Arc<AtomicU64>,
}

/// Keeps deliveries.
pub(in super::super) struct Journal(Together<Insert>);

impl Journal {
    pub(in super::super) fn new(
        db: Db,
        wakes: Arc<Wakes>,
        numbers: Numbers,
        syncs: Arc<AtomicU64>,
    ) -> Self {
        Self(Together::new(Insert { db, wakes, numbers, syncs }))
    }

    /// Keeps a delivery; false when its digest is kept already.
    pub(in super::super) async fn keep(&self, delivery: Delivery) -> Result<bool, StoreError> {
        let bytes = delivery.body.len();
        self.0.ask(delivery, bytes, KEEP).await
    }

    /// Takes nothing more and waits for what is under way.
    pub(in super::super) async fn close(&self) {
        self.0.close().await;
    }
}

impl Job for Insert {
    type Item = Delivery;
    type Answer = bool;
    const GROUP: usize = 256;

    fn gather(line: &mut Line<Delivery, bool>) -> Option<Vec<Work<Delivery, bool>>> {
        line.gather(|_| true)
    }

    async fn run(&self, works: Vec<Work<Delivery, bool>>) {
        let until = line::last(&works);
        // Unordered: one that is kept already does not stop the others. New numbers for each try: after
        // one that was not answered, it is the digests that are found taken, which is an answer.
        let insert = || {
            let rows = works.iter().map(|work| row(self.numbers.mint(), &work.item));
            let rows: RawArrayBuf = rows.collect();
            rawdoc! { "insert": INBOX, "ordered": false, "documents": rows }
        };
        let ended = super::write(&self.db, insert, until).await;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let answers: Vec<_> = match &ended {
            Ok(answer) => verdicts(answer, works.len()),
            Err(error) => works.iter().map(|_| Err(error.clone())).collect(),
        };
        // Also of one that was kept before: whoever kept it may have gone before it told anybody.
        if answers.iter().any(Result::is_ok) {
            self.wakes.arrived();
        }
        for (work, answer) in works.into_iter().zip(answers) {
            work.answer(answer);
        }
    }
}

fn row(id: DeliveryId, delivery: &Delivery) -> RawDocumentBuf {
    let Delivery { digest, body, lane, received_at } = delivery;
    rawdoc! {
        "_id": id.0,
        "digest": binary(&digest.0),
        "lane": i32::from(lane.number()),
        "received": received_at.as_millis(),
        "state": 0,
        "attempts": 0,
        "body": binary(body),
    }
}

/// What became of each document of an insert.
fn verdicts(answer: &Document, count: usize) -> Vec<Result<bool, StoreError>> {
    let mut verdicts: Vec<Result<bool, StoreError>> = vec![Ok(true); count];
    for error in answer.get_array("writeErrors").into_iter().flatten() {
        let Some(error) = error.as_document() else { continue };
        let index = error.get_i32("index").ok().and_then(|index| usize::try_from(index).ok());
        let Some(verdict) = index.and_then(|index| verdicts.get_mut(index)) else { continue };
        let code = error.get_i32("code").unwrap_or(0);
        let of_digest =
            error.get_document("keyPattern").is_ok_and(|key| key.contains_key("digest"));
        *verdict = if code == DUPLICATE_KEY && of_digest {
            Ok(false)
        } else {
            Err(StoreError::Unavailable(format!("a delivery was refused with code {code}")))
        };
    }
    verdicts
}
