//! `GET /{object}`: a phone number, an account or a template, whichever has this id.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::Caller;
use super::{fields, phone_numbers, templates};
use crate::meta::World;
use crate::meta::account::Waba;
use crate::meta::error::GraphError;
use crate::meta::oauth::MANAGEMENT;

pub(super) async fn node(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Answer, GraphError> {
    let asked = query.get("fields").map(String::as_str);
    let state = world.state();
    if let Some(number) = state.numbers.get(&id).filter(|number| caller.sees(&number.waba_id)) {
        caller.needs(MANAGEMENT)?;
        return phone_numbers::select(&phone_numbers::describe(number), asked).map(Answer);
    }
    if let Some(waba) = state.waba(&id).filter(|waba| caller.sees(&waba.waba_id)) {
        caller.needs(MANAGEMENT)?;
        return account(waba, asked).map(Answer);
    }
    if let Caller::Business(token) = &caller {
        let wabas = token.waba_ids.iter().filter_map(|waba_id| state.waba(waba_id));
        let mut templates = wabas.flat_map(|waba| waba.templates.iter());
        if let Some(template) = templates.find(|template| template.id == id) {
            caller.needs(MANAGEMENT)?;
            return templates::select(&template.to_node(), asked).map(Answer);
        }
    }
    Err(GraphError::unknown_object("GET", &id))
}

fn account(waba: &Waba, asked: Option<&str>) -> Result<Value, GraphError> {
    let node = json!({
        "id": waba.waba_id, "name": waba.name, "timezone_id": "1", "currency": "USD",
        "message_template_namespace": waba.business_id, "account_review_status": "APPROVED",
        "owner_business_info": {"id": waba.business_id, "name": waba.name},
    });
    let default = ["name", "timezone_id", "message_template_namespace"];
    fields::select(&node, "WhatsAppBusinessAccount", asked, &default)
}
