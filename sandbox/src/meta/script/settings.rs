//! The switches of the whole platform.

use serde::{Deserialize, Deserializer, Serialize};

/// Updates that Meta puts into one delivery at most.
pub const MAX_BATCH: u16 = 1_000;

/// A switch: `"on"`, `"off"`, `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch(pub bool);

impl Serialize for Switch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "on" } else { "off" })
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelling {
            Plain(bool),
            Word(String),
        }
        match Spelling::deserialize(deserializer)? {
            Spelling::Plain(on) => Ok(Self(on)),
            Spelling::Word(word) if word == "on" => Ok(Self(true)),
            Spelling::Word(word) if word == "off" => Ok(Self(false)),
            Spelling::Word(_) => Err(serde::de::Error::custom("a switch is \"on\" or \"off\"")),
        }
    }
}

/// Switches of the whole platform.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Rate limits.
    pub limits: Switch,
    /// Status webhooks.
    pub statuses: Switch,
    /// People read at once what they get.
    pub auto_read: Switch,
    /// A closed window is refused at once (400) instead of afterwards.
    pub window_sync: Switch,
    /// Webhooks about consent and its end (`account_update`).
    pub account_updates: Switch,
    /// Deliveries; off, they wait.
    pub webhooks: Switch,
    /// Webhooks that are due together come in one delivery, at most so many updates in each.
    pub batch: u16,
    /// Version of webhooks that the app is set to; up to 23 statuses have a `conversation`.
    pub webhook_version: u32,
    /// People that all numbers of a portfolio may write to first within 24 hours; 0 is no limit.
    pub portfolio_limit: u32,
    /// Seed of the dice.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Switch(true),
            statuses: Switch(true),
            auto_read: Switch(false),
            window_sync: Switch(false),
            account_updates: Switch(true),
            webhooks: Switch(true),
            batch: 1,
            webhook_version: 25,
            portfolio_limit: 0,
            seed: 1,
        }
    }
}

/// Settings to change; what is absent stays.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SettingsPatch {
    /// See [`Settings::limits`].
    pub limits: Option<Switch>,
    /// See [`Settings::statuses`].
    pub statuses: Option<Switch>,
    /// See [`Settings::auto_read`].
    pub auto_read: Option<Switch>,
    /// See [`Settings::window_sync`].
    pub window_sync: Option<Switch>,
    /// See [`Settings::account_updates`].
    pub account_updates: Option<Switch>,
    /// See [`Settings::webhooks`].
    pub webhooks: Option<Switch>,
    /// See [`Settings::batch`].
    pub batch: Option<u16>,
    /// See [`Settings::webhook_version`].
    pub webhook_version: Option<u32>,
    /// See [`Settings::portfolio_limit`].
    pub portfolio_limit: Option<u32>,
    /// See [`Settings::seed`].
    pub seed: Option<u64>,
}

impl Settings {
    /// Takes over what the patch names.
    pub fn apply(&mut self, patch: SettingsPatch) {
        let SettingsPatch {
            limits,
            statuses,
            auto_read,
            window_sync,
            account_updates,
            webhooks,
            batch,
            webhook_version,
            portfolio_limit,
            seed,
        } = patch;
        self.limits = limits.unwrap_or(self.limits);
        self.statuses = statuses.unwrap_or(self.statuses);
        self.auto_read = auto_read.unwrap_or(self.auto_read);
        self.window_sync = window_sync.unwrap_or(self.window_sync);
        self.account_updates = account_updates.unwrap_or(self.account_updates);
        self.webhooks = webhooks.unwrap_or(self.webhooks);
        self.batch = batch.unwrap_or(self.batch).clamp(1, MAX_BATCH);
        self.webhook_version = webhook_version.unwrap_or(self.webhook_version);
        self.portfolio_limit = portfolio_limit.unwrap_or(self.portfolio_limit);
        self.seed = seed.unwrap_or(self.seed);
    }
}
