//! A message as somebody drafted it, before it has a sender and a time.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::file::Attachment;
use crate::meta::account::Account;
use crate::meta::control::Problem;
use crate::meta::media::{Kind, Medium};
use crate::meta::number::WaNumber;

/// What somebody typed: a person, or a business on the phone that it has as well.
pub(in crate::meta) struct Draft {
    pub(in crate::meta) kind: String,
    content: Value,
    attachment: Option<Attachment>,
    context: Option<Value>,
    value_errors: Option<Value>,
    extras: Map<String, Value>,
    id: Option<String>,
    pub(in crate::meta) timestamp: Option<i64>,
    pub(in crate::meta) name: Option<String>,
    pub(in crate::meta) phone_number_id: Option<String>,
    pub(in crate::meta) hidden: bool,
}

impl Draft {
    /// Reads a request.
    pub(in crate::meta) fn parse(mut body: Map<String, Value>) -> Result<Self, Problem> {
        let mut string = |field: &str| match body.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::bad(format!("{field} must be a string"))),
        };
        let (id, name) = (string("id")?, string("name")?);
        let phone_number_id = string("phoneNumberId")?;
        let kind = string("type")?.unwrap_or_else(|| String::from("text"));
        let timestamp = match body.remove("timestamp") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => return Err(Problem::bad("timestamp must be seconds")),
        };
        let file = body.remove("file");
        let content = match (kind.as_str(), body.remove(&kind)) {
            (_, None) if file.is_some() => json!({}),
            ("text", Some(Value::String(text))) => json!({"body": text}),
            // These carry everything beside themselves.
            ("unsupported" | "unknown" | "request_welcome" | "interactive", content) => {
                content.unwrap_or_default()
            }
            (_, Some(content)) => content,
            (_, None) => return Err(Problem::bad(format!("{kind} is missing"))),
        };
        if file.is_some() && Kind::of_message(&kind).is_none() {
            return Err(Problem::bad(format!("{kind} has no file")));
        }
        let content = spelled(&kind, content);
        let attachment = Kind::of_message(&kind)
            .map(|kind| Attachment::parse(kind, &content, file))
            .transpose()?;
        let context = body.remove("context");
        let value_errors = body.remove("valueErrors");
        let hidden = body.remove("hidePhone").and_then(|hide| hide.as_bool()).unwrap_or(false);
        Ok(Self {
            kind,
            content,
            attachment,
            context,
            value_errors,
            extras: body,
            id,
            timestamp,
            name,
            phone_number_id,
            hidden,
        })
    }

    /// Meta's message object, still without its sender.
    pub(in crate::meta) fn message(
        &self,
        wamid: String,
        account: &Account,
        number: &WaNumber,
        now_ms: i64,
    ) -> (Value, Option<Arc<Medium>>) {
        let mut message = Value::Object(self.extras.clone());
        message["id"] = json!(self.id.clone().unwrap_or(wamid));
        message["timestamp"] = json!(self.timestamp.unwrap_or(now_ms / 1000).to_string());
        message["type"] = json!(self.kind);
        if !self.content.is_null() {
            message[&self.kind] = self.content.clone();
        }
        if let Some(context) = &self.context {
            message["context"] = context.clone();
        }
        if matches!(&*self.kind, "unsupported" | "unknown") && message.get("errors").is_none() {
            let details = "Message type is currently not supported.";
            message["errors"] = json!([error(131_051, "Message type unknown", details)]);
        }
        let medium = self.attach(&mut message, account, number, now_ms);
        (message, medium)
    }

    /// Hands the file over; one that is too large leaves an error where it would have been.
    fn attach(
        &self,
        message: &mut Value,
        account: &Account,
        number: &WaNumber,
        now_ms: i64,
    ) -> Option<Arc<Medium>> {
        let attachment = self.attachment.as_ref()?;
        let content = message[&self.kind].as_object_mut()?;
        if content.contains_key("id") {
            // Somebody wants an id that leads nowhere.
            return None;
        }
        let medium = attachment.hand_over(content, &account.phone_number_id, number, now_ms);
        if medium.is_none() {
            if let Some(message) = message.as_object_mut() {
                message.remove(&self.kind);
            }
            let details = "The file is larger than 100 MB.";
            message["errors"] = json!([error(131_052, "Media download error", details)]);
        }
        medium
    }

    /// What it does to another message, if that is all it does.
    pub(in crate::meta) fn amends(&self) -> Option<Amendment> {
        let wamid = self.content["original_message_id"].as_str()?.to_owned();
        match self.kind.as_str() {
            "edit" => {
                let message = &self.content["message"];
                let kind = message["type"].as_str().unwrap_or("text");
                let content = message[kind].clone();
                Some(Amendment::Edit { wamid, text: words(kind, &content), content })
            }
            "revoke" => Some(Amendment::Revoke { wamid }),
            _ => None,
        }
    }

    /// What stands beside the message: what was asked for, or Meta's complaint about a choice that
    /// it could not read.
    pub(in crate::meta) fn value_errors(&self) -> Option<Value> {
        let unreadable = self.kind == "interactive" && self.content.is_null();
        self.value_errors.clone().or_else(|| {
            unreadable.then(|| {
                json!([error(131_000, "Something went wrong", "Unsupported webhook payload")])
            })
        })
    }

    /// What a person reads of it.
    pub(in crate::meta) fn shown(&self) -> String {
        words(&self.kind, &self.content)
    }
}

/// What one message does to another.
pub(in crate::meta) enum Amendment {
    /// It says something else now.
    Edit { wamid: String, text: String, content: Value },
    /// It is taken back.
    Revoke { wamid: String },
}

fn words(kind: &str, content: &Value) -> String {
    let Value::Object(content) = content else {
        return format!("[{kind}]");
    };
    let found = ["body", "text", "caption", "emoji", "filename", "name"]
        .iter()
        .find_map(|field| content.get(*field)?.as_str());
    let reply = ["button_reply", "list_reply"]
        .iter()
        .find_map(|field| content.get(*field)?["title"].as_str());
    match found.or(reply) {
        Some(text) => text.to_owned(),
        None => format!("[{kind}]"),
    }
}

/// What Meta adds or leaves out where people do not care: shared contacts have an origin, and a
/// reaction that is taken back has no emoji at all.
fn spelled(kind: &str, mut content: Value) -> Value {
    match (kind, &mut content) {
        ("contacts", Value::Array(contacts)) => {
            for contact in contacts.iter_mut().filter_map(Value::as_object_mut) {
                contact.entry("origin").or_insert_with(|| json!("other"));
            }
        }
        ("reaction", Value::Object(reaction)) if reaction.get("emoji") == Some(&Value::Null) => {
            reaction.remove("emoji");
        }
        _ => {}
    }
    content
}

fn error(code: u32, title: &str, details: &str) -> Value {
    json!({"code": code, "title": title, "message": title, "error_data": {"details": details}})
}
