//! Authorization codes: thirty seconds of business time, once.
//!
//! Invariant: a code is looked at and spent in one step under one lock, so of any number of
//! exchanges at once exactly one wins. Codes are not saved: after a restart none is good.

use std::collections::{HashMap, VecDeque};

use super::Consent;
use crate::meta::ids;

/// How long a code lives.
const LIFETIME_MS: i64 = 30_000;
/// Codes remembered; the oldest go first, and are then as unknown as any other text.
const MAX_CODES: usize = 10_000;

/// What a code stands for.
#[derive(Clone, Debug)]
pub struct Code {
    /// What the person said.
    pub consent: Consent,
    /// Where the dialog was told to return to; none for a code of the popup.
    pub redirect_uri: Option<String>,
    issued_ms: i64,
    spent: bool,
}

/// Why a code buys nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unspendable {
    /// Nobody issued it.
    Unknown,
    /// Its time is over.
    Expired,
    /// The exchange names another address than the dialog did, or none, or one too many.
    OtherRedirect,
    /// It was exchanged before.
    Spent,
}

/// All codes that are remembered.
#[derive(Debug, Default)]
pub struct Codes {
    known: HashMap<String, Code>,
    order: VecDeque<String>,
}

impl Codes {
    /// Issues a code; answers its text.
    pub fn issue(&mut self, consent: Consent, redirect_uri: Option<String>, now_ms: i64) -> String {
        if self.order.len() >= MAX_CODES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        let text = ids::code();
        let code = Code { consent, redirect_uri, issued_ms: now_ms, spent: false };
        self.known.insert(text.clone(), code);
        self.order.push_back(text.clone());
        text
    }

    /// Spends a code; answers what was consented to.
    ///
    /// # Errors
    /// When it is unknown, used, too old, or of another address. It is then as good as before.
    pub fn spend(
        &mut self,
        text: &str,
        redirect_uri: Option<&str>,
        now_ms: i64,
    ) -> Result<Consent, Unspendable> {
        let code = self.known.get_mut(text).ok_or(Unspendable::Unknown)?;
        if code.spent {
            return Err(Unspendable::Spent);
        }
        if now_ms - code.issued_ms >= LIFETIME_MS {
            return Err(Unspendable::Expired);
        }
        if code.redirect_uri.as_deref() != redirect_uri {
            return Err(Unspendable::OtherRedirect);
        }
        code.spent = true;
        Ok(code.consent.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consent() -> Consent {
        Consent { waba_ids: vec![String::from("7")], scopes: Vec::new(), lifetime_secs: 0 }
    }

    #[test]
    fn a_code_buys_once_in_time_and_at_its_own_address() {
        let mut codes = Codes::default();
        let at = Some(String::from("https://a/b"));
        let text = codes.issue(consent(), at.clone(), 0);
        assert_eq!(codes.spend("else", at.as_deref(), 1).err(), Some(Unspendable::Unknown));
        for wrong in [None, Some("https://a/b/"), Some("https://A/b")] {
            assert_eq!(codes.spend(&text, wrong, 1).err(), Some(Unspendable::OtherRedirect));
        }
        assert_eq!(codes.spend(&text, at.as_deref(), 30_000).err(), Some(Unspendable::Expired));
        assert!(codes.spend(&text, at.as_deref(), 29_999).is_ok());
        assert_eq!(codes.spend(&text, at.as_deref(), 29_999).err(), Some(Unspendable::Spent));
        let popup = codes.issue(consent(), None, 0);
        assert_eq!(codes.spend(&popup, Some("x"), 1).err(), Some(Unspendable::OtherRedirect));
        assert!(codes.spend(&popup, None, 1).is_ok());
    }

    #[test]
    fn the_oldest_codes_are_forgotten() {
        let mut codes = Codes::default();
        let first = codes.issue(consent(), None, 0);
        for _ in 0..MAX_CODES {
            codes.issue(consent(), None, 0);
        }
        assert_eq!(codes.known.len(), MAX_CODES);
        assert_eq!(codes.spend(&first, None, 1).err(), Some(Unspendable::Unknown));
    }
}
