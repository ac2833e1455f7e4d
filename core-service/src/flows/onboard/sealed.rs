//! Where the secrets of a client are sealed for. The list of the fields is `domain::secrets`.

use crate::{domain::ids::ClientId, keys::Context};

/// The access token of a connection.
pub(in crate::flows) const fn token(client: ClientId) -> Context<'static> {
    Context { client, field: "token" }
}

/// The PIN of a connection.
pub(super) const fn pin(client: ClientId) -> Context<'static> {
    Context { client, field: "pin" }
}

/// The access token of a connection that is being made.
pub(super) const fn new_token(client: ClientId) -> Context<'static> {
    Context { client, field: "onboarding.token" }
}

/// The PIN of a connection that is being made.
pub(super) const fn new_pin(client: ClientId) -> Context<'static> {
    Context { client, field: "onboarding.pin" }
}
