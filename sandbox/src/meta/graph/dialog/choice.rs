//! What the person decided: fields `decision`, `waba_id` (repeated for several), `decline`.

use super::Pairs;
use super::asked::{Asked, Blocked};
use crate::meta::World;
use crate::meta::oauth::Consent;

/// Accounts that one consent may name.
const MAX_WABAS: usize = 100;

/// The decision.
#[derive(Debug)]
pub(super) enum Choice {
    /// No.
    Refused,
    /// Yes, to this.
    Allowed(Consent),
}

impl Choice {
    /// Reads the form: `decision=deny`, or `decision=allow` with one `waba_id` at least. A `decline`
    /// names a scope that the person leaves out.
    pub(super) fn parse(world: &World, asked: &Asked, pairs: &Pairs) -> Result<Self, Blocked> {
        let all = |name: &'static str| {
            pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value)
        };
        match all("decision").next_back().map(String::as_str) {
            Some("deny") => return Ok(Self::Refused),
            Some("allow") => {}
            _ => return Err(Blocked::parameter("decision is allow or deny")),
        }
        let mut waba_ids: Vec<String> = Vec::new();
        for id in all("waba_id") {
            if world.state().waba(id).is_none() {
                return Err(Blocked::parameter(format!("There is no account {id}")));
            }
            if !waba_ids.contains(id) {
                waba_ids.push(id.clone());
            }
        }
        if !(1..=MAX_WABAS).contains(&waba_ids.len()) {
            return Err(Blocked::parameter("Choose at least one account"));
        }
        let mut scopes = asked.scopes.clone();
        scopes.retain(|scope| !all("decline").any(|declined| declined == scope));
        // Everybody grants it, asked or not.
        if !scopes.iter().any(|scope| scope == "public_profile") {
            scopes.push(String::from("public_profile"));
        }
        let lifetime_secs = world.state().app.token_seconds;
        Ok(Self::Allowed(Consent { waba_ids, scopes, lifetime_secs }))
    }
}
