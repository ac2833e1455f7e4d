//! Samples of what stands within rows and is optional there.

use super::samples::{at, phone, uuid, wamid};
use crate::domain::{
    amendment::{Amendment, Change},
    content::{Content, MessageType, Text},
    context::{Context, Product, Referral},
    identity::Identity,
    ids::{ConversationId, MessageId},
    kinship::{Absorbed, Former, Kinship, MarketingChoice, Seen},
    message::{Direction, Place},
    pricing::Pricing,
};

pub(super) fn kin() -> Kinship {
    let absorbed = Absorbed {
        id: ConversationId::new(uuid(9)),
        at: at(6),
        identities: vec![Identity::Phone(phone())],
        hidden_before: Some(Place { at: at(1), id: MessageId::new(uuid(4)) }),
    };
    Kinship {
        seen: Seen {
            phone: Some(at(1)),
            user_id: Some(at(2)),
            name: Some(at(3)),
            username: Some(at(4)),
        },
        name_given: true,
        former: vec![Former { phone: phone(), until: at(2) }],
        absorbed: vec![absorbed],
        marketing: Some(MarketingChoice { at: at(3), stopped: true }),
    }
}

pub(super) fn pricing() -> Pricing {
    Pricing {
        model: Some("PMP".to_owned()),
        kind: Some("regular".to_owned()),
        category: Some("utility".to_owned()),
        billable: Some(true),
    }
}

pub(super) fn context() -> Context {
    let product = Product { catalog_id: "5".to_owned(), product_retailer_id: "sku".to_owned() };
    Context {
        wamid: Some(wamid()),
        forwarded: true,
        frequently_forwarded: true,
        product: Some(product),
    }
}

pub(super) fn referral() -> Referral {
    let text = |text: &str| Some(text.to_owned());
    Referral {
        source_type: "ad".to_owned(),
        source_id: "77".to_owned(),
        source_url: "https://fb.me/x".to_owned(),
        headline: text("Join us"),
        body: text("We hire"),
        media_type: text("video"),
        media_url: text("https://media.example/v.mp4"),
        thumbnail_url: text("https://media.example/v.jpg"),
        click_id: text("click"),
        welcome_text: text("Hello"),
    }
}

pub(super) fn revocation() -> Amendment {
    Amendment { wamid: wamid(), direction: Direction::Inbound, at: at(7), change: Change::Revoked }
}

pub(super) fn edit() -> Amendment {
    let text = Text { text: "Hello again".to_owned(), preview_url: false };
    let content = Box::new(Content::Text(text));
    Amendment { change: Change::Edited { kind: MessageType::Text, content }, ..revocation() }
}
