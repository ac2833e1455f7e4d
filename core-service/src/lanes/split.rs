//! Deliveries taken apart: facts by the client that they are for, in chunks, and which delivery is done
//! with which chunk.
//!
//! Invariant: a delivery is done with the commit of its last fact, not before; facts of one client stay
//! in order.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    domain::{
        client::Client,
        delivery::{DeliveryId, Outcome, Pending, SetAside, Settlement},
        fact::{AccountFact, Element, Fact, What, Withdrawn},
        ids::{ClientId, PhoneNumberId, WabaId},
        time::Timestamp,
    },
    meta,
};

/// The most facts of one commit.
pub(super) const CHUNK: usize = 200;

/// A delivery, read.
struct Read {
    id: DeliveryId,
    facts: Vec<(u32, Fact)>,
    accounts: Vec<(u32, AccountFact)>,
    received_at: Timestamp,
    set_aside: Vec<SetAside>,
}

/// Deliveries, read.
pub(super) struct Batch(Vec<Read>);

/// Facts of one client that are applied together.
pub(super) struct Chunk {
    /// For whom.
    pub(super) client: Client,
    /// What.
    pub(super) facts: Vec<Fact>,
    /// The deliveries that are done with them.
    pub(super) done: Vec<Settlement>,
}

/// Facts of one client, in order, with the deliveries that they come from.
struct Queue<'a> {
    client: &'a Client,
    facts: Vec<(DeliveryId, Fact)>,
}

/// A delivery with facts that are in no chunk yet.
struct Open {
    left: usize,
    set_aside: Vec<SetAside>,
}

/// Reads deliveries.
pub(super) fn read(rows: &[Pending]) -> Batch {
    Batch(rows.iter().map(read_one).collect())
}

fn read_one(row: &Pending) -> Read {
    let mut read = Read {
        id: row.id,
        facts: Vec::new(),
        accounts: Vec::new(),
        received_at: row.received_at,
        set_aside: Vec::new(),
    };
    for (number, element) in (0_u32..).zip(meta::receive::parse(&row.body).elements) {
        match element {
            Element::Fact(fact) => read.facts.push((number, fact)),
            Element::Account(fact) => read.accounts.push((number, fact)),
            Element::Ignored => {}
            Element::Malformed(reason) => {
                read.set_aside.push(SetAside { element: number, reason });
            }
        }
    }
    read
}

impl Batch {
    /// Every business number in it.
    pub(super) fn numbers(&self) -> Vec<PhoneNumberId> {
        let facts = self.0.iter().flat_map(|read| &read.facts);
        let numbers: HashSet<&PhoneNumberId> =
            facts.map(|(_, fact)| &fact.phone_number_id).collect();
        numbers.into_iter().cloned().collect()
    }

    /// Every account that something is said of as a whole.
    pub(super) fn accounts(&self) -> Vec<WabaId> {
        let facts = self.0.iter().flat_map(|read| &read.accounts);
        let accounts: HashSet<&WabaId> = facts.map(|(_, fact)| &fact.waba_id).collect();
        accounts.into_iter().cloned().collect()
    }

    /// Makes of what is said of accounts what it means to each of their clients. What is said of an account
    /// without one is set aside.
    pub(super) fn spread(&mut self, clients: &[Client]) {
        for read in &mut self.0 {
            for (element, fact) in std::mem::take(&mut read.accounts) {
                let AccountFact { waba_id, at, app_id } = fact;
                let at = at.unwrap_or(read.received_at);
                let of_account = clients.iter().filter_map(|client| client.connection.as_ref());
                let numbers: Vec<_> = of_account
                    .filter(|connection| connection.waba_id == waba_id)
                    .map(|connection| connection.phone_number_id.clone())
                    .collect();
                if numbers.is_empty() {
                    let reason = "the account has no live client".to_owned();
                    read.set_aside.push(SetAside { element, reason });
                }
                for phone_number_id in numbers {
                    let what = What::Withdrawn(Withdrawn { at, app_id: app_id.clone() });
                    read.facts.push((element, Fact { phone_number_id, what }));
                }
            }
        }
    }

    /// Splits it by client. Facts of a number without a client are set aside; a delivery without
    /// anything to apply is settled at once.
    pub(super) fn split(self, clients: &[Client]) -> (Vec<Chunk>, Vec<Settlement>) {
        let by_number: HashMap<&PhoneNumberId, &Client> =
            clients.iter().filter_map(|c| c.phone_number_id().map(|n| (n, c))).collect();
        let mut settled = Vec::new();
        let mut queues: BTreeMap<ClientId, Queue<'_>> = BTreeMap::new();
        let mut outcomes: HashMap<DeliveryId, Open> = HashMap::new();
        for Read { id, facts, accounts: _, received_at: _, mut set_aside } in self.0 {
            let mut left = 0;
            for (element, fact) in facts {
                match by_number.get(&fact.phone_number_id) {
                    Some(client) => {
                        left += 1;
                        let queue =
                            queues.entry(client.id).or_insert(Queue { client, facts: Vec::new() });
                        queue.facts.push((id, fact));
                    }
                    None => set_aside.push(SetAside {
                        element,
                        reason: "the business number has no live client".to_owned(),
                    }),
                }
            }
            if left == 0 {
                settled.push(Settlement { id, outcome: Outcome::Applied { set_aside } });
            } else {
                outcomes.insert(id, Open { left, set_aside });
            }
        }
        let chunks = queues.into_values().flat_map(|Queue { client, facts }| {
            facts.chunks(CHUNK).map(|part| (client.clone(), part.to_vec())).collect::<Vec<_>>()
        });
        let chunks = chunks.map(|(client, part)| chunk(client, part, &mut outcomes)).collect();
        (chunks, settled)
    }
}

/// Makes a chunk; deliveries whose last fact is in it are done with it.
fn chunk(
    client: Client,
    part: Vec<(DeliveryId, Fact)>,
    outcomes: &mut HashMap<DeliveryId, Open>,
) -> Chunk {
    let mut chunk = Chunk { client, facts: Vec::new(), done: Vec::new() };
    for (id, fact) in part {
        chunk.facts.push(fact);
        if let Some(open) = outcomes.get_mut(&id) {
            open.left -= 1;
            if open.left == 0 {
                let set_aside = std::mem::take(&mut open.set_aside);
                let outcome = Outcome::Applied { set_aside };
                chunk.done.push(Settlement { id, outcome });
            }
        }
    }
    chunk
}
