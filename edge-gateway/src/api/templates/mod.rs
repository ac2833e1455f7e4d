//! Message templates.

pub mod list;
pub mod model;
pub mod purpose;
pub mod sync;
