//! A page of a list.

use serde::Serialize;
use utoipa::ToSchema;

/// `{"data": […], "nextCursor": …}`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Goes on from here; null on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    pub(crate) fn new(data: Vec<T>, next_page_token: String) -> Self {
        Self { data, next_cursor: (!next_page_token.is_empty()).then_some(next_page_token) }
    }
}
