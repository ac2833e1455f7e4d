//! The gRPC API of the core: messages, clients and servers generated from the `.proto` files beside
//! this crate. It is the only owner of generated code; what a field means stands in those files.

#![allow(missing_docs, reason = "generated; documented in the .proto files")]

/// Version 1 of the API.
#[allow(
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::large_futures,
    clippy::str_to_string,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod v1 {
    tonic::include_proto!("linkojob.whatsapp.v1");
}

/// The encoded descriptor set, imports included: what server reflection serves.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const ERROR_DOMAIN: &str = "whatsapp.linkojob";
