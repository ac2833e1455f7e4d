//! The edge gateway: what the outside world talks to.
//!
//! It believes a person's identity from the trusted gateway, checks Meta's signatures, speaks REST,
//! Server-Sent Events and WebSocket, and forwards everything to the core over gRPC. It keeps no
//! state worth keeping and no client's access token.
//!
//! | module | holds |
//! |---|---|
//! | [`app`] | composition root: build, serve, drain |
//! | [`gateway`] | what every handler shares |
//! | [`config`], [`telemetry`] | settings and logs |
//! | `identity` | who calls, and from where |
//! | [`router`], `openapi` | every route, and the document made from them |
//! | `problem` | the only place that makes an HTTP error |
//! | `api` | one folder per resource, one file per operation |
//! | `webhook` | Meta's deliveries |
//! | `realtime` | one session engine with several faces |
//! | `core` | the way to the cores |

mod api;
pub mod app;
pub mod config;
mod core;
pub mod gateway;
mod identity;
mod ids;
mod limits;
mod openapi;
mod problem;
mod realtime;
pub mod router;
pub mod telemetry;
mod webhook;

pub use config::Config;
pub use webhook::signature::is_signed;
