//! Telephone numbers and the identity Meta gives their owners.
//!
//! Invariant: a [`WaNumber`] holds what WhatsApp calls `wa_id`: 7 to 15 digits, no plus, in the form
//! that Meta answers with. For three countries that is not the form one dials.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A person's `wa_id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WaNumber(String);

impl WaNumber {
    /// Reads a dialled number (`+`, blanks, dots, hyphens and brackets are tolerated).
    #[must_use]
    pub fn parse(dialled: &str) -> Option<Self> {
        let mut digits = String::with_capacity(15);
        for c in dialled.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                '+' | '-' | '(' | ')' | ' ' | '.' => {}
                _ => return None,
            }
        }
        (7..=15).contains(&digits.len()).then(|| Self(registered_form(digits)))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The business-scoped id of the owner of this number, another one for every business portfolio;
    /// `salt` tells its owners apart, 0 is the first.
    #[must_use]
    pub fn user_id(&self, business_id: &str, salt: u32) -> String {
        format!("{}.{}", country(&self.0), self.sixteen_digits(business_id, salt))
    }

    /// The id that linked portfolios share.
    #[must_use]
    pub fn parent_user_id(&self, salt: u32) -> String {
        format!("{}.ENT.{}", country(&self.0), self.sixteen_digits("parent", salt))
    }

    /// Never with a leading zero, as in Meta's examples.
    fn sixteen_digits(&self, scope: &str, salt: u32) -> u64 {
        let digest = match salt {
            0 => Sha256::digest(format!("{scope}|{}", self.0)),
            salt => Sha256::digest(format!("{scope}|{}|{salt}", self.0)),
        };
        let mut number = [0u8; 8];
        number.copy_from_slice(&digest[..8]);
        1_000_000_000_000_000 + u64::from_be_bytes(number) % 8_000_000_000_000_000
    }

    /// A first name for somebody who has not given one, always the same for the same number.
    #[must_use]
    pub fn sample_name(&self) -> String {
        const NAMES: [&str; 12] = [
            "Ana", "Ben", "Carla", "David", "Elena", "Femi", "Grace", "Hugo", "Ines", "Jonas",
            "Lucia", "Mateo",
        ];
        let digest = Sha256::digest(self.0.as_bytes());
        NAMES[usize::from(digest[0]) % NAMES.len()].to_owned()
    }
}

impl std::fmt::Display for WaNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Mexico keeps its old mobile `1`, Argentina its `9`, and the south and west of Brazil lost the
/// ninth digit: WhatsApp registered these numbers under the older plan.
fn registered_form(digits: String) -> String {
    if let Some(rest) = digits.strip_prefix("52").filter(|rest| rest.len() == 10) {
        return format!("521{rest}");
    }
    if let Some(rest) = digits.strip_prefix("54").filter(|rest| rest.len() == 10) {
        return format!("549{rest}");
    }
    if let Some(rest) = digits.strip_prefix("55").filter(|rest| rest.len() == 11) {
        let (area, line) = rest.split_at(2);
        if let Some(line) = line.strip_prefix('9').filter(|_| area >= "31") {
            return format!("55{area}{line}");
        }
    }
    digits
}

/// The prefix of a business-scoped id: the country of the person.
fn country(digits: &str) -> &'static str {
    const PLAN: [(&str, &str); 22] = [
        ("1", "US"),
        ("27", "ZA"),
        ("31", "NL"),
        ("33", "FR"),
        ("34", "ES"),
        ("351", "PT"),
        ("39", "IT"),
        ("40", "RO"),
        ("44", "GB"),
        ("48", "PL"),
        ("49", "DE"),
        ("52", "MX"),
        ("54", "AR"),
        ("55", "BR"),
        ("56", "CL"),
        ("57", "CO"),
        ("62", "ID"),
        ("63", "PH"),
        ("90", "TR"),
        ("91", "IN"),
        ("234", "NG"),
        ("254", "KE"),
    ];
    PLAN.iter().find(|(code, _)| digits.starts_with(code)).map_or("US", |(_, name)| name)
}

/// Whether a string has the shape of a business-scoped user id, or of one that portfolios share.
#[must_use]
pub fn is_user_id(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('.') else {
        return false;
    };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    prefix.len() == 2
        && prefix.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wa_id(dialled: &str) -> Option<String> {
        WaNumber::parse(dialled).map(|number| number.to_string())
    }

    #[test]
    fn separators_are_tolerated_and_letters_are_not() {
        assert_eq!(wa_id("+1 (650) 555-12.34").as_deref(), Some("16505551234"));
        for bad in ["", "+", "123456", "1234567890123456", "call me", "1650555123x"] {
            assert_eq!(wa_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn three_countries_are_not_reached_as_dialled() {
        assert_eq!(wa_id("+52 55 1234 5678").as_deref(), Some("5215512345678"));
        assert_eq!(wa_id("+54 11 1234 5678").as_deref(), Some("5491112345678"));
        assert_eq!(wa_id("+55 51 91234 5678").as_deref(), Some("555112345678"));
        assert_eq!(wa_id("+55 11 91234 5678").as_deref(), Some("5511912345678"));
    }

    #[test]
    fn one_person_has_another_user_id_in_every_portfolio() {
        let ana = WaNumber::parse("+40722000111").expect("a number");
        let here = ana.user_id("1", 0);
        assert_eq!(here, ana.user_id("1", 0));
        assert_ne!(here, ana.user_id("2", 0));
        assert!(is_user_id(&ana.parent_user_id(0)));
        assert!(here.starts_with("RO.") && is_user_id(&here), "{here}");
    }
}
