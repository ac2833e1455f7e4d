//! The edge over real HTTP, in front of a small fake core that speaks real gRPC.

mod cores;
mod cores_streams;
mod document;
mod fake;
mod harness;
mod identity;
mod logged;
mod media;
mod oauth;
mod oauth_browser;
mod oauth_callback;
mod operations;
mod problems;
mod requests;
mod sends;
mod signed_request;
mod sse;
mod tls;
mod tls_settings;
mod webhooks;
mod websocket;
mod websocket_limits;
