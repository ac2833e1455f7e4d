//! Small builders of rows, with names that no other test has.

use crate::domain::{
    change::{Batch, Expect, Key, Orphan, State, Write},
    client::{Client, ClientSettings, ClientStatus, Connection},
    consent::{Consent, Fingerprint},
    content::{Content, MessageType, Text},
    conversation::{Candidate, Conversation},
    delivery::{Delivery, DeliveryId, Digest, Outcome, Settlement},
    event::{Event, News},
    fetch::Fetch,
    identity::{Identity, PhoneNumber},
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId, Wamid},
    kinship::Kinship,
    message::{Beginning, Direction, Idempotency, Message, Outbox},
    owner::Owner,
    status::{Life, Status, Step},
    template::{Heard, Template, TemplateDefinition},
    time::Timestamp,
};

pub(in crate::store) fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(rand::random())
}

pub(in crate::store) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

pub(in crate::store) fn phone(n: u32) -> Identity {
    Identity::Phone(PhoneNumber::from_digits(&format!("4915{n:08}")).unwrap())
}

pub(in crate::store) fn wamid(text: &str) -> Wamid {
    Wamid::parse(&format!("wamid.{text}")).unwrap()
}

/// One recruiter with a client and a number of their own.
#[derive(Debug, Clone)]
pub(in crate::store) struct Desk {
    pub(in crate::store) owner: Owner,
    pub(in crate::store) client: ClientId,
    pub(in crate::store) number: PhoneNumberId,
    pub(in crate::store) waba: WabaId,
}

impl Desk {
    pub(in crate::store) fn new() -> Self {
        let n: u64 = rand::random();
        Self {
            owner: Owner::parse(&format!("{n}@linkojob.test")).unwrap(),
            client: ClientId::new(uuid()),
            number: PhoneNumberId::parse(&n.to_string()).unwrap(),
            waba: WabaId::parse(&format!("9{n}")).unwrap(),
        }
    }

    pub(in crate::store) fn client(&self) -> Client {
        Client {
            id: self.client,
            owner: self.owner.clone(),
            label: "Hiring".to_owned(),
            status: ClientStatus::Connected,
            connection: Some(Connection {
                phone_number_id: self.number.clone(),
                waba_id: self.waba.clone(),
                display_phone_number: None,
                verified_name: None,
                quality_rating: None,
                messaging_limit: None,
                token: None,
                token_expires_at: None,
                pin: None,
                meta_user_id: None,
                connected_at: None,
            }),
            onboarding: None,
            attention: None,
            standing: Box::default(),
            settings: ClientSettings::default(),
            revision: 1,
            created_at: at(0),
            created_by: self.owner.to_string(),
            updated_at: at(0),
            updated_by: self.owner.to_string(),
            deleted_at: None,
        }
    }

    /// A consent of its own that is over at that second.
    pub(in crate::store) fn consent(&self, second: i64) -> Consent {
        Consent {
            state: Fingerprint::new(uuid().to_string()),
            browser: Fingerprint::new(uuid().to_string()),
            owner: self.owner.clone(),
            by: self.owner.to_string(),
            expires_at: at(second),
        }
    }

