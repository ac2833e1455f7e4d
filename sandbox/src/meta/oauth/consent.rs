//! A person consents: a code is issued, and our app is told.

use super::token::usual_scopes;
use crate::meta::World;
use crate::meta::hooks::{PartnerEvent, announce_partner};

/// What a person allows our app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Accounts, the first one first in `target_ids`; never empty.
    pub waba_ids: Vec<String>,
    /// What may be done there.
    pub scopes: Vec<String>,
    /// How long a token of it lives; 0 is for ever.
    pub lifetime_secs: u32,
}

impl Consent {
    /// Consent to what Embedded Signup asks for.
    #[must_use]
    pub fn usual(waba_ids: Vec<String>, lifetime_secs: u32) -> Self {
        Self { waba_ids, scopes: usual_scopes(), lifetime_secs }
    }
}

/// Issues a code for this consent, and tells our app which accounts it was given; answers the code.
pub fn give(world: &World, consent: Consent, redirect_uri: Option<String>) -> String {
    let now = world.clock().now_ms();
    let (text, wabas) = {
        let mut state = world.state();
        let ids = consent.waba_ids.iter();
        let wabas: Vec<_> = ids.filter_map(|id| state.waba(id).cloned()).collect();
        (state.codes.issue(consent, redirect_uri, now), wabas)
    };
    for waba in &wabas {
        announce_partner(world, waba, &PartnerEvent::Added);
        announce_partner(world, waba, &PartnerEvent::AppInstalled);
    }
    text
}
