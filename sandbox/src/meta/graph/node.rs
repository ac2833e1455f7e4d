//! `GET /{object}`: a number, an account, a template or a file, whichever has this id.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::Caller;
use super::faults::Line;
use super::media::{self, Question};
use super::{fields, phone_numbers, templates};
use crate::meta::World;
use crate::meta::account::Waba;
use crate::meta::error::GraphError;
use crate::meta::oauth::MANAGEMENT;

/// Where a question came from, for the addresses in its answer.
#[derive(Debug, FromRequestParts)]
pub(super) struct Asker {
    original: OriginalUri,
    uri: Uri,
    headers: HeaderMap,
    line: Line,
}

pub(super) async fn node(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    asker: Asker,
) -> Result<Response, GraphError> {
    let asked = query.get("fields").map(String::as_str);
    if let Some(answer) = lasting(&world, &caller, &id, asked)? {
        return Ok(answer.into_response());
    }
    let Asker { original, uri, headers, line } = &asker;
    let phone_number_id = query.get("phone_number_id").map(String::as_str);
    let question = Question { id: &id, phone_number_id, uri, original, headers };
    media::lookup(&world, &caller, line, question)
        .await
        .ok_or_else(|| GraphError::unknown_object("GET", &id))
}

/// A number, an account or a template.
fn lasting(
    world: &World,
    caller: &Caller,
    id: &str,
    asked: Option<&str>,
) -> Result<Option<Answer>, GraphError> {
    let state = world.state();
    if let Some(number) = state.numbers.get(id).filter(|number| caller.sees(&number.waba_id)) {
        caller.needs(MANAGEMENT)?;
        return phone_numbers::select(&phone_numbers::describe(number), asked)
            .map(|node| Some(Answer(node)));
    }
    if let Some(waba) = state.waba(id).filter(|waba| caller.sees(&waba.waba_id)) {
        caller.needs(MANAGEMENT)?;
        return account(waba, asked).map(|node| Some(Answer(node)));
    }
    if let Caller::Business(token) = caller {
        let wabas = token.waba_ids.iter().filter_map(|waba_id| state.waba(waba_id));
        let mut templates = wabas.flat_map(|waba| waba.templates.iter());
        if let Some(template) = templates.find(|template| template.id == id) {
            caller.needs(MANAGEMENT)?;
            return templates::select(&template.to_node(), asked).map(|node| Some(Answer(node)));
        }
    }
    Ok(None)
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
