//! Connecting by Meta's Embedded Signup, and Meta's own callbacks.
//!
//! Invariant: state, code and the browser's secret pass through to the core and stand in no log; an
//! answer that comes with one of them is kept by nobody and names nobody as where it came from.

mod cookie;
mod landing;
mod pairs;
mod signed_request;

pub mod callback;
pub mod deauthorize;
pub mod deletion;
pub mod deletion_status;
pub mod disconnect;
pub mod exchange;
pub mod resume;
pub mod url;
