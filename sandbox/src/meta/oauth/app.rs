//! How our app is set up in Meta's dashboard.

use serde::{Deserialize, Serialize};

/// Sixty days, as in the ready-made configuration.
const USUAL_LIFETIME_SECS: u32 = 60 * 86_400;
const MAX_URIS: usize = 100;

/// Settings of our app. They are not saved: whoever starts the platform sets them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Our own business portfolio: the `entry.id` of webhooks about partners.
    pub business_id: String,
    /// Valid OAuth redirect URIs, compared byte by byte. Empty: no dialog opens.
    pub redirect_uris: Vec<String>,
    /// Login configurations. Empty: any `config_id` is taken.
    pub config_ids: Vec<String>,
    /// How long a consented token lives; 0 is for ever.
    pub token_seconds: u32,
    /// "Require app secret": calls with a customer's token need `appsecret_proof`.
    pub require_proof: bool,
    /// Where Meta posts that a customer removed the app.
    pub deauthorize_url: Option<String>,
    /// Where Meta posts that a customer wants the data deleted.
    pub data_deletion_url: Option<String>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            business_id: String::from("1893840584226407"),
            redirect_uris: Vec::new(),
            config_ids: Vec::new(),
            token_seconds: USUAL_LIFETIME_SECS,
            require_proof: false,
            deauthorize_url: None,
            data_deletion_url: None,
        }
    }
}

/// Settings to change; what is absent stays. An empty address takes the address away.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AppPatch {
    business_id: Option<String>,
    redirect_uris: Option<Vec<String>>,
    config_ids: Option<Vec<String>>,
    token_seconds: Option<u32>,
    require_proof: Option<bool>,
    deauthorize_url: Option<String>,
    data_deletion_url: Option<String>,
}

/// An address that is none, or too many of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an http(s) address without a fragment, or more than {MAX_URIS} of them: {0}")]
pub struct BadUri(String);

impl App {
    /// Takes over what the patch names, or nothing.
    ///
    /// # Errors
    /// When an address is not one.
    pub fn apply(&mut self, patch: AppPatch) -> Result<(), BadUri> {
        let AppPatch {
            business_id,
            redirect_uris,
            config_ids,
            token_seconds,
            require_proof,
            deauthorize_url,
            data_deletion_url,
        } = patch;
        if let Some(uris) = &redirect_uris {
            if uris.len() > MAX_URIS {
                return Err(BadUri(uris.len().to_string()));
            }
            uris.iter().try_for_each(|uri| check(uri))?;
        }
        for uri in [&deauthorize_url, &data_deletion_url].into_iter().flatten() {
            if !uri.is_empty() {
                check(uri)?;
            }
        }
        let address = |new: Option<String>, old: Option<String>| match new {
            Some(uri) => Some(uri).filter(|uri| !uri.is_empty()),
            None => old,
        };
        self.business_id = business_id.unwrap_or_else(|| self.business_id.clone());
        self.redirect_uris = redirect_uris.unwrap_or_else(|| self.redirect_uris.clone());
        self.config_ids = config_ids.unwrap_or_else(|| self.config_ids.clone());
        self.token_seconds = token_seconds.unwrap_or(self.token_seconds);
        self.require_proof = require_proof.unwrap_or(self.require_proof);
        self.deauthorize_url = address(deauthorize_url, self.deauthorize_url.take());
        self.data_deletion_url = address(data_deletion_url, self.data_deletion_url.take());
        Ok(())
    }
}

fn check(uri: &str) -> Result<(), BadUri> {
    let parsed = reqwest::Url::parse(uri).ok();
    let good = parsed.filter(|url| url.has_host() && url.fragment().is_none());
    let good = good.filter(|url| matches!(url.scheme(), "http" | "https"));
    good.map(drop).ok_or_else(|| BadUri(uri.to_owned()))
}
