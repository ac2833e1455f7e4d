//! `GET /{object}`: a phone number, an account or a template, whichever has this id.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use serde_json::json;

use super::answer::Answer;
use super::auth::Caller;
use super::{fields, phone_numbers, templates};
use crate::meta::World;
use crate::meta::error::GraphError;

pub(super) async fn node(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Answer, GraphError> {
    let asked = query.get("fields").map(String::as_str);
    let mut state = world.state();
    if let Ok(account) = caller.phone(&mut state, "GET", &id) {
        return phone_numbers::select(&phone_numbers::describe(account), asked).map(Answer);
    }
    if let Ok(account) = caller.waba(&mut state, "GET", &id) {
        let node = json!({
            "id": account.waba_id, "name": account.verified_name, "timezone_id": "1",
            "currency": "USD", "message_template_namespace": account.business_id,
            "account_review_status": "APPROVED",
            "owner_business_info": {"id": account.business_id, "name": account.verified_name},
        });
        let default = ["name", "timezone_id", "message_template_namespace"];
        return fields::select(&node, "WhatsAppBusinessAccount", asked, &default).map(Answer);
    }
    if let Caller::Business { waba_id } = &caller
        && let Some(account) = state.waba(waba_id)
        && let Some(template) = account.templates.iter().find(|template| template.id == id)
    {
        return templates::select(&template.to_node(), asked).map(Answer);
    }
    Err(GraphError::unknown_object("GET", &id))
}
