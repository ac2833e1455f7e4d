//! The core of LinkoJob's WhatsApp service: clients, conversations, messages, templates and the Meta
//! integration, behind gRPC.
//!
//! # Map
//!
//! * [`domain`]: values and rules, pure.
//! * [`store`]: the boundary to storage and its backends.
//! * [`media`]: the bytes of files.
//! * [`meta`]: everything that knows Meta's JSON.
//! * [`flows`]: journeys; each file is one.
//! * [`lanes`]: loops that do the work nobody waits for.
//! * [`grpc`]: the one transport.
//! * [`cli`]: what an operator can ask for besides serving.
//! * [`app`]: puts it together; [`config`], [`keys`], [`clock`], [`hex`], [`ids`], [`metrics`], [`secret`],
//!   [`shutdown`], [`telemetry`] are what it is put together from.
//!
//! Who may know whom: `app` and `cli` everything; `grpc` and `lanes` know `flows`; `flows` know `domain`, `store`,
//! `meta` and `media`; those three know `domain`; `domain` knows nobody.

// A new variant must not slip through an arm that was written before it.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod flows;
pub mod grpc;
pub mod hex;
pub mod ids;
pub mod keys;
pub mod lanes;
pub mod media;
pub mod meta;
pub mod metrics;
pub mod secret;
pub mod shutdown;
pub mod store;
pub mod telemetry;
