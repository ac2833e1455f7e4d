//! What stands beside a message's own words, and whether anything of it would be lost.
//!
//! Invariant: a message of which this version does not hold every field is kept whole beside its form.

use serde_json::{Map, Value, value::RawValue};

use super::super::peek;
use crate::domain::{
    content::Content,
    context::{Context, Product, Referral},
    identity::{Identity, PhoneNumber},
    ids::Wamid,
};

/// The longest text of a referral that is kept, in characters.
const TEXT: usize = 2_000;

/// What the message refers to.
pub(super) fn context(message: &Value) -> Option<Box<Context>> {
    let context = message.get("context").filter(|context| context.is_object())?;
    let frequently = peek::flag(context, "frequently_forwarded").unwrap_or(false);
    let product = context.get("referred_product").and_then(|product| {
        Some(Product {
            catalog_id: peek::text(product, "catalog_id")?,
            product_retailer_id: peek::text(product, "product_retailer_id")?,
        })
    });
    let context = Context {
        wamid: peek::text(context, "id").and_then(|id| Wamid::parse(&id).ok()),
        forwarded: frequently || peek::flag(context, "forwarded").unwrap_or(false),
        frequently_forwarded: frequently,
        product,
    };
    (context != Context::default()).then(|| Box::new(context))
}

/// What brought the candidate.
pub(super) fn referral(message: &Value) -> Option<Box<Referral>> {
    let referral = message.get("referral").filter(|referral| referral.is_object())?;
    let text = |key| peek::text(referral, key).map(|text| text.chars().take(TEXT).collect());
    let welcome = referral.get("welcome_message").and_then(|welcome| peek::text(welcome, "text"));
    Some(Box::new(Referral {
        source_type: text("source_type").unwrap_or_default(),
        source_id: text("source_id").unwrap_or_default(),
        source_url: text("source_url").unwrap_or_default(),
        headline: text("headline"),
        body: text("body"),
        media_type: text("media_type"),
        media_url: text("image_url").or_else(|| text("video_url")),
        thumbnail_url: text("thumbnail_url"),
        click_id: text("ctwa_clid"),
        welcome_text: welcome.map(|text| text.chars().take(TEXT).collect()),
    }))
}

/// The number that a candidate gave when asked for it: theirs, by WhatsApp's word. A card that they passed on
/// is somebody else's.
pub(super) fn shared_phone(message: &Value) -> Option<PhoneNumber> {
    let cards = peek::list(message, "contacts");
    let asked =
        |card: &&Value| card.get("origin").and_then(Value::as_str) == Some("contact_request");
    let phone = peek::list(cards.iter().find(asked)?, "phones").first()?;
    match Identity::classify(&peek::text(phone, "wa_id")?)? {
        Identity::Phone(phone) => Some(phone),
        Identity::User(_) => None,
    }
}

/// The message as it came, unless its form holds all of it.
pub(super) fn surplus(message: &Value, content: &Content, raw: &RawValue) -> Option<String> {
    if matches!(content, Content::Unsupported(_)) {
        // Has it already.
        return None;
    }
    let message = message.as_object()?;
    let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
    let whole = message.keys().all(|key| MESSAGE.contains(&key.as_str()) || key == kind)
        && message.get("context").is_none_or(|context| has_only(context, CONTEXT))
        && message.get("referral").is_none_or(|referral| has_only(referral, REFERRAL))
        && message.get(kind).is_none_or(|part| holds(content, part));
    (!whole).then(|| raw.get().to_owned())
}

const MESSAGE: &[&str] =
    &["id", "from", "from_user_id", "to", "to_user_id", "timestamp", "type", "context", "referral"];
const CONTEXT: &[&str] = &["from", "id", "forwarded", "frequently_forwarded", "referred_product"];
const REFERRAL: &[&str] = &[
    "source_url",
    "source_id",
    "source_type",
    "headline",
    "body",
    "media_type",
    "image_url",
    "video_url",
    "thumbnail_url",
    "ctwa_clid",
    "welcome_message",
];
const MEDIA: &[&str] =
    &["id", "mime_type", "sha256", "caption", "filename", "file_size", "url", "voice", "animated"];
const ANSWER: &[&str] = &["id", "title", "description", "name", "body", "response_json"];

/// True when a form holds every field of the object that it was read from.
fn holds(content: &Content, part: &Value) -> bool {
    match content {
        Content::Text(_) => has_only(part, &["body"]),
        Content::Media(_) => has_only(part, MEDIA),
        Content::Location(_) => {
            has_only(part, &["latitude", "longitude", "name", "address", "url"])
        }
        Content::Reaction(_) => has_only(part, &["message_id", "emoji"]),
        Content::Reply(reply) => match part.get(&reply.kind) {
            Some(answer) => has_only(part, &["type", &reply.kind]) && has_only(answer, ANSWER),
            None => has_only(part, &["payload", "text"]),
        },
        Content::Raw(_) | Content::Template(_) | Content::Unsupported(_) => true,
    }
}

fn has_only(value: &Value, known: &[&str]) -> bool {
    let only = |object: &Map<String, Value>| object.keys().all(|key| known.contains(&key.as_str()));
    value.as_object().is_some_and(only)
}
