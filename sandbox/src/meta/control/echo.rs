//! `POST /_accounts/{waba}/numbers/{id}/echo`: the business writes on its own phone app.
//!
//! The body is a message as a person drafts it, with `to` for whom it is, and `statuses: true` when its
//! statuses shall come here as well. Such a message is outbound and opens no window; our app hears
//! of it by `smb_message_echoes`. `edit` and `revoke` are messages here, too.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use super::problem::{Body, Problem};
use crate::meta::account::Account;
use crate::meta::hooks::{self, Sent};
use crate::meta::number::WaNumber;
use crate::meta::person::Person;
use crate::meta::phone::{Direction, PhoneMessage, Progress};
use crate::meta::phones::{Amendment, Draft};
use crate::meta::script::Effects;
use crate::meta::{World, ids};

pub(super) async fn echo(
    State(world): State<World>,
    Path((waba_id, id)): Path<(String, String)>,
    Body(mut body): Body<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let to = body.remove("to").and_then(|to| WaNumber::parse(to.as_str()?));
    let to = to.ok_or_else(|| Problem::bad("to is not a telephone number"))?;
    let statuses = body.remove("statuses").and_then(|on| on.as_bool()).unwrap_or(false);
    let draft = Draft::parse(body)?;
    let now = world.clock().now_ms();
    let (account, person, message) = {
        let mut state = world.state();
        let account = state.account(&id).filter(|account| account.waba_id == waba_id);
        let account = account.ok_or_else(|| Problem::missing("no such number"))?;
        let wamid = ids::outbound_wamid(&to);
        let (message, medium) = draft.message(wamid, &account, &to, now);
        if let Some(medium) = medium {
            state.media.put(medium);
        }
        let person = state.on_phone(&to, |phone| {
            match draft.amends() {
                Some(Amendment::Edit { wamid, text, content }) => phone.edit(&wamid, text, content),
                Some(Amendment::Revoke { wamid }) => phone.revoke(&wamid),
                None => phone.push(lying(&account, &draft, &message, now)),
            }
            phone.owner()
        });
        (account, person, message)
    };
    world.mark_changed();
    let wamid = message["id"].as_str().unwrap_or_default().to_owned();
    let body = webhook(&account, &person, message);
    let queued = hooks::tell(&world, &account, Some(&to), &body).is_some();
    if statuses {
        let sent = Sent {
            wamid: wamid.clone(),
            person,
            opaque: None,
            category: None,
            by_user_id: false,
            failure: None,
        };
        hooks::announce(&world, &account, &sent, &Effects::default());
    }
    Ok(Json(json!({"wamid": wamid, "queued": queued})))
}

/// The message as it lies on the phone of the person.
fn lying(account: &Account, draft: &Draft, message: &Value, now: i64) -> PhoneMessage {
    let wamid = message["id"].as_str().unwrap_or_default();
    PhoneMessage {
        text: draft.shown(),
        content: message.get(&draft.kind).cloned().unwrap_or_default(),
        progress: Progress::Delivered,
        reply_to: message["context"]["id"].as_str().map(str::to_owned),
        ..PhoneMessage::new(wamid, Direction::In, account, &draft.kind, now)
    }
}

fn webhook(account: &Account, person: &Person, mut message: Value) -> Value {
    message["from"] = json!(account.number.as_str());
    if let Some(to) = person.wa_id(&account.business_id) {
        message["to"] = json!(to);
    }
    message["to_user_id"] = json!(person.user_id(&account.business_id));
    hooks::envelope_of(account, "smb_message_echoes", json!({"message_echoes": [message]}))
}
