//! `POST /api/auth/whatsapp/disconnect`: a connection ends; its history stays.

use axum::{Json, extract::State};
use linkojob_proto::v1::{self as pb, DisconnectRequest, DisconnectResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Body, Fields, FromFields, clients::model::Client, present},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Nothing is asked.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Disconnect {}

impl FromFields for Disconnect {
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(fields: Fields) -> Result<Self, Problem> {
        fields.finish(|| Some(Self {}))
    }
}

/// The client, and what Meta was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Disconnected {
    client: Client,
    report: DisconnectReport,
}

/// What became of the connection at Meta.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisconnectReport {
    /// Meta no longer delivers webhooks of the account to us.
    unsubscribed: bool,
    /// Meta no longer accepts the token.
    revoked: bool,
    /// Why something was not done, in plain words.
    problems: Vec<String>,
}

impl From<pb::DisconnectReport> for DisconnectReport {
    fn from(report: pb::DisconnectReport) -> Self {
        let pb::DisconnectReport { unsubscribed, revoked, problems } = report;
        Self { unsubscribed, revoked, problems }
    }
}

/// Ends the owner's connection here, and at Meta as far as Meta lets us.
#[utoipa::path(
    post,
    path = "/api/auth/whatsapp/disconnect",
    tag = "oauth",
    request_body = Option<Disconnect>,
    responses(
        (status = 200, description = "the client, and what Meta was told", body = Disconnected),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn disconnect(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked: Disconnect {}, value: _ }: Body<Disconnect>,
) -> Result<Json<Disconnected>, Problem> {
    let request = DisconnectRequest { owner: caller.owner() };
    let answer = gateway.core.disconnect(&caller.call(), request).await?;
    let DisconnectResponse { client, report } = answer;
    let report = present(report, "report")?.into();
    Ok(Json(Disconnected { client: client.try_into()?, report }))
}
