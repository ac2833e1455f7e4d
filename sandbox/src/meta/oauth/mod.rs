//! From a person's consent to a token: what our app is set to, codes, tokens, and who is told.
//!
//! Invariant: a token opens exactly the accounts, and may do exactly the things, that were consented
//! to, unless a script says otherwise.

mod app;
mod code;
mod consent;
mod signed;
mod token;

pub use app::{App, AppPatch, BadUri};
pub use code::{Code, Codes, Unspendable};
pub use consent::{Consent, give};
pub use signed::call_back;
pub use token::{MANAGEMENT, MESSAGING, SCOPES, Token};
