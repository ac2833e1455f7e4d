//! `oauth/access_token`: the app's own token.

use std::collections::HashMap;

use axum::extract::{Form, Query, State};
use serde_json::json;

use super::answer::Answer;
use super::auth;
use crate::meta::World;
use crate::meta::error::GraphError;

type Parameters = HashMap<String, String>;

pub(super) async fn by_query(
    State(world): State<World>,
    Query(parameters): Query<Parameters>,
) -> Result<Answer, GraphError> {
    grant(&world, &parameters)
}

pub(super) async fn by_form(
    State(world): State<World>,
    Form(parameters): Form<Parameters>,
) -> Result<Answer, GraphError> {
    grant(&world, &parameters)
}

fn grant(world: &World, parameters: &Parameters) -> Result<Answer, GraphError> {
    let given = |name: &str| {
        let value = parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        value.ok_or_else(|| GraphError::of(100).with_message(format!("Missing {name} parameter.")))
    };
    let (id, secret) = (given("client_id")?, given("client_secret")?);
    if id != world.app_id() || secret != world.app_secret() {
        return Err(GraphError::of(1)
            .with_http(Some(400))
            .with_message("Error validating client secret."));
    }
    match given("grant_type")? {
        "client_credentials" => {
            Ok(Answer(json!({"access_token": auth::app_token(world), "token_type": "bearer"})))
        }
        other => Err(GraphError::parameter(format!("Unsupported grant_type '{other}'"))),
    }
}
