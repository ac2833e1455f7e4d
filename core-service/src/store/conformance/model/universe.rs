//! A universe of two owners and a handful of everything, and plans of batches in it.

use std::{collections::HashSet, ops::Range};

use proptest::prelude::*;

use super::naive::Model;
use crate::{
    domain::{
        change::{Batch, Key, State, Write},
        client::Client,
        conversation::Conversation,
        identity::Identity,
        ids::{ClientId, ConversationId, MessageId, TemplateId, Wamid},
        message::Message,
    },
    store::{
        Footprint,
        conformance::samples::{Desk, Fill, at, event, keyed, phone, uuid, wamid},
    },
};

/// How many there are of each kind.
const FEW: usize = 3;

/// What one batch does, in numbers: the universe gives them names.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    desk: usize,
    expects: Vec<(PlannedKey, PlannedState)>,
    writes: Vec<PlannedWrite>,
    events: usize,
}

#[derive(Debug, Clone, Copy)]
enum PlannedKey {
    Client(usize),
    LiveClient,
    Conversation(usize),
    Identity(usize),
    Message(usize),
    Wamid(usize),
    Idempotency(usize),
    Template(usize),
    Orphan(usize),
}

#[derive(Debug, Clone, Copy)]
enum PlannedState {
    Absent,
    At(u64),
    Exists,
}

#[derive(Debug, Clone)]
enum PlannedWrite {
    Client {
        id: usize,
        number: Option<usize>,
        live: bool,
        revision: u64,
    },
    Conversation {
        id: usize,
        identities: Vec<usize>,
        activity: i64,
        hidden: bool,
        unread: u32,
        revision: u64,
    },
    Message {
        id: usize,
        wamid: Option<usize>,
        key: Option<usize>,
        revision: u64,
    },
    Template {
        id: usize,
        revision: u64,
    },
    DropTemplate(usize),
    Orphan {
        wamid: usize,
        revision: u64,
    },
    DropOrphan(usize),
}

/// Sequences of plans.
pub(super) fn plans(batches: Range<usize>) -> impl Strategy<Value = Vec<Plan>> {
    let plan = (
        0..2_usize,
        prop::collection::vec((keys(), states()), 0..3),
        prop::collection::vec(writes(), 0..5),
        0..3_usize,
    );
    let plan =
        plan.prop_map(|(desk, expects, writes, events)| Plan { desk, expects, writes, events });
    prop::collection::vec(plan, batches)
}

fn keys() -> impl Strategy<Value = PlannedKey> {
    (0..9_u8, 0..FEW).prop_map(|(kind, n)| match kind {
        0 => PlannedKey::Client(n),
        1 => PlannedKey::LiveClient,
        2 => PlannedKey::Conversation(n),
        3 => PlannedKey::Identity(n),
        4 => PlannedKey::Message(n),
        5 => PlannedKey::Wamid(n),
        6 => PlannedKey::Idempotency(n),
        7 => PlannedKey::Template(n),
        _ => PlannedKey::Orphan(n),
    })
}

/// Absent most often: with little in the universe, it is what holds.
fn states() -> impl Strategy<Value = PlannedState> {
    prop_oneof![
        4 => Just(PlannedState::Absent),
        1 => (1..3_u64).prop_map(PlannedState::At),
        1 => Just(PlannedState::Exists),
    ]
}

fn writes() -> impl Strategy<Value = PlannedWrite> {
    let few = || 0..FEW;
    let maybe = || prop::option::of(0..FEW);
    let revision = || 1..3_u64;
    prop_oneof![
        (few(), maybe(), any::<bool>(), revision()).prop_map(|(id, number, live, revision)| {
            PlannedWrite::Client { id, number, live, revision }
        }),
        (few(), prop::collection::vec(few(), 0..3), 0..4_i64, any::<bool>(), 0..2_u32, revision())
            .prop_map(|(id, identities, activity, hidden, unread, revision)| {
                PlannedWrite::Conversation { id, identities, activity, hidden, unread, revision }
            }),
        (few(), maybe(), maybe(), revision()).prop_map(|(id, wamid, key, revision)| {
            PlannedWrite::Message { id, wamid, key, revision }
        }),
        (few(), revision()).prop_map(|(id, revision)| PlannedWrite::Template { id, revision }),
        few().prop_map(PlannedWrite::DropTemplate),
        (few(), revision()).prop_map(|(wamid, revision)| PlannedWrite::Orphan { wamid, revision }),
        few().prop_map(PlannedWrite::DropOrphan),
    ]
}

/// The names. Ids are shared by both owners: a batch may reach for the other one's row.
#[derive(Debug)]
pub(super) struct Universe {
    pub(super) desks: [Desk; 2],
    clients: [ClientId; FEW],
    numbers: [Desk; FEW],
    conversations: [ConversationId; FEW],
    messages: [MessageId; FEW],
    templates: [TemplateId; FEW],
}

impl Universe {
    pub(super) fn new() -> Self {
        let ids = || std::array::from_fn(|_| uuid());
        Self {
            desks: [Desk::new(), Desk::new()],
            clients: ids().map(ClientId::new),
            numbers: std::array::from_fn(|_| Desk::new()),
            conversations: ids().map(ConversationId::new),
            messages: ids().map(MessageId::new),
            templates: ids().map(TemplateId::new),
        }
    }

    fn wamid(n: usize) -> Wamid {
        wamid(&n.to_string())
    }

    fn identity(n: usize) -> Identity {
        phone(u32::try_from(n).unwrap())
    }

