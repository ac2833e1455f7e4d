//! The simulated Meta: a WhatsApp Cloud API over real HTTP, and the phones at its other end.
//!
//! It signs real webhooks, keeps a [`ledger`] of all it accepted, moves on a business [`clock`] and
//! misbehaves when a [`script`] says so. Invariant: it knows nothing of the service under test but
//! one webhook URL, so what passes here passes for reasons that hold at the real platform too.
//!
//! | part | place |
//! |---|---|
//! | Graph API | [`graph`]: one file per endpoint; `messages/` is the send, `media/` the files |
//! | consent, codes and tokens | [`oauth`]; the dialog and the exchange are in [`graph`] |
//! | controls (`/_script`, `/_clock`, `/_ledger`, `/_accounts`, `/_app`, `/_webhooks`) | `control` |
//! | phones, and who their owners are | `phones`, [`person`] |
//! | webhooks out | [`hooks`] |
//!
//! How each kind of misbehaviour is asked for is in `docs/SIMULATOR.md`.
//!
//! Serve it with [`listener::serve`], or dropped connections cannot be simulated.

pub mod account;
pub mod clock;
mod control;
pub mod error;
pub mod graph;
pub mod hooks;
pub mod ids;
pub mod ledger;
pub mod limits;
pub mod listener;
pub mod media;
pub mod number;
pub mod oauth;
pub mod persist;
pub mod person;
pub mod phone;
mod phones;
pub mod script;
pub mod state;
pub mod template;
pub mod window;
pub mod wire;
pub mod world;

pub use account::SeedAccount;
pub use clock::Clock;
pub use oauth::App;
pub use world::{World, WorldConfig, WorldError};

use axum::Router;

/// The Graph API under `/{version}/…` and the controls under `/_…`; to be nested under `/graph`.
pub fn graph_router(world: World) -> Router {
    graph::router(&world).merge(control::router()).with_state(world)
}

/// The phones; to be nested under `/phone`.
pub fn phone_router(world: World) -> Router {
    phones::router().with_state(world)
}
