//! What our app asks for when it sends a person to the dialog.

use reqwest::Url;

use super::Pairs;
use crate::meta::World;
use crate::meta::oauth::{MANAGEMENT, MESSAGING, SCOPES};

/// A request that is good.
#[derive(Debug)]
pub(super) struct Asked {
    /// Where to return to, as it was written.
    pub(super) redirect_uri: String,
    /// What to return.
    pub(super) state: Option<String>,
    /// What is asked for.
    pub(super) scopes: Vec<String>,
    /// The parameters again, for the form.
    pub(super) again: Pairs,
    target: Url,
}

/// A request that ends here: the person is sent nowhere.
#[derive(Debug)]
pub(in crate::meta::graph) struct Blocked {
    /// Meta's code.
    pub(super) code: u32,
    /// What the page says.
    pub(super) message: String,
}

impl Blocked {
    fn new(code: u32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The address is not one of the app's.
    pub(super) fn redirect() -> Self {
        Self::new(
            191,
            "URL Blocked: this redirect failed because the redirect URI is not white-listed in \
             the app's client OAuth settings.",
        )
    }

    /// Something else is wrong.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new(100, message)
    }
}

/// The only value of a parameter that is not empty; of a doubled one the last counts.
fn last<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().rev().filter(|(key, _)| key == name);
    found.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

impl Asked {
    /// Reads and checks everything but the decision.
    pub(super) fn parse(world: &World, pairs: &Pairs) -> Result<Self, Blocked> {
        if last(pairs, "client_id") != Some(world.app_id()) {
            return Err(Blocked::new(101, "Invalid App ID"));
        }
        let redirect_uri = last(pairs, "redirect_uri").unwrap_or_default().to_owned();
        let app = world.state().app.clone();
        if !app.redirect_uris.contains(&redirect_uri) {
            return Err(Blocked::redirect());
        }
        let target = Url::parse(&redirect_uri).map_err(|_| Blocked::redirect())?;
        if last(pairs, "response_type").unwrap_or("code") != "code" {
            return Err(Blocked::parameter("Only response_type=code is supported"));
        }
        let scopes = match (last(pairs, "config_id"), last(pairs, "scope")) {
            (Some(id), _)
                if app.config_ids.is_empty() || app.config_ids.iter().any(|c| c == id) =>
            {
                vec![MANAGEMENT.to_owned(), MESSAGING.to_owned()]
            }
            (Some(id), _) => return Err(Blocked::parameter(format!("Invalid config_id: {id}"))),
            (None, Some(scope)) => scopes(scope)?,
            (None, None) => return Err(Blocked::parameter("config_id or scope is required")),
        };
        const AGAIN: [&str; 6] =
            ["client_id", "redirect_uri", "state", "response_type", "config_id", "scope"];
        let kept = AGAIN
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), last(pairs, name)?.to_owned())));
        Ok(Self {
            redirect_uri,
            state: last(pairs, "state").map(str::to_owned),
            scopes,
            again: kept.collect(),
            target,
        })
    }

    /// The way back with a code.
    pub(super) fn allowed(&self, code: &str) -> Url {
        self.back(&[("code", code)])
    }

    /// The way back without one.
    pub(super) fn refused(&self) -> Url {
        self.back(&[
            ("error", "access_denied"),
            ("error_code", "200"),
            ("error_description", "Permissions error"),
            ("error_reason", "user_denied"),
        ])
    }

    fn back(&self, answer: &[(&str, &str)]) -> Url {
        let mut target = self.target.clone();
        let mut query = target.query_pairs_mut();
        query.extend_pairs(answer);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        drop(query);
        target
    }
}

/// Splits at commas and blanks; Meta takes both.
fn scopes(text: &str) -> Result<Vec<String>, Blocked> {
    let mut scopes: Vec<String> = Vec::new();
    for name in text.split([',', ' ']).filter(|name| !name.is_empty()) {
        if !SCOPES.contains(&name) {
            return Err(Blocked::parameter(format!("Invalid Scopes: {name}")));
        }
        if !scopes.iter().any(|held| held == name) {
            scopes.push(name.to_owned());
        }
    }
    Ok(scopes)
}
