//! People, and what Meta lets a business know of them.
//!
//! Invariant: a person has one user id in every business portfolio, and another one after a change of
//! number; whoever gets the old number is somebody else. What is hidden is left out, never empty.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Account;
use super::number::WaNumber;

/// How somebody is known, beside the number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Identity {
    /// User name, exactly as Meta shall tell it; a leading `@` is seen, too.
    pub username: Option<String>,
    /// Businesses do not learn the number.
    pub hidden: bool,
    /// The user id stands where the number belongs, in `from` and `wa_id`.
    pub disguised: bool,
    /// Several portfolios share one more user id.
    pub parent: bool,
    /// Tells the owners of one number apart; 0 is the first.
    pub salt: u32,
}

/// Somebody, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number.
    pub number: WaNumber,
    /// Profile name.
    pub name: String,
    /// The rest.
    pub identity: Identity,
}

impl Person {
    /// Somebody of whom nothing but the number is known.
    #[must_use]
    pub fn at(number: &WaNumber) -> Self {
        Self { number: number.clone(), name: number.sample_name(), identity: Identity::default() }
    }

    /// The user id in a portfolio.
    #[must_use]
    pub fn user_id(&self, business_id: &str) -> String {
        self.number.user_id(business_id, self.identity.salt)
    }

    /// The user id that linked portfolios share, if there is one.
    #[must_use]
    pub fn parent_user_id(&self) -> Option<String> {
        self.identity.parent.then(|| self.number.parent_user_id(self.identity.salt))
    }

    /// The number, or what Meta says in its place; nothing when it is hidden.
    #[must_use]
    pub fn wa_id(&self, business_id: &str) -> Option<String> {
        let Identity { username: _, hidden, disguised, parent: _, salt: _ } = self.identity;
        match (disguised, hidden) {
            (true, _) => Some(self.user_id(business_id)),
            (false, true) => None,
            (false, false) => Some(self.number.to_string()),
        }
    }

    /// The element of `contacts`; not every webhook tells the user name.
    #[must_use]
    pub fn contact(&self, account: &Account, with_username: bool) -> Value {
        let mut contact = json!({
            "profile": {"name": self.name}, "user_id": self.user_id(&account.business_id),
        });
        if let Some(username) = self.identity.username.as_ref().filter(|_| with_username) {
            contact["profile"]["username"] = json!(username);
        }
        if let Some(wa_id) = self.wa_id(&account.business_id) {
            contact["wa_id"] = json!(wa_id);
        }
        if let Some(parent) = self.parent_user_id() {
            contact["parent_user_id"] = json!(parent);
        }
        contact
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::SeedAccount;

    #[test]
    fn hidden_is_left_out_and_disguised_is_not_a_number() {
        let number = WaNumber::parse("16505551234").expect("a number");
        let (account, _, _) = SeedAccount::default().open(0).expect("an account");
        let mut ana = Person::at(&number);
        assert_eq!(ana.contact(&account, true)["wa_id"], "16505551234");
        ana.identity.username = Some(String::from("@ana.m"));
        ana.identity.hidden = true;
        let contact = ana.contact(&account, true);
        assert!(contact.get("wa_id").is_none());
        assert_eq!(contact["profile"]["username"], "@ana.m");
        assert!(ana.contact(&account, false)["profile"].get("username").is_none());
        ana.identity.disguised = true;
        assert_eq!(ana.contact(&account, true)["wa_id"], contact["user_id"]);
    }

    #[test]
    fn the_next_owner_of_a_number_is_somebody_else() {
        let number = WaNumber::parse("16505551234").expect("a number");
        let first = Person::at(&number);
        let mut second = first.clone();
        second.identity.salt = 7;
        second.identity.parent = true;
        assert_ne!(first.user_id("1"), second.user_id("1"));
        let parent = second.parent_user_id().expect("a parent");
        assert!(parent.starts_with("US.ENT.") && first.parent_user_id().is_none(), "{parent}");
    }
}
