//! Meta's side of the edge: verification of the address, and deliveries.
//!
//! The edge checks the signature over the bytes as they came and hands those bytes on; what they
//! say is the core's business. 200 is said only when the core has kept them.

pub mod challenge;
pub mod receive;
pub(crate) mod signature;
