//! Tying an account's webhooks to our app, and untying them.

use super::super::{Meta, client::Call, error::MetaError, token::Token};
use crate::domain::ids::WabaId;

impl Meta {
    /// Makes Meta deliver the account's webhooks to our app. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`MetaError`].
    pub async fn subscribe(&self, token: &Token, waba: &WabaId) -> Result<(), MetaError> {
        let path = [waba.as_str(), "subscribed_apps"];
        self.graph.order(token, Call::post(&path, None)).await
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`MetaError`].
    pub async fn unsubscribe(&self, token: &Token, waba: &WabaId) -> Result<(), MetaError> {
        let path = [waba.as_str(), "subscribed_apps"];
        self.graph.order(token, Call::delete(&path)).await
    }
}
