//! Other processes that take lanes or wait for them, as far as one process can see it.

use std::sync::Mutex;

use core_service::{
    domain::owner::Lane,
    store::{Appetite, Lease},
};

/// What a holder said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Asks(Appetite),
    GaveBack(Vec<Lane>),
    Released,
}

#[derive(Default)]
pub struct Landlord {
    /// Lanes that others wait for.
    pub wanted: Mutex<Vec<Lane>>,
    /// Lanes that others took, however that came.
    pub taken: Mutex<Vec<Lane>>,
    said: Mutex<Vec<Said>>,
}

impl Landlord {
    /// What a holder gets of its leases.
    pub fn lets(&self, appetite: Appetite, mut leases: Vec<Lease>) -> Vec<Lease> {
        let (wanted, taken) = (self.wanted.lock().unwrap(), self.taken.lock().unwrap());
        leases.retain(|lease| !taken.contains(&lease.lane));
        for lease in &mut leases {
            lease.wanted = wanted.contains(&lease.lane);
        }
        self.hears(Said::Asks(appetite));
        leases
    }

    pub fn hears(&self, said: Said) {
        self.said.lock().unwrap().push(said);
    }

    pub fn said(&self) -> Vec<Said> {
        self.said.lock().unwrap().clone()
    }

    pub fn has_back(&self, lane: Lane) -> bool {
        self.said().iter().any(|said| match said {
            Said::GaveBack(lanes) => lanes.contains(&lane),
            Said::Asks(_) | Said::Released => false,
        })
    }
}
