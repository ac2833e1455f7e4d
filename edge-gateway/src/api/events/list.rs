//! `GET /api/events`: a page of the log, or with `Accept: text/event-stream` all that follows.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header::ACCEPT},
    response::{IntoResponse, Response},
};
use linkojob_proto::v1::{ListEventsRequest, ListEventsResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::Event;
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
    realtime::sse,
};

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventPage {
    data: Vec<Event>,
    /// Present when `after` is older than what is kept: reload, then go on from `nextCursor`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reset: bool,
    /// Goes on from here, also when nothing came yet.
    next_cursor: String,
}

/// Reads the caller's events, oldest first.
///
/// A page starts after `after`, or with the oldest event kept. A stream starts after `Last-Event-ID`
/// or `after`, or with what happens from now on; it ends when the edge goes away, and a browser
/// comes back by itself.
#[utoipa::path(
    get,
    path = "/api/events",
    tag = "events",
    params(
        ("after" = Option<String>, Query, description = "cursor of the last event seen"),
        ("limit" = Option<i32>, Query, description = "1 to 100, default 25"),
        ("Last-Event-ID" = Option<String>, Header, description = "wins over `after`; for streams"),
    ),
    responses(
        (status = 200, description = "a page, or a stream", content(
            (EventPage = "application/json"),
            (String = "text/event-stream"),
        )),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn events(
    State(gateway): State<Gateway>,
    caller: Caller,
    mut params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (after, page_size) = (params.cursor("after"), params.limit());
    params.finish()?;
    if wants_stream(&headers) {
        return sse::open(&gateway, &caller, &headers, after).await;
    }
    let request = ListEventsRequest { owner: caller.owner(), after, page_size };
    let answer = gateway.core.list_events(&caller.call(), request).await?;
    let ListEventsResponse {
        events,
        next_cursor,
        reset,
        more: _, // `nextCursor` is always there: asking again tells
    } = answer;
    let data = events.into_iter().map(Event::try_from).collect::<Result<_, _>>()?;
    Ok(Json(EventPage { data, reset, next_cursor }).into_response())
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            value.split(',').any(|kind| {
                let kind = kind.split(';').next().unwrap_or_default().trim();
                kind.eq_ignore_ascii_case("text/event-stream")
            })
        })
    })
}
