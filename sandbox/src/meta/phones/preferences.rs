//! `POST /phone/{number}/preferences`: the person stops or resumes marketing of a business.
//!
//! Invariant: what is stopped is stopped at Meta before our app is told: templates of marketing fail
//! with 131050 from then on, whether the webhook arrives or not.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::number;
use super::write::addressee;
use crate::meta::control::{Body, Problem};
use crate::meta::{World, hooks};

/// What the person wants.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wish {
    marketing: Word,
    phone_number_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Stop,
    Resume,
}

impl Word {
    fn text(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Resume => "resume",
        }
    }
}

pub(super) async fn prefer(
    State(world): State<World>,
    Path(text): Path<String>,
    Body(Wish { marketing, phone_number_id }): Body<Wish>,
) -> Result<Json<Value>, Problem> {
    let number = number(&text)?;
    let (account, person) = {
        let mut state = world.state();
        let account = addressee(&state, &number, phone_number_id.as_deref())?;
        let id = account.phone_number_id.clone();
        let person = state.on_phone(&number, |phone| {
            match marketing {
                Word::Stop => phone.stopped.insert(id),
                Word::Resume => phone.stopped.remove(&id),
            };
            phone.owner()
        });
        (account, person)
    };
    let word = marketing.text();
    let mut preference = json!({
        "user_id": person.user_id(&account.business_id), "detail": format!("User requested to {word} marketing messages"),
        "category": "marketing_messages", "value": word, "timestamp": world.clock().now_secs(),
    });
    if let Some(wa_id) = person.wa_id(&account.business_id) {
        preference["wa_id"] = json!(wa_id);
    }
    let contact = person.contact(&account, true);
    let value = json!({"contacts": [contact], "user_preferences": [preference]});
    let body = hooks::envelope_of(&account, "user_preferences", value);
    let queued = hooks::tell(&world, &account, Some(&number), &body).is_some();
    world.mark_changed();
    Ok(Json(json!({"marketing": word, "queued": queued})))
}
