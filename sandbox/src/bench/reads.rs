//! Reading: the same few pages again and again, written out once.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::Value;

use super::{
    error::BenchError,
    form::{Form, identity},
    http::list,
    load::{Load, Tally},
    past::Past,
    scene::{Scene, Thread},
};

/// Rows of a page: what the API gives to somebody who does not say.
pub(super) const PAGE: usize = 25;

/// The load.
#[derive(Debug)]
pub(super) struct Reads {
    address: SocketAddr,
    /// At least one; taken in turn.
    requests: Vec<Bytes>,
    /// What each answer must hold at least.
    rows: usize,
}

impl Reads {
    /// The first page of every recruiter's conversations.
    pub(super) fn lists(form: Form, scene: &Scene) -> Self {
        let target = format!("/api/conversations?limit={PAGE}");
        let of = |owner: &str| form.get(&target, &identity(owner));
        let requests: Vec<Bytes> = scene.recruiters.iter().map(|r| of(&r.owner)).collect();
        let each = scene.threads.len() / requests.len().max(1);
        Self { address: form.address(), requests, rows: each.min(PAGE) }
    }

    /// One page of the long conversation: the newest, or what a cursor leads to.
    pub(super) fn history(form: Form, past: &Past, cursor: Option<&str>) -> Self {
        let Thread { recruiter, candidate: _, conversation } = past.scene.thread(0);
        let mut target = format!("/api/conversations/{conversation}/messages?limit={PAGE}");
        if let Some(cursor) = cursor {
            // A cursor is made of characters that need no escape in a query.
            target.push_str("&cursor=");
            target.push_str(cursor);
        }
        let owner = &past.scene.recruiters[*recruiter].owner;
        let requests = vec![form.get(&target, &identity(owner))];
        Self { address: form.address(), requests, rows: PAGE }
    }

    /// Looks into the last page that each client got.
    pub(super) fn check_last(&self, tally: &Tally) -> Result<(), BenchError> {
        let what = "rows of a page";
        for (_, body) in &tally.last {
            let page: Value = serde_json::from_slice(body).unwrap_or_default();
            let found = list(&page, "data", what)?.len();
            if found < self.rows {
                let (found, expected) = (found as u64, self.rows as u64);
                return Err(BenchError::Miscounted { what, found, expected });
            }
        }
        Ok(())
    }
}

impl Load for Reads {
    const EXPECTED: &'static [u16] = &[200];

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn request(&self, n: u64) -> Bytes {
        let place = n % self.requests.len() as u64;
        self.requests[usize::try_from(place).unwrap_or_default()].clone()
    }
}
