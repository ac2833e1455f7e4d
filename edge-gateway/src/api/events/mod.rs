//! The log of what happened to an owner's things.

pub mod list;
pub mod model;
