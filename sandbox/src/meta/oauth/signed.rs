//! `signed_request`: how Meta itself proves who it is to the app's two callbacks.

use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use crate::meta::hooks::Receipt;
use crate::meta::{World, wire};

/// Posts a signed request about a user to an address of the app, once.
///
/// # Errors
/// When nobody answers there.
pub async fn call_back(world: &World, url: &str, user_id: &str) -> Result<Receipt, String> {
    let payload = json!({
        "algorithm": "HMAC-SHA256", "issued_at": world.clock().now_secs(), "user_id": user_id,
    });
    let signed = wire::signed_request(world.app_secret(), &payload);
    // Base64url and a dot need no escapes in a form.
    let form = format!("signed_request={signed}");
    let request = world.http().post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let sent = request.body(form).send().await;
    let response = sent.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body = response.text().await.map_err(|error| error.to_string())?;
    Ok(Receipt { status, body })
}
