//! One sample of every stored form with every field set, always the same.

use super::sample_parts::{context, edit, kin, pricing, referral, revocation};
use crate::domain::{
    account::{Learned, Said},
    change::Orphan,
    client::{Client, ClientSettings, ClientStatus, Connection, Sealed},
    consent::{Consent, Fingerprint},
    content::{Content, MessageType, Text},
    conversation::{Candidate, Conversation, LastMessage},
    delivery::{Outcome, SetAside},
    event::{Event, News},
    fact::Person,
    fetch::Fetch,
    identity::{Identity, PhoneNumber, UserId},
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId, Wamid},
    message::{Direction, Idempotency, Message, Outbox, Place},
    onboarding::{Attention, Concern, NumberChoice, Onboarding, OnboardingStep},
    owner::Owner,
    standing::{Standing, Topic},
    status::{Failure, Life, Status, Step},
    template::{Heard, Purpose, Template, TemplateDefinition},
    time::Timestamp,
};

pub(super) fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_0000 + n)
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn owner() -> Owner {
    Owner::parse("recruiter@linkojob.test").unwrap()
}

fn number() -> PhoneNumberId {
    PhoneNumberId::parse("106540352242922").unwrap()
}

pub(super) fn wamid() -> Wamid {
    Wamid::parse("wamid.HBgNNDkxNTExMjM0NTY3").unwrap()
}

pub(super) fn phone() -> PhoneNumber {
    PhoneNumber::from_digits("4915112345678").unwrap()
}

pub(super) fn user() -> UserId {
    UserId::parse("DE.8801234567890").unwrap()
}

fn failure() -> Failure {
    Failure {
        code: 131_026,
        name: "META_REJECTED".to_owned(),
        details: "Undeliverable.".to_owned(),
        subcode: None,
        fbtrace_id: None,
    }
}

fn step(status: Status, seconds: i64, error: Option<Failure>) -> Step {
    Step { status, at: at(seconds), error }
}

pub(super) fn client() -> Client {
    Client {
        id: ClientId::new(uuid(1)),
        owner: owner(),
        label: "Hiring".to_owned(),
        status: ClientStatus::Connected,
        connection: Some(Connection {
            phone_number_id: number(),
            waba_id: WabaId::parse("102290129340398").unwrap(),
            display_phone_number: Some("+49 151 000000".to_owned()),
            verified_name: Some("LinkoJob".to_owned()),
            quality_rating: Some("GREEN".to_owned()),
            messaging_limit: Some("TIER_1K".to_owned()),
            token: Some(Sealed("sealed-token".to_owned())),
            token_expires_at: Some(at(86_400)),
            pin: Some(Sealed("sealed-pin".to_owned())),
            meta_user_id: Some("122100000000001".to_owned()),
            connected_at: Some(at(5)),
        }),
        onboarding: Some(Box::new(onboarding())),
        attention: Some(Attention {
            concern: Concern::PhoneNumberChoiceRequired,
            details: "There are several numbers.".to_owned(),
            since: at(10),
            until: Some(at(86_400)),
        }),
        standing: Box::new(standing()),
        settings: ClientSettings {
            send_read_receipts: true,
            forward_typing: false,
            template_language: Some("de".to_owned()),
        },
        revision: 3,
        created_at: at(0),
        created_by: "recruiter@linkojob.test".to_owned(),
        updated_at: at(10),
        updated_by: "admin@linkojob.test".to_owned(),
        deleted_at: Some(at(20)),
    }
}

fn standing() -> Standing {
    let mut standing = Standing::default();
    let flagged = Said::concern(Topic::Quality, Concern::NumberFlagged, "Send less.");
    let flagged = flagged.learning(Learned::Quality("RED".to_owned()));
    standing.take(at(30), &Said { until: Some(at(40)), ..flagged }, at(50));
    for (topic, learned) in [
        (Topic::Name, Learned::VerifiedName("LinkoJob".to_owned())),
        (Topic::Limit, Learned::MessagingLimit("TIER_1K".to_owned())),
        (Topic::Pin, Learned::OtherQuality),
    ] {
        standing.take(at(31), &Said::nothing(topic).learning(learned), at(50));
    }
    standing.number_read_at = Some(at(32));
    standing.templates_read_at = Some(at(33));
    standing.number_stale = Some(at(34));
    standing.templates_stale = Some(at(35));
    standing
}

fn onboarding() -> Onboarding {
    let waba = WabaId::parse("102290129340398").unwrap();
    Onboarding {
        token: Sealed("sealed-new-token".to_owned()),
        token_expires_at: Some(at(86_400)),
        meta_user_id: Some("122100000000001".to_owned()),
        waba_ids: Some(vec![waba.clone()]),
        waba_id: Some(waba.clone()),
        phone_number_id: Some(number()),
        pin: Some(Sealed("sealed-new-pin".to_owned())),
        step: OnboardingStep::Register,
        choices: vec![NumberChoice {
            waba_id: waba,
            phone_number_id: number(),
            display_phone_number: Some("+49 151 000000".to_owned()),
            verified_name: Some("LinkoJob".to_owned()),
        }],
        started_at: at(9),
    }
}

pub(super) fn conversation() -> Conversation {
    Conversation {
        id: ConversationId::new(uuid(2)),
        owner: owner(),
        client_id: ClientId::new(uuid(1)),
        phone_number_id: number(),
        candidate: Candidate {
            phone: Some(phone()),
            user_id: Some(user()),
            name: Some("Ana".to_owned()),
            username: Some("ana_codes".to_owned()),
        },
        identities: vec![Identity::Phone(phone()), Identity::User(user())],
        last_message: Some(LastMessage {
            id: MessageId::new(uuid(3)),
            direction: Direction::Inbound,
            kind: MessageType::Text,
            preview: "Hello".to_owned(),
            status: Status::Received,
            at: at(5),
        }),
        last_message_at: Some(at(5)),
        unread_count: 2,
        last_inbound_at: Some(at(5)),
        contacted: true,
        hidden: true,
        hidden_before: Some(Place { at: at(1), id: MessageId::new(uuid(4)) }),
        kin: kin(),
        merged_into: Some(ConversationId::new(uuid(8))),
        revision: 7,
        created_at: at(0),
        updated_at: at(5),
    }
}

