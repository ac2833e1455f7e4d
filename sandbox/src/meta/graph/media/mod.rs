//! Files at the Graph API: upload, lookup, deletion, and the other host that has the bytes.
//!
//! Invariant: the lookup and the bytes are two things; a file may be known and not be had, and an
//! address outlives neither five minutes nor the id that it was made for.

mod download;
mod lookup;
mod multipart;
mod upload;

pub(super) use download::download;
pub(super) use lookup::{Question, lookup};
pub(super) use upload::{LARGEST_BODY, upload};

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::json;

use super::answer::Answer;
use super::auth::Caller;
use crate::meta::World;
use crate::meta::error::GraphError;
use crate::meta::media::Medium;
use crate::meta::oauth::MESSAGING;
use crate::meta::state::State as Memory;

/// Where the bytes are, below the address of the Graph API.
pub(super) const PLACE: &str = "/_lookaside/whatsapp_business/attachments/";

/// The file with this id, if it lives and the caller may see it.
fn visible(state: &Memory, caller: &Caller, id: &str, now_ms: i64) -> Option<Arc<Medium>> {
    let medium = state.media.get(id, now_ms)?;
    let number = state.numbers.get(&medium.phone_number_id)?;
    caller.sees(&number.waba_id).then(|| Arc::clone(medium))
}

/// `DELETE /{media_id}`.
pub(super) async fn delete(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Answer, GraphError> {
    let now = world.clock().now_ms();
    {
        let mut state = world.state();
        if visible(&state, &caller, &id, now).is_none() {
            return Err(GraphError::unknown_object("DELETE", &id));
        }
        caller.needs(MESSAGING)?;
        state.media.remove(&id);
    }
    world.mark_changed();
    Ok(Answer(json!({"success": true})))
}
