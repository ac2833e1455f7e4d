//! Where people come back to after consenting at Meta.

use super::{ConfigError, meta::is_web};
use crate::flows::onboard::OauthSettings;

#[derive(clap::Args)]
pub(super) struct OauthArgs {
    /// Where Meta sends people back to, exactly as the Meta app lists it:
    /// `https://…/api/auth/whatsapp/callback`. Without it nobody can be sent to Meta's dialog.
    #[arg(long, env = "OAUTH_REDIRECT_URI")]
    oauth_redirect_uri: Option<String>,
    /// Where a browser goes afterwards, with `result` and `reason` in its query.
    #[arg(long, env = "OAUTH_RETURN_URL")]
    oauth_return_url: Option<String>,
}

impl OauthArgs {
    pub(super) fn read(self) -> Result<OauthSettings, ConfigError> {
        let Self { oauth_redirect_uri, oauth_return_url } = self;
        Ok(OauthSettings {
            redirect_uri: address("OAUTH_REDIRECT_URI", oauth_redirect_uri)?,
            return_url: address("OAUTH_RETURN_URL", oauth_return_url)?,
        })
    }
}

fn address(name: &str, url: Option<String>) -> Result<Option<String>, ConfigError> {
    let url = url.filter(|url| !url.is_empty());
    if url.as_ref().is_some_and(|url| !is_web(url)) {
        return Err(ConfigError::new(name, "must be a URL without a query or fragment"));
    }
    Ok(url)
}