pub(super) fn message(kind: MessageType, content: Content) -> Message {
    let mut life = Life::queued(at(3));
    life.merge(step(Status::Sending, 4, None));
    life.merge(step(Status::Delivered, 6, None));
    life.merge(step(Status::Failed, 5, Some(failure())));
    Message {
        id: MessageId::new(uuid(3)),
        owner: owner(),
        conversation_id: ConversationId::new(uuid(2)),
        client_id: ClientId::new(uuid(1)),
        phone_number_id: number(),
        direction: Direction::Outbound,
        wamid: Some(wamid()),
        kind,
        content,
        life,
        purpose: Some(Purpose::Initiate),
        reply_to: Some(MessageId::new(uuid(5))),
        retry_of: Some(MessageId::new(uuid(6))),
        sent_by: Some("recruiter@linkojob.test".to_owned()),
        at: at(3),
        edited_at: Some(at(8)),
        edited_by: Some(wamid()),
        revoked_at: Some(at(9)),
        context: Some(Box::new(context())),
        referral: Some(Box::new(referral())),
        pricing: Some(pricing()),
        raw: Some("{}".to_owned()),
        idempotency: Some(Idempotency { key: "first".to_owned(), fingerprint: "00ff".to_owned() }),
        outbox: Some(Outbox {
            to: Identity::Phone(phone()),
            context: Some(wamid()),
            due_at: Some(at(3)),
            attempts: 1,
            term: Some(4),
        }),
        fetch: None,
        revision: 5,
        created_at: at(3),
    }
}

pub(super) fn text_message() -> Message {
    let text = Text { text: "Hello".to_owned(), preview_url: false };
    message(MessageType::Text, Content::Text(text))
}

/// A message whose file is still to be fetched.
pub(super) fn fetching() -> Message {
    let fetch = Fetch {
        due_at: Some(at(60)),
        attempts: 3,
        refusals: 1,
        last_error: Some("it has the wrong digest".to_owned()),
    };
    Message { fetch: Some(Box::new(fetch)), ..text_message() }
}

pub(super) fn template() -> Template {
    Template {
        id: TemplateId::new(uuid(7)),
        owner: owner(),
        client_id: ClientId::new(uuid(1)),
        definition: TemplateDefinition {
            meta_id: "594425479261596".to_owned(),
            name: "initiate".to_owned(),
            language: "en_US".to_owned(),
            category: "MARKETING".to_owned(),
            status: "APPROVED".to_owned(),
            named: true,
            body: "Hi {{candidate_name}}".to_owned(),
            parameters: vec!["candidate_name".to_owned()],
            components: "[]".to_owned(),
            quality: Some("GREEN".to_owned()),
            rejected_reason: Some("NONE".to_owned()),
        },
        purpose: Some(Purpose::Reengage),
        heard: Heard { status: Some(at(1)), quality: Some(at(2)), category: Some(at(3)) },
        revision: 2,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub(super) fn orphan() -> Orphan {
    Orphan {
        phone_number_id: number(),
        wamid: wamid(),
        steps: vec![step(Status::Sent, 1, None), step(Status::Failed, 2, Some(failure()))],
        pricing: Some(pricing()),
        recipients: vec![Person {
            phone: Some(phone()),
            user_id: Some(user()),
            name: Some("Ana".to_owned()),
            username: Some("ana_codes".to_owned()),
        }],
        amendments: vec![revocation(), edit()],
        revision: 2,
        created_at: at(1),
    }
}

pub(super) fn consent() -> Consent {
    Consent {
        state: Fingerprint::new("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg".to_owned()),
        browser: Fingerprint::new("LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ".to_owned()),
        owner: owner(),
        by: "recruiter@linkojob.test".to_owned(),
        expires_at: at(600),
    }
}

/// Every kind of event, by its name.
pub(super) fn events() -> Vec<(&'static str, Event)> {
    let news = [
        (
            "message_incoming",
            News::MessageIncoming { conversation: conversation(), message: text_message() },
        ),
        (
            "message_sent",
            News::MessageSent { conversation: conversation(), message: text_message() },
        ),
        (
            "message_updated",
            News::MessageUpdated { conversation: conversation(), message: text_message() },
        ),
        (
            "message_status",
            News::MessageStatus {
                conversation_id: ConversationId::new(uuid(2)),
                message_id: MessageId::new(uuid(3)),
                wamid: Some(wamid()),
                status: Status::Failed,
                at: at(5),
                error: Some(failure()),
            },
        ),
        ("conversation_updated", News::ConversationUpdated { conversation: conversation() }),
        ("client_updated", News::ClientUpdated { client: client() }),
        ("template_updated", News::TemplateUpdated { template: template() }),
    ];
    news.into_iter().map(|(name, news)| (name, Event { at: at(5), news })).collect()
}

/// Every outcome of a delivery, by its name.
pub(super) fn outcomes() -> Vec<(&'static str, Outcome)> {
    let reason = "no sender".to_owned();
    vec![
        (
            "applied",
            Outcome::Applied { set_aside: vec![SetAside { element: 1, reason: reason.clone() }] },
        ),
        ("failed", Outcome::Failed { attempts: 2, reason: reason.clone() }),
        ("poisoned", Outcome::Poisoned { reason }),
    ]
}
