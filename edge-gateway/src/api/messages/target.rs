//! Whom a message goes to, and what all sends have in common.

use axum::{Json, http::StatusCode};
use linkojob_proto::v1 as pb;
use serde_json::Value;

use super::model::{Message, MessageStatus};
use crate::{
    api::{Fields, Idempotency, fields, json},
    identity::Caller,
    ids,
};

/// A candidate's number, or a conversation.
#[derive(Debug)]
pub(crate) enum Target {
    /// E.164 with `+`.
    To(String),
    /// Our id.
    Conversation(String),
}

impl Target {
    /// Reads exactly one of `to` and `conversationId`.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        // Null is as good as absent, and both are taken so that neither is left as unknown.
        let (has_to, has_id) = (fields.has("to"), fields.has("conversationId"));
        let (to, id) =
            (fields.optional("to", phone_number), fields.optional("conversationId", fields::id));
        let (to, id) = (has_to.then_some(to), has_id.then_some(id));
        match (to, id) {
            (Some(to), None) => to.map(Self::To),
            (None, Some(id)) => id.map(Self::Conversation),
            (None, None) => {
                fields.wrong("to", "is required, or conversationId");
                None
            }
            (Some(_), Some(_)) => {
                fields.wrong("to", "and conversationId must not be given together");
                None
            }
        }
    }
}

impl From<Target> for pb::Target {
    fn from(target: Target) -> Self {
        let target = match target {
            Target::To(number) => pb::target::Target::To(number),
            Target::Conversation(id) => pb::target::Target::ConversationId(id),
        };
        Self { target: Some(target) }
    }
}

/// E.164; the `+` may be missing, separators are dropped.
fn phone_number(value: Value) -> Result<String, &'static str> {
    const WRONG: &str = "must be a phone number with its country code, for instance +14155550123";
    let text = fields::string(value).map_err(|_| WRONG)?;
    let bare = text.trim();
    let bare = bare.strip_prefix('+').unwrap_or(bare);
    let digits: String = bare.chars().filter(|c| !" -.()/".contains(*c)).collect();
    let fits = text.len() <= 40
        && (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if fits { Ok(format!("+{digits}")) } else { Err(WRONG) }
}

/// Everything about a send but what it says. The id is minted here, so that the same call at
/// another core is the same message.
pub(super) fn options(
    caller: &Caller,
    Idempotency(idempotency_key): Idempotency,
    endpoint: &str,
    body: &Value,
    target: Target,
    reply_to: Option<String>,
) -> pb::SendOptions {
    pb::SendOptions {
        owner: caller.owner(),
        target: Some(target.into()),
        idempotency_key,
        message_id: ids::mint(),
        reply_to: reply_to.unwrap_or_default(),
        fingerprint: json::fingerprint(endpoint, body),
    }
}

/// 200 for a message that an earlier request made; else 201 when Meta has it, 202 while it may
/// still get it.
pub(super) fn answer(message: Message, replayed: bool) -> (StatusCode, Json<Message>) {
    let status = match message.status() {
        _ if replayed => StatusCode::OK,
        MessageStatus::Queued | MessageStatus::Sending | MessageStatus::Unknown => {
            StatusCode::ACCEPTED
        }
        MessageStatus::Received
        | MessageStatus::Accepted
        | MessageStatus::Sent
        | MessageStatus::Delivered
        | MessageStatus::Read
        | MessageStatus::Failed => StatusCode::CREATED,
    };
    (status, Json(message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Target, phone_number};
    use crate::api::Fields;

    #[test]
    fn null_counts_as_absent() {
        let read = |body| {
            let mut fields = Fields::new(body).expect("object");
            let target = Target::read(&mut fields);
            fields.finish(|| target)
        };
        let to = read(json!({"to": "+14155550123", "conversationId": null})).expect("target");
        assert!(matches!(to, Target::To(number) if number == "+14155550123"));
        let neither = format!("{:?}", read(json!({"to": null})).expect_err("neither"));
        assert!(neither.contains("is required, or conversationId"), "{neither}");
        assert!(!neither.contains("not known"), "{neither}");
    }

    #[test]
    fn separators_are_tolerated_and_nothing_else() {
        for (given, number) in [
            ("+14155550123", "+14155550123"),
            ("14155550123", "+14155550123"),
            (" +1 (415) 555-01.23 ", "+14155550123"),
        ] {
            assert_eq!(phone_number(given.into()).as_deref(), Ok(number));
        }
        for wrong in [
            "",
            "+",
            "12345",
            "+0049301234567",
            "+1415555012345678",
            "+1415555O123",
            "+١٤١٥٥٥٥٠١٢٣",
            "++14155550123",
            "+1 415 555 0123 ext 4",
        ] {
            assert!(phone_number(wrong.into()).is_err(), "{wrong}");
        }
        assert!(phone_number(14_155_550_123_i64.into()).is_err());
    }
}
