//! Who calls: a service, by its token, and perhaps the person that it acts for.
//!
//! Invariant: no handler runs for a caller that [`permissions`](super::permissions) does not name, and
//! what a caller may touch is decided by [`Caller`] alone. Health stays open: it tells nothing.

mod caller;
mod gate;
mod identity;
mod tokens;

pub(super) use self::gate::Gate;
pub use self::{
    caller::{Caller, Reach},
    identity::Denied,
    tokens::{InvalidTokens, Scopes, ServiceTokens},
};
