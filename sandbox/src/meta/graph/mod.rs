//! The Graph API, and the dialog of www.facebook.com beside it: every route in one list.

mod access_token;
pub mod answer;
mod auth;
mod debug_token;
mod dialog;
pub mod faults;
mod fields;
mod media;
mod messages;
mod node;
mod page;
mod permissions;
mod phone_numbers;
mod platform;
mod register;
mod subscribed_apps;
mod templates;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};

use super::World;
use super::error::GraphError;

pub(super) fn router(world: &World) -> Router<World> {
    Router::new()
        .route("/{version}/debug_token", get(debug_token::debug_token))
        .route("/{version}/dialog/oauth", get(dialog::ask).post(dialog::decide))
        .route(
            "/{version}/oauth/access_token",
            get(access_token::by_query).post(access_token::by_form),
        )
        .route("/{version}/me/permissions", delete(permissions::withdraw_all))
        .route("/{version}/me/permissions/{permission}", delete(permissions::withdraw))
        .route("/{version}/{object}", get(node::node).delete(media::delete))
        .route(
            "/{version}/{object}/media",
            post(media::upload).layer(DefaultBodyLimit::max(media::LARGEST_BODY)),
        )
        .route("/{version}/{object}/phone_numbers", get(phone_numbers::list))
        .route("/{version}/{object}/message_templates", get(templates::list))
        .route(
            "/{version}/{object}/subscribed_apps",
            get(subscribed_apps::list)
                .post(subscribed_apps::subscribe)
                .delete(subscribed_apps::unsubscribe),
        )
        .route("/{version}/{object}/register", post(register::register))
        .route("/{version}/{object}/deregister", post(register::deregister))
        .route("/{version}/{object}/messages", post(messages::messages))
        .method_not_allowed_fallback(unsupported)
        .fallback(unknown_path)
        .layer(from_fn_with_state(world.clone(), platform::platform))
        // Another host at the real platform: no version, no usage headers.
        .merge(Router::new().route(media::PLACE, get(media::download)))
}

async fn unsupported(method: Method, OriginalUri(uri): OriginalUri) -> GraphError {
    let object = uri.path().rsplit('/').nth(1).unwrap_or_default();
    GraphError::unknown_object(method.as_str(), object)
}

async fn unknown_path(OriginalUri(uri): OriginalUri) -> GraphError {
    GraphError::of(2500).with_message(format!("Unknown path components: {}", uri.path()))
}
