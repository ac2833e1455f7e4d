//! The WhatsApp Business Account: what all numbers of a customer share.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::meta::ids;
use crate::meta::template::{self, Template};

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Waba {
    /// Its id.
    pub waba_id: String,
    /// The customer's business portfolio.
    pub business_id: String,
    /// Its name.
    pub name: String,
    /// Whether our app is subscribed to its webhooks.
    pub subscribed: bool,
    /// Its templates.
    pub templates: Arc<Vec<Template>>,
    /// Whether Meta disabled it (131031 on every send).
    #[serde(default)]
    pub banned: bool,
}

impl Waba {
    /// A fresh account with the usual templates.
    #[must_use]
    pub fn new(waba_id: String, business_id: String, name: String) -> Self {
        let templates = Arc::new(template::seeds());
        Self { waba_id, business_id, name, subscribed: false, templates, banned: false }
    }

    /// The customer as our app knows it: the system user that tokens of this business belong to.
    #[must_use]
    pub fn user_id(&self) -> String {
        ids::user_of(&self.business_id)
    }
}
