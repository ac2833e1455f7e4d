//! `POST /{phone}/media`: a business uploads a file to send it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header::CONTENT_TYPE};
use serde_json::json;

use super::super::answer::Answer;
use super::super::auth::Caller;
use super::multipart::{self, Part};
use crate::meta::World;
use crate::meta::error::GraphError;
use crate::meta::media::{Kind, LARGEST_INBOUND, Medium, Origin};

/// The largest file, and the form around it.
pub(in crate::meta::graph) const LARGEST_BODY: usize = LARGEST_INBOUND + (1 << 20);

pub(in crate::meta::graph) async fn upload(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, GraphError> {
    let account = caller.sender(&world.state(), &id)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let parts = multipart::parse(content_type.unwrap_or_default(), &body)
        .ok_or_else(|| GraphError::parameter("The body must be multipart/form-data"))?;
    let (file, mime_type) = checked(parts)?;
    let now = world.clock().now_ms();
    let medium = Medium::new(
        &account.phone_number_id,
        Origin::Uploaded,
        mime_type,
        file.filename,
        file.bytes,
        now,
    );
    let answer = json!({"id": medium.id});
    world.state().media.put(Arc::new(medium));
    world.mark_changed();
    Ok(Answer(answer))
}

/// The file and its type, if a business may upload it.
fn checked(parts: Vec<Part>) -> Result<(Part, String), GraphError> {
    let (mut product, mut named, mut file) = (None, None, None);
    for part in parts {
        let text = || String::from_utf8_lossy(&part.bytes).trim().to_owned();
        match part.name.as_str() {
            "messaging_product" => product = Some(text()),
            "type" => named = Some(text()),
            "file" => file = Some(part),
            _ => {}
        }
    }
    if product.as_deref() != Some("whatsapp") {
        return Err(GraphError::parameter("The parameter messaging_product is required."));
    }
    let file = file.ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    // The type of the part is what counts; the field only fills in for one that has none.
    let mime_type = file.mime_type.clone().or(named).unwrap_or_default();
    let kind = Kind::of_upload(&mime_type).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().flat_map(|kind| kind.types()).copied().collect();
        GraphError::parameter(format!(
            "Param file must be a file with one of the following types: {}. Received file of type \
             '{mime_type}'.",
            known.join(", ")
        ))
    })?;
    if file.bytes.is_empty() || file.bytes.len() > kind.largest() {
        return Err(GraphError::of(131_053).details(format!(
            "A file of type '{mime_type}' must have between 1 and {} bytes",
            kind.largest()
        )));
    }
    Ok((file, mime_type))
}