    /// Gives a plan its names. A row is written at most once, and keeps what never changes.
    pub(super) fn batch(&self, plan: &Plan, model: &Model) -> Batch {
        let desk = &self.desks[plan.desk];
        let mut batch = desk.batch();
        for (key, state) in &plan.expects {
            let state = match *state {
                PlannedState::Absent => State::Absent,
                PlannedState::At(revision) => State::At(revision),
                PlannedState::Exists => State::Exists,
            };
            batch = batch.expecting(self.key(desk, *key), state);
        }
        let mut written = HashSet::new();
        for planned in &plan.writes {
            let (row, write) = self.write(desk, planned, model);
            if written.insert(row) {
                batch = batch.write(write);
            }
        }
        for n in 0..plan.events {
            batch = batch.event(event(i64::try_from(n).unwrap()));
        }
        batch
    }

    fn key(&self, desk: &Desk, key: PlannedKey) -> Key {
        let number = desk.number.clone();
        match key {
            PlannedKey::Client(n) => Key::Client(self.clients[n]),
            PlannedKey::LiveClient => Key::LiveClient,
            PlannedKey::Conversation(n) => Key::Conversation(self.conversations[n]),
            PlannedKey::Identity(n) => Key::Identity(number, Self::identity(n)),
            PlannedKey::Message(n) => Key::Message(self.messages[n]),
            PlannedKey::Wamid(n) => Key::Wamid(number, Self::wamid(n)),
            PlannedKey::Idempotency(n) => Key::Idempotency(n.to_string()),
            PlannedKey::Template(n) => Key::Template(self.templates[n]),
            PlannedKey::Orphan(n) => Key::Orphan(number, Self::wamid(n)),
        }
    }

    /// A write, and the name of its row.
    fn write(&self, desk: &Desk, planned: &PlannedWrite, model: &Model) -> (String, Write) {
        match planned {
            PlannedWrite::Client { id, number, live, revision } => {
                let row = self.client(desk, *id, *number, *live, *revision);
                (format!("client {id}"), Write::Client(Box::new(row)))
            }
            PlannedWrite::Conversation { id, .. } => {
                let row = self.conversation(desk, planned);
                (format!("conversation {id}"), Write::Conversation(Box::new(row)))
            }
            PlannedWrite::Message { id, wamid, key, revision } => {
                let row = self.message(desk, (*id, *wamid, *key, *revision), model);
                (format!("message {id}"), Write::Message(Box::new(row)))
            }
            PlannedWrite::Template { id, revision } => {
                let mut row = desk.template("initiate", "de");
                (row.id, row.revision) = (self.templates[*id], *revision);
                (format!("template {id}"), Write::Template(Box::new(row)))
            }
            PlannedWrite::DropTemplate(id) => {
                (format!("template {id}"), Write::DropTemplate(self.templates[*id]))
            }
            PlannedWrite::Orphan { wamid, revision } => {
                let mut row = desk.orphan(&Self::wamid(*wamid));
                row.revision = *revision;
                (format!("orphan {wamid}"), Write::Orphan(Box::new(row)))
            }
            PlannedWrite::DropOrphan(wamid) => {
                let drop = Write::DropOrphan(desk.number.clone(), Self::wamid(*wamid));
                (format!("orphan {wamid}"), drop)
            }
        }
    }

    fn client(
        &self,
        desk: &Desk,
        id: usize,
        number: Option<usize>,
        live: bool,
        revision: u64,
    ) -> Client {
        let mut row = desk.client();
        row.id = self.clients[id];
        row.revision = revision;
        row.deleted_at = (!live).then(|| at(1));
        match (number, &mut row.connection) {
            (Some(n), Some(connection)) => {
                connection.phone_number_id = self.numbers[n].number.clone();
            }
            (Some(_) | None, connection) => *connection = None,
        }
        row
    }

    fn conversation(&self, desk: &Desk, planned: &PlannedWrite) -> Conversation {
        let mut row = desk.conversation(1);
        if let PlannedWrite::Conversation { id, identities, activity, hidden, unread, revision } =
            planned
        {
            row.id = self.conversations[*id];
            row.identities = identities.iter().map(|n| Self::identity(*n)).collect();
            row.identities.sort_unstable();
            row.identities.dedup();
            row.last_message_at = Some(at(*activity));
            (row.hidden, row.unread_count, row.revision) = (*hidden, *unread, *revision);
        }
        row
    }

    fn message(
        &self,
        desk: &Desk,
        (id, wamid, key, revision): (usize, Option<usize>, Option<usize>, u64),
        model: &Model,
    ) -> Message {
        let id = self.messages[id];
        let mut row = match model.messages.get(&id).filter(|old| old.owner == desk.owner) {
            Some(old) => old.clone(),
            None => {
                let mut conversation = desk.conversation(1);
                // No row: what a message names need not be there.
                conversation.id = ConversationId::new(uuid::Uuid::nil());
                let new = desk.queued(&conversation, 1);
                key.map_or(new.clone(), |key| keyed(new, &key.to_string()))
            }
        };
        row.id = id;
        row.wamid = row.wamid.or(wamid.map(Self::wamid));
        row.revision = revision;
        row
    }

    /// Every row that there can be.
    pub(super) fn everything(&self, desk: &Desk) -> Footprint {
        let wamids: Vec<_> = (0..FEW).map(|n| (desk.number.clone(), Self::wamid(n))).collect();
        Footprint {
            live_client: true,
            clients: self.clients.into(),
            conversations: self.conversations.into(),
            identities: (0..FEW).map(|n| (desk.number.clone(), Self::identity(n))).collect(),
            messages: self.messages.into(),
            wamids: wamids.clone(),
            idempotency: Some("0".to_owned()),
            orphans: wamids,
            templates_of: Some(desk.client),
            templates: self.templates.into(),
        }
    }
}
