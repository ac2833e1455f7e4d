//! Deliveries taken apart: facts by the client that they are for, in chunks, and which delivery is done
//! with which chunk.
//!
//! Invariant: a delivery is done with the commit of its last fact, not before; facts of one client stay
//! in order.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    domain::{
        account::{AccountFact, Reach, Told},
        client::{Client, Connection},
        delivery::{DeliveryId, Outcome, Pending, SetAside, Settlement},
        fact::{Element, Fact, What},
        identity::PhoneNumber,
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
    /// The element of its delivery that each fact comes from.
    pub(super) elements: Vec<u32>,
    /// The deliveries that are done with them.
    pub(super) done: Vec<Settlement>,
}

/// Facts of one client, in order, with the deliveries and elements that they come from.
struct Queue<'a> {
    client: &'a Client,
    facts: Vec<(DeliveryId, u32, Fact)>,
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
    /// or a number without one is set aside.
    pub(super) fn spread(&mut self, clients: &[Client]) {
        for read in &mut self.0 {
            for (element, fact) in std::mem::take(&mut read.accounts) {
                let AccountFact { waba_id, reach, at, news } = fact;
                let at = at.unwrap_or(read.received_at);
                let of_account = clients.iter().filter_map(|client| client.connection.as_ref());
                let numbers: Vec<_> = of_account
                    .filter(|connection| connection.waba_id == waba_id)
                    .filter(|connection| reaches(&reach, connection))
                    .map(|connection| connection.phone_number_id.clone())
                    .collect();
                if numbers.is_empty() {
                    let reason = match reach {
                        Reach::Account => "the account has no live client",
                        Reach::Number(_) | Reach::NumberId(_) => "the number has no live client",
                    };
                    let reason = reason.to_owned();
                    read.set_aside.push(SetAside { element, reason });
                }
                for phone_number_id in numbers {
                    read.facts.extend(news.iter().map(|news| {
                        let what = What::Account(Told { at, news: news.clone() });
                        (element, Fact { phone_number_id: phone_number_id.clone(), what })
                    }));
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
                        queue.facts.push((id, element, fact));
                    }
                    // One element may say several things.
                    None if set_aside.last().is_some_and(|last| last.element == element) => {}
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
    part: Vec<(DeliveryId, u32, Fact)>,
    outcomes: &mut HashMap<DeliveryId, Open>,
) -> Chunk {
    let mut chunk = Chunk { client, facts: Vec::new(), elements: Vec::new(), done: Vec::new() };
    for (id, element, fact) in part {
        chunk.facts.push(fact);
        chunk.elements.push(element);
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

/// True when a client of the account is meant.
fn reaches(reach: &Reach, connection: &Connection) -> bool {
    match reach {
        Reach::Account => true,
        Reach::NumberId(id) => connection.phone_number_id == *id,
        Reach::Number(number) => {
            let ours = connection.display_phone_number.as_deref();
            ours.and_then(|ours| PhoneNumber::parse(ours).ok()).as_ref() == Some(number)
        }
    }
}
