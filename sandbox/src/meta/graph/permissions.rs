//! `DELETE /me/permissions`: our app gives back what a customer allowed.
//!
//! Invariant: it is the user who takes the app out, so all tokens of that user lose it, also those
//! of another consent.

use axum::extract::{Path, State};
use serde_json::json;

use super::answer::Answer;
use super::auth::Caller;
use crate::meta::World;
use crate::meta::error::GraphError;
use crate::meta::oauth::Token;

/// Withdraws everything: 190 with subcode 458 from now on.
pub(super) async fn withdraw_all(
    State(world): State<World>,
    caller: Caller,
) -> Result<Answer, GraphError> {
    let own = user(&caller, "me")?;
    world.state().on_tokens(own, |token| token.revoked = true);
    world.mark_changed();
    Ok(Answer(json!({"success": true})))
}

/// Withdraws one permission: 10 from now on, where it is needed.
pub(super) async fn withdraw(
    State(world): State<World>,
    caller: Caller,
    Path((_, permission)): Path<(String, String)>,
) -> Result<Answer, GraphError> {
    let own = user(&caller, &permission)?;
    let changed = world.state().on_tokens(
        |token| own(token) && token.may(&permission),
        |token| token.scopes.retain(|held| *held != permission),
    );
    if changed == 0 {
        return Err(GraphError::parameter(format!("The permission {permission} is not granted")));
    }
    world.mark_changed();
    Ok(Answer(json!({"success": true})))
}

/// Finds the tokens of the caller's user.
fn user(caller: &Caller, object: &str) -> Result<impl Fn(&Token) -> bool + use<>, GraphError> {
    let token = match caller {
        Caller::App => return Err(GraphError::unknown_object("DELETE", object)),
        Caller::Business(token) => token.clone(),
    };
    Ok(move |other: &Token| {
        other.user_id == token.user_id && other.foreign_app == token.foreign_app
    })
}
