//! `GET /api/templates`: by name and language.

use axum::{Json, extract::State};
use linkojob_proto::v1::{self as pb, ListTemplatesRequest, ListTemplatesResponse};
use serde_json::Value;

use super::model::{Template, TemplatePurpose};
use crate::{
    api::{Page, Params, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Lists the owner's templates.
#[utoipa::path(
    get,
    path = "/api/templates",
    tag = "templates",
    params(
        ("status" = Option<String>, Query, description = "Meta's word, for instance `APPROVED`"),
        ("purpose" = Option<TemplatePurpose>, Query),
        ("limit" = Option<i32>, Query, description = "1 to 100, default 25"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "a page", body = Page<Template>),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    mut params: Params,
) -> Result<Json<Page<Template>>, Problem> {
    let purpose = params.text("purpose", TemplatePurpose::check);
    let request = ListTemplatesRequest {
        owner: caller.owner(),
        status: params.text("status", status).unwrap_or_default(),
        purpose: purpose.map_or(pb::TemplatePurpose::Unspecified, Into::into).into(),
        page_size: params.limit(),
        page_token: params.cursor("cursor"),
    };
    params.finish()?;
    let answer = gateway.core.list_templates(&caller.call(), request).await?;
    let ListTemplatesResponse { templates, next_page_token } = answer;
    let templates = templates.into_iter().map(Template::try_from).collect::<Result<_, _>>()?;
    Ok(Json(Page::new(templates, next_page_token)))
}

fn status(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    let fits = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if fits { Ok(text) } else { Err("must be a status such as APPROVED") }
}