    /// A conversation with the candidate of a number, its last activity at that second.
    pub(in crate::store) fn conversation(&self, n: u32) -> Conversation {
        let identity = phone(n);
        let number = match &identity {
            Identity::Phone(number) => Some(number.clone()),
            Identity::User(_) => None,
        };
        Conversation {
            id: ConversationId::new(uuid()),
            owner: self.owner.clone(),
            client_id: self.client,
            phone_number_id: self.number.clone(),
            candidate: Candidate { phone: number, ..Candidate::default() },
            identities: vec![identity],
            last_message: None,
            last_message_at: Some(at(i64::from(n))),
            unread_count: 0,
            last_inbound_at: None,
            contacted: false,
            hidden: false,
            hidden_before: None,
            kin: Kinship::default(),
            merged_into: None,
            revision: 1,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    /// A message that came in at that second.
    pub(in crate::store) fn inbound(&self, conversation: &Conversation, second: i64) -> Message {
        Message::begin(Beginning {
            id: MessageId::new(uuid()),
            owner: self.owner.clone(),
            conversation_id: conversation.id,
            client_id: self.client,
            phone_number_id: self.number.clone(),
            direction: Direction::Inbound,
            kind: MessageType::Text,
            content: Content::Text(Text { text: "Hello".to_owned(), preview_url: false }),
            life: Life::received(at(second)),
            at: at(second),
            now: at(second),
        })
    }

    /// A message that waits to be sent from that second on.
    pub(in crate::store) fn queued(&self, conversation: &Conversation, second: i64) -> Message {
        Message {
            direction: Direction::Outbound,
            life: Life::queued(at(second)),
            outbox: Some(Outbox {
                to: phone(1),
                context: None,
                due_at: Some(at(second)),
                attempts: 0,
                term: None,
            }),
            ..self.inbound(conversation, second)
        }
    }

    /// A message whose file is to be fetched from that second on.
    pub(in crate::store) fn fetching(&self, conversation: &Conversation, second: i64) -> Message {
        let fetch = Some(Box::new(Fetch::at(at(second))));
        Message { fetch, ..self.inbound(conversation, second) }
    }

    /// A message that is being sent under a term.
    pub(in crate::store) fn sending(&self, conversation: &Conversation, term: u64) -> Message {
        let mut message = self.queued(conversation, 0);
        message.life.merge(Step { status: Status::Sending, at: at(1), error: None });
        if let Some(outbox) = &mut message.outbox {
            outbox.term = Some(term);
        }
        message
    }

    pub(in crate::store) fn template(&self, name: &str, language: &str) -> Template {
        Template {
            id: TemplateId::new(uuid()),
            owner: self.owner.clone(),
            client_id: self.client,
            definition: TemplateDefinition {
                meta_id: "1".to_owned(),
                name: name.to_owned(),
                language: language.to_owned(),
                category: "UTILITY".to_owned(),
                status: "APPROVED".to_owned(),
                named: false,
                body: "Hi {{1}}".to_owned(),
                parameters: vec!["1".to_owned()],
                components: "[]".to_owned(),
                quality: None,
                rejected_reason: None,
            },
            purpose: None,
            heard: Heard::default(),
            revision: 1,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    pub(in crate::store) fn orphan(&self, wamid: &Wamid) -> Orphan {
        Orphan {
            phone_number_id: self.number.clone(),
            wamid: wamid.clone(),
            steps: vec![Step { status: Status::Sent, at: at(1), error: None }],
            pricing: None,
            recipients: Vec::new(),
            amendments: Vec::new(),
            revision: 1,
            created_at: at(1),
        }
    }

    /// Nothing yet, of this owner.
    pub(in crate::store) fn batch(&self) -> Batch {
        Batch {
            owner: self.owner.clone(),
            expects: Vec::new(),
            writes: Vec::new(),
            events: Vec::new(),
            settlements: Vec::new(),
        }
    }
}

/// Fills a batch, one thing at a time.
pub(in crate::store) trait Fill: Sized {
    fn expecting(self, key: Key, state: State) -> Self;
    fn put(self, row: impl Row) -> Self;
    fn write(self, write: Write) -> Self;
    fn event(self, event: Event) -> Self;
    fn settling(self, settlement: Settlement) -> Self;
}

impl Fill for Batch {
    fn expecting(mut self, key: Key, state: State) -> Self {
        self.expects.push(Expect { key, state });
        self
    }

    fn put(self, row: impl Row) -> Self {
        self.write(row.into_write())
    }

    fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    fn event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    fn settling(mut self, settlement: Settlement) -> Self {
        self.settlements.push(settlement);
        self
    }
}

/// A row that can be put into a batch.
pub(in crate::store) trait Row {
    fn into_write(self) -> Write;
}

macro_rules! rows {
    ($($kind:ident),+) => {
        $(impl Row for $kind {
            fn into_write(self) -> Write {
                Write::$kind(Box::new(self))
            }
        }

        impl Row for &$kind {
            fn into_write(self) -> Write {
                self.clone().into_write()
            }
        })+
    };
}
rows!(Client, Conversation, Message, Template, Orphan);

/// An event that carries a number, in its time.
pub(in crate::store) fn event(n: i64) -> Event {
    let news = News::MessageStatus {
        conversation_id: ConversationId::new(uuid::Uuid::from_u128(1)),
        message_id: MessageId::new(uuid::Uuid::from_u128(2)),
        wamid: None,
        status: Status::Sent,
        at: at(n),
        error: None,
    };
    Event { at: at(n), news }
}

pub(in crate::store) fn keyed(mut message: Message, key: &str) -> Message {
    message.idempotency = Some(Idempotency { key: key.to_owned(), fingerprint: "00".to_owned() });
    message
}

/// A delivery of this owner's lane with a body that no other has.
pub(in crate::store) fn delivery(owner: &Owner, bytes: usize) -> Delivery {
    let mut body = vec![b' '; bytes];
    body.extend_from_slice(uuid().as_bytes());
    Delivery {
        digest: Digest(rand::random()),
        body: body.into(),
        lane: owner.lane(),
        received_at: at(1),
    }
}

pub(in crate::store) fn applied(id: DeliveryId) -> Settlement {
    Settlement { id, outcome: Outcome::Applied { set_aside: Vec::new() } }
}
