//! What the page asks first: who it is, which number it may connect, and where everything listens.

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::Front;
use super::caller::Caller;

/// Facts about this sandbox that the page shows or uses.
#[derive(Clone, Default)]
pub struct Info {
    /// The simulated business account: `accessToken`, `wabaId`, `phoneNumberId` and what else the
    /// simulated Meta says about it. The token is worth nothing outside the sandbox.
    pub account: Value,
    /// Where each part listens, by name.
    pub addresses: Value,
}

/// `GET /sandbox/info`
pub(super) async fn show(
    State(front): State<Front>,
    Extension(Caller { email, role }): Extension<Caller>,
) -> Json<Value> {
    let Info { account, addresses } = front.info.as_ref();
    Json(json!({
        "as": { "email": email, "role": role },
        "account": account,
        "addresses": addresses,
    }))
}
