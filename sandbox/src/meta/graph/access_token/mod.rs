//! `oauth/access_token`: the app's own token, and tokens of customers for their codes.

mod exchange;

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Form, Query, State};
use serde_json::json;

use super::answer::Answer;
use super::auth;
use super::platform::Twist;
use crate::meta::World;
use crate::meta::error::GraphError;

type Parameters = HashMap<String, String>;

pub(super) async fn by_query(
    State(world): State<World>,
    Extension(twist): Extension<Twist>,
    Query(parameters): Query<Parameters>,
) -> Result<Answer, GraphError> {
    grant(&world, &parameters, twist)
}

pub(super) async fn by_form(
    State(world): State<World>,
    Extension(twist): Extension<Twist>,
    Form(parameters): Form<Parameters>,
) -> Result<Answer, GraphError> {
    grant(&world, &parameters, twist)
}

fn grant(world: &World, asked: &Parameters, twist: Twist) -> Result<Answer, GraphError> {
    let (id, secret) = (required(asked, "client_id")?, required(asked, "client_secret")?);
    if id != world.app_id() || secret != world.app_secret() {
        return Err(GraphError::of(1)
            .with_http(Some(400))
            .with_message("Error validating client secret."));
    }
    if let Some(code) = given(asked, "code") {
        let Twist(twist) = twist;
        let twist = twist.unwrap_or_default();
        return exchange::exchange(world, code, given(asked, "redirect_uri"), twist);
    }
    match required(asked, "grant_type")? {
        "client_credentials" => {
            Ok(Answer(json!({"access_token": auth::app_token(world), "token_type": "bearer"})))
        }
        other => Err(GraphError::parameter(format!("Unsupported grant_type '{other}'"))),
    }
}

fn given<'a>(asked: &'a Parameters, name: &str) -> Option<&'a str> {
    asked.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn required<'a>(asked: &'a Parameters, name: &str) -> Result<&'a str, GraphError> {
    given(asked, name)
        .ok_or_else(|| GraphError::of(100).with_message(format!("Missing {name} parameter.")))
}
