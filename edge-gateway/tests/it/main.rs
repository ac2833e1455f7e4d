//! The edge over real HTTP, in front of a small fake core that speaks real gRPC.

mod cores;
mod cores_streams;
mod document;
mod fake;
mod harness;
mod identity;
mod operations;
mod problems;
mod requests;
mod sends;
mod sse;
mod webhooks;
mod websocket;
mod websocket_limits;
