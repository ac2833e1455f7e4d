//! How the platform misbehaves, as data.
//!
//! Invariant: without rules it behaves; with rules, the same requests in the same order under the
//! same seed misbehave in the same way.

mod effects;
mod rule;
mod settings;

pub use effects::Effects;
pub use rule::{Action, Fail, FileTwist, On, Rule, Step, TokenTwist};
pub use settings::{MAX_BATCH, Settings, SettingsPatch, Switch};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;

/// Rules held at once.
pub const MAX_RULES: usize = 1_000;

/// What a request is, to the rules.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Where it happens.
    pub on: On,
    /// `wa_id` of the person it is about, if there is one.
    pub to: Option<&'a str>,
    /// The business number it is about, if there is one.
    pub phone_number_id: Option<&'a str>,
    /// The Graph call, if it is one.
    pub call: Option<Call<'a>>,
}

/// A Graph call, to the rules.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Its path, without the query.
    pub path: &'a str,
}

impl Call<'_> {
    /// Whether the last segments of the path are these.
    #[must_use]
    pub fn ends_in(self, segments: &str) -> bool {
        let end = segments.trim_start_matches('/');
        let before = self.path.strip_suffix(end);
        !end.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }
}

/// A rule and how often it struck.
#[derive(Clone, Debug, Serialize)]
pub struct Armed {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// Times it was applied.
    pub hits: u32,
}

/// Rules, settings and the dice.
#[derive(Debug)]
pub struct Script {
    /// In order of arrival.
    pub rules: Vec<Armed>,
    /// Switches.
    pub settings: Settings,
    dice: StdRng,
}

impl Script {
    /// A script without rules.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { rules: Vec::new(), dice: StdRng::seed_from_u64(settings.seed), settings }
    }

    /// Adds rules and changes settings; a seed starts the dice again.
    pub fn add(&mut self, rules: Vec<Rule>, patch: SettingsPatch) {
        if let Some(seed) = patch.seed {
            self.dice = StdRng::seed_from_u64(seed);
        }
        self.settings.apply(patch);
        self.rules.extend(rules.into_iter().map(|rule| Armed { rule, hits: 0 }));
    }

    /// What the rules that match do to this occasion, each counted.
    pub fn strike(&mut self, occasion: Occasion<'_>) -> Effects {
        let mut effects = Effects::default();
        for armed in &mut self.rules {
            let Armed { rule, hits } = armed;
            if rule.times.is_some_and(|times| *hits >= times) || !rule.matches(occasion) {
                continue;
            }
            if rule.probability.is_some_and(|p| !self.dice.random_bool(p)) {
                continue;
            }
            *hits = hits.saturating_add(1);
            effects.add(&rule.action);
        }
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn script(rules: serde_json::Value) -> Script {
        let mut script = Script::new(Settings::default());
        let rules = serde_json::from_value(rules).expect("rules");
        script.add(rules, SettingsPatch::default());
        script
    }

    fn message(to: &str) -> Occasion<'_> {
        Occasion { on: On::Messages, to: Some(to), phone_number_id: Some("7"), call: None }
    }

    #[test]
    fn a_rule_strikes_as_often_as_it_says_and_only_where_it_says() {
        let mut script = script(json!([
            {"on": "messages", "to": "+1 650 555 1234", "times": 2, "do": {"fail": {"code": 131000}}},
            {"on": "messages", "do": {"delayMs": 5}},
        ]));
        assert!(script.strike(message("16505550000")).fail.is_none());
        for _ in 0..2 {
            let effects = script.strike(message("16505551234"));
            assert_eq!(effects.fail.expect("fails").code, 131_000);
            assert_eq!(effects.delay_ms, 5);
        }
        assert!(script.strike(message("16505551234")).fail.is_none());
        let webhook = Occasion { on: On::Webhook, to: None, phone_number_id: None, call: None };
        assert_eq!(script.strike(webhook), Effects::default());
        assert_eq!((script.rules[0].hits, script.rules[1].hits), (2, 4));
    }

    #[test]
    fn a_rule_may_mean_one_edge_and_one_method() {
        let mut script = script(json!([
            {"on": "any", "path": "7/register", "method": "post", "do": {"fail": {"code": 2}}},
        ]));
        let mut strikes = |method, path| {
            let call = Some(Call { method, path });
            let occasion = Occasion { on: On::Any, to: None, phone_number_id: None, call };
            script.strike(occasion).fail.is_some()
        };
        assert!(strikes("POST", "/v25.0/7/register"));
        assert!(!strikes("GET", "/v25.0/7/register"));
        assert!(!strikes("POST", "/v25.0/7/deregister"));
        assert!(!strikes("POST", "/v25.0/17/register"));
        assert!(script.strike(message("1")).fail.is_none());
    }

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let rules = json!([{"on": "any", "probability": 0.5, "do": {"dropBefore": true}}]);
        let throw = |mut script: Script| -> Vec<bool> {
            (0..64).map(|_| script.strike(message("1")).drop_before).collect()
        };
        let (first, second) = (throw(script(rules.clone())), throw(script(rules)));
        assert_eq!(first, second);
        assert!(first.contains(&true) && first.contains(&false));
    }
}
