//! Small builders for rows and working sets.

use core_service::domain::{
    client::{Client, ClientSettings, ClientStatus, Connection, Sealed},
    content::{Content, MessageType, Text},
    fact::{Inbound, Person},
    identity::PhoneNumber,
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, WabaId, Wamid},
    owner::Owner,
    rules::{receive::Minted, templates::merge_definition},
    template::{Heard, Purpose, Template, TemplateDefinition},
    time::Timestamp,
    working_set::WorkingSet,
};
use uuid::Uuid;

/// Noon of some day.
pub const NOON: Timestamp = Timestamp::from_seconds(1_800_000_000);

pub fn owner() -> Owner {
    Owner::parse("recruiter@linkojob.test").unwrap()
}

pub fn number() -> PhoneNumberId {
    PhoneNumberId::parse("106540352242922").unwrap()
}

pub fn wamid(name: &str) -> Wamid {
    Wamid::parse(&format!("wamid.{name}")).unwrap()
}

pub fn message_id(n: u128) -> MessageId {
    MessageId::new(Uuid::from_u128(n))
}

pub fn minted(n: u128) -> Minted {
    Minted {
        message: message_id(n),
        conversation: ConversationId::new(Uuid::from_u128(1_000_000 + n)),
    }
}

pub fn client() -> Client {
    Client {
        id: ClientId::new(Uuid::from_u128(7)),
        owner: owner(),
        label: String::new(),
        status: ClientStatus::Connected,
        connection: Some(Connection {
            phone_number_id: number(),
            waba_id: WabaId::parse("102290129340398").unwrap(),
            display_phone_number: None,
            verified_name: None,
            quality_rating: None,
            messaging_limit: None,
            token: Some(Sealed("sealed".into())),
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
        created_at: NOON,
        created_by: owner().to_string(),
        updated_at: NOON,
        updated_by: owner().to_string(),
        deleted_at: None,
    }
}

pub fn template(name: &str, language: &str, purpose: Option<Purpose>) -> Template {
    Template {
        id: TemplateId::new(Uuid::from_u128(
            name.bytes().chain(language.bytes()).fold(0, |n, b| n * 131 + u128::from(b)),
        )),
        owner: owner(),
        client_id: client().id,
        definition: TemplateDefinition {
            meta_id: "1".into(),
            name: name.into(),
            language: language.into(),
            category: "UTILITY".into(),
            status: "APPROVED".into(),
            named: false,
            body: "Hi {{1}}, welcome".into(),
            parameters: vec!["1".into()],
            components: "[]".into(),
            quality: None,
            rejected_reason: None,
        },
        purpose,
        heard: Heard::default(),
        revision: 1,
        created_at: NOON,
        updated_at: NOON,
    }
}

/// A working set with the client and the two usual templates.
pub fn set_at(now: Timestamp) -> WorkingSet {
    let mut set = WorkingSet::new(owner(), now);
    set.add_client(client());
    set.add_template(template("initiate", "en_US", Some(Purpose::Initiate)));
    set.add_template(template("reengage", "en_US", Some(Purpose::Reengage)));
    set
}

pub fn inbound(name: &str, at: Timestamp) -> Inbound {
    Inbound {
        wamid: wamid(name),
        sender: Person {
            phone: Some(PhoneNumber::from_digits("4915112345678").unwrap()),
            name: Some("Ana".into()),
            ..Person::default()
        },
        sent_at: at,
        kind: MessageType::Text,
        content: Content::Text(Text { text: "hello".into(), preview_url: false }),
        context: None,
        referral: None,
        raw: None,
        became: None,
    }
}

/// Takes the template `initiate` in as Meta defines it; `n` names its row, should it be new.
pub fn take_template(set: &mut WorkingSet, n: u128) -> bool {
    let definition = template("initiate", "en_US", None).definition;
    merge_definition(set, client().id, &definition, NOON, TemplateId::new(Uuid::from_u128(n)))
}
